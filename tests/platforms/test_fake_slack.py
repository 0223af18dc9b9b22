"""The fake Slack is Slack to slack_bolt: what real calls and deliveries bring, and what is found wrong in them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import pytest

pytest.importorskip("slack_bolt")

import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.platforms.fake_slack import FakeSlack
from tests.platforms.slack_limits import problems

USER = "U0VISITOR"
QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def actions(*labels: str) -> dict[str, Any]:
    texts = [{"type": "plain_text", "text": label} for label in labels]
    return {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": f"do-{place}", "text": text, "value": f"v{place}"}
            for place, text in enumerate(texts)
        ],
    }


def option(text: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": text}, "value": text.lower()}


MENU = {"type": "static_select", "action_id": "topic", "options": [option("Access"), option("Erasure")]}
FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Your request"},
    "submit": {"type": "plain_text", "text": "Send"},
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Your name"},
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 20},
        },
        {"type": "input", "block_id": "about", "label": {"type": "plain_text", "text": "About"}, "element": MENU},
    ],
}


def answering(fake: FakeSlack) -> AsyncApp:
    """An app that echoes in a direct message, edits on a press, and asks for a form on a command."""
    app = AsyncApp(client=AsyncWebClient(fake.bot_token, base_url=fake.url), signing_secret=fake.signing_secret)

    async def echo(event: dict[str, Any], client: AsyncWebClient) -> None:
        blocks = [section(f"*You* said {event['text']}"), actions("Yes, please", "No")]
        await client.chat_postMessage(channel=event["channel"], text="You said", blocks=blocks, **QUIET)

    async def pressed(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text=f"pressed {body['actions'][0]['value']}"
        )

    async def ask(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack("One moment")
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    async def filled(ack: Any, view: dict[str, Any], body: dict[str, Any], client: AsyncWebClient) -> None:
        values = view["state"]["values"]
        if values["name"]["text"]["value"] == "bad":
            await ack(response_action="errors", errors={"name": "Not a name"})
            return
        await ack()
        chosen = values["about"]["topic"]["selected_option"]["value"]
        await client.chat_postMessage(channel=body["user"]["id"], text=f"thanks for {chosen}", **QUIET)

    async def home(event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_publish(
            user_id=event["user"],
            view={"type": "home", "blocks": [section("Home &amp; &lt;b&gt; <mailto:a@example.com|post>")]},
        )

    app.event("message")(echo)
    app.action("do-0")(pressed)
    app.command("/privacy")(ask)
    app.view("form")(filled)
    app.event("app_home_opened")(home)
    return app


class Server(uvicorn.Server):
    """A server that leaves the process's signals to the test."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def over_http(fake: FakeSlack, app: AsyncApp) -> AsyncIterator[None]:
    """The app behind a request URL."""
    handler = AsyncSlackRequestHandler(app)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    served = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    server = Server(uvicorn.Config(served, port=0, access_log=False, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.001)
    fake.request_url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/slack/events"
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def over_socket(fake: FakeSlack, app: AsyncApp) -> AsyncIterator[None]:
    """The app in Socket Mode."""
    fake.transport = "socket"
    handler = AsyncSocketModeHandler(app, fake.app_token, ping_interval=0.1)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt's
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # bolt's


Way = Callable[[FakeSlack, AsyncApp], AbstractAsyncContextManager[None]]
both_ways = pytest.mark.parametrize("way", [over_http, over_socket])


def played(scene: Callable[[FakeSlack], Coroutine[Any, Any, None]], way: Way | None = None) -> None:
    """A scene with the fake, and with the answering app if there is a way to it."""

    async def play() -> None:
        async with FakeSlack() as fake:
            if way is None:
                await scene(fake)
            else:
                async with way(fake, answering(fake)):
                    await scene(fake)

    asyncio.run(play())


def client_of(fake: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(fake.bot_token, base_url=fake.url)


@both_ways
def test_a_message_is_answered_and_its_button_pressed(way: Way) -> None:
    """What a person writes arrives escaped and linked, the answer is read as people read it, a press edits it."""

    async def scene(fake: FakeSlack) -> None:
        key = fake.say(USER, "Q&A <to> mimmi@example.com")
        (reply,) = await fake.replies(USER)
        assert (reply.text, reply.plain) == ("You said", "You said Q&A <to> mimmi@example.com")
        assert fake.written(USER)[0]["text"] == "Q&amp;A &lt;to&gt; <mailto:mimmi@example.com|mimmi@example.com>"
        assert reply.buttons == [("Yes, please", "do-0", "v0"), ("No", "do-1", "v1")]
        assert (await fake.acked(key)).ok
        pressed = fake.press(USER, "Yes")
        (edited,) = await fake.replies(USER)
        assert (edited.ts, edited.text, edited.buttons, edited.edited) == (reply.ts, "pressed v0", [], True)
        assert (await fake.acked(pressed)).seconds < 3
        fake.again(key)
        assert (await fake.replies(USER))[0].text == "You said"
        assert not fake.problems

    played(scene, way)


@both_ways
def test_a_form_is_refused_and_then_taken(way: Way) -> None:
    """A command opens a modal, wrong values leave it open with errors, right ones close it."""

    async def scene(fake: FakeSlack) -> None:
        fake.command(USER, "request")
        await fake.wait(lambda: fake.view(USER) is not None)
        shown = fake.view(USER)
        assert shown
        assert (shown.title, shown.inputs) == ("Your request", [("name", "Your name"), ("about", "About")])
        assert (await fake.replies(USER))[0].only_for == USER
        with pytest.raises(AssertionError, match="'About' is not filled in"):
            await fake.submit(USER, {"Your name": "bad"})
        answer = await fake.submit(USER, {"About": "Erasure"})
        assert answer == {"response_action": "errors", "errors": {"name": "Not a name"}}
        assert fake.view(USER)
        assert await fake.submit(USER, {"name": "Mimmi"}) == {}
        assert fake.view(USER) is None
        assert (await fake.replies(USER))[0].text == "thanks for erasure"
        assert not fake.problems

    played(scene, way)


@both_ways
def test_an_event_that_is_not_acknowledged_comes_again(way: Way) -> None:
    """A slow app gets the event again, told that it is a retry; a home is opened and published all the same."""

    async def scene(fake: FakeSlack) -> None:
        app, seen = AsyncApp(client=client_of(fake), signing_secret=fake.signing_secret), list[Any]()

        async def slow(request: Any) -> None:
            seen.append(request.headers.get("x-slack-retry-num"))
            await asyncio.sleep(0.6 if len(seen) == 1 else 0)

        app.middleware(lambda_(slow))
        app.event("message")(nothing)
        fake.patience = 0.3
        async with way(fake, app):
            ack = await fake.acked(fake.say(USER, "Hello"))
            assert (ack.ok, ack.attempt) == (True, 1)
            assert [int(number[0]) if number else 0 for number in seen] == [0, 1]
            assert [one.ok for one in fake.acks] == [False, True]

    played(scene)


def lambda_(work: Callable[[Any], Coroutine[Any, Any, None]]) -> Callable[..., Any]:
    """A middleware of bolt that does some work first."""

    async def middleware(request: Any, next_: Any) -> None:
        await work(request)
        await next_()

    return middleware


async def nothing() -> None:
    """Hear an event."""


def test_who_signs_wrongly_or_late_is_refused() -> None:
    """The app that bolt makes refuses forged and stale events, and the home is published for a right one."""

    async def scene(fake: FakeSlack) -> None:
        assert (await fake.forged(), await fake.stale()) == (401, 401)
        fake.open_home(USER)
        await fake.wait(lambda: fake.home(USER) is not None)
        shown = fake.home(USER)
        assert shown
        assert shown.plain == "Home & <b> post"
        assert not fake.messages("U0NOBODY")

    played(scene, over_http)


def test_socket_mode_connects_again() -> None:
    """After a cut and after a polite end the app comes back, and an event that waited meanwhile is answered."""

    async def scene(fake: FakeSlack) -> None:
        await fake.wait(lambda: fake.connections == 1)
        fake.drop()
        fake.say(USER, "one")
        assert "one" in (await fake.replies(USER))[0].plain
        fake.disconnect()
        fake.say(USER, "two")
        assert "two" in (await fake.replies(USER))[0].plain
        assert fake.connections == 1

    played(scene, over_socket)


def test_trouble_comes_as_it_was_ordered() -> None:
    """Rate limits, errors, cut connections and missing scopes reach the client; then all is well again."""

    async def scene(fake: FakeSlack) -> None:
        client = client_of(fake)
        fake.user(USER, "fi-FI")
        fake.fail("chat.postMessage", retry_after=7)
        fake.fail("chat.postMessage", error="account_inactive")
        with pytest.raises(SlackApiError) as limited:
            await client.chat_postMessage(channel=USER, text="Hei", **QUIET)
        assert limited.value.response.status_code == 429
        assert limited.value.response.headers["Retry-After"] == "7"
        with pytest.raises(SlackApiError, match="account_inactive"):
            await client.chat_postMessage(channel=USER, text="Hei", **QUIET)
        fake.fail("chat.postMessage", after=True)
        with pytest.raises(Exception, match="disconnected"):
            await AsyncWebClient(fake.bot_token, fake.url, retry_handlers=[]).chat_postMessage(
                channel=USER, text="Hei", **QUIET
            )
        assert [message.text for message in fake.messages(USER)] == ["Hei"]
        assert (await client.users_info(user=USER, include_locale=True))["user"]["locale"] == "fi-FI"
        fake.scopes.remove("users:read")
        with pytest.raises(SlackApiError, match="missing_scope"):
            await client.users_info(user=USER)
        with pytest.raises(SlackApiError, match="invalid_auth"):
            await AsyncWebClient("xoxb-other", fake.url).auth_test()
        with pytest.raises(SlackApiError, match="unknown_method"):
            await client.api_call("chat.shout")
        assert not fake.problems

    played(scene)


def test_what_breaks_a_limit_is_refused_and_told() -> None:
    """A call over a limit is not carried out, and the fake tells what was wrong with it."""

    async def scene(fake: FakeSlack) -> None:
        client = client_of(fake)
        fake.user(USER)
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            await client.chat_postMessage(channel=USER, text="x", blocks=[actions("l" * 76)], **QUIET)
        assert fake.problems == ["chat.postMessage: blocks[0].elements[0].text has 76 characters, over 75"]
        assert fake.messages(USER) == []

    played(scene)


def test_files_and_addresses_for_responses() -> None:
    """A file is uploaded as slack_sdk does it; a response address takes five answers, and edits what was pressed."""

    async def scene(fake: FakeSlack) -> None:
        client = client_of(fake)
        dm = fake.dm(USER)
        await client.files_upload_v2(channel=dm, content="a;b", filename="data.csv", initial_comment="Your data")
        (sent,) = await fake.replies(USER)
        assert (sent.text, sent.files) == ("Your data", [("data.csv", b"a;b")])
        await client.chat_postMessage(channel=USER, text="x", blocks=[actions("Go")], **QUIET)
        fake.request_url = f"{fake.origin}/nowhere"
        fake.press(USER, "Go")
        url = AsyncWebhookClient(next(f"{fake.origin}/response/{id_}" for id_ in fake._responses))  # noqa: SLF001
        assert (await url.send(text="gone", replace_original=True)).status_code == 200
        assert fake.messages(USER)[-1].text == "gone"
        assert [(await url.send(text="more")).status_code for _ in range(5)] == [200, 200, 200, 200, 404]

    played(scene)


def test_triggers_hashes_and_stacks_of_views() -> None:
    """A trigger opens once and in time, three views lie on each other, an old hash conflicts, input survives."""

    async def scene(fake: FakeSlack) -> None:
        client = client_of(fake)
        fake.request_url = f"{fake.origin}/nowhere"
        fake.user(USER)

        def trigger() -> str:
            return fake._trigger(USER)  # noqa: SLF001 - as a press would give

        once = trigger()
        view = (await client.views_open(trigger_id=once, view=FORM))["view"]
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await client.views_open(trigger_id=once, view=FORM)
        fake.choose(USER, "Erasure")
        assert "values" in view["state"]
        changed = (await client.views_update(view_id=view["id"], view=FORM, hash=view["hash"]))["view"]
        assert changed["state"]["values"]["about"]["topic"]["selected_option"]["value"] == "erasure"
        with pytest.raises(SlackApiError, match="hash_conflict"):
            await client.views_update(view_id=view["id"], view=FORM, hash=view["hash"])
        for _ in range(2):
            await client.views_push(trigger_id=trigger(), view=FORM)
        with pytest.raises(SlackApiError, match="push_limit_reached"):
            await client.views_push(trigger_id=trigger(), view=FORM)
        assert fake.close_view(USER)
        fake.trigger_seconds = 0
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await client.views_open(trigger_id=trigger(), view=FORM)
        assert not fake.problems

    played(scene)


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk's, with aiohttp 3.14
def test_an_installation_comes_and_goes() -> None:
    """A code is exchanged once, and no token is of use once the app was removed."""

    async def scene(fake: FakeSlack) -> None:
        fake.code("c0de", team_id="T0OTHER", token="xoxb-other")  # noqa: S106 - invented
        given: dict[str, Any] = {"client_id": fake.client_id, "client_secret": fake.client_secret, "code": "c0de"}
        installed = await AsyncWebClient(base_url=fake.url).oauth_v2_access(**given)
        other = AsyncWebClient(installed["access_token"], base_url=fake.url)
        assert (await other.auth_test())["team_id"] == "T0OTHER"
        with pytest.raises(SlackApiError, match="invalid_code"):
            await AsyncWebClient(base_url=fake.url).oauth_v2_access(**given)
        fake.request_url = f"{fake.origin}/nowhere"
        fake.uninstalled()
        with pytest.raises(SlackApiError, match="account_inactive"):
            await other.auth_test()

    played(scene)


def test_it_is_quick() -> None:
    """Hundreds of calls a second, so that no test waits for it."""

    async def scene(fake: FakeSlack) -> None:
        client = client_of(fake)
        fake.user(USER)
        began = time.monotonic()
        for _ in range(100):
            await client.chat_postMessage(channel=USER, text="x", blocks=[section("a"), actions("b")], **QUIET)
        assert time.monotonic() - began < 2

    played(scene)


@pytest.mark.parametrize(
    ("method", "params", "found"),
    [
        ("chat.postMessage", {"text": "a", **QUIET}, "channel is missing"),
        ("chat.postMessage", {"channel": "C1", "text": "a"}, "unfurl_links is not false"),
        ("chat.update", {"channel": "C1", "ts": "1", "blocks": [section("a")]}, "text is missing beside the blocks"),
        ("chat.update", {"channel": "C1", "ts": "1", "text": "a", "blocks": [{"type": "shout"}]}, "unknown block"),
        ("chat.update", {"channel": "C1", "ts": "1", "text": "a", "blocks": [section("a" * 3001)]}, "over 3000"),
        ("chat.update", {"channel": "C1", "ts": "1", "text": "a", "blocks": [section("a")] * 51}, "over 50"),
        ("chat.update", {"channel": "C1", "ts": "1", "text": "a", "blocks": [section("a" * 2700)] * 5}, "over 13200"),
        ("chat.update", {"channel": "C1", "ts": "1", "text": "a", "blocks": [actions("a")] * 2}, "do-0 stands 2 times"),
        ("views.open", {"trigger_id": "1", "view": {**FORM, "submit": None}}, "view.submit is missing"),
        ("views.open", {"trigger_id": "1", "view": {**FORM, "private_metadata": "a" * 3001}}, "over 3000"),
        ("views.publish", {"user_id": "U1", "view": FORM}, "a modal cannot be shown so"),
        (
            "assistant.threads.setSuggestedPrompts",
            {"channel_id": "D1", "prompts": [{"title": "a"}]},
            "message is missing",
        ),
    ],
)
def test_each_limit_is_named(method: str, params: dict[str, Any], found: str) -> None:
    """What is wrong with a call is said in words that name it."""
    assert any(found in problem for problem in problems(method, params)), problems(method, params)


def test_what_slack_takes_has_no_problems() -> None:
    """A message and a modal with all the kinds that the assistant may use pass."""
    text = {"type": "plain_text", "text": "Good"}
    feedback = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": {"text": text, "value": "1"},
        "negative_button": {"text": {"type": "plain_text", "text": "Bad"}, "value": "0"},
    }
    sure = {
        "title": text,
        "text": {"type": "mrkdwn", "text": "Sure?"},
        "confirm": text,
        "deny": text,
        "style": "danger",
    }
    menu = {"type": "overflow", "action_id": "more", "options": [option("a"), option("b")], "confirm": sure}
    blocks = [
        {"type": "header", "text": text},
        {**section("a"), "fields": [{"type": "mrkdwn", "text": "b"}], "accessory": menu, "expand": True},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "c"}]},
        {"type": "context_actions", "elements": [feedback]},
        actions("Yes"),
    ]
    assert problems("chat.postMessage", {"channel": "C1", "text": "a", "blocks": blocks, **QUIET}) == []
    assert problems("views.open", {"trigger_id": "1", "view": FORM}) == []
