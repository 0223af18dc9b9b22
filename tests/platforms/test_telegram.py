"""On Telegram, by polling and by webhook: every update is answered once and in order, and nothing is lost by a stop."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import Assistant
from tests.platforms.fake_telegram import Message
from tests.platforms.on_telegram import CHAT, SECRET, OnTelegram
from tests.platforms.scenes import PERSON, TOPICS, ask, cases, labels, played, to_review, topic, topics, traces

#: What one person writes, and presses (``!``), in both modes.
_SCRIPT = (
    "/start", "!Kaltiot", "who sees my data?", "!Show the exact place", "delete my data", "!Everything",
    "Visitor Example", "visitor@example.com", "!Go on without", "!✔ Send", "thanks",
)  # fmt: skip
_SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


def _conversation(assistant: Assistant, folder: Path, *, webhook: bool) -> list[tuple[str, list[str]]]:
    seen: list[tuple[str, list[str]]] = []

    async def scene(there: OnTelegram) -> None:
        for line in _SCRIPT:
            for message in await (there.press(line[1:]) if line.startswith("!") else there.say(line)):
                whole = message.text + (message.document[1].decode() if message.document else "")
                told = re.sub(r"PR-\w{4}-\w{4}|\b[0-9a-f]{64}\b", "#", whole)
                seen.append((told, [re.sub(r"PR-.*", "#", label) for label in labels(message)]))

    folder.mkdir()
    played(assistant, folder, scene, webhook=webhook)
    return seen


def test_polling_and_webhook_give_the_same_conversation(assistant: Assistant, tmp_path: Path) -> None:
    """Whichever way updates come, the same words and buttons come back."""
    polled = _conversation(assistant, tmp_path / "polling", webhook=False)
    brought = _conversation(assistant, tmp_path / "webhook", webhook=True)
    assert polled == brought
    assert len(polled) >= len(_SCRIPT)


def _update(id_: int, text: str, chat: int = CHAT) -> dict[str, Any]:
    who = {"id": chat, "is_bot": False, "first_name": "Visitor", "language_code": "en"}
    where = {"id": chat, "type": "private", "first_name": "Visitor"}
    return {"update_id": id_, "message": {"message_id": id_, "date": 1, "from": who, "chat": where, "text": text}}


async def _post(there: OnTelegram, body: bytes, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {_SECRET.encode(): secret.encode()}
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{there.port}/telegram"
        return (await client.post(url, content=body, headers=headers)).status_code


def test_a_webhook_call_without_the_secret_brings_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """A missing, empty or wrong secret is answered with 403; nothing is stored, and nobody is answered."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start")
        sent, stored = len(there.fake.messages(CHAT)), await there.store.tx(_rows)
        body = json.dumps(_update(9001, "/start recipients--kaltiot")).encode()
        for secret in (None, "", "wrong", SECRET + "x", SECRET[:-1], "ä"):
            assert await _post(there, body, secret) == 403
        await asyncio.sleep(0.1)
        assert len(there.fake.messages(CHAT)) == sent
        assert await there.store.tx(_rows) == stored
        assert await _post(there, body) == 200
        await there.settled()
        assert topic(there.fake.messages(CHAT)[-1]) == "recipients"

    played(assistant, tmp_path, scene, webhook=True)


def _rows(tx: Any) -> list[int]:
    return [tx.db.execute(f"select count(*) from {name}").fetchone()[0] for name in tx.db.table_names()]  # noqa: S608


def test_a_webhook_body_that_is_no_update_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    """What is no JSON gets 400, what is too large 413, JSON of another kind is let pass; then all goes on."""

    async def scene(there: OnTelegram) -> None:
        for body in (b"", b"{", b"\xff\xfe", b"update_id=1", b"[" * 100_000):
            assert await _post(there, body) == 400, body[:20]
        assert await _post(there, b'{"update_id": 1, "x": "' + b"a" * 1_100_000 + b'"}') == 413
        for body in (b"[]", b"null", b"{}", b'{"update_id": 7}', b'{"update_id": "x", "message": 3}', b'"update_id"'):
            assert await _post(there, body) == 200, body
        async with httpx.AsyncClient(trust_env=False) as client:
            got = await client.get(f"http://127.0.0.1:{there.port}/telegram", headers={_SECRET: SECRET})
        assert got.status_code == 405
        assert await there.say("/start")

    played(assistant, tmp_path, scene, webhook=True)


def test_an_update_is_stored_before_the_webhook_says_so(assistant: Assistant, tmp_path: Path) -> None:
    """Killed between the 200 and the reply, the house brings the reply after the next start, and once."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start")
        there.fake.fail("sendMessage", status=500)
        assert await _post(there, json.dumps(_update(9001, "/start dpo--kaltiot")).encode()) == 200
        await there.kill()
        assert topics(there) == [""]
        await there.start()
        await there.fake.wait(lambda: topics(there) == ["", "dpo"])
        assert await _post(there, json.dumps(_update(9001, "/start dpo--kaltiot")).encode()) == 200
        await there.settled()
        assert topics(there) == ["", "dpo"]

    played(assistant, tmp_path, scene, webhook=True)


def test_what_is_brought_during_a_start_is_taken_or_refused(assistant: Assistant, tmp_path: Path) -> None:
    """From the first moment that somebody listens, 200 means that an update is stored and will be answered."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start")
        await there.stop()
        starting, taken = asyncio.create_task(there.start()), 0
        while not starting.done() or taken < 3:
            try:
                status = await _post(there, json.dumps(_update(9001 + taken, "/start dpo--kaltiot")).encode())
            except httpx.TransportError:
                await asyncio.sleep(0)
                continue
            assert status in (200, 503)
            taken += status == 200
        await there.settled()
        assert topics(there) == ["", *["dpo"] * taken]

    played(assistant, tmp_path, scene, webhook=True)


@pytest.mark.parametrize("webhook", [False, True])
def test_messages_that_come_at_once_are_answered_in_order(assistant: Assistant, tmp_path: Path, webhook: bool) -> None:
    """Each chat gets its answers in the order of its messages, however many chats write at the same time."""

    async def scene(there: OnTelegram) -> None:
        for name in TOPICS[:12]:
            for chat in range(1, 9):
                ask(there, name, chat)
        await there.settled()
        assert [topics(there, chat) for chat in range(1, 9)] == [list(TOPICS[:12])] * 8

    played(assistant, tmp_path, scene, webhook=webhook)


def test_a_thousand_updates_at_once_lose_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """A burst of 1,000 messages from 50 chats is answered whole, and in order within each chat."""

    async def scene(there: OnTelegram) -> None:
        for name in TOPICS:
            for chat in range(1, 51):
                ask(there, name, chat)
        await there.settled(30)
        wrong = {chat: topics(there, chat) for chat in range(1, 51) if topics(there, chat) != list(TOPICS)}
        assert not wrong

    played(assistant, tmp_path, scene, rate=100_000)


def test_an_update_that_comes_twice_acts_once(assistant: Assistant, tmp_path: Path) -> None:
    """A question, a press that sends a request, and all of it after a restart: delivered again, nothing happens."""

    async def scene(there: OnTelegram) -> None:
        asked = ask(there, "dpo")
        await there.settled()
        await to_review(there)
        sent = there.fake.press(CHAT, "✔ Send")
        await there.settled()
        count, mails = len(there.fake.messages(CHAT)), len(there.postbox.mails)
        for restarted in (False, True):
            if restarted:
                await there.stop()
                await there.start()
            there.fake.again(asked)
            there.fake.again(sent)
            await there.settled()
            assert len(there.fake.messages(CHAT)) == count
            assert len(there.postbox.mails) == mails
            assert len(await cases(there)) == 1

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize("webhook", [False, True])
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_an_end_in_the_middle_of_a_flow_loses_nothing(
    assistant: Assistant, tmp_path: Path, end: str, webhook: bool
) -> None:
    """Stopped or killed after each step, the house goes on where it was; what came meanwhile is answered then."""

    async def scene(there: OnTelegram) -> None:
        for line in ("/start erasure--kaltiot", "everything", "Visitor Example", "visitor@example.com"):
            there.fake.say(CHAT, line)
            await asyncio.sleep(0.004)
            await getattr(there, end)()
            await there.start()
            await there.settled()
        await there.press("Go on without")
        await getattr(there, end)()
        there.fake.press(CHAT, "✔ Send")
        there.fake.say(CHAT, "/start dpo--kaltiot")
        ask(there, "retention", PERSON)
        await there.start()
        await there.settled()
        (case,) = await cases(there)
        assert ("known_as", ("Visitor Example",)) in case.answers
        texts = [message.text for message in there.fake.messages(CHAT)]
        assert sum("Receipt: PR-" in text for text in texts) == 1
        assert topics(there)[-1] == "dpo"
        assert topics(there, PERSON) == ["retention"]
        assert len(texts) == len(set(texts)), "something was said twice"

    played(assistant, tmp_path, scene, webhook=webhook)


def test_an_end_under_load_loses_no_update_and_no_answer(assistant: Assistant, tmp_path: Path) -> None:
    """Stopped five times while 40 chats write, the house has answered everything once and in order in the end."""

    async def scene(there: OnTelegram) -> None:
        for name in TOPICS[:5]:
            for chat in range(1, 41):
                ask(there, name, chat)
            await asyncio.sleep(0.05)
            await there.stop()
            await there.start()
        await there.settled(20)
        wrong = {chat: topics(there, chat) for chat in range(1, 41) if topics(there, chat) != list(TOPICS[:5])}
        assert not wrong

    played(assistant, tmp_path, scene)


def test_nothing_of_a_forgotten_chat_is_left_in_any_file(assistant: Assistant, tmp_path: Path) -> None:
    """/forget erases, its answer still comes, and then no file holds the chat's id, its name or a word in clear."""
    planted = (str(PERSON), "Plantedname", "plantedword", "Visitor")

    async def scene(there: OnTelegram) -> None:
        await there.say("how long do you keep my plantedword data?", PERSON)
        await there.say("/start erasure--kaltiot", PERSON)
        await there.press("Everything", PERSON)
        await there.say("Plantedname Example", PERSON)
        await there.say("/forget", PERSON)
        (last,) = await there.press("Yes, do it", PERSON)
        assert "has been erased" in last.text
        left = traces(there)
        assert not [word for word in planted if word.encode() in left]
        assert await there.store.tx(lambda tx: tx.db.execute("select count(*) from chats").fetchone()[0]) == 0
        assert await there.store.tx(lambda tx: tx.waiting()) == 0
        (data, _) = await _mydata(there)
        assert "Kaltiot" not in data.text

    played(assistant, tmp_path, scene)


async def _mydata(there: OnTelegram) -> list[Message]:
    return await there.say("/mydata", PERSON)
