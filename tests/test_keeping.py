"""What is kept, what goes and what waits: the outbox, forgetting and time, through the real service."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.content.assistant import ContentWorld
from bot.core.chat import Left, Pressed
from bot.outbox import Carriers, Sender
from tests.visiting import Postbox, Told, Visitor, world_with


@pytest.fixture
def visitor(world: ContentWorld, tmp_path: Path) -> Iterator[Visitor]:
    """Somebody at Kaltiot, in English, where every company has an inbox."""
    there = Visitor(world_with(world, inboxes=True), tmp_path / "a.db", hint="en")
    there.begin("kaltiot", "en")
    yield there
    there.close()


def _to_review(visitor: Visitor) -> None:
    for line in ("delete my data", "everything", "Visitor Example", "visitor@example.com", "without the code"):
        visitor.say(line)


def _outbox(visitor: Visitor) -> list[Any]:
    query = "select kind, state, body is not null from outbox order by id"
    return list(visitor.tx(lambda tx: tx.db.execute(query).fetchall()))


def test_without_a_mail_server_mails_wait(visitor: Visitor) -> None:
    """What nobody here can carry is not said to be delivered, by the one who sends lane by lane either."""
    visitor.service = replace(visitor.service, courier=None)
    _to_review(visitor)
    visitor.press("✔ Send")

    async def sent() -> None:
        sender = Sender(visitor.store, visitor.world, Carriers(None, Told()), lambda: visitor.at)
        lanes = await visitor.store.tx(lambda tx: tx.due_lanes(visitor.at, ("mail", "say")))
        sender.ring(lanes)
        await sender.stop(5)

    asyncio.run(sent())
    assert set(_outbox(visitor)) == {("mail", "waiting", 1)}
    (case,) = visitor.tx(lambda tx: tx.all_cases(only_open=True))
    assert case.delivered is None


def test_the_terminal_leaves_what_belongs_to_others(world: ContentWorld, tmp_path: Path) -> None:
    """Beside a running assistant, on the same database, it shows no mail and no reply of anybody else's."""
    other = Visitor(world_with(world, inboxes=True), tmp_path / "a.db", chat="telegram:1:2", hint="en")
    other.service = replace(other.service, courier=None, teller=None)
    other.begin("kaltiot", "en")
    _to_review(other)
    other.press("✔ Send")
    waiting = _outbox(other)
    postbox, told = Postbox(), Told()
    terminal = replace(other.service, courier=postbox, teller=told)
    asyncio.run(terminal.deliver(other.at, "terminal:local:me"))
    asyncio.run(terminal.tend(other.at, "terminal:local:me"))
    assert (postbox.mails, told.says, _outbox(other)) == ([], [], waiting)
    other.close()


def test_an_old_yes_withdraws_nothing_else(visitor: Visitor) -> None:
    """The page of one request, left by going back to another: its button does not withdraw that one."""
    _to_review(visitor)
    visitor.press("✔ Send")
    for line in (
        "I want a copy of my data",
        "everything",
        "Visitor Example",
        "visitor@example.com",
        "without the code",
    ):
        visitor.say(line)
    visitor.press("✔ Send")
    cases = visitor.tx(lambda tx: tx.all_cases(only_open=True))
    assert len(cases) == 2
    visitor.say("withdraw my request")
    visitor.press(cases[0].reference)
    yes = visitor.button("Yes, do it")
    visitor.say("back")
    visitor.press(cases[1].reference)
    assert "Something has changed" in visitor.send(Pressed(yes))
    assert len(visitor.tx(lambda tx: tx.all_cases(only_open=True))) == 2
    visitor.press("Yes, do it")
    (left,) = visitor.tx(lambda tx: tx.all_cases(only_open=True))
    assert left.reference == cases[0].reference


def test_what_was_handed_over_still_goes_after_forgetting(visitor: Visitor) -> None:
    """A message to customer support that was sent is not taken back by erasing the chat, and keeps no way to it."""
    visitor.service = replace(visitor.service, courier=None)
    visitor.say("I want to talk to a person")
    visitor.say("please call me about my contract")
    for _ in range(4):
        if "✔ Send" in visitor.buttons:
            break
        visitor.press("Skip" if any("Skip" in label for label in visitor.buttons) else "Only my message")
    visitor.press("✔ Send")
    visitor.say("/forget")
    visitor.press("Yes, do it")
    assert visitor.tx(lambda tx: tx.db.execute("select chat, kind, state from outbox").fetchall()) == [
        (None, "mail", "waiting")
    ]
    visitor.service = replace(visitor.service, courier=visitor.postbox)
    visitor.wait(seconds=1)
    (mail,) = visitor.postbox.mails
    assert mail.id.endswith(".handoff")


def test_feedback_is_kept_with_its_day_only(visitor: Visitor) -> None:
    """By the time of a vote it could be told from which chat it came."""
    visitor.say("which cookies do you use?")
    visitor.press("👍")
    (row,) = visitor.tx(lambda tx: tx.list_feedback(visitor.at.replace(year=2020)))
    assert (row.at.hour, row.at.minute, row.at.second, row.at.microsecond) == (0, 0, 0, 0)
    assert row.at.date() == visitor.at.astimezone(UTC).date()


def test_only_answers_make_a_draft_younger(visitor: Visitor) -> None:
    """Questions in the middle put its end off no longer; one reminder comes, then it is erased in time."""
    visitor.say("correct my data")
    visitor.say("my name is wrong")
    for _ in range(13):
        visitor.wait(days=1)
        visitor.say("which cookies do you use?")
    assert sum("unfinished request" in str(say.blocks) for say in visitor.told.says) == 1
    visitor.wait(days=1)
    visitor.wait(days=1)
    assert any("was erased with its answers" in str(say.blocks) for say in visitor.told.says)


def test_a_reminder_does_not_make_a_chat_younger(visitor: Visitor) -> None:
    """Thirty days after the last message the chat is gone, whatever the assistant said since."""
    visitor.say("correct my data")
    visitor.say("my name is wrong")
    for _ in range(31):
        visitor.wait(days=1)
    assert visitor.tx(lambda tx: tx.db.execute("select count(*) from chats").fetchone()[0]) == 0


def test_a_chat_that_was_closed_stays_closed_until_somebody_writes(visitor: Visitor) -> None:
    """Told twice that it was closed, it still is; a word opens it again."""
    visitor.say("hello")
    visitor.send(Left())
    visitor.send(Left())
    assert visitor.tx(lambda tx: tx.chat(visitor.chat, visitor.at)).closed
    visitor.say("hello again")
    assert not visitor.tx(lambda tx: tx.chat(visitor.chat, visitor.at)).closed
