"""When Telegram refuses, hangs or slows down: nothing is lost or out of order, and no log holds what was said."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import Assistant
from bot.platforms.telegram_order import Window
from tests.platforms.on_telegram import CHAT, OnTelegram
from tests.platforms.scenes import PERSON, TOPICS, ask, played, topics

_GAP = 1.0


def _arrivals(there: OnTelegram, chat: int | None = None) -> list[float]:
    """When messages were taken by Telegram."""
    sent = [call for call in there.fake.calls if call.method == "sendMessage" and call.status == 200]
    return [call.at for call in sent if chat in (None, call.params["chat_id"])]


def test_replies_to_one_chat_keep_their_distance(assistant: Assistant, tmp_path: Path) -> None:
    """About a second passes between two replies to one chat; another chat does not wait for that."""

    async def scene(there: OnTelegram) -> None:
        began = asyncio.get_running_loop().time()
        for name in TOPICS[:3]:
            ask(there, name, 1)
        ask(there, "dpo", 2)
        await there.fake.wait(lambda: topics(there, 2) == ["dpo"])
        assert _arrivals(there, 2)[0] - began < 0.8
        await there.fake.wait(lambda: topics(there, 1) == list(TOPICS[:3]))
        first, second, third = _arrivals(there, 1)
        assert min(second - first, third - second) > _GAP - 0.1
        assert third - first < 3 * _GAP

    played(assistant, tmp_path, scene, gap=_GAP)


def test_no_more_messages_a_second_than_may_be(assistant: Assistant, tmp_path: Path) -> None:
    """With a rate of 5, any second sees at most 5 messages, over whatever many chats; all of them arrive."""

    async def scene(there: OnTelegram) -> None:
        for chat in range(1, 12):
            ask(there, "dpo", chat)
        await there.settled()
        times = _arrivals(there)
        assert len(times) == 11
        # The pace is kept where they leave; the way of one may take somewhat longer than that of another.
        assert all(later - earlier > 0.85 for earlier, later in zip(times, times[5:], strict=False))
        assert times[-1] - times[0] < 3.5

    played(assistant, tmp_path, scene, rate=5)


def test_the_window_lets_so_many_through_in_a_second() -> None:
    """Any six turns of a window of five take at least a second, and the first five do not wait."""

    async def turns() -> list[float]:
        window, times = Window(5), []
        for _ in range(6):
            await window.acquire()
            times.append(asyncio.get_running_loop().time())
        return times

    times = asyncio.run(turns())
    assert all(later - earlier >= 0.999 for earlier, later in zip(times, times[5:], strict=False))
    assert times[4] - times[0] < 0.1


#: What goes wrong once for each of these chats; for the last one after the message was taken.
_ONCE: tuple[dict[str, Any], ...] = (
    {"status": 500}, {"status": 502}, {"status": 401}, {"drop": True}, {"status": 429, "retry_after": 1},
    {"after": True},
)  # fmt: skip


def test_failures_are_waited_out_and_tried_again_in_order(assistant: Assistant, tmp_path: Path) -> None:
    """A server error, a cut connection or a 429 delays one chat's replies: none is lost, and the order stays.

    Only what Telegram took without being able to say so comes twice. Other chats go on meanwhile.
    """

    async def scene(there: OnTelegram) -> None:
        for chat, how in enumerate(_ONCE, 1):
            there.fake.fail("sendMessage", chat=chat, **how)
        for name in TOPICS[:4]:
            for chat in range(1, len(_ONCE) + 1):
                ask(there, name, chat)
        await there.fake.wait(lambda: sum(call.status in (401, 429, 500, 502) for call in there.fake.calls) == 4)
        asked = next(call.at for call in there.fake.calls if call.status == 429)
        ask(there, "dpo", 9)
        await there.fake.wait(lambda: topics(there, 9) == ["dpo"], 0.9)
        await there.fake.wait(lambda: all(len(topics(there, chat)) >= 4 for chat in range(1, len(_ONCE) + 1)))
        await there.settled()
        for chat in range(1, len(_ONCE)):
            assert topics(there, chat) == list(TOPICS[:4]), _ONCE[chat - 1]
        assert topics(there, len(_ONCE)) == [TOPICS[0], *TOPICS[:4]]
        assert _arrivals(there, 5)[0] - asked >= 1

    played(assistant, tmp_path, scene)


def test_trouble_in_fetching_loses_no_update(
    assistant: Assistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Failed looks for updates are repeated with a log line; readiness tells; then all is answered in order."""

    async def scene(there: OnTelegram) -> None:
        there.fake.fail("getUpdates", status=502)
        there.fake.fail("getUpdates", after=True)
        for name in TOPICS[:3]:
            ask(there, name)
        await there.fake.wait(lambda: len(topics(there)) == 3, 8)
        await there.settled()
        assert topics(there) == list(TOPICS[:3])

    played(assistant, tmp_path, scene)
    told = [record.getMessage() for record in caplog.records if "trying again" in record.getMessage()]
    assert told
    assert all(line.startswith("Telegram: it cannot be reached (") for line in told)


def test_what_is_refused_for_good_is_given_up(
    assistant: Assistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A 400 makes a dead letter and a log line, and the next message of the chat goes out at once."""

    async def scene(there: OnTelegram) -> None:
        there.fake.fail("sendMessage", chat=CHAT, status=400)
        for name in TOPICS[:2]:
            ask(there, name)
        await there.settled()
        assert topics(there) == [TOPICS[1]]
        (dead,) = await there.store.tx(lambda tx: tx.dead_letters())
        assert dead.kind == "say"
        assert await there.store.tx(lambda tx: tx.waiting()) == 0

    played(assistant, tmp_path, scene)
    assert sum("was given up: Telegram refused it" in record.getMessage() for record in caplog.records) == 1


def test_who_blocks_is_left_in_peace(assistant: Assistant, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A 403 closes the chat: what waits is dropped with a log line, no reminder comes; who returns is answered."""
    caplog.set_level(logging.INFO)

    async def scene(there: OnTelegram) -> None:
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        there.fake.fail("sendMessage", chat=CHAT, status=500)
        there.fake.fail("sendMessage", chat=CHAT, status=403)
        for name in TOPICS[:4]:
            ask(there, name)
        await there.fake.wait(lambda: any(call.status == 403 for call in there.fake.calls))
        await there.settled()
        before = len(there.fake.messages(CHAT))
        assert await there.store.tx(lambda tx: tx.waiting()) == 0
        assert await there.store.tx(lambda tx: tx.dead_letters()) == []
        sends = len(_arrivals(there))
        await _time_passes(there)
        assert (len(_arrivals(there)), len(there.fake.messages(CHAT))) == (sends, before)
        assert (await there.say("/start"))[0].text

    played(assistant, tmp_path, scene)
    assert any("was closed by its visitor: 4 replies dropped" in record.getMessage() for record in caplog.records)


async def _time_passes(there: OnTelegram) -> None:
    there.clock.ahead += timedelta(days=8)
    await there.house.service.tend(there.clock())
    await there.settled()


def test_blocking_while_replies_wait_drops_them(assistant: Assistant, tmp_path: Path) -> None:
    """Told of a block, nothing more is tried for that chat; after unblocking and writing, answers come again."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        there.fake.fail("sendMessage", chat=CHAT, status=500)
        for name in TOPICS[:3]:
            ask(there, name)
        await there.fake.wait(lambda: any(call.status == 500 for call in there.fake.calls))
        there.fake.block(CHAT)
        await there.settled()
        tried = sum(call.method == "sendMessage" for call in there.fake.calls)
        assert await there.store.tx(lambda tx: tx.waiting()) == 0
        await _time_passes(there)
        assert sum(call.method == "sendMessage" for call in there.fake.calls) == tried
        there.fake.unblock(CHAT)
        await there.settled()
        assert sum(call.method == "sendMessage" for call in there.fake.calls) == tried
        ask(there, "dpo")
        await there.settled()
        assert sum(call.method == "sendMessage" for call in there.fake.calls) > tried

    played(assistant, tmp_path, scene)


def test_a_reminder_comes_where_nobody_blocked(assistant: Assistant, tmp_path: Path) -> None:
    """The same wait without a block does bring the reminder: the tests above would see it."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        await _time_passes(there)
        assert "unfinished request" in there.fake.messages(CHAT)[-1].text

    played(assistant, tmp_path, scene)


def test_no_log_line_holds_what_was_said_or_who_said_it(
    assistant: Assistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A conversation with every kind of failure leaves no word, name, chat id, address or token in any log line."""
    caplog.set_level(logging.INFO)
    tokens: list[str] = []

    async def scene(there: OnTelegram) -> None:
        fake = there.fake
        tokens.append(fake.token)
        await there.say("/start erasure--kaltiot", PERSON)
        await there.press("Everything", PERSON)
        hows: tuple[dict[str, Any], ...] = ({"status": 500}, {"status": 429}, {"status": 400}, {"drop": True})
        for how in hows:
            fake.fail("sendMessage", chat=PERSON, **how)
        fake.fail("getUpdates", drop=True)
        await there.say("Plantedname Example", PERSON)
        await there.say("planted@example.com", PERSON)
        fake.fail("answerCallbackQuery", status=400)
        fake.fail("editMessageReplyMarkup", status=500)
        fake.update({"message": {"message_id": "Plantedword", "text": "Plantedword", "chat": {"id": PERSON}}})
        await there.say("plantedword plantedword, how long do you keep that?", PERSON)
        fake.block(PERSON)
        await there.settled()
        await fake.wait(lambda: fake.idle, 8)

    played(assistant, tmp_path, scene)
    lines = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert "Telegram" in lines
    for word in ("lanted", str(PERSON), "example.com", tokens[0], tokens[0].split(":")[1], "Everything"):
        assert word not in lines, lines
