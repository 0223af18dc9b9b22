"""`run` as a process of its own: what stops its start, what it serves, and what its end leaves."""

import asyncio
import json
import re
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.platforms.fake_telegram import FakeTelegram
from tests.platforms.housed import free_port
from tests.platforms.on_telegram import CHAT
from tests.processes import Environment, Running, fails, launch, serving

_UPDATES = 300
_CHATS = 150


@asynccontextmanager
async def running(environment: Environment, fake: FakeTelegram, **extra: str) -> AsyncIterator[Running]:
    """A process that serves the fake Telegram."""
    port = free_port()
    row = {"TELEGRAM_BOT_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url, "TELEGRAM_RATE": "5000"}
    async with serving(environment(HTTP_PORT=str(port), **row, **extra), port, "serving @") as there:
        yield there
    assert fake.problems == []


_HOOK: dict[str, str] = {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_URL": "https://bot.example.com/t"}
_WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"TELEGRAM_BOT_TOKEN": ""}, "TELEGRAM_BOT_TOKEN"),
    ({"TELEGRAM_BOT_TOKEN": "nonsense"}, "TELEGRAM_BOT_TOKEN: must look like"),
    ({"TELEGRAM_BOT_TOKEN": "1:wrong-one"}, "TELEGRAM_BOT_TOKEN: Telegram does not know this token"),
    ({"TELEGRAM_API_URL": "http://127.0.0.1:9"}, "TELEGRAM_API_URL: http://127.0.0.1:9 cannot be reached"),
    ({"TELEGRAM_MODE": "webhook"}, "TELEGRAM_WEBHOOK_URL: must be https"),
    (_HOOK, "TELEGRAM_WEBHOOK_SECRET: must be"),
)


def test_a_start_that_cannot_be_names_the_setting(environment: Environment) -> None:
    """A wrong setting ends `run` with exit status 1 and one line that names it and never holds the token."""

    async def play() -> None:
        async with FakeTelegram() as fake:
            row = {"TELEGRAM_BOT_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url}
            tries = [fails(environment(**(row | extra), HTTP_PORT=str(free_port()))) for extra, _ in _WRONG]
            for line, (_, names) in zip(await asyncio.gather(*tries), _WRONG, strict=True):
                assert line.startswith(names)
                assert fake.token not in line
                assert "wrong-one" not in line

    asyncio.run(play())


def test_a_webhook_of_somebody_else_stops_the_start(environment: Environment) -> None:
    """Where the bot's updates go elsewhere, `run` takes nothing away: it says where they go, and what to do."""

    async def play() -> None:
        async with FakeTelegram() as fake, httpx.AsyncClient(trust_env=False) as client:
            url = "https://elsewhere.example.com/secret-path"
            await client.post(f"{fake.url}/bot{fake.token}/setWebhook", json={"url": url})
            row = {"TELEGRAM_BOT_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url, "HTTP_PORT": str(free_port())}
            brought = {**row, **_HOOK, "TELEGRAM_WEBHOOK_SECRET": "s", "HTTP_PORT": str(free_port())}
            lines = await asyncio.gather(fails(environment(**row)), fails(environment(**brought)))
            for line, name in zip(lines, ("TELEGRAM_MODE: ", "TELEGRAM_WEBHOOK_URL: "), strict=True):
                assert line.startswith(name)
                assert "elsewhere.example.com" in line
                assert "secret-path" not in line
            assert "setWebhook" not in [call.method for call in fake.calls[1:]]

    asyncio.run(play())


def test_a_port_that_is_taken_stops_the_start(environment: Environment) -> None:
    """A taken port is named, with what it was to be used for."""

    async def play() -> None:
        async with FakeTelegram() as fake:
            port = fake.url.rpartition(":")[2]
            row = {"TELEGRAM_BOT_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url, "HTTP_PORT": port}
            line = await fails(environment(**row))
            assert line.startswith(f"HTTP_PORT: 127.0.0.1:{port} cannot be listened on: ")

    asyncio.run(play())


def test_a_process_serves_tells_how_it_is_and_ends(environment: Environment) -> None:
    """It answers people, /health and /ready; without Telegram it is alive but not ready; SIGTERM ends it well."""

    async def play() -> None:
        async with FakeTelegram() as fake, running(environment, fake) as there:
            health, ready = await there.get("/health"), await there.get("/ready")
            assert (health.status_code, health.text) == (200, "ok\n")
            assert (ready.status_code, ready.json()) == (200, {"store": "ok", "telegram": "ok"})
            fake.say(CHAT, "/start dpo--kaltiot")
            assert "Kaltiot" in (await fake.replies(CHAT))[0].text
            fake.fail("getUpdates", status=502, times=2)
            fake.say(CHAT, "/start")
            await _until(there, 503)
            await fake.replies(CHAT)
            down = await there.get("/ready")
            assert down.json()["telegram"] == "cannot be reached" or down.status_code == 200
            assert (await there.get("/health")).status_code == 200
            await _until(there, 200)
            assert await there.end() < 8
            assert there.process.returncode == 0
            assert not [line for line in there.log if "Traceback" in line or " ERROR " in line]
            assert not [line for line in there.log if fake.token in line]

    asyncio.run(play())


async def _until(there: Running, status: int) -> None:
    async with asyncio.timeout(20):
        while (await there.get("/ready")).status_code != status:  # noqa: ASYNC110 - it is in another process
            await asyncio.sleep(0.02)


def _ask(fake: FakeTelegram) -> None:
    for number in range(_UPDATES):
        fake.say(number % _CHATS + 1, f"/company {('kaltiot', 'kotopro')[number // _CHATS]}")


def _answers(fake: FakeTelegram) -> dict[int, list[str]]:
    """The companies that each chat was told of, in order."""
    found = {}
    for chat in range(1, _CHATS + 1):
        texts = [message.text for message in fake.messages(chat)]
        found[chat] = [name for text in texts for name in re.findall(r"Company: (\w+)", text)]
    return found


def test_sigterm_under_load_leaves_nothing_unanswered(environment: Environment) -> None:
    """300 updates just before the end are answered, or still with Telegram; after the next start, each exactly once."""

    async def play() -> None:
        async with FakeTelegram() as fake:
            async with running(environment, fake) as there:
                _ask(fake)
                await asyncio.sleep(0.15)
                assert await there.end() < 8
                assert there.process.returncode == 0
                assert not [line for line in there.log if "Traceback" in line or " ERROR " in line], there.log
            assert sum(map(len, _answers(fake).values())) < _UPDATES, "the end came too late to be of interest"
            async with running(environment, fake):
                await _all_answered(fake)
            wrong = {chat: told for chat, told in _answers(fake).items() if told != ["Kaltiot", "Kotopro"]}
            assert not wrong

    asyncio.run(play())


async def _all_answered(fake: FakeTelegram) -> None:
    await fake.wait(lambda: all(len(set(told)) == 2 for told in _answers(fake).values()), 20)


def test_a_killed_process_loses_nothing(environment: Environment, tmp_path: Path) -> None:
    """After SIGKILL only what was on its way then waits for its lease, and may come twice; all is answered."""

    async def play() -> None:
        async with FakeTelegram() as fake:
            async with running(environment, fake) as there:
                _ask(fake)
                await asyncio.sleep(0.3)
                await there.end(signal.SIGKILL)
            leased = _two_minutes_pass(tmp_path / "var" / "a.db")
            async with running(environment, fake):
                await _all_answered(fake)
            told = _answers(fake)
            assert all(list(dict.fromkeys(names)) == ["Kaltiot", "Kotopro"] for names in told.values())
            assert sum(map(len, told.values())) - _UPDATES <= leased

    asyncio.run(play())


def _two_minutes_pass(file: Path) -> int:
    """Let the leases of a dead process run out; returns how many there were."""
    with sqlite3.connect(file) as db:
        done = db.execute("update outbox set leased = leased - 130 where leased is not null")
    db.close()
    return done.rowcount


def test_a_webhook_is_served_by_the_process(environment: Environment) -> None:
    """In webhook mode the process claims the webhook, takes what comes there, and refuses the rest."""

    async def play() -> None:
        port = free_port()
        async with FakeTelegram() as fake:
            brought: dict[str, Any] = {
                "TELEGRAM_MODE": "webhook",
                "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
                "TELEGRAM_WEBHOOK_SECRET": "a-secret",
            }
            row = {"TELEGRAM_BOT_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url, "HTTP_PORT": str(port)}
            process = await launch(environment(**row, **brought))
            try:
                await fake.wait(lambda: any(call.method == "setWebhook" for call in fake.calls), 20)
                fake.say(CHAT, "/start kaltiot")
                assert "Kaltiot" in (await fake.replies(CHAT))[0].text
                async with httpx.AsyncClient(trust_env=False) as client:
                    refused = await client.post(brought["TELEGRAM_WEBHOOK_URL"], content=json.dumps({}))
                assert refused.status_code == 403
                process.terminate()
                async with asyncio.timeout(8):
                    await process.communicate()
                assert process.returncode == 0
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.communicate()

    asyncio.run(play())
