"""On Slack, over a socket and over HTTP: every event is answered once and in order, and nothing is lost by a stop."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.app import Assistant
from tests.platforms.on_slack import USER, OnSlack
from tests.platforms.slack_scenes import (
    TOPICS,
    ask,
    broken,
    event,
    labels,
    played,
    post,
    rows,
    topic,
    topics,
    words,
)

#: What one person writes, and presses (``!``), over both transports.
_SCRIPT = (
    "/start", "!Kaltiot", "who sees my data?", "!Show the exact place", "delete my data", "!Everything",
    "Visitor Example", "visitor@example.com", "!Go on without", "!✔ Send", "thanks",
)  # fmt: skip
both = pytest.mark.parametrize("transport", ["socket", "http"])


def _conversation(assistant: Assistant, folder: Path, transport: str) -> list[tuple[str, list[str]]]:
    seen: list[tuple[str, list[str]]] = []

    async def scene(there: OnSlack) -> None:
        for line in _SCRIPT:
            for message in await (there.press(line[1:]) if line.startswith("!") else there.say(line)):
                whole = message.plain + "".join(content.decode() for _, content in message.files)
                told = re.sub(r"PR-\w{4}-\w{4}|\b[0-9a-f]{64}\b", "#", whole)
                seen.append((told, [re.sub(r"PR-.*", "#", label) for label in labels(message)]))

    folder.mkdir()
    played(assistant, folder, scene, transport=transport)
    return seen


def test_socket_and_http_give_the_same_conversation(assistant: Assistant, tmp_path: Path) -> None:
    """Whichever way events come, the same words and buttons come back."""
    listened = _conversation(assistant, tmp_path / "socket", "socket")
    brought = _conversation(assistant, tmp_path / "http", "http")
    assert listened == brought
    assert len(listened) >= len(_SCRIPT)


def test_one_path_takes_events_presses_commands_and_the_challenge(assistant: Assistant, tmp_path: Path) -> None:
    """All that Slack brings comes to /slack/events; there its challenge is answered, too, and nothing is fetched."""

    async def scene(there: OnSlack) -> None:
        asked = json.dumps({"type": "url_verification", "challenge": "a-challenge", "token": ""}).encode()
        answer = await post(there, asked)
        assert (answer.status_code, answer.json()) == (200, {"challenge": "a-challenge"})
        assert there.fake.request_url.endswith("/slack/events")
        assert await there.say("/start kaltiot")
        assert await there.press("What is collected")
        assert await there.brings(USER, lambda: there.fake.command(USER, "who is the dpo?"))

    played(assistant, tmp_path, scene, transport="http")


def test_what_slack_did_not_sign_brings_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """A forged, a missing or an old signature is answered with 401: nothing is stored, and nobody is answered."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start")
        sent, stored = len(there.fake.messages(USER)), await there.store.tx(rows)
        body = event(there, "/start dpo--kaltiot", "Ev1")
        assert await there.fake.forged() == 401
        assert await there.fake.stale() == 401
        for how in ({"secret": "another"}, {"age": 400}, {"age": -400}, {"more": {"X-Slack-Signature": ""}}):
            assert (await post(there, body, **how)).status_code == 401, how
        form = urlencode({"command": "/privacy", "text": "dpo", "user_id": USER}).encode()
        kind = "application/x-www-form-urlencoded"
        assert (await post(there, form, kind=kind, secret="x")).status_code == 401  # noqa: S106
        await asyncio.sleep(0.1)
        assert len(there.fake.messages(USER)) == sent
        assert await there.store.tx(rows) == stored
        assert (await post(there, body)).status_code == 200
        await there.settled("")
        assert topics(there)[-1] == "dpo"

    played(assistant, tmp_path, scene, transport="http")


def test_what_is_no_event_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    """What is too large gets 413, what cannot be read 400 or 401, signed or not; then all goes on."""

    async def scene(there: OnSlack) -> None:
        assert (await post(there, b'{"x": "' + b"a" * 1_100_000 + b'"}')).status_code == 413
        for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b"null", b"7", b"{}", b'{"type": "x"}'):
            for secret in (None, "wrong"):
                status = (await post(there, body, secret=secret)).status_code
                assert 400 <= status < 500, (body[:20], secret, status)
        kind = "application/x-www-form-urlencoded"
        for body in (b"payload=%7B", b"payload=1", b"payload=", b"a", b"\xff"):
            for secret in (None, "wrong"):
                status = (await post(there, body, kind=kind, secret=secret)).status_code
                assert 400 <= status < 500, (body, secret, status)
        assert await there.say("/start")

    played(assistant, tmp_path, scene, transport="http")


@both
def test_an_event_is_stored_before_it_is_acknowledged(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """Killed between acknowledgement and reply, the house brings the reply after the next start, and once."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start")
        there.fake.fail("chat.postMessage", status=500)
        key = ask(there, "dpo")
        assert (await there.fake.acked(key)).ok
        await there.kill()
        assert topics(there) == [""]
        await there.start()
        await there.fake.wait(lambda: topics(there) == ["", "dpo"])
        there.fake.again(key)
        await there.settled(key)
        assert topics(there) == ["", "dpo"]

    played(assistant, tmp_path, scene, transport=transport)


@both
def test_what_cannot_be_stored_is_told(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """Where the database takes nothing, the person hears that the message was not kept, and to send it again."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        broken(there)
        before = len(there.fake.messages(USER))
        ack = await there.fake.acked(ask(there, "dpo"))
        assert ack.ok
        (told,) = there.fake.messages(USER)[before:]
        assert "send it again" in told.plain
        broken(there, yes=False)
        assert topic((await there.say("/start dpo--kaltiot"))[0]) == "dpo"

    played(assistant, tmp_path, scene, transport=transport)


@both
def test_what_is_neither_stored_nor_told_is_not_acknowledged(
    assistant: Assistant, tmp_path: Path, transport: str
) -> None:
    """Where the person cannot be told either, Slack brings the event again, and it is answered then."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        there.fake.patience, there.fake.retry_delays = 1.0, (0.3, 0.3, 0.3)
        broken(there)
        there.fake.fail("chat.postMessage", status=503)
        key = ask(there, "dpo")
        await there.fake.wait(lambda: any(ack.key == key for ack in there.fake.acks))
        assert not there.fake.acks[-1].ok
        broken(there, yes=False)
        assert (await there.fake.acked(key)).ok
        await there.settled(key)
        assert topics(there)[-1:] == ["dpo"]

    played(assistant, tmp_path, scene, transport=transport)


@both
def test_an_event_that_comes_twice_acts_once(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """The same event, press or command again, with or without the marks of a retry, is acknowledged and ignored."""

    async def scene(there: OnSlack) -> None:
        fake = there.fake
        await there.say("/start kaltiot")
        keys = [ask(there, "dpo")]
        await there.settled(keys[0])
        keys += [fake.press(USER, "Show the exact place"), fake.command(USER, "who sees my data?")]
        for key in keys[1:]:
            await there.settled(key)
        before = len(fake.messages(USER))
        for key in keys:
            fake.acks.clear()
            fake.again(key, "http_timeout")
            assert (await fake.acked(key)).ok
            await there.settled("")
        assert len(fake.messages(USER)) == before, fake.picture()

    played(assistant, tmp_path, scene, transport=transport)


@both
def test_a_first_attempt_that_was_lost_is_made_good(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """A retry whose first attempt never arrived is answered: no event is dropped for being a retry."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        there.fake.patience, there.fake.retry_delays = 0.3, (0.2, 0.2, 5.0)
        await there.stop()
        key = ask(there, "dpo")
        await there.fake.wait(lambda: any(ack.key == key for ack in there.fake.acks))
        there.fake.patience = 3.0
        await there.start()
        ack = await there.fake.acked(key)
        assert ack.ok
        assert ack.attempt
        await there.settled(key)
        assert topics(there)[-1:] == ["dpo"]
        if transport == "http":
            late = await post(
                there,
                event(there, "/start retention--kaltiot", "Ev0RETRY"),
                more={"X-Slack-Retry-Num": "3", "X-Slack-Retry-Reason": "http_timeout"},
            )
            assert late.status_code == 200
            await there.settled("")
            assert topics(there)[-1:] == ["retention"]

    played(assistant, tmp_path, scene, transport=transport)


@pytest.mark.parametrize("how", ["drop", "disconnect"])
def test_a_connection_that_ends_is_opened_again(assistant: Assistant, tmp_path: Path, how: str) -> None:
    """After a cut, or when Slack asks for it, the house connects again; what was said meanwhile is answered once."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        there.fake.patience = 10
        for name in TOPICS[:2]:
            ask(there, name)
        getattr(there.fake, how)()
        keys = [ask(there, name) for name in TOPICS[2:4]]
        for key in keys:
            assert (await there.fake.acked(key)).ok
        await there.fake.wait(lambda: len(topics(there)) == 5)
        await there.settled("")
        assert sorted(topics(there)) == sorted(["", *TOPICS[:4]])
        assert there.fake.connections == 1

    played(assistant, tmp_path, scene)


@both
def test_messages_that_come_at_once_are_answered_in_order(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """Each person gets the answers in the order of the messages, from the very first one on."""

    async def scene(there: OnSlack) -> None:
        people = [f"U{number}" for number in range(8)]
        for name in TOPICS[:12]:
            for user in people:
                ask(there, name, user)
            if transport == "http":  # each has its own connection: what comes at once has no order
                await asyncio.sleep(0.02)
        await there.fake.wait(lambda: all(len(topics(there, user)) == 12 for user in people), 10)
        assert [topics(there, user) for user in people] == [list(TOPICS[:12])] * 8

    played(assistant, tmp_path, scene, transport=transport)


def test_a_thousand_events_at_once_lose_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """A burst of 1,000 events of 50 people is answered whole, and in order for each of them."""

    async def scene(there: OnSlack) -> None:
        there.fake.patience = 20
        people = [f"U{number}" for number in range(50)]
        for name in TOPICS:
            for user in people:
                ask(there, name, user)
        await there.fake.wait(lambda: sum(len(topics(there, user)) for user in people) >= 1_000, 30)
        await there.settled("")
        assert [user for user in people if topics(there, user) != list(TOPICS)] == []

    played(assistant, tmp_path, scene)


@both
def test_a_wrong_body_of_slack_itself_does_no_harm(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """Events that nobody asked for, or that lack what they should have, are passed over; the next is answered."""

    async def scene(there: OnSlack) -> None:
        fake = there.fake
        fake.retry_delays, fake.patience = (0.0, 0.0, 0.0), 0.3
        odd: tuple[dict[str, Any], ...] = (
            {"type": "reaction_added", "user": USER, "reaction": "wave", "item": {}},
            {"type": "message", "channel_type": "im", "channel": fake.dm(USER), "ts": "1.1"},
            {"type": "app_home_opened", "user": USER, "channel": fake.dm(USER), "tab": "about"},
            {"type": "message", "channel_type": "channel", "channel": "C0X", "user": USER, "text": "hi", "ts": "1.2"},
            {"type": "message", "channel_type": "im", "subtype": "message_changed"},
        )
        for raw in odd:
            await fake.acked(fake.event(raw), 5)
        assert fake.messages(USER) == []
        assert "Kaltiot" in words(await there.say("/start kaltiot"))

    played(assistant, tmp_path, scene, transport=transport)
