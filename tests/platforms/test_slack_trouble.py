"""When Slack refuses, hangs or slows down: nothing is lost or out of order, and no log holds what was said."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import Assistant
from bot.platforms.slack import tidied
from tests.platforms.on_slack import USER, OnSlack
from tests.platforms.slack_scenes import (
    CHANNEL,
    OTHER,
    TOPICS,
    ask,
    broken,
    fill,
    open_form,
    played,
    to_review,
    topics,
    words,
)

_GAP = 1.0


def _arrivals(there: OnSlack, user: str) -> list[float]:
    """When messages were taken by Slack."""
    sent = [call for call in there.fake.calls if call.method == "chat.postMessage" and call.answer.get("ok")]
    return [call.at for call in sent if call.params["channel"] == there.fake.dm(user)]


def test_replies_to_one_person_keep_their_distance(assistant: Assistant, tmp_path: Path) -> None:
    """About a second passes between two messages of one channel; another person does not wait for that."""

    async def scene(there: OnSlack) -> None:
        began = asyncio.get_running_loop().time()
        for name in TOPICS[:3]:
            ask(there, name)
        ask(there, "dpo", OTHER)
        await there.fake.wait(lambda: topics(there, OTHER) == ["dpo"])
        assert _arrivals(there, OTHER)[0] - began < 0.8
        await there.fake.wait(lambda: topics(there) == list(TOPICS[:3]))
        first, second, third = _arrivals(there, USER)
        assert min(second - first, third - second) > _GAP - 0.1
        assert third - first < 3 * _GAP

    played(assistant, tmp_path, scene, gap=_GAP)


@pytest.mark.parametrize("method", ["chat.postMessage", "conversations.open"])
def test_being_asked_to_wait_is_waited_out(assistant: Assistant, tmp_path: Path, method: str) -> None:
    """After a 429 for one person the replies come once, in order and not earlier; others are answered meanwhile."""

    async def scene(there: OnSlack) -> None:
        fake, loop = there.fake, asyncio.get_running_loop()
        fake.fail(method, status=429, retry_after=1)
        began = loop.time()
        for text in ("dpo at kaltiot?", "retention at kaltiot?"):
            fake.command(USER, text)
        await fake.wait(lambda: any(call.answer.get("error") == "ratelimited" for call in fake.calls))
        ask(there, "dpo", OTHER)
        await fake.wait(lambda: topics(there, OTHER) == ["dpo"], 0.8)
        await fake.wait(lambda: len(fake.messages(USER)) == 2)
        assert _arrivals(there, USER)[0] - began >= 1
        await there.settled("")
        assert len(fake.messages(USER)) == 2

    played(assistant, tmp_path, scene)


def test_failures_are_tried_again_in_order(assistant: Assistant, tmp_path: Path) -> None:
    """A server error or a cut connection delays a person's replies; none is lost or doubled, and the order stays."""
    hows: tuple[dict[str, Any], ...] = (
        {"status": 500},
        {"status": 503},
        {"drop": True},
        {"error": "internal_error"},
        {"error": "ratelimited"},
    )
    people = [f"U{number}" for number in range(len(hows))]

    async def scene(there: OnSlack) -> None:
        for user, how in zip(people, hows, strict=True):
            there.fake.fail("chat.postMessage", channel=there.fake.user(user), **how)
            for name in TOPICS[:3]:
                ask(there, name, user)
        await there.fake.wait(lambda: all(len(topics(there, user)) == 3 for user in people))
        assert [topics(there, user) for user in people] == [list(TOPICS[:3])] * len(people)

    played(assistant, tmp_path, scene)


def test_trouble_in_finding_the_person_loses_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """Where the direct messages cannot be opened for a moment, the answer of a command comes a little later."""

    async def scene(there: OnSlack) -> None:
        people = (USER, OTHER, "U3")
        there.fake.channel(CHANNEL)
        for how in ({"status": 500}, {"status": 503}, {"drop": True}):
            there.fake.fail("conversations.open", **how)
        for user in people:
            there.fake.command(user, "who is the dpo at kaltiot?", channel=CHANNEL)
        await there.fake.wait(lambda: all(topics(there, user) == ["dpo"] for user in people))
        assert len([call for call in there.fake.calls if call.method == "conversations.open"]) >= 6

    played(assistant, tmp_path, scene)


def test_a_connection_cut_after_the_fact_loses_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """Where Slack took a message and could not say so, it may come again, but the order stays."""

    async def scene(there: OnSlack) -> None:
        there.fake.fail("chat.postMessage", channel=USER, after=True)
        for name in TOPICS[:3]:
            ask(there, name)
        await there.fake.wait(lambda: topics(there)[-1:] == [TOPICS[2]])
        assert list(dict.fromkeys(topics(there))) == list(TOPICS[:3])
        assert len(topics(there)) <= 4

    played(assistant, tmp_path, scene)


def test_a_file_that_could_not_be_brought_is_brought_again(assistant: Assistant, tmp_path: Path) -> None:
    """A receipt's file comes once, after its receipt, however its upload fails."""

    async def scene(there: OnSlack) -> None:
        people = (USER, OTHER, "U3")
        for user in people:
            await to_review(there, user=user)
        for method in ("files.getUploadURLExternal", "upload", "files.completeUploadExternal"):
            there.fake.fail(method, status=500)
        for user in people:
            there.fake.press(user, "✔ Send")
        await there.fake.wait(lambda: all(there.fake.messages(user)[-1].files for user in people))
        await there.settled("")
        for user in people:
            *_, receipt, file = there.fake.messages(user)
            assert receipt.plain.startswith("Receipt:")
            assert len(file.files) == 1

    played(assistant, tmp_path, scene)


def test_what_is_only_good_manners_stops_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """Without somebody's language, prompts or a marked button the conversation goes on all the same."""

    async def scene(there: OnSlack) -> None:
        for method in ("users.info", "assistant.threads.setSuggestedPrompts", "chat.update"):
            for how in ({"status": 500}, {"error": "fatal_error"}, {"drop": True}):
                there.fake.fail(method, times=2, **how)
        await there.settled(there.fake.open_home(USER, "messages"))
        await there.press("Kaltiot")
        await there.settled(ask(there, "dpo"))
        assert topics(there)[-1] == "dpo"

    played(assistant, tmp_path, scene)


def test_what_is_refused_for_good_is_given_up(
    assistant: Assistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A permanent error makes a dead letter and a log line, and the next message of the person goes out at once."""

    async def scene(there: OnSlack) -> None:
        there.fake.fail("chat.postMessage", channel=USER, error="invalid_blocks")
        for name in TOPICS[:2]:
            ask(there, name)
        await there.fake.wait(lambda: topics(there) == [TOPICS[1]])
        await there.settled("")
        (dead,) = await there.store.tx(lambda tx: tx.dead_letters())
        assert (dead.kind, "invalid_blocks" in dead.reason) == ("say", True)
        assert await there.store.tx(lambda tx: tx.waiting()) == 0

    played(assistant, tmp_path, scene)
    assert sum("was given up: Slack refused it" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize("error", ["user_disabled", "account_inactive"])
def test_who_is_gone_is_left_in_peace(
    assistant: Assistant, tmp_path: Path, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    """Where a person is gone from the workspace, what waits is dropped with a log line; others go on."""
    caplog.set_level(logging.INFO)

    async def scene(there: OnSlack) -> None:
        await there.settled(ask(there, "dpo"))
        there.fake.gone(USER, error)
        for key in [ask(there, name) for name in TOPICS[:3]]:
            await there.fake.acked(key)
        await there.settled("")
        assert any(call.answer.get("error") == error for call in there.fake.calls)
        assert topics(there) == ["dpo"]
        assert await there.store.tx(lambda tx: tx.waiting()) == 0
        assert await there.store.tx(lambda tx: tx.dead_letters()) == []
        await there.settled(ask(there, "dpo", OTHER))
        assert topics(there, OTHER) == ["dpo"]

    played(assistant, tmp_path, scene)
    assert any("was closed by its visitor" in record.getMessage() for record in caplog.records)


def test_readiness_tells_of_the_connection(assistant: Assistant, tmp_path: Path) -> None:
    """While the connection is cut, /ready says that Slack cannot be reached; soon it is back."""

    async def scene(there: OnSlack) -> None:
        url = f"http://127.0.0.1:{there.port}/ready"
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(url)).json() == {"store": "ok", "slack": "ok"}
            there.fake.drop()
            await asyncio.sleep(0.1)
            assert (await client.get(url)).json() == {"store": "ok", "slack": "cannot be reached"}
            async with asyncio.timeout(10):
                while (await client.get(url)).status_code != 200:  # noqa: ASYNC110 - it is another's state
                    await asyncio.sleep(0.05)
            assert await there.say("/start")

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_no_log_line_holds_what_was_said_or_who_said_it(
    assistant: Assistant, tmp_path: Path, caplog: pytest.LogCaptureFixture, transport: str
) -> None:
    """A conversation with every kind of failure leaves no word, name, user id, address or token in any log line."""
    caplog.set_level(logging.INFO)
    user, secrets = "U0PLANTED", list[str]()

    async def scene(there: OnSlack) -> None:
        fake = there.fake
        secrets.extend((fake.bot_token, fake.app_token, fake.signing_secret))
        fake.channel(CHANNEL)
        fake.retry_delays = (0.0, 0.0, 0.05)
        await there.say("/start erasure--kaltiot", user)
        await open_form(there, user)
        await fill(there, "Everything", user)
        fake.trigger_seconds = 0.0
        await there.settled(fake.press(user, "Open the form", ts=fake.messages(user)[0].ts))
        fake.close_view(user)
        for how in ({"status": 500}, {"status": 429}, {"error": "invalid_blocks"}, {"drop": True}):
            fake.fail("chat.postMessage", channel=user, **how)
        await there.say("Plantedname Example", user)
        await there.say("planted@example.com", user)
        for method in ("chat.update", "users.info", "views.publish", "assistant.threads.setSuggestedPrompts"):
            fake.fail(method, status=500)
        await there.settled(fake.open_home(user, "messages"))
        await there.settled(fake.open_home(user, "home"))
        fake.event({"type": "message", "channel_type": "im", "plantedword": "plantedword", "user": user})
        fake.event({"type": "plantedevent", "user": user, "text": "plantedword"})
        pressed = {"type": "button", "action_id": "press_0", "value": "plantedword"}
        surface = next(fake._surfaces(user, None, None, None))  # noqa: SLF001
        fake._acted(user, surface, pressed)  # noqa: SLF001
        fake._acted(user, surface, {**pressed, "action_id": "unknown"})  # noqa: SLF001
        fake.mention(user, CHANNEL, "plantedword, delete the data of Plantedname")
        await there.say("plantedword plantedword, how long do you keep that?", user)
        broken(there)
        fake.patience = 0.5
        fake.fail("chat.postMessage", status=503, times=2)
        await fake.acked(fake.say(user, "plantedword to a full disk"))
        broken(there, yes=False)
        fake.patience = 3.0
        if transport == "http":
            said = {"type": "message", "user": user, "text": "plantedword", "ts": "1.1", "channel_type": "im"}
            assert await fake.forged(said) == await fake.stale(said) == 401
        fake.gone(user, "user_disabled")
        await there.say("plantedword", user)
        await asyncio.sleep(0.2)

    played(assistant, tmp_path, scene, transport=transport)
    lines = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert "Slack" in lines
    for word in ("lanted", "PLANTED", "example.com", "Everything", *secrets):
        assert word not in lines, lines
    assert "Traceback" not in lines, lines


def test_a_line_of_the_library_holds_no_ticket() -> None:
    """What the library logs of a failed connection loses its traceback and the ticket in the address."""
    url = "ws://example.com/link/?ticket=planted&app_id=A1"
    record = logging.LogRecord("x", logging.ERROR, "", 1, "Failed to connect (error: %s); Retrying...", (url,), None)
    assert tidied(record)
    assert record.getMessage() == "Failed to connect (error: ws://example.com/link/ Retrying..."


def test_replies_that_waited_are_brought_after_a_long_trouble(assistant: Assistant, tmp_path: Path) -> None:
    """Whatever a person wrote while Slack could not be reached is answered in order once it can be again."""

    async def scene(there: OnSlack) -> None:
        there.fake.fail("chat.postMessage", drop=True, times=2)
        for user in (USER, OTHER):
            for name in TOPICS[:4]:
                ask(there, name, user)
        both = (USER, OTHER)
        await there.fake.wait(lambda: all(len(topics(there, user)) == 4 for user in both), 10)
        assert [topics(there, user) for user in both] == [list(TOPICS[:4])] * 2
        assert "Kaltiot" in words(there.fake.messages(OTHER))

    played(assistant, tmp_path, scene)
