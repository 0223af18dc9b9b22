"""Traces: whoever gets hold of the files, or of what was printed, reads nothing about anybody; forgotten is gone."""

import asyncio
import base64
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.content.assistant import ContentWorld
from bot.core.chat import Button, Say
from bot.core.feedback import Feedback, StoreError
from bot.core.flow import Code, InFlow, Value
from bot.core.job import Reply
from bot.core.mail import DeliveryError, Mail
from bot.core.session import ChoosingController, Session
from bot.core.text import Paragraph
from bot.storage.sqlite import SqliteStore
from bot.storage.sqlite_transaction import Transaction
from tests.storage.conftest import run
from tests.storage.values import AT, CASE, CHOICE, MAIL, SAY
from tests.visiting import KEYS, Visitor, world_with

NUMBER = "131052-308T"
PHONE = "+358 40 123 4567"
MAILBOX = "aino.esimerkki@example.com"
NAME = "Aino Esimerkki"
WORDS = f"{NAME}, {NUMBER}, {PHONE}, {MAILBOX}"
CHAT = "telegram:+358401234567:Aino"

#: What must not stand anywhere; nothing so short that it could stand in random bytes.
SECRETS = (NUMBER, "131052", PHONE, "123 4567", "401234567", MAILBOX, "Esimerkki", CHAT)

#: So many bytes of a sealed value are searched for at a time: a long one is parted by the borders of pages.
PIECE = 32


def _bytes(folder: Path) -> bytes:
    """Every file of the folder: the database, its journal, and whatever else a program leaves there."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def _forms(text: str) -> Iterator[bytes]:
    """How a text may stand in a file without being hidden."""
    raw = text.encode()
    yield from (raw, text.encode("utf-16-le"), text.encode("utf-16-be"), raw.hex().encode())
    for shift in range(3):  # the middle of it in base64, wherever it begins
        middle = base64.b64encode(b"\x00" * shift + raw)[4 if shift else 0 : -4]
        yield from [middle] if len(middle) > PIECE // 4 else []


def _found(data: bytes) -> list[str]:
    """Which secrets stand in some bytes."""
    low = data.lower()
    return [text for text in SECRETS if text.lower().encode() in low or any(form in data for form in _forms(text))]


def _no_trace(folder: Path) -> None:
    data = _bytes(folder)
    assert len(data) > 10_000
    assert _found(data) == []


class Listener:
    """Everything that is printed or logged, at the finest level."""

    def __init__(self, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
        self._capfd, self._caplog = capfd, caplog
        caplog.set_level(logging.DEBUG)

    @property
    def heard(self) -> bytes:
        """All of it so far, with the values that a log would show of each record."""
        out, errors = self._capfd.readouterr()
        records = [f"{record.getMessage()} {record.__dict__}" for record in self._caplog.records]
        return "\n".join([out, errors, *records]).encode()


@pytest.fixture
def listener(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Listener:
    """Listens from now on."""
    return Listener(capfd, caplog)


@pytest.fixture
def visitor(world: ContentWorld, file: Path) -> Iterator[Visitor]:
    """Somebody whose chat's name is a telephone number, and whose mails do not get away."""
    visitor = Visitor(world_with(world, inboxes=True), file, chat=CHAT, hint="en")
    visitor.open()
    visitor.press("Kaltiot")
    yield visitor
    visitor.close()


def _ask_for_a_correction(visitor: Visitor) -> None:
    """As far as the address; the code is mailed."""
    visitor.say("correct my data")
    if "already" in visitor.text:
        visitor.press("Make a new one")
    assert "national identity number" in visitor.say(f"my number is {NUMBER}, not what you have")
    visitor.say(f"you have my phone wrong, I am {NAME}")
    visitor.say(f"it should be {PHONE}")
    visitor.say(NAME)
    visitor.say(MAILBOX)


def _send_it(visitor: Visitor) -> None:
    visitor.say(visitor.code)
    assert MAILBOX in visitor.text
    visitor.press("Send")


def _choose_cookies(visitor: Visitor) -> None:
    visitor.say("cookie settings")
    visitor.press("Allow all")


def test_a_search_would_find_them(file: Path, store: SqliteStore) -> None:
    """The search of these tests is no blind one: what is kept in clear is found in the open files, in any form."""
    run(store, lambda tx: tx.add_feedback(Feedback(AT, "refused", "en", None, None, f"{WORDS} {CHAT}")))
    assert set(_found(_bytes(file.parent))) == set(SECRETS)
    for text in SECRETS:
        for form in _forms(text):
            assert text in _found(b"xy" + form + b"z")


def test_what_is_told_in_a_chat_stands_in_no_file(visitor: Visitor, file: Path, listener: Listener) -> None:
    """A request, its mails, a draft, a cookie choice, a question that was refused: nothing in clear, at any time."""
    _ask_for_a_correction(visitor)
    _no_trace(file.parent)
    assert {part.name for part in file.parent.iterdir()} >= {"a.db", "a.db-wal", "a.db-shm"}
    visitor.postbox.broken = DeliveryError("busy", permanent=False)
    _send_it(visitor)
    _no_trace(file.parent)
    _choose_cookies(visitor)
    visitor.say(f"what is the weather like for {WORDS}?")
    visitor.say("I want to talk to a human")
    visitor.say(f"please call me, {NAME}, {PHONE}")
    _no_trace(file.parent)
    _ask_for_a_correction(visitor)
    (case,) = visitor.tx(lambda tx: tx.cases(tx.chat(CHAT, AT).mark))
    assert case.email == MAILBOX
    assert PHONE in case.copy
    assert _answer(visitor, "rectification.right") == (f"it should be {PHONE}",)
    assert visitor.tx(lambda tx: tx.waiting()) >= 2
    visitor.restart()
    _no_trace(file.parent)
    visitor.wait(days=8)
    assert visitor.told.says
    _no_trace(file.parent)
    assert _found(listener.heard) == []


def _answer(visitor: Visitor, key: str) -> Value | None:
    place = visitor.session.place
    return place.value(key) if isinstance(place, InFlow) else None


def _plant(tx: Transaction) -> str:
    """The number that the conversation would refuse, the address and the phone, wherever something can stand."""
    code = Code("ab" * 32, MAILBOX, AT)
    answers = (("rectification.wrong", (WORDS,)), ("email", (MAILBOX,)))
    draft = InFlow("8bf5a1", ("rectification",), "1", "kaltiot", answers, code=code, unfit=(WORDS,))
    session = Session(CHAT, "fi", "kaltiot", draft, parked=(replace(draft, id="8bf5a2"),))
    chat = tx.chat(CHAT, AT)
    tx.save(chat, session, AT)
    waiting = ChoosingController((), (("rectification.wrong", (WORDS,)),))
    other = tx.chat(f"{CHAT}:2", AT)
    tx.save(other, Session(f"{CHAT}:2", "fi", place=waiting), AT)
    case = replace(CASE, chat=CHAT, copy=WORDS, email=MAILBOX, answers=answers, closed=None)
    tx.add_case(case, chat.mark)
    tx.change_case(replace(case, state="in_progress"), AT, "operator", "looked at")
    tx.add_choice(replace(CHOICE, text=WORDS), chat)
    tx.first(f"event of {NAME}", CHAT, AT)
    tx.set_timers(chat.mark, {"remind": AT, "expire": AT})
    mail = Mail(f"{MAILBOX}.code", MAILBOX, WORDS, (Paragraph(WORDS),), "fi", WORDS)
    tx.put(mail.id, mail, AT, chat.mark, None)
    tx.put(f"{MAILBOX}.receipt", replace(mail, to=f"x{MAILBOX}"), AT, chat.mark, case.id)
    tx.put(
        f"{CHAT}:1",
        Reply(CHAT, Say("fi", (Paragraph(WORDS),), (Button(NAME, SAY.buttons[0].press),))),
        AT,
        chat.mark,
        None,
    )
    tx.put(f"{CHAT}:2", Reply(CHAT, Say("fi", (Paragraph(WORDS),))), AT, None, None)
    tx.may_mail("code", MAILBOX, chat.mark, AT)
    return chat.mark


def test_no_kind_of_row_shows_what_it_holds(store: SqliteStore, file: Path, listener: Listener) -> None:
    """Planted in every field that can hold words: nothing in clear while it is kept, sent, given up, or closed."""
    run(store, _plant)
    _no_trace(file.parent)
    for job in run(store, lambda tx: tx.lease(AT, ("mail", "say"))):
        dead = job.id % 2 == 0
        run(store, partial(Transaction.failed, job=job, now=AT, failure=DeliveryError("refused", permanent=dead)))
    _no_trace(file.parent)
    store.close()
    _no_trace(file.parent)
    assert _found(listener.heard) == []


def test_an_error_shows_nothing_either(store: SqliteStore, file: Path, listener: Listener) -> None:
    """What cannot be read or kept is told without a word of it."""
    mark = run(store, _plant)
    run(store, lambda tx: tx.db.execute("update cases set body = cast(body || x'00' as blob)").rowcount)
    assert run(store, lambda tx: tx.cases(mark)) == ()
    assert _found(repr(run(store, lambda tx: tx.unreadable_cases())).encode()) == []
    with pytest.raises(StoreError) as unkept:
        run(store, lambda tx: tx.add_choice(replace(CHOICE, text=WORDS), tx.chat(CHAT, AT)))
    assert _found(f"{unkept.value!r}".replace(str(file), "").encode()) == []
    assert _found(listener.heard) == []


# Forgotten


def _sealed(tx: Transaction, mark: str) -> set[bytes]:
    """The pieces of everything that is sealed for a chat, with the wrapped key that opens it."""
    queries = (
        "select session from chats where mark = ?",
        "select wrapped from chats where mark = ?",
        "select choice from choices where chat = ?",
        "select body from outbox where chat = ? and case_id is null and body is not null",
    )
    values = [row[0] for query in queries for row in tx.db.execute(query, [mark]).fetchall()]
    return {value[at : at + PIECE] for value in values for at in range(0, len(value) - PIECE, PIECE)}


def test_what_is_forgotten_is_no_longer_in_the_file(store: SqliteStore, file: Path) -> None:
    """Not even sealed: after forgetting and scrubbing, no byte of the session, its key or its mails can be found."""
    mark = run(store, _plant)
    kept = run(store, lambda tx: tx.db.execute("select wrapped, body from cases").fetchone())
    pieces = run(store, lambda tx: _sealed(tx, mark))
    assert len(pieces) > 20
    before = _bytes(file.parent)
    assert sum(piece in before for piece in pieces) > len(pieces) * 0.8
    run(store, lambda tx: tx.forget(mark))
    asyncio.run(store.scrub())
    after = _bytes(file.parent)
    assert sum(piece in after for piece in pieces) == 0
    assert mark.encode() not in after
    assert all(value[:PIECE] in after for value in kept)  # requests stay


def test_who_asks_to_be_forgotten_is_forgotten_at_once(visitor: Visitor, file: Path, listener: Listener) -> None:
    """When the chat says that everything has been erased, it has been: every session there was, the key, the choice."""
    visitor.postbox.broken = DeliveryError("busy", permanent=False)
    mark = visitor.tx(lambda tx: tx.chat(CHAT, AT)).mark
    pieces: set[bytes] = set()
    for turn in (_ask_for_a_correction, _choose_cookies):
        turn(visitor)
        pieces |= visitor.tx(lambda tx: _sealed(tx, mark))
    visitor.say("forget everything about this chat")
    pieces |= visitor.tx(lambda tx: _sealed(tx, mark))
    assert any(piece in _bytes(file.parent) for piece in pieces)
    assert "erased" in visitor.press("Yes")
    after = _bytes(file.parent)
    assert sum(piece in after for piece in pieces) == 0
    assert mark.encode() not in after
    assert visitor.session == Session(CHAT)
    assert visitor.tx(lambda tx: tx.waiting()) == 0
    assert _found(after + listener.heard) == []


def test_a_chat_whose_time_is_over_is_gone_from_the_file(visitor: Visitor, file: Path) -> None:
    """Erased by age is erased as well as by wish."""
    _choose_cookies(visitor)
    mark = visitor.tx(lambda tx: tx.chat(CHAT, AT)).mark
    pieces = visitor.tx(lambda tx: _sealed(tx, mark))
    visitor.wait(days=visitor.retention.sessions / timedelta(days=1) + 1)
    after = _bytes(file.parent)
    assert sum(piece in after for piece in pieces) == 0
    assert mark.encode() not in after
    assert KEYS.keys[0] not in after
    assert MAIL.subject.encode() not in after
