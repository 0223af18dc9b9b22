"""`run` on Slack as a process of its own: what stops its start, what it serves, what its end leaves; the manifest."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.core.commands import split
from bot.platforms.slack_manifest import ASK_ABOUT, EVENTS, SCOPES
from tests.platforms.fake_slack import FakeSlack
from tests.platforms.housed import free_port
from tests.platforms.on_slack import USER
from tests.processes import Environment, Running, fails, launch, serving

_PEOPLE, _EVENTS = 60, 120


def _settings(fake: FakeSlack, mode: str = "socket") -> dict[str, str]:
    row = {"SLACK_BOT_TOKEN": fake.bot_token, "SLACK_API_URL": fake.url, "SLACK_MODE": mode}
    return (
        row | {"SLACK_APP_TOKEN": fake.app_token}
        if mode == "socket"
        else row | {"SLACK_SIGNING_SECRET": fake.signing_secret}
    )


@asynccontextmanager
async def running(
    environment: Environment, fake: FakeSlack, mode: str = "socket", port: int = 0, **extra: str
) -> AsyncIterator[Running]:
    """A process that serves the fake Slack."""
    port = port or free_port()
    fake.transport = "http" if mode == "http" else "socket"
    fake.request_url = f"http://127.0.0.1:{port}/slack/events"
    whole = _settings(fake, mode) | {"HTTP_PORT": str(port)} | extra
    async with serving(environment(**whole), port, "serving Slack") as there:
        yield there
    assert fake.problems == []


@pytest.mark.parametrize(
    ("mode", "extra", "names"),
    [
        ("socket", {"SLACK_BOT_TOKEN": "xoxb-wrong-one"}, "SLACK_BOT_TOKEN: Slack answers invalid_auth"),
        ("socket", {"SLACK_BOT_TOKEN": "nonsense"}, "SLACK_BOT_TOKEN: must be a bot token"),
        ("socket", {"SLACK_APP_TOKEN": "xapp-wrong-one"}, "SLACK_APP_TOKEN: Slack answers invalid_auth"),
        ("socket", {"SLACK_APP_TOKEN": ""}, "SLACK_APP_TOKEN: must be an app-level token"),
        ("socket", {"SLACK_MODE": "pigeon"}, "SLACK_MODE: must be socket or http"),
        ("socket", {"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "SLACK_API_URL: http://127.0.0.1:9/api/ cannot be"),
        ("socket", {"SLACK_API_URL": "http://127.0.0.1:9"}, "SLACK_API_URL: must end in /api/"),
        ("http", {"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET: must be set"),
        ("http", {"SLACK_SIGNING_SECRET": "short"}, "SLACK_SIGNING_SECRET: must be set"),
        ("http", {"SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": "1.2"}, "SLACK_CLIENT_SECRET, PUBLIC_URL: must be set"),
    ],
)
def test_a_start_that_cannot_be_names_the_setting(
    environment: Environment, mode: str, extra: dict[str, str], names: str
) -> None:
    """A wrong setting ends `run` with exit status 1 and one line that names it and never holds a token."""

    async def play() -> None:
        async with FakeSlack() as fake:
            line = await fails(environment(**(_settings(fake, mode) | {"HTTP_PORT": str(free_port())} | extra)))
            assert line.startswith(names), line
            for secret in (fake.bot_token, fake.app_token, fake.signing_secret, "wrong-one"):
                assert secret not in line

    asyncio.run(play())


@pytest.mark.parametrize("lacks", ["users:read", "assistant:write"])
def test_a_missing_scope_is_named(environment: Environment, lacks: str) -> None:
    """An app that may not do all that is needed is not served: the scope is named, and what to do."""

    async def play() -> None:
        async with FakeSlack() as fake:
            fake.scopes.remove(lacks)
            line = await fails(environment(**_settings(fake), HTTP_PORT=str(free_port())))
            assert line.startswith("SLACK_BOT_TOKEN: ")
            assert lacks in line

    asyncio.run(play())


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_a_process_serves_tells_how_it_is_and_ends(environment: Environment, mode: str) -> None:
    """It answers a direct message, /health and /ready say that all is well, SIGTERM ends it well within 8 seconds."""

    async def play() -> None:
        async with FakeSlack() as fake, running(environment, fake, mode) as there:
            health, ready = await there.get("/health"), await there.get("/ready")
            assert (health.status_code, health.text) == (200, "ok\n")
            assert (ready.status_code, ready.json()) == (200, {"store": "ok", "slack": "ok"})
            fake.say(USER, "/start dpo--kaltiot")
            assert "Kaltiot" in (await fake.replies(USER))[0].plain
            assert await there.end() < 8
            assert there.process.returncode == 0
            assert not [line for line in there.log if "Traceback" in line or " ERROR " in line], there.log
            assert not [line for line in there.log if " WARNING " in line and "SMTP_URL" not in line], there.log
            for secret in (fake.bot_token, fake.app_token, fake.signing_secret):
                assert not [line for line in there.log if secret in line]

    asyncio.run(play())


def test_a_client_id_beside_a_token_changes_nothing(environment: Environment) -> None:
    """With a token set the app is one workspace's, whatever else stands in the environment."""

    async def play() -> None:
        secret = "an-invented-secret"  # noqa: S105
        async with FakeSlack() as fake, running(environment, fake, SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET=secret):
            fake.say(USER, "/start dpo--kaltiot")
            assert "Kaltiot" in (await fake.replies(USER))[0].plain

    asyncio.run(play())


def _answers(fake: FakeSlack) -> dict[str, list[str]]:
    """The companies that each person was told of, in order."""
    people = [f"U{number}" for number in range(_PEOPLE)]
    told = {user: [message.plain for message in fake.messages(user)] for user in people}
    return {user: [n for text in texts for n in re.findall(r"Company: (\w+)", text)] for user, texts in told.items()}


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_an_end_under_load_leaves_nothing_unanswered(environment: Environment, mode: str) -> None:
    """Events of just before the end are answered, or brought again by Slack; after the next start none is missing."""

    async def play() -> None:
        port = free_port()
        async with FakeSlack() as fake:
            fake.retry_delays = (1.5, 3.0, 5.0)
            async with running(environment, fake, mode, port) as there:
                for number in range(_EVENTS):
                    fake.say(f"U{number % _PEOPLE}", f"/company {('kaltiot', 'kotopro')[number // _PEOPLE]}")
                await asyncio.sleep(0.1)
                assert await there.end() < 8
                assert there.process.returncode == 0
                assert not [line for line in there.log if "Traceback" in line or " ERROR " in line], there.log
            assert sum(map(len, _answers(fake).values())) < _EVENTS, "the end came too late to be of interest"
            async with running(environment, fake, mode, port):
                await fake.wait(lambda: all(len(set(told)) == 2 for told in _answers(fake).values()), 20)
            assert max(map(len, _answers(fake).values())) == 2, _answers(fake)

    asyncio.run(play())


async def _manifest(environment: Mapping[str, str], *more: str) -> dict[str, Any]:
    process = await launch(environment, "slack", "manifest", *more)
    out, error = await process.communicate()
    assert process.returncode == 0, error
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_manifest_is_what_this_build_needs(environment: Environment) -> None:
    """`slack manifest` prints JSON with all scopes and events, within Slack's lengths, for a socket or an address."""

    async def play() -> None:
        url = {"PUBLIC_URL": "https://bot.example.com/"}
        socket, http, by_mode = await asyncio.gather(
            _manifest(environment()),
            _manifest(environment(**url), "--http"),
            _manifest(environment(SLACK_MODE="http", **url)),
        )
        assert http == by_mode
        assert "https://" not in json.dumps(socket)
        for found in (socket, http):
            _complete(found)
        assert socket["settings"]["socket_mode_enabled"]
        settings, where = http["settings"], "https://bot.example.com/slack/events"
        assert not settings["socket_mode_enabled"]
        assert settings["event_subscriptions"]["request_url"] == settings["interactivity"]["request_url"] == where
        assert http["features"]["slash_commands"][0]["url"] == where
        assert http["oauth_config"]["redirect_urls"] == ["https://bot.example.com/slack/oauth_redirect"]
        forced = await _manifest(environment(SLACK_MODE="http", **url), "--socket")
        assert forced.pop("oauth_config") == http["oauth_config"]  # with an address of its own it can be installed
        socket.pop("oauth_config")
        assert forced == socket

    asyncio.run(play())


def _complete(found: dict[str, Any]) -> None:
    shown, features = found["display_information"], found["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 0 < len(features["agent_view"]["agent_description"]) <= 300
    assert found["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert found["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert found["settings"]["interactivity"]["is_enabled"]
    (command,), (shortcut,) = features["slash_commands"], features["shortcuts"]
    assert split(command["command"])
    assert len(command["description"]) <= 100
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", ASK_ABOUT)
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
    assert features["app_home"]["home_tab_enabled"]
    assert features["app_home"]["messages_tab_enabled"]


def test_a_manifest_for_no_address_says_what_is_missing(environment: Environment) -> None:
    """Over HTTP Slack must be told an address: without one the command says so, and prints nothing."""

    async def play() -> None:
        process = await launch(environment(), "slack", "manifest", "--http")
        out, error = await process.communicate()
        assert (process.returncode, out) == (2, b"")
        assert "PUBLIC_URL" in error.decode()

    asyncio.run(play())
