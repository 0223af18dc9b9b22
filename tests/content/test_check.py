"""``check`` finds what is wrong with content, and says where."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.content.check import check_all, load_content
from bot.content.errors import ContentError

TODAY = date(2026, 11, 22)


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file}: {old}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def _messages(root: Path) -> list[str]:
    return [str(problem) for problem in check_all(root, TODAY)]


def test_the_bundled_content_has_no_errors(content_copy: Path) -> None:
    """What is shipped is whole; warnings are only about what nobody has checked yet."""
    problems = list(check_all(content_copy, TODAY))
    assert [p for p in problems if p.severity == "error"] == []
    assert all("nobody has checked this yet" in p.message for p in problems)


BREAKS: list[tuple[str, str, str, str]] = [
    ("topics.yaml", "retention: {group", "retentoin: {group", "retention is missing|does not exist"),
    (
        "topics.yaml",
        "related: [right_erasure, cookie",
        "related: [right_erazure, cookie",
        "right_erazure does not exist",
    ),
    ("topics.yaml", "offers: [erasure]", "offers: [eraser]", "offered flow eraser does not exist"),
    (
        "topics.yaml",
        "articles: [5, 13], related: [right_erasure",
        "articles: [999], related: [right_erasure",
        "article 999",
    ),
    ("controllers/kaltiot.yaml", "source: policy/start}", "source: policy/nowhere}", "policy/nowhere is not a section"),
    ("controllers/kaltiot.yaml", "sources: [policy/contact]}", "sources: []}", "an answer needs a source"),
    ("controllers/kaltiot.yaml", "duration: P2Y", "duration: 2 years", "not an ISO 8601 duration"),
    ("controllers/kaltiot.yaml", "country: FI", "country: NO", "country NO has no authorities"),
    ("controllers/kaltiot.yaml", "status: stated", "status: sated", "Input should be 'stated'"),
    ("controllers/kaltiot.yaml", "name: Kaltiot", "nmae: Kaltiot", "nmae: Extra inputs are not permitted"),
    ("controllers/kaltiot.yaml", "name: Kaltiot\n", "name: Kaltiot\nname: Kaltiot\n", "name stands twice"),
    ("controllers/kaltiot.yaml", "leadfeeder: policy/placed", "leedfeeder: policy/placed", "leedfeeder is not in"),
    ("fi/controllers/kaltiot.yaml", "{email}", "{gmail}", r"\{gmail\} is not a fact of this company"),
    ("fi/controllers/kaltiot.yaml", "{cookies}", "evästeet", "placeholders differ from English"),
    ("sv/topics.yaml", "{law.gdpr_number}", "2016/679", "gdpr_what.general: placeholders differ"),
    ("sv/controllers/kaltiot.yaml", "  retention", "  retentoin", "topic that does not exist|is missing"),
    (
        "sv/topics.yaml",
        "title: ",
        "title: En alldeles för lång rubrik som ingen knapp i någon telefon rymmer ",
        "at most 40",
    ),
    ("en/flows.yaml", "erasure:", "eraser:", "erasure is missing|eraser does not exist"),
    ("en/topics.yaml", "{document}", "{documint}", r"unknown placeholder \{documint\}"),
    ("entities.yaml", "topics: [processors, recipients]", "topics: [procesors]", "topic procesors does not exist"),
    ("../flows/access.yaml", "topic: right_access", "topic: right_acess", "topic right_acess does not exist"),
    ("law/rules.yaml", "answer_within: {duration: P1M,", "answer_within: {duration: P1M, text: x,", "exactly one of"),
    ("law/articles.yaml", "review_by: 2027-05-25", "review_by: soon", "valid date"),
    ("en/topics.yaml", "retention:\n", "retention: [\n", "not YAML"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), BREAKS, ids=[f"{b[0]}-{b[2][:25]}" for b in BREAKS])
def test_broken_content_is_told_with_its_place(content_copy: Path, file: str, old: str, new: str, message: str) -> None:
    """Each kind of mistake gives ``file:line:column: error: message``, and nothing is loaded."""
    path = (content_copy / "knowledge" / file).resolve()
    _edit(path, old, new)
    found = [line for line in _messages(content_copy) if re.search(message, line)]
    assert found, "\n".join(_messages(content_copy)[:10])
    assert any(re.match(rf"{re.escape(str(path))}:\d+:\d+: error: ", line) for line in found)
    with pytest.raises(ContentError):
        load_content(content_copy)


def _take(relative: str) -> Callable[[Path], None]:
    return lambda root: (root / relative).unlink()


@pytest.mark.parametrize(
    "relative", ["knowledge/sv/topics.yaml", "knowledge/fi/controllers/kotopro.yaml", "locales/sv.po"]
)
def test_a_missing_file_is_told(content_copy: Path, relative: str) -> None:
    """A language that lacks a file is named with the file."""
    _take(relative)(content_copy)
    assert any(relative in line for line in _messages(content_copy))


def test_a_phrase_under_two_labels_is_found(content_copy: Path) -> None:
    """The same words cannot mean two things; case and the marks at the end make no difference."""
    folder = content_copy / "knowledge" / "en" / "phrases" / "topics"
    for name, text in (("dpo", "An invented phrase"), ("security", "an invented phrase?")):
        file = folder / f"{name}.txt"
        file.write_text(file.read_text(encoding="utf-8") + f"{text}\n", encoding="utf-8")
    assert any("an invented phrase?” stands under dpo" in line for line in _messages(content_copy))


def test_untranslated_fuzzy_and_wrong_placeholders_are_found(content_copy: Path) -> None:
    """A catalog that is not finished stops the start."""
    file = content_copy / "locales" / "fi.po"
    text = file.read_text(encoding="utf-8")
    text = text.replace('msgstr "Yritys: {company}"', 'msgstr "Yritys: {companie}"')
    text = text.replace('msgstr "päiväämätön"', 'msgstr ""')
    text = text.replace('msgid "marketing"', '#, fuzzy\nmsgid "marketing"')
    file.write_text(text, encoding="utf-8")
    found = "\n".join(_messages(content_copy))
    assert "other placeholders than the original: Company: {company}" in found
    assert "not translated: undated" in found
    assert "fuzzy: read it and take the mark away: marketing" in found


def test_every_error_is_told_at_once(content_copy: Path) -> None:
    """An author mends everything in one go: mistakes in three files are all told."""
    _edit(content_copy / "knowledge" / "topics.yaml", "group: cookies", "group: biscuits")
    _edit(content_copy / "knowledge" / "law" / "rules.yaml", "duration: P1M", "duration: month")
    (content_copy / "locales" / "fi.po").unlink()
    found = "\n".join(_messages(content_copy))
    assert all(name in found for name in ("topics.yaml", "rules.yaml", "fi.po"))


def test_law_past_its_review_is_a_warning(content_copy: Path) -> None:
    """Time alone brings warnings, never errors."""
    late = list(check_all(content_copy, date(2099, 1, 1)))
    assert any("was to be reviewed by 2027-05-25" in p.message for p in late)
    assert {p.severity for p in late} == {"warning"}


@pytest.mark.parametrize("data", [b"\xff\xfe", b"", b"- a\n- b\n", b"a: 1\n"])
def test_a_file_that_is_something_else_is_told(content_copy: Path, data: bytes) -> None:
    """Not UTF-8, empty, another shape: an error with a place, no traceback."""
    names = ("topics.yaml", "en/flows.yaml", "en/control.yaml", "../flows/_common.yaml", "../flows/erasure.yaml")
    files = [(content_copy / "knowledge" / name).resolve() for name in names]
    for file in files:
        file.write_bytes(data)
    found = _messages(content_copy)
    assert all(any(re.match(rf"{re.escape(str(file))}:\d+:\d+: error: ", line) for line in found) for file in files)
