"""Workspaces that install the app: each with its own token, sealed, and erased with the app."""

import asyncio
import json
import re
import time
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.app import Assistant
from bot.platforms.slack_installs import States
from bot.platforms.slack_manifest import SCOPES
from tests.platforms.on_slack import USER, OnSlack
from tests.platforms.slack_scenes import event, played, post, topics, traces, words

# slack-sdk asks aiohttp for what aiohttp will drop one day.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

#: A second workspace.
_TEAM, _TOKEN, _FIRST = "T0SECOND", "xoxb-planted-of-the-second", "xoxb-planted-of-the-first"


def _app(there: OnSlack) -> dict[str, str]:
    """The settings of an app that many workspaces install."""
    return {"SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": there.fake.client_id, "SLACK_CLIENT_SECRET": "an-invented-secret"}


def _played(assistant: Assistant, folder: Path, scene: Any, transport: str = "http") -> None:
    """A scene at a house that no workspace has installed yet."""

    async def begun(there: OnSlack) -> None:
        there.fake.client_secret = "an-invented-secret"  # noqa: S105
        await there.stop()
        there.more = _app(there)
        await there.start()
        await scene(there)

    played(assistant, folder, begun, transport=transport)


async def _get(there: OnSlack, path: str, cookie: str = "") -> httpx.Response:
    headers = {"Cookie": cookie} if cookie else {}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"http://127.0.0.1:{there.port}{path}", headers=headers)


def _link(page: httpx.Response) -> str:
    """Where the page leads to."""
    found = re.search(r'"(https://slack\.com/oauth/v2/authorize\?[^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


async def _state(there: OnSlack) -> tuple[str, str]:
    """Begin an installation: its state, and the cookie of the browser."""
    page = await _get(there, "/slack/install")
    assert page.status_code == 200
    return parse_qs(urlsplit(_link(page)).query)["state"][0], page.headers["set-cookie"].split(";")[0]


async def _install(there: OnSlack, team: str = "", token: str = _FIRST) -> None:
    state, cookie = await _state(there)
    there.fake.code("a-code", team_id=team, token=token)
    page = await _get(there, f"/slack/oauth_redirect?code=a-code&state={state}", cookie)
    assert page.status_code == 200, page.text
    await there.settled("")


async def _said(there: OnSlack, text: str, team: str, id_: str) -> int:
    """Something that a person of a workspace writes; the status it gets."""
    body = json.loads(event(there, text, id_)) | {"team_id": team}
    answer = await post(there, json.dumps(body).encode())
    await there.settled("")
    return answer.status_code


def test_the_page_asks_for_what_is_needed(assistant: Assistant, tmp_path: Path) -> None:
    """/slack/install leads to Slack, with the app's id, exactly the scopes of the manifest, our address and a state."""

    async def scene(there: OnSlack) -> None:
        page = await _get(there, "/slack/install")
        assert page.headers["content-type"].startswith("text/html")
        asked = parse_qs(urlsplit(_link(page)).query, keep_blank_values=True)
        assert asked["client_id"] == [there.fake.client_id]
        assert set(asked["scope"][0].split(",")) == set(SCOPES)
        assert asked["user_scope"] == [""]
        assert asked["redirect_uri"] == [f"http://127.0.0.1:{there.port}/slack/oauth_redirect"]
        first, second = await _state(there), await _state(there)
        assert first[0] != second[0]
        assert "HttpOnly" in page.headers["set-cookie"]

    _played(assistant, tmp_path, scene)


@pytest.mark.parametrize("transport", ["http", "socket"])
def test_an_installation_is_kept_sealed_and_serves(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """After the redirect the workspace is answered with its own token, which stands nowhere in clear, also later."""

    async def scene(there: OnSlack) -> None:
        await _install(there)
        assert words(await there.say("/start kaltiot"))
        sent = [call.token for call in there.fake.calls if call.method == "chat.postMessage"]
        assert set(sent) == {_FIRST}
        for secret in (_FIRST, "an-invented-secret", there.fake.team_id):
            assert secret.encode() not in traces(there)
        await there.stop()
        assert _FIRST.encode() not in traces(there)
        await there.start()
        assert words(await there.say("who is the dpo?"))

    _played(assistant, tmp_path, scene, transport)


def test_two_workspaces_are_served_each_with_its_token(assistant: Assistant, tmp_path: Path) -> None:
    """The same user id in two workspaces is two people; each is answered by the token of their workspace."""

    async def scene(there: OnSlack) -> None:
        await _install(there)
        await _install(there, _TEAM, _TOKEN)
        assert await _said(there, "/start dpo--kaltiot", there.fake.team_id, "Ev1") == 200
        assert await _said(there, "/start retention--kotopro", _TEAM, "Ev2") == 200
        sent = [call for call in there.fake.calls if call.method == "chat.postMessage"]
        assert [call.token for call in sent] == [_FIRST, _TOKEN]
        assert [name in str(call.params) for call, name in zip(sent, ("kaltiot", "kotopro"), strict=True)] == [True] * 2
        chats = [f"slack:{team}:{USER}" for team in (there.fake.team_id, _TEAM)]
        known = [await there.store.tx(lambda tx, chat=chat: tx.chat(chat, there.clock())) for chat in chats]  # type: ignore[misc]
        assert [chat.session.controller for chat in known] == ["kaltiot", "kotopro"]

    _played(assistant, tmp_path, scene)


def test_installing_again_takes_the_new_token(assistant: Assistant, tmp_path: Path) -> None:
    """A workspace that installs the app again is served with the token that came last; the old one is gone."""

    async def scene(there: OnSlack) -> None:
        await _install(there)
        await there.say("/start kaltiot")
        await _install(there, token=_TOKEN)
        await there.say("who is the dpo?")
        sent = [call.token for call in there.fake.calls if call.method == "chat.postMessage"]
        assert sent == [_FIRST, _TOKEN]

    _played(assistant, tmp_path, scene)


def test_a_redirect_that_nobody_asked_for_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    """A wrong, missing or foreign state, another browser, a wrong code, a refusal: nothing is kept or fetched."""

    async def scene(there: OnSlack) -> None:
        there.fake.code("a-code", token=_FIRST)
        state, cookie = await _state(there)
        stranger = await States("another-secret").async_issue()
        old = f"{int(time.time()) - 601}.{'0' * 32}"
        old += f".{States('an-invented-secret')._sign(old)}"  # noqa: SLF001
        fine = {"code": "a-code", "state": state}
        for row, kept in (
            ({**fine, "state": "wrong"}, "slack-app-oauth-state=wrong"),
            ({**fine, "state": stranger}, f"slack-app-oauth-state={stranger}"),
            ({**fine, "state": old}, f"slack-app-oauth-state={old}"),
            ({**fine, "state": state[:-1] + "x"}, f"slack-app-oauth-state={state[:-1]}x"),
            ({"code": "a-code"}, cookie),
            (fine, ""),
            ({**fine, "code": "wrong"}, cookie),
            ({"state": state}, cookie),
        ):
            query = "&".join(f"{name}={value}" for name, value in row.items())
            page = await _get(there, f"/slack/oauth_redirect?{query}", kept)
            assert page.status_code in (400, 401), (row, page.status_code)
            assert "a-code" not in page.text
        assert "denied" in (await _get(there, "/slack/oauth_redirect?error=access_denied", cookie)).text
        await _said(there, "/start dpo--kaltiot", there.fake.team_id, "Ev1")
        assert topics(there) == []
        fetched = [call for call in there.fake.calls if call.method == "oauth.v2.access"]
        assert [call.params["code"] for call in fetched] == ["wrong"]
        page = await _get(there, f"/slack/oauth_redirect?code=a-code&state={state}", cookie)
        assert page.status_code == 200

    _played(assistant, tmp_path, scene)


@pytest.mark.parametrize("how", ["app_uninstalled", "tokens_revoked"])
def test_a_removed_app_leaves_no_token_and_no_replies(assistant: Assistant, tmp_path: Path, how: str) -> None:
    """Told of the removal, the token is erased from every file at once, and what waits for that team is dropped."""

    async def scene(there: OnSlack) -> None:
        await _install(there)
        await _install(there, _TEAM, _TOKEN)
        await there.say("/start kaltiot")
        sealed = await there.store.tx(lambda tx: tx.db.execute("select body from installs").fetchall())
        there.fake.fail("chat.postMessage", status=500, times=2)
        await there.fake.acked(there.fake.say(USER, "who is the dpo?"))
        raw = {"type": how, **({"tokens": {"bot": ["U0BOT"], "oauth": []}} if how == "tokens_revoked" else {})}
        assert (await there.fake.acked(there.fake.event(raw))).ok
        left = await there.store.tx(lambda tx: tx.db.execute("select body from installs").fetchall())
        assert len(left) == 1
        (gone,) = {body for (body,) in sealed} - {body for (body,) in left}
        assert gone not in traces(there)
        await there.fake.wait(lambda: True)
        until = asyncio.get_running_loop().time() + 5
        while await there.store.tx(lambda tx: tx.waiting()):
            assert asyncio.get_running_loop().time() < until
            await asyncio.sleep(0.02)
        assert await there.store.tx(lambda tx: tx.dead_letters()) == []
        before = len(there.fake.calls)
        await _said(there, "/start dpo--kaltiot", there.fake.team_id, "Ev1")
        assert not [call for call in there.fake.calls[before:] if call.method == "chat.postMessage"]
        assert await _said(there, "/start dpo--kaltiot", _TEAM, "Ev2") == 200
        assert there.fake.calls[-1].token == _TOKEN

    _played(assistant, tmp_path, scene)


def test_somebodys_own_token_that_is_revoked_takes_nothing_away(assistant: Assistant, tmp_path: Path) -> None:
    """``tokens_revoked`` for a person's token, of which none is kept, leaves the workspace served."""

    async def scene(there: OnSlack) -> None:
        await _install(there)
        there.fake.event({"type": "tokens_revoked", "tokens": {"oauth": ["U0ADMIN"]}})
        assert await there.say("/start kaltiot")

    _played(assistant, tmp_path, scene)


def test_with_a_token_set_nobody_can_install(assistant: Assistant, tmp_path: Path) -> None:
    """An app of one workspace has no pages of installation."""

    async def scene(there: OnSlack) -> None:
        assert (await _get(there, "/slack/install")).status_code == 404
        assert (await _get(there, "/slack/oauth_redirect?code=a&state=b")).status_code == 404

    played(assistant, tmp_path, scene, transport="http")


def test_a_state_is_good_for_ten_minutes_and_for_us_alone() -> None:
    """A state that was issued here is taken; one that is older, or that anybody changed, is not."""

    async def play() -> None:
        states = States("a-secret")
        good = await states.async_issue()
        assert await states.async_consume(good)
        assert not await States("another").async_consume(good)
        for bad in ("", "x", "..", good[1:], good + "0", good.replace(".", ""), f"{10**12}.a.{states._sign('x')}"):  # noqa: SLF001
            assert not await states.async_consume(bad)

    asyncio.run(play())
