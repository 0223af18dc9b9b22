"""Stored values: read back as they were, read for ever, and refused where they cannot be read."""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.chat import Asked, Button, Say
from bot.core.feedback import Feedback
from bot.core.flow import Code, InFlow
from bot.core.job import Reply
from bot.core.language import LANGUAGES
from bot.core.meaning import Candidate
from bot.core.session import ChoosingController, Idle, Lost, Session
from bot.storage import codec
from bot.storage.codec import Codec, UnreadableError, dump_reply, load_reply
from tests.storage.values import CASE, CHAT, CHOICE, IN_FLOW, MAIL, REPLY, SAY, SESSIONS

GOLDEN = Path(__file__).parent / "golden"

#: What the golden files hold, built by hand: these files were written by version 1 and are never written again.
WRITTEN: dict[str, tuple[Codec[Any], Any]] = {
    **{name: (codec.SESSION, session) for name, session in SESSIONS.items()},
    "case": (codec.CASE, CASE),
    "choice": (codec.CHOICE, CHOICE),
    "mail": (codec.MAIL, MAIL),
}

words = st.text(max_size=30)
values = st.lists(words, max_size=3).map(tuple)
rows = st.lists(st.tuples(words, values), max_size=4).map(tuple)
times = st.datetimes(timezones=st.just(UTC))
codes = st.builds(Code, words, words, times, st.integers(0, 9))
drafts = st.builds(
    InFlow,
    words,
    values,
    words,
    st.none() | words,
    rows,
    st.none() | words,
    values,
    st.integers(0, 99),
    st.none() | codes,
    values,
    st.booleans(),
)
candidates = st.builds(Candidate, words, st.floats(0, 1))
places = st.one_of(st.just(Idle()), st.just(Lost()), st.builds(ChoosingController, values, rows), drafts)
sessions = st.builds(
    Session,
    words,
    st.none() | st.sampled_from(LANGUAGES),
    st.none() | words,
    places,
    st.lists(candidates, max_size=3).map(tuple),
    values,
    st.lists(drafts, max_size=2).map(tuple),
)


@given(sessions)
def test_any_session_comes_back(session: Session) -> None:
    """Whatever a chat can hold, with any signs in it, is read as it was written."""
    assert codec.SESSION.load(codec.SESSION.dump(session)) == session


@pytest.mark.parametrize("name", WRITTEN)
def test_every_kind_comes_back(name: str) -> None:
    """Each stored kind is read as it was written, and says its version."""
    kind, value = WRITTEN[name]
    assert kind.load(kind.dump(value)) == value
    assert json.loads(kind.dump(value))["v"] == 1


def test_a_time_in_another_zone_stays_the_same_moment() -> None:
    """What was noted by another clock face is not moved by an hour."""
    there = datetime(2026, 6, 1, 12, 0, tzinfo=timezone(timedelta(hours=3)))
    assert codec.CASE.load(codec.CASE.dump(replace(CASE, received=there))).received == there


@pytest.mark.parametrize("name", WRITTEN)
def test_version_1_is_read_for_ever(name: str) -> None:
    """What the first version wrote means the same today, to the last field."""
    kind, value = WRITTEN[name]
    assert kind.load((GOLDEN / f"{name}.json").read_bytes()) == value


def test_a_waiting_reply_of_version_1_is_read_for_ever() -> None:
    """A reply that the first version left in the outbox still goes to its chat, with its buttons."""
    assert load_reply((GOLDEN / "say.json").read_bytes()) == Reply(CHAT, SAY)


def test_a_waiting_reply_of_version_2_is_read_for_ever() -> None:
    """The second version also keeps files, the message that is answered, and whether its place is taken."""
    assert load_reply((GOLDEN / "reply.json").read_bytes()) == REPLY


def test_every_golden_file_is_read() -> None:
    """No kind is left out of the tests above."""
    assert {file.stem for file in GOLDEN.iterdir()} == {*WRITTEN, "say", "reply"}


def test_a_reply_comes_back() -> None:
    """A reply that waits keeps its chat, its blocks, its buttons and its files."""
    assert load_reply(dump_reply(REPLY)) == REPLY
    bare = Reply("", Say("sv", ()))
    assert load_reply(dump_reply(bare)) == bare


def test_no_part_of_a_reply_is_forgotten() -> None:
    """Every field that a platform shows differs from its default here, and each of them comes back."""
    whole = replace(REPLY, say=replace(REPLY.say, asked=Asked("8bf5a1", "erasure.reason", "text", True), home=True))
    bare = Say("sv", ())
    shown = [each.name for each in fields(Say) if each.name != "answers"]
    assert [name for name in shown if getattr(whole.say, name) == getattr(bare, name)] == []
    assert load_reply(dump_reply(whole)) == whole


def test_a_button_that_no_longer_exists_is_left_out() -> None:
    """A reply of an older program is still brought; only what nobody understands any more is missing."""
    row = json.loads(dump_reply(REPLY))
    row["buttons"].insert(0, ["Gone", "zz:no:such:press"])
    assert load_reply(json.dumps(row).encode()).say.buttons == SAY.buttons
    assert isinstance(SAY.buttons[0], Button)


@dataclass(frozen=True)
class _Kind:
    words: tuple[str, ...]
    size: int


def _to_2(row: Any) -> Any:
    return {"words": [row["word"]]}


def _to_3(row: Any) -> Any:
    return row | {"size": len(row["words"])}


def test_older_versions_are_brought_up_step_by_step() -> None:
    """From version 1 through 2 to 3; from 2 to 3; 3 as it is: the same value each time."""
    kind = Codec(_Kind, 3, {1: _to_2, 2: _to_3})
    value = _Kind(("aino",), 1)
    for text in (
        b'{"v": 1, "value": {"word": "aino"}}',
        b'{"v": 2, "value": {"words": ["aino"]}}',
        b'{"v": 3, "value": {"words": ["aino"], "size": 1}}',
        kind.dump(value),
    ):
        assert kind.load(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"v":1}',
        b'{"v":1,"value":null}',
        b'{"v":1,"value":{"words":"aino"}}',
        b'{"v":2,"value":{"words":["aino"]}}',
        b'{"v":4,"value":{"words":["aino"],"size":1}}',
        b'{"v":0,"value":{"words":["aino"],"size":1}}',
        b'{"v":"3","value":{"words":["aino"],"size":1}}',
        b'{"v":null,"value":{"words":["aino"],"size":1}}',
        b'{"v":3,"value":{"words":["aino"],"size":1}',
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(text: bytes) -> None:
    """Broken, cut off, of a newer version, or of one that is not known: one error, with nothing of the words in it."""
    kind = Codec(_Kind, 3, {2: lambda row: row["gone"]})
    with pytest.raises(UnreadableError) as told:
        kind.load(text)
    assert "aino" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("v", 3),
        ("files", [{"name": 7}]),
        ("language", "de"),
        ("blocks", [{"kind": "picture"}]),
        ("buttons", [["a"]]),
        ("buttons", [["a", 7]]),
    ],
)
def test_a_reply_that_cannot_be_read_is_said_to_be_so(key: str, value: Any) -> None:
    """A reply of a newer version, or a broken one, is one error too."""
    row = json.loads(dump_reply(REPLY)) | {key: value}
    with pytest.raises(UnreadableError):
        load_reply(json.dumps(row).encode())


def test_a_session_of_another_shape_is_refused() -> None:
    """A place that this program does not know, or a language, is not guessed at."""
    row = json.loads(codec.SESSION.dump(IN_FLOW))
    for changed in ({"place": {"kind": "dancing"}}, {"language": "de"}, {"parked": [{"id": "x"}]}):
        with pytest.raises(UnreadableError):
            codec.SESSION.load(json.dumps({"v": 1, "value": row["value"] | changed}).encode())


def test_what_is_handed_out_is_plain() -> None:
    """The export holds nothing but JSON, and everything that is stored."""
    plain = codec.CASE.plain(CASE)
    assert json.loads(json.dumps(plain)) == plain
    assert set(plain) == set(asdict(CASE))
    assert plain["answers"] == [["erasure.scope", ["account"]], ["email", ["aino.esimerkki@example.com"]]]


def test_nothing_of_a_person_shows_in_repr() -> None:
    """No log that prints a stored value shows an answer or an address."""
    text = repr((IN_FLOW, CASE, MAIL, Feedback(CASE.received, "refused", "fi", None, None, "Esimerkki")))
    assert "esimerkki" not in text.replace(CHAT, "").lower()
