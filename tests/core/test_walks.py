"""What holds wherever somebody walks in the guided flows: random walks, each step of them held against the promises."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bot.content.assistant import ContentWorld
from bot.content.check import Content
from bot.core.buttons import LIMIT_BYTES, ChooseController, OwnCase, StartFlow, Walk, decode, encode
from bot.core.chat import (
    Effect,
    Event,
    Export,
    Exported,
    Forget,
    Hand,
    KeepChoice,
    KeepFeedback,
    MailRefused,
    Opened,
    Pressed,
    Said,
    Say,
    SendMail,
    Submit,
    TimerFired,
    Withdraw,
)
from bot.core.conversation import turn
from bot.core.flow import InFlow, Value, current
from bot.core.here import Here, Turn
from bot.core.language import LANGUAGES, Language
from bot.core.meaning import Candidate
from bot.core.request import Item
from bot.core.review import digest
from bot.core.session import ChoosingController, Idle, Session
from bot.core.text import Bullets, plain
from bot.storage.codec import SESSION
from tests.core import walking
from tests.core.walking import BRACES, CHAT, IDENTITY_NUMBERS, MOVES, Ground, Move, Seen, Surrounding, Walker, drafts

#: What a sensible person needs at most from anywhere to the end of a flow.
_ENOUGH = 25

#: Steps whose answers say by themselves that it is to be done.
_DONE = (Submit, Hand, KeepChoice, Withdraw, Forget)

WALKS = settings(
    max_examples=int(os.environ.get("WALKS", "335")),
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
moves: st.SearchStrategy[list[Move]] = st.lists(
    st.tuples(st.sampled_from(MOVES), st.integers(0, 50_000)), min_size=8, max_size=20
)


def every_reply_can_be_shown(_: Walker, seen: Seen) -> None:
    """A reply has text, in one of the languages, nothing left to fill in, and buttons that come back as they went."""
    for say in seen.says:
        assert say.language in LANGUAGES
        assert all(_texts(say)), say
        assert plain(say.blocks).strip(), "a reply without text"
        assert "{" not in plain(say.blocks).replace(BRACES, ""), plain(say.blocks)
        for button in say.buttons:
            assert button.label.strip()
            assert "{" not in button.label
            assert len(encode(button.press).encode()) <= LIMIT_BYTES
            assert decode(encode(button.press)) == button.press
    assert len({say.language for say in seen.says}) <= 1, "one turn speaks one language"


def _texts(say: Say) -> list[str]:
    return [
        text.strip()
        for block in say.blocks
        for text in (block.items or ("",) if isinstance(block, Bullets) else (block.text,))
    ]


def every_mail_has_an_address(_: Walker, seen: Seen) -> None:
    """No mail is sent to nobody."""
    assert all("@" in effect.mail.to for effect in seen.done.effects if isinstance(effect, SendMail))


def every_event_is_answered(_: Walker, seen: Seen) -> None:
    """Whoever writes, presses or opens the chat hears something, at once or when what is kept has been gathered."""
    if isinstance(seen.event, Said | Pressed | Opened):
        assert seen.says or Export() in seen.done.effects


def a_button_just_shown_works(_: Walker, seen: Seen) -> None:
    """No button of the last reply is answered with: that is over."""
    shown = [button.press for say in seen.asked for button in say.buttons]
    if seen.changed or not (isinstance(seen.event, Pressed) and seen.event.press in shown):
        return
    for say in seen.says:
        over = (
            "That button no longer works. Please write what you would like to know.",
            "That button belongs to something that is over.",
        )
        assert not any(seen.world.say(say.language, text) in plain(say.blocks) for text in over), seen.event


def there_is_a_way_on(_: Walker, seen: Seen) -> None:
    """In a flow every reply shows a button of the draft: nobody is left at a question without one."""
    place = seen.after.place
    if isinstance(place, InFlow) and seen.says and not isinstance(seen.event, MailRefused):
        presses = [button.press for say in seen.says for button in say.buttons]
        assert any(isinstance(press, Walk) and press.draft == place.id for press in presses), seen.says


def the_company_stays_the_drafts(_: Walker, seen: Seen) -> None:
    """In a draft, questions are answered for its company; a button about a company begins nothing about another."""
    place = seen.after.place
    if isinstance(place, InFlow) and place.controller:
        assert place.controller == seen.after.controller
    press = seen.event.press if isinstance(seen.event, Pressed) else None
    if isinstance(press, StartFlow) and press.controller and isinstance(place, InFlow) and press.flow in place.flows:
        assert place.controller in (press.controller, None), "what is begun is about the button's company"


def no_answer_is_lost(_: Walker, seen: Seen) -> None:
    """An answer stays until it is replaced, or its draft is cancelled, done, out of time or forgotten."""
    after = drafts(seen.after)
    assert len({draft.id for draft in after}) == len(after), "a draft is there once"
    now = {draft.id: draft for draft in after}
    for draft in drafts(seen.before):
        if draft.id not in now:
            led_to_a_stop = not draft.unfit and {key for key, _ in draft.answers} <= {"whose", "escalate.pass"}
            assert led_to_a_stop or _given_up(seen, draft) or _ended(seen, draft), draft.id
            continue
        assert now[draft.id].unfit[: len(draft.unfit)] == draft.unfit
        for key, value in draft.answers:
            kept = now[draft.id].value(key) == value
            assert kept or key in ("code", "whose") or _replaces(seen, draft, key), f"{key} of {draft.id} is lost"


def _given_up(seen: Seen, draft: InFlow) -> bool:
    if seen.event == TimerFired("expire") or seen.pressed(draft, "cancel", "no"):
        return True
    if not isinstance(seen.event, Said):
        return False
    under_way = seen.draft is not None and seen.draft.id == draft.id
    last = seen.draft is None and bool(seen.before.parked) and seen.before.parked[-1].id == draft.id
    command = seen.event.text.strip().lower().startswith("/cancel")
    no = seen.control == "no" and seen.step is not None and seen.step.kind == "confirm"
    return (under_way and (command or no or seen.control == "cancel")) or (last and seen.control == "cancel")


def _ended(seen: Seen, draft: InFlow) -> bool:
    """Whether the flow did what it is there for (a letter leaves no effect, nor does looking at a request)."""
    if any(isinstance(effect, Forget) for effect in seen.done.effects):
        return True
    if seen.draft is None or seen.draft.id != draft.id or seen.step is None:
        return False
    return _confirms(seen) or seen.step.kind in ("cookies", "case")


def _replaces(seen: Seen, draft: InFlow, key: str) -> bool:
    if seen.pressed(draft, "pick", "only", "all", "done", "skip"):
        press = seen.press
        at = seen.step.key if seen.step and seen.draft and seen.draft.id == draft.id else ""
        return isinstance(press, Walk) and press.step == key and (press.act != "done" or at == key)
    if not isinstance(seen.event, Said) or seen.draft is None or seen.draft.id != draft.id or seen.step is None:
        return False
    if seen.event.corrects and (key, seen.incoming.message) in draft.origins:
        return True
    corrected = "@" in seen.event.text and any(
        step.key == key and step.kind == "email" for step in seen.world.steps(draft.flows)
    )
    return seen.step.key == key or corrected


def _confirms(seen: Seen) -> bool:
    """Whether the event is the press or the word that confirms, at the step where it does."""
    draft, step = seen.draft, seen.step
    if draft is None or step is None or step.kind not in ("review", "confirm"):
        return False
    return bool(seen.pressed(draft, "send" if step.kind == "review" else "yes")) or seen.control in ("send", "yes")


def nothing_is_sent_unconfirmed(walker: Walker, seen: Seen) -> None:
    """Nothing happens but by the press or word that confirms it, right after it was shown; and it happens once."""
    done = [effect for effect in seen.done.effects if isinstance(effect, _DONE)]
    if not done:
        return
    assert len(done) == 1
    draft, step = seen.draft, seen.step
    assert draft
    assert step
    assert draft.id not in walker.sent, "a draft is submitted once"
    walker.sent.add(draft.id)
    if isinstance(done[0], KeepChoice):
        assert _chooses(seen, draft, done[0])
        return
    assert _confirms(seen), seen.event
    asked = [button.press for say in seen.asked for button in say.buttons]
    if isinstance(seen.event, Said):
        confirming = [p for p in asked if isinstance(p, Walk) and p.draft == draft.id and p.act in ("send", "yes")]
        assert confirming, "a word confirms what was shown last"
    _as_shown(walker, seen, draft, done[0])


def _chooses(seen: Seen, draft: InFlow, kept: KeepChoice) -> bool:
    assert seen.step
    known = (*kept.choice.allowed, *kept.choice.refused)
    if press := seen.pressed(draft, "only", "all", "done", "pick"):
        picked = {"only": (press.value,) if press.value else (), "all": known, "done": draft.picked}
        assert kept.choice.allowed == picked.get(press.act, (press.value,))
        return press.step == seen.step.key
    if seen.control in ("yes", "no"):
        assert kept.choice.allowed == ((draft.picked or known) if seen.control == "yes" else ())
    return isinstance(seen.event, Said) and seen.step.kind == "cookies"


def _as_shown(walker: Walker, seen: Seen, draft: InFlow, done: Effect) -> None:
    match done:
        case Submit(case):
            assert case.draft == draft.id
            assert case.answers == walker.pages[draft.id], "what is sent is what the last review page showed"
            assert case.controller == draft.controller
            assert tuple(item.flow for item in case.items) == draft.flows
            proven = (draft.id, case.email) in walker.proven
            assert case.verification != "verified" or proven, "the right code was never typed"
        case Hand(over):
            told = dict(walker.pages[draft.id])
            assert "".join(told.get("escalate.message", ())) in plain(over.blocks)
            assert over.reply_to == "".join(told.get("escalate.reply_to", ()))
        case Withdraw(case):
            assert draft.value("request_cancel.case") == (case.reference,)
        case _:
            assert "assistant_forget" in draft.flows
    assert seen.step
    assert draft.id not in {other.id for other in drafts(seen.after)}


def a_review_page_shows_every_answer(_: Walker, seen: Seen) -> None:
    """What the send button stands for is what the page says, in words."""
    place = seen.after.place
    for say in seen.says:
        for button in say.buttons:
            press = button.press
            if not (isinstance(place, InFlow) and isinstance(press, Walk) and press.act == "send"):
                continue
            rows = walking.rows(seen.world, place)
            step = current(rows, place)
            assert press.draft == place.id
            assert step
            assert step.kind == "review"
            here = Here(seen.world, seen.after, seen.incoming, say.language)
            assert press.value == digest(here, place, rows)


def words_stay_in_the_draft(_: Walker, seen: Seen) -> None:
    """Nothing that is written in the middle of a draft is kept to learn from."""
    if seen.draft and isinstance(seen.event, Said):
        assert not any(isinstance(effect, KeepFeedback) for effect in seen.done.effects)


def what_is_kept_can_be_read_again(_: Walker, seen: Seen) -> None:
    """A restart changes nothing; and no national identity number is ever kept."""
    stored = SESSION.dump(seen.after)
    assert SESSION.load(stored) == seen.after
    assert not any(number.encode() in stored for number in IDENTITY_NUMBERS)


CHECKS = (
    every_reply_can_be_shown,
    every_mail_has_an_address,
    every_event_is_answered,
    a_button_just_shown_works,
    there_is_a_way_on,
    the_company_stays_the_drafts,
    no_answer_is_lost,
    nothing_is_sent_unconfirmed,
    a_review_page_shows_every_answer,
    words_stay_in_the_draft,
    what_is_kept_can_be_read_again,
)


def cancel_leaves(walker: Walker, n: int) -> None:
    """Cancel leaves the draft for good, by word, by button and by command, and nothing is sent."""
    draft = walker.settled.place
    if not isinstance(draft, InFlow):
        return
    word = Said(walker.word("cancel", n))
    done = _tried(walker, (word, Said("/cancel"), Pressed(Walk(draft.id, "cancel")))[n % 3])
    assert draft.id not in {other.id for other in drafts(done.session)}
    assert not isinstance(done.session.place, InFlow)
    assert not any(isinstance(effect, _DONE) for effect in done.effects)


def back_goes_back(walker: Walker, n: int) -> None:
    """Back comes to a step that stands before, or out of the flow with the answers kept."""
    draft = walker.settled.place
    if not isinstance(draft, InFlow):
        return
    word = Said(walker.word("back", n))
    done = _tried(walker, (word, Said("/back"), Pressed(Walk(draft.id, "back")))[n // 3 % 3])
    place = done.session.place
    if isinstance(place, InFlow):
        assert place.id == draft.id
        assert _at(walker, place) < _at(walker, draft)
    else:
        kept = [other for other in drafts(done.session) if other.id == draft.id]
        assert [other.answers for other in kept] == ([] if draft.empty else [draft.answers])
    assert not any(isinstance(effect, _DONE) for effect in done.effects)


def _at(walker: Walker, draft: InFlow) -> int:
    steps = walker.world.steps(draft.flows)
    step = current(walking.rows(walker.world, draft), draft)
    return steps.index(step) if step else len(steps)


def changed_flows_lose_nothing(walker: Walker, n: int) -> None:
    """On changed flow files every answer is kept or is shown as unfit; what still fits is kept."""
    names = list(walker.ground.worlds)
    name = names[n % len(names)]
    changed = replace(walker, content=name)
    now = {draft.id: draft for draft in drafts(changed.settled)}
    for draft in drafts(walker.settled):
        found = now[draft.id]
        unfit = found.unfit[len(draft.unfit) :]
        for key, value in draft.answers:
            if found.value(key) != value and value and key not in ("code", "whose"):
                assert any(_stands_in(walker, key, value, line) for line in unfit), f"{key} is lost to: {name}"
        fits = {step.key: value for step, value in walking.rows(changed.world, draft)}
        assert all(found.value(key) == value for key, value in draft.answers if fits.get(key) == value), name


def _stands_in(walker: Walker, key: str, value: Value, line: str) -> bool:
    words = [walker.world.step_texts[code].get(key) for code in LANGUAGES]
    labels = [value, *([row.options.get(part, part) for part in value] for row in words if row)]
    return any(all(label in line for label in said) for said in labels)


def _tried(walker: Walker, event: Pressed | Said) -> Turn:
    return turn(walker.world, walker.session, walker.incoming(event))


PROBES = (cancel_leaves, back_goes_back, changed_flows_lose_nothing)


def reach_the_end(walker: Walker, *, typing: bool) -> None:
    """From wherever the walk has led, a sensible person comes to the end of a flow in a few moves."""
    walker.probes = ()
    begun = False
    for n in range(walker.seed, walker.seed + _ENOUGH):
        begun = begun or isinstance(walker.settled.place, InFlow)
        walker.feed(walker.sensible(n, typing=typing))
        if begun and isinstance(walker.session.place, Idle):
            break
    assert isinstance(walker.session.place, Idle), walker.session.place
    assert walker.reply


class Counter:
    """How much was walked."""

    walks = 0
    moves = 0


@pytest.fixture(scope="module")
def grounds(world: ContentWorld, content: Content) -> Iterator[dict[Surrounding, Ground]]:
    """What is walked on; afterwards it is told how much was walked."""
    yield dict(walking.grounds(world, content))
    print(f"\n{Counter.walks} walks, {Counter.moves} moves")


@pytest.mark.parametrize(("surrounding", "language"), list(product(("inboxes", "letters", "practice"), LANGUAGES)))
def test_wherever_one_walks_the_promises_hold(
    grounds: dict[Surrounding, Ground], surrounding: Surrounding, language: Language
) -> None:
    """Whatever is said, pressed, repeated and changed meanwhile, in whatever order: all promises hold at every step."""

    @WALKS
    @given(moves=moves, seed=st.integers(0, 2**32), company=st.integers(0, 5), before=st.sampled_from((0, 0, 1, 2, 10)))
    def walk(moves: list[Move], seed: int, company: int, before: int) -> None:
        ground = grounds[surrounding]
        world = ground.worlds["today"]
        walker = Walker(ground, seed, language, CHECKS, PROBES)
        walker.session = Session(CHAT, language, (*world.controllers, None)[company])
        walker.cases = walking.sent_before(world, before)
        try:
            for kind, n in moves:
                walker.move(kind, n)
            reach_the_end(walker, typing=seed % 2 == 0)
        except Exception:
            note(walker.told())
            raise
        Counter.walks += 1
        Counter.moves += walker.moves

    walk()


GONE: tuple[Session, ...] = (
    Session(CHAT, "en", "gone", answered=("gone",), recent=(Candidate("flow:gone", 1.0), Candidate("gone", 0.5))),
    Session(CHAT, "en", None, ChoosingController(("flow:gone", "gone"))),
    Session(CHAT, "en", "kaltiot", InFlow("abcdef", ("gone",), "1", "kaltiot", (("gone.a", ("b",)),))),
    Session(CHAT, "en", "kaltiot", parked=(InFlow("abcdef", ("erasure",), "1", "gone"),), answered=("gone",)),
)
WORDS = ("yes please", "kaltiot", "på svenska tack", "and how long?", "/status", "/company kotopro", "continue")
EVENTS: tuple[Event, ...] = (
    *(Said(text) for text in WORDS),
    *(Pressed(ChooseController("kaltiot")), Pressed(StartFlow("gone")), Pressed(OwnCase("PR-GONE-GONE", "withdraw"))),
    *(Opened(), TimerFired("remind"), TimerFired("expire"), Exported("{}"), MailRefused("code")),
)


@pytest.mark.parametrize("session", GONE)
@pytest.mark.parametrize("event", EVENTS)
def test_what_is_gone_from_the_content_harms_no_chat(
    grounds: dict[Surrounding, Ground], session: Session, event: Event
) -> None:
    """Chats that speak of topics, flows and companies of an earlier version go on, and their requests can be seen."""
    walker = Walker(grounds["inboxes"], 0, "en", (every_reply_can_be_shown, what_is_kept_can_be_read_again))
    walker.session = session
    case = walking.sent_before(walker.world, 1)[0]
    walker.cases = (replace(case, controller="gone", items=(Item("gone"),)),)
    walker.feed(event)
    walker.feed(Said("/status"))
    assert walker.reply
