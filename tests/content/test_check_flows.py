"""``check`` finds what is wrong with guided flows and their words, and says where."""

from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest

from bot.content.check import check_all, load_content
from bot.content.check_flow_words import fold
from bot.content.errors import ContentError
from bot.understanding import normalise

TODAY = date(2026, 11, 22)

#: A file, a text in it, what stands there instead with § where problems are told, and each problem's message.
Change: TypeAlias = tuple[str, str, str, tuple[str, ...]]

COMMON, EN, EN_STEPS = "flows/_common.yaml", "knowledge/en/flows.yaml", "knowledge/en/steps.yaml"
NOT_EARLIER = "is not an earlier step of this flow"
BRACES = "the only placeholder is {company}, and only in `ask`"
LANGUAGE_WILL = (
    "Choose Finnish, Swedish or English. From then on the assistant answers in that language, and you can change it"
    " again at any time."
)

STEPS: tuple[Change, ...] = (
    ("flows/access.yaml", "use: whose", "use: §whoze", ("shared step whoze does not exist",)),
    ("flows/access.yaml", "use: for_whom", "use: §for_whom", (f"for_whom depends on whose, which {NOT_EARLIER}",)),
    ("flows/erasure.yaml", "  - {id: what", "  - §{id: scope", ("scope stands twice",)),
    ("flows/erasure.yaml", "- use: review", "- §use: email\n  - use: review", ("email stands twice",)),
    (
        "flows/rectification.yaml",
        "id: right",
        "id: §code",
        ("code is a shared step: `use` it, or take another id",),
    ),
    ("flows/restriction.yaml", "objected]", "objected, §claims]", ("ground: option claims stands twice",)),
    (
        "flows/portability.yaml",
        "when: {to: service}, limit: 200",
        "options: §[a], alone: §a, default: §a, offers: §access, open: §true",
        (
            "service: `options` is for choose_one and choose_several and cookies only, this is text",
            "service: `alone` is for choose_several only, this is text",
            "service: `default` is for choose_one and choose_several and cookies only, this is text",
            "service: `offers` is for stop only, this is text",
            "service: `open` is for case only, this is text",
        ),
    ),
    (
        "flows/objection.yaml",
        "{id: about, kind: choose_one, options: [marketing, other]}",
        "§{id: about, kind: choose_one}",
        ("about: choose_one needs `options`",),
    ),
    (
        "flows/marketing_opt_out.yaml",
        "alone: everything",
        "alone: §all",
        ("channels: `alone` all is not one of its options",),
    ),
    (COMMON, "default: me", "default: §mine", ("whose: `default` mine is not one of its options",)),
    (COMMON, "offers: escalate", "offers: §escalade", ("deceased: offered flow escalade does not exist",)),
)

CONDITIONS: tuple[Change, ...] = (
    ("flows/erasure.yaml", "scope: some", "scope: §sum", ("when: scope cannot be “sum”: only everything, some",)),
    ("flows/access.yaml", "scope: some", "scoop: §some", (f"when: scoop {NOT_EARLIER}",)),
    (
        "flows/portability.yaml",
        "options: [me, service]",
        "options: [me, service], when: {service: §x}",
        (f"when: service {NOT_EARLIER}",),
    ),
    (
        "flows/complaint.yaml",
        "about: [data, marketing]",
        "about: §[data, money]",
        ("authority: about cannot be “money”: only data, cookies, marketing",),
    ),
    ("flows/complaint.yaml", "about: cookies", "about: §[]", ("authority_cookies: about is to be no value at all",)),
    (
        "flows/complaint.yaml",
        "known_as, when: {to: company",
        "known_as, when: {to: §firm",
        ("known_as: to cannot be “firm”: only company, authority, authority_cookies",),
    ),
    (
        "flows/complaint.yaml",
        "email, when: {to: company",
        "email, when: {since: §now",
        ("email: since cannot be “now”: it has no options",),
    ),
    (
        "flows/cookie_preferences.yaml",
        "cookie_choice: browser",
        "cookie_choice: §opera",
        ("when: company.cookie_choice cannot be “opera”: only site, browser, none",),
    ),
    (
        "flows/escalate.yaml",
        "company.support: no",
        "company.phone: §no",
        ("when: company.phone is not a trait: there are inbox, support, workplace, cookie_choice",),
    ),
    (
        COMMON,
        "whose: [child, proxy]",
        "whose: §[child, uncle]",
        ("when: whose cannot be “uncle”: only me, child, proxy, deceased, workplace",),
    ),
    (COMMON, "whose: deceased", "scope: §deceased", ("when: scope is not a shared step",)),
    (
        COMMON,
        "company.workplace: yes",
        "company.workplace: §maybe",
        ("workplace: company.workplace cannot be “maybe”: only yes, no",),
    ),
)

ENDS: tuple[Change, ...] = (
    ("flows/access.yaml", "case\narticle: 15", "§case", ("a flow that ends in a case needs `article`",)),
    ("flows/erasure.yaml", "article: 17", "article: §999", ("article 999 is not in law/articles.yaml",)),
    (
        "flows/restriction.yaml",
        "right_restriction\nends: case",
        "null\nends: §case",
        ("a flow that ends in a case needs a `topic`",),
    ),
    (
        "flows/rectification.yaml",
        "- use: email\n  - use: code",
        "- §use: code\n  - use: email",
        ("code: a code is mailed, so `use: email` must come before it",),
    ),
    (
        "flows/objection.yaml",
        "ends: case",
        "ends: §case",
        ("a flow that ends in a case needs `use: review` as its last step",),
    ),
    ("flows/objection.yaml", "- use: review", "", ()),
    ("flows/complaint.yaml", "ends: case", "ends: §case", ("a flow that ends in a case needs `use: email`",)),
    ("flows/complaint.yaml", "- {use: email, when: {to: company}}", "", ()),
    (
        "flows/request_status.yaml",
        "ends: status",
        "ends: §status",
        ("a flow that ends in status needs a step of the kind case",),
    ),
    ("flows/request_status.yaml", "kind: case", "kind: text", ()),
    (
        "flows/request_cancel.yaml",
        "ends: withdraw",
        "ends: §withdraw",
        ("a flow that ends in withdraw needs a step of the kind case",),
    ),
    ("flows/request_cancel.yaml", "kind: case, open: true", "kind: text", ()),
)

BUTTONS: tuple[Change, ...] = (
    (
        "flows/marketing_opt_out.yaml",
        "{id: channels, kind: choose_several, options: [everything, email",
        "§{id: channels_of_theirs, kind: choose_several, options: [everything, electronic_messages",
        ("channels_of_theirs: its buttons hold 72 bytes, and 64 is all they can: shorten the ids",),
    ),
    (
        COMMON,
        "review: {kind: review}",
        "review: {kind: review}\na_second_review_for_all: §{kind: review}",
        ("a_second_review_for_all: an id has at most 20 small letters from a to z, and _",),
    ),
)

WORDS: tuple[Change, ...] = (
    (EN, "    nobody:", "    §nobody:", ("step message is missing",)),
    (EN, "    message:\n      ask", "    massage:\n      §ask", ("step massage does not exist",)),
    (
        EN,
        "{everything: Every consent, some: One",
        "§{everything: Every consent, one: §One",
        ("option some is missing", "option one does not exist"),
    ),
    (
        EN,
        "title: Change language",
        "title: Change language\n  name: §Language\n  request: §Please",
        ("`name` is only for a flow that ends in a case", "`request` is only for a flow that ends in a case"),
    ),
    (EN, "title: Make a complaint", "§title: Make a complaint", ("`name` is missing",)),
    (EN, "  name: Complaint\n", "", ()),
    (EN, "title: Change company", "title: §Change {company}", (f"title: {BRACES}",)),
    (EN, f"|-\n    {LANGUAGE_WILL}", f"§{'x' * 601}", ("will: at most 600 characters fit, these are 601",)),
    (EN, "name: Copy of personal data", f"name: §{'x' * 41}", ("name: at most 40 characters fit, these are 41",)),
    (EN_STEPS, "ask: Whose data is this about?", "ask: §Whose data has {firm}?", (f"ask: {BRACES}",)),
    (
        EN_STEPS,
        "again: |-\n    From the name",
        "again: §|-\n    For {company} from the name",
        (f"again: {BRACES}",),
    ),
    (EN_STEPS, "ask: Please check that", "ask: Please check that {company} and", ()),
    (EN_STEPS, "label: Whose data", f"label: §{'x' * 31}", ("label: at most 30 characters fit, these are 31",)),
    (EN_STEPS, "me: My own data", f"me: §{'x' * 41}", ("me: at most 40 characters fit, these are 41",)),
    (
        "knowledge/fi/steps.yaml",
        "ask: Kenen tiedoista on kyse?",
        f"ask: §{'x' * 401}",
        ("ask: at most 400 characters fit, these are 401",),
    ),
    (
        "knowledge/fi/steps.yaml",
        "again: Koodi osoittaa",
        "again: §''\n  names: [koodi] # Koodi osoittaa",
        ("`again` is missing",),
    ),
)

TYPED: tuple[Change, ...] = (
    (
        EN_STEPS,
        "me: [me, mine",
        "me: [§Me, mine, §never mind",
        (
            "“Me” is to be written folded, small and without accents: “me”",
            "me: “never mind” steers, it stands under cancel in control.yaml",
        ),
    ),
    (EN_STEPS, "child: [my child,", "child: [my child, §mine,", ("child: “mine” means me too",)),
    (EN_STEPS, "proxy: [power", "proxy: [§my own data, power", ("proxy: “my own data” means me too",)),
    (EN_STEPS, "deceased: [died,", 'deceased: ["yes", died,', ()),
    (EN_STEPS, "workplace: [my employer*", "office: §[my employer*", ("option office does not exist",)),
    (
        "knowledge/sv/steps.yaml",
        "names: [vem, vems]",
        "names: [§väm, vems]",
        ("“väm” is to be written folded, small and without accents: “vam”",),
    ),
    (
        "knowledge/en/control.yaml",
        "- cansel",
        "- §Cansel",
        ("“Cansel” is to be written folded, small and without accents: “cansel”",),
    ),
    ("knowledge/en/control.yaml", "- bakc", "- §nevermind", ("“nevermind” stands under cancel too",)),
)


def _break(root: Path, changes: tuple[Change, ...]) -> list[str]:
    """Make the changes; the errors that they call for, as ``check`` prints them."""
    texts: dict[Path, str] = {}
    told: dict[str, str] = {}
    for name, old, new, messages in changes:
        text = texts.get(root / name) or (root / name).read_text(encoding="utf-8")
        assert old in text, (name, old)
        first, *parts = new.split("§")
        for part, message in zip(parts, messages, strict=True):
            mark = chr(0xE000 + len(told))  # a letter of nobody's
            told[mark] = message
            first += mark + part
        texts[root / name] = text.replace(old, first, 1)
    expected = []
    for file, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            marks = [n for n, letter in enumerate(line) if letter in told]
            expected += [f"{file}:{number}:{n - i + 1}: error: {told[line[n]]}" for i, n in enumerate(marks)]
        file.write_text("".join(letter for letter in text if letter not in told), encoding="utf-8")
    return expected


@pytest.mark.parametrize(
    "changes",
    [STEPS, CONDITIONS, ENDS, BUTTONS, WORDS, TYPED],
    ids=["steps", "conditions", "ends", "buttons", "words", "typed"],
)
def test_each_mistake_is_told_at_its_place(content_copy: Path, changes: tuple[Change, ...]) -> None:
    """Every kind of mistake gives ``file:line:column: error: message`` where it is to be mended."""
    expected = _break(content_copy, changes)
    found = [str(problem) for problem in check_all(content_copy, TODAY)]
    missing = [line for line in expected if line not in found]
    assert not missing, "\n".join(["missing:", *missing, "found:", *(line for line in found if ": error:" in line)])


def test_a_broken_flow_never_starts(content_copy: Path) -> None:
    """A shared step that does not exist is told to the author when the assistant starts; it is no KeyError."""
    expected = _break(content_copy, STEPS[:1])
    with pytest.raises(ContentError) as failure:
        load_content(content_copy)
    assert expected[0] in str(failure.value)


def test_an_empty_list_of_control_words_is_told(content_copy: Path) -> None:
    """A language in which nobody could go back is not whole."""
    file = content_copy / "knowledge" / "fi" / "control.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("back:"))
    lines[at] = "back: []"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert f"{file}:{at + 1}:7: error: back is empty" in [str(problem) for problem in check_all(content_copy, TODAY)]


def test_a_flow_whose_name_no_button_holds_is_told(content_copy: Path) -> None:
    """The file's name is the flow's id, and an id has a form."""
    file = content_copy / "flows" / "my-export.yaml"
    file.write_text("topic: null\nends: export\nsteps: []\n", encoding="utf-8")
    found = [str(problem) for problem in check_all(content_copy, TODAY)]
    assert f"{file}:1:1: error: my-export: an id has at most 20 small letters from a to z, and _" in found


@pytest.mark.parametrize("text", ["Kyllä", "ÅÄÖ", "Straße", "i've", "e-post*", "e\u0301tude", "NÄSTA FRÅGA"])
def test_words_are_folded_as_messages_are(text: str) -> None:
    """What the check takes for folded is what messages are compared with."""
    assert fold(text) == normalise.fold(text)
