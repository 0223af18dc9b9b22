"""A Slack for tests, in the test's own event loop, and the people who write to its app.

The server checks every call (``slack_limits``) and keeps real messages and views (``fake_slack_api``); people write,
press, fill in and leave through methods of the same object, over signed HTTP or over Socket Mode. What the app sent is
read from ``messages``, ``home`` and ``view``, how fast it acknowledged from ``acks``, what it did wrong from
``problems``.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self
from urllib.parse import parse_qsl, urlencode

import aiohttp
import uvicorn
from aiohttp import web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.platforms import fake_slack_api as api
from tests.platforms import slack_limits as limits
from tests.platforms.fake_slack_api import Api, Call, Message, Place, Raw, Refused, Sent, View

_VALUES: Final = {"blocks", "view", "attachments", "prompts", "files", "metadata", "loading_messages"}
_BOOLEANS: Final = {"unfurl_links", "unfurl_media", "include_locale", "return_im", "mrkdwn", "test", "reply_broadcast"}
_TYPED: Final = re.compile(r"https?://[^\s<>|]*[^\s<>|.,;:!?)]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_KINDS: Final = {"event_callback": "events_api", "": "slash_commands"}
_ERRORS: Final = {429: "ratelimited", 503: "service_unavailable"}


@dataclass(frozen=True)
class Ack:
    """What came of one attempt to deliver: ``reason`` says why it is no acknowledgement; status 0 is no answer."""

    key: str
    seconds: float
    status: int
    body: Any
    attempt: int = 0
    reason: str = ""
    final: bool = True

    @property
    def ok(self) -> bool:
        """Whether the app took it."""
        return not self.reason


@dataclass(frozen=True)
class _Delivery:
    """Something on its way to the app; ``attempt`` counts the retries."""

    key: str
    payload: Raw
    attempt: int = 0
    reason: str = ""

    @property
    def kind(self) -> str:
        """Its kind of envelope."""
        return _KINDS.get(self.payload.get("type", ""), "interactive")


@dataclass
class _Trouble:
    """What the next calls of a method get instead of an answer."""

    method: str
    channel: str | None
    status: int
    retry_after: int | None
    error: str
    times: int
    drop: bool
    after: bool


@dataclass(frozen=True)
class _Surface:
    """Something that people see, with the state of what they entered there."""

    blocks: list[Raw]
    state: Raw
    view: Raw | None = None
    sent: Sent | None = None


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to the test."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Line:
    """One connection of Socket Mode."""

    def __init__(self, request: web.Request) -> None:
        self.socket = web.WebSocketResponse()
        self.waiting: dict[str, asyncio.Future[Any]] = {}
        self._request = request

    async def open(self, hello: Raw) -> None:
        """Accept the connection."""
        await self.socket.prepare(self._request)
        await self.socket.send_json(hello)

    async def listen(self) -> None:
        """Take acknowledgements until the connection ends."""
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                answer = json.loads(message.data)
                waiting = self.waiting.get(answer.get("envelope_id", ""))
                if waiting and not waiting.done():
                    waiting.set_result(answer.get("payload"))
        self.cut()

    async def ask(self, envelope: Raw) -> Any:
        """Send an envelope; what it is acknowledged with."""
        id_ = envelope["envelope_id"]
        self.waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            await self.socket.send_json(envelope)
            return await self.waiting[id_]
        finally:
            del self.waiting[id_]

    def cut(self) -> None:
        """End the connection without a word."""
        for waiting in self.waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("the connection was cut"))
        if self._request.transport:
            self._request.transport.abort()


class _Wires(Api):
    """How the app is told: signed HTTP or Socket Mode, acknowledgements, and retries of events."""

    def __init__(self) -> None:
        super().__init__()
        self.transport: Literal["http", "socket"] = "http"
        self.request_url = ""
        self.patience = 3.0
        self.retry_delays = (0.0, 0.05, 0.1)
        self.acks: list[Ack] = []
        self._deliveries: dict[str, _Delivery] = {}
        self._under_way: set[asyncio.Task[Any]] = set()
        self._lines: list[_Line] = []
        self._all_lines: list[_Line] = []
        self._connected = asyncio.Event()
        self._socket_port = 0

    async def _open_wires(self) -> None:
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
        app = web.Application()
        app.router.add_get("/link/", self._linked)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        listener = _listener()
        self._socket_port = listener.getsockname()[1]
        await web.SockSite(self._runner, listener).start()

    async def _close_wires(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        self.drop()
        await self._runner.cleanup()
        await self._http.close()

    def _socket_url(self, ticket: str) -> str:
        return f"ws://127.0.0.1:{self._socket_port}/link/?ticket={ticket}&app_id={self.app_id}"

    async def _linked(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.remove(ticket)
        line = _Line(request)
        info = {"connection_info": {"app_id": self.app_id}, "debug_info": {"approximate_connection_time": 18060}}
        await line.open({"type": "hello", "num_connections": len(self._lines) + 1, **info})
        self._lines.append(line)
        self._all_lines.append(line)
        self._connected.set()
        try:
            await line.listen()
        finally:
            self._lines = [one for one in self._lines if one is not line]
            self._all_lines.remove(line)
        return line.socket

    @property
    def connections(self) -> int:
        """How many connections of Socket Mode can be used."""
        return len(self._lines)

    def drop(self) -> None:
        """Cut every connection of Socket Mode without a word; what was not acknowledged there comes again."""
        self._lines = []
        for line in self._all_lines:
            line.cut()

    def disconnect(
        self, reason: Literal["warning", "refresh_requested", "link_disabled"] = "refresh_requested"
    ) -> None:
        """Tell the app that its connections are about to end; nothing more is sent over them."""
        lines, self._lines = self._lines, []
        for line in lines:
            self._begin(line.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}}))

    def _begin(self, work: Any) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    def _send(self, payload: Raw, key: str = "") -> str:
        """Set something on its way; the key that its acknowledgement will have."""
        delivery = _Delivery(key or self._next("In"), json.loads(json.dumps(payload)))
        self._deliveries[delivery.key] = delivery
        self._begin(self._delivered(delivery))
        return delivery.key

    def again(self, key: str, reason: str = "http_timeout") -> str:
        """Deliver the same once more; an event tells the app that it does so."""
        old = self._deliveries[key]
        self._deliveries[key] = delivery = replace(old, attempt=old.attempt + 1, reason=reason)
        self._begin(self._attempted(delivery, last=True))
        return key

    async def _delivered(self, delivery: _Delivery) -> Ack:
        """Deliver, and retry events as Slack does; what came of the last attempt."""
        delays = self.retry_delays if delivery.kind == "events_api" else ()
        for delay in delays:
            ack = await self._attempted(delivery)
            if ack.final:
                return ack
            await asyncio.sleep(delay)
            delivery = replace(delivery, attempt=delivery.attempt + 1, reason=ack.reason)
            self._deliveries[delivery.key] = delivery
        return await self._attempted(delivery, last=True)

    async def _attempted(self, delivery: _Delivery, *, last: bool = False) -> Ack:
        began = time.monotonic()
        status, body, reason, final = 0, None, "", True
        try:
            async with asyncio.timeout(self.patience):
                over = self._over_http if self.transport == "http" else self._over_socket
                status, body, final = await over(delivery)
                reason = "" if status < 300 else "http_error"
        except TimeoutError:
            reason = "http_timeout" if self.transport == "http" else "timeout"
        except (aiohttp.ClientError, ConnectionError):
            reason = "connection_failed"
        seconds = time.monotonic() - began
        ack = Ack(
            delivery.key, seconds, status, body, delivery.attempt, reason, last or not reason or (final and status > 0)
        )
        self.acks.append(ack)
        self._taken(delivery, ack)
        return ack

    def _taken(self, delivery: _Delivery, ack: Ack) -> None:
        """What an acknowledgement brings about."""

    async def _over_socket(self, delivery: _Delivery) -> tuple[int, Any, bool]:
        while not self._lines:
            self._connected.clear()
            await self._connected.wait()
        self._lines.append(self._lines.pop(0))
        retry = {"retry_attempt": delivery.attempt, "retry_reason": delivery.reason}
        events = delivery.kind == "events_api"
        head = {"envelope_id": str(uuid.uuid4()), "type": delivery.kind, "accepts_response_payload": not events}
        more = retry if events else {}
        return 200, await self._lines[-1].ask({**head, **more, "payload": delivery.payload}), True

    async def _over_http(self, delivery: _Delivery) -> tuple[int, Any, bool]:
        kind, body = "application/x-www-form-urlencoded", json.dumps(delivery.payload)
        if delivery.kind == "events_api":
            kind = "application/json"
        else:
            form = delivery.payload if delivery.kind == "slash_commands" else {"payload": body}
            body = urlencode(form)
        headers = {"Content-Type": kind, **self._signed(body, int(time.time()))}
        if delivery.attempt and delivery.kind == "events_api":
            headers |= {"X-Slack-Retry-Num": str(delivery.attempt), "X-Slack-Retry-Reason": delivery.reason}
        return await self._post(body, headers)

    def _signed(self, body: str, at: int) -> dict[str, str]:
        signature = hmac.new(self.signing_secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={signature}"}

    async def _post(self, body: str, headers: Mapping[str, str]) -> tuple[int, Any, bool]:
        """Post to the app: the status, the answer, and whether the app asks not to be told again."""
        async with self._http.post(self.request_url, data=body.encode(), headers=headers) as answer:
            text = await answer.text()
            found: Any = text
            if answer.content_type == "application/json":
                with suppress(ValueError):
                    found = json.loads(text or "{}")
            return answer.status, found, answer.headers.get("X-Slack-No-Retry") == "1"


class FakeSlack(_Wires):
    """Slack: a server for the app (``url``, the tokens), and methods for who writes to it and who watches."""

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.calls: list[Call] = []
        self.echoes = False
        self._troubles: list[_Trouble] = []
        self._responses: dict[str, Raw] = {}

    async def __aenter__(self) -> Self:
        listener = _listener()
        self.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.url = f"{self.origin}/api/"
        routes = [
            Route("/api/{method}", self._answered, methods=["GET", "POST"]),
            Route("/response/{id}", self._responded, methods=["POST"]),
            Route("/upload/v1/{id}", self._took_file, methods=["POST"]),
            Route("/files/{id}", self._gave_file),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), http="h11", ws="none", access_log=False, log_config=None, lifespan="off"
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve([listener]))
        await self._open_wires()
        while not self._server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.001)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close_wires()
        self._server.should_exit = True
        await self._serving

    # The server

    async def _answered(self, request: Request) -> Response:
        params, token = await _body(request)
        call = self._called(request.path_params["method"], params, token)
        trouble = self._trouble(call)
        try:
            if trouble and not trouble.after:
                raise Refused(trouble.error)
            call.answer = self._carry_out(call)
        except Refused as refused:
            call.answer = refused.answer
        if trouble and (trouble.drop or trouble.after):
            return await self._cut(request)
        headers = {"X-OAuth-Scopes": ",".join(self.scopes)}
        return _response(call, trouble, headers)

    def _called(self, method: str, params: Raw, token: str = "") -> Call:
        call = Call(method, params, token, asyncio.get_running_loop().time())
        self.calls.append(call)
        return call

    def _trouble(self, call: Call) -> _Trouble | None:
        place = self._there(str(call.params.get("channel", call.params.get("channel_id", "")))).id
        for trouble in self._troubles:
            wanted = trouble.channel is None or self._there(trouble.channel).id == place
            if trouble.method == call.method and wanted:
                trouble.times -= 1
                self._troubles = [one for one in self._troubles if one.times > 0]
                return trouble
        return None

    async def _cut(self, request: Request) -> Response:
        for connection in list(self._server.server_state.connections):
            if getattr(connection, "client", None) == request.client:
                connection.transport.abort()
        await request.receive()
        return Response()  # nobody is there to get it

    async def _took_file(self, request: Request) -> Response:
        id_, content = request.path_params["id"], await request.body()
        name, length = self._uploads.get(id_, ("", -1))
        trouble = self._trouble(self._called("upload", {"file": id_}))
        if trouble or len(content) != length:
            return Response("refused", trouble.status if trouble else 400, media_type="text/plain")
        self._files[id_] = (name, content)
        return Response(f"OK - {length}", media_type="text/plain")

    async def _gave_file(self, request: Request) -> Response:
        found = self._files.get(request.path_params["id"])
        allowed = request.headers.get("authorization", "").removeprefix("Bearer ") in self._tokens
        return Response(found[1]) if found and allowed else Response(status_code=404)

    async def _responded(self, request: Request) -> Response:
        params, _ = await _body(request)
        call = self._called("response_url", params)
        known = self._responses.get(request.path_params["id"])
        trouble = self._trouble(call)
        if trouble:
            call.answer = {"ok": False, "error": trouble.error}
            return await self._cut(request) if trouble.drop else _response(call, trouble, {})
        if known is None or known["uses"] == 5 or time.monotonic() - known["at"] > 1800:
            call.answer = {"ok": False, "error": "used_url" if known and known["uses"] == 5 else "expired_url"}
            return Response(json.dumps(call.answer), 404, media_type="application/json")
        known["uses"] += 1
        found = limits.problems("response_url", params)
        self.problems += [f"response_url: {problem}" for problem in found]
        call.answer = {"ok": not found}
        if found:
            return Response("invalid_blocks", 400)
        self._spoken(known, params)
        return Response("ok")

    def _spoken(self, known: Raw, params: Raw) -> None:
        """Say something where a person pressed or commanded."""
        place = self._places[known["channel"]]
        sent = place.sent.get(known["ts"])
        if params.get("delete_original"):
            place.sent.pop(known["ts"], None)
        elif params.get("replace_original") and sent:
            self._changed(place, sent, params)
        else:
            thread = {"thread_ts": sent.raw["thread_ts"]} if sent and "thread_ts" in sent.raw else {}
            only_for = "" if params.get("response_type") == "in_channel" else known["user"]
            self._posted(place, {**thread, **params}, only_for)

    def _taken(self, delivery: _Delivery, ack: Ack) -> None:
        if delivery.kind != "slash_commands" or not ack.ok or not ack.body:
            return
        said = ack.body if isinstance(ack.body, dict) else {"text": ack.body}
        self.problems += [f"command: {problem}" for problem in limits.problems("response_url", said)]
        self._spoken({"channel": delivery.payload["channel_id"], "user": delivery.payload["user_id"], "ts": ""}, said)

    # Who writes

    def user(self, id_: str, locale: str = "en-GB", tz: str = "Europe/Helsinki") -> str:
        """A person of the workspace, who is known from the moment they first do something in any case."""
        self._direct(id_)
        self._users[id_] |= {"locale": locale, "tz": tz}
        return id_

    def gone(self, user: str, error: str = "") -> None:
        """Deactivate a person; Slack still lets the app write to them, unless an ``error`` says how it refuses."""
        self._direct(user)
        self._users[user]["deleted"] = True
        self._gone[user] = error

    def channel(self, id_: str, name: str = "", *, member: bool = True, archived: bool = False) -> str:
        """A channel (C: open, G: closed to who is no member), which the app is in or not."""
        place = self._place(id_)
        place.name, place.member, place.archived = name or place.name, member, archived
        return id_

    def dm(self, user: str) -> str:
        """The channel of a person's chat with the app."""
        return self._direct(user).id

    def code(self, code: str, *, team_id: str = "", token: str = "", user: str = "U0ADMIN") -> str:
        """A code that can be exchanged once for a token of the app (by default: the one there is)."""
        team = {"id": team_id or self.team_id, "name": "Example"}
        head = {"access_token": token or self.bot_token, "token_type": "bot", "scope": ",".join(self.scopes)}
        ids = {"bot_user_id": self.bot_user_id, "app_id": self.app_id, "team": team, "authed_user": {"id": user}}
        self._codes[code] = {**head, **ids, "enterprise": None, "is_enterprise_install": False}
        return code

    def say(
        self,
        user: str,
        text: str,
        *,
        channel: str | None = None,
        thread_ts: str | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """Write something, which Slack escapes and finds addresses in; ``extra`` goes into the event as it is."""
        place = self._spot(user, channel)
        raw: Raw = {"type": "message", "user": user, "ts": self._stamp(), "text": _typed(text), "team": self.team_id}
        raw |= {"client_msg_id": str(uuid.uuid4()), **({"thread_ts": thread_ts} if thread_ts else {})}
        if files:
            raw |= {"subtype": "file_share", "files": [self._given(name, content) for name, content in files]}
        raw |= extra or {}
        place.sent[raw["ts"]] = Sent(place.id, raw, by_app=False, files=list(files))
        return self.event({**raw, **_where(place)})

    def mention(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Call the app by its name in a channel."""
        place = self._spot(user, channel)
        raw = {"type": "app_mention", "user": user, "ts": self._stamp(), "team": self.team_id}
        raw |= {"text": f"<@{self.bot_user_id}> {_typed(text)}", **({"thread_ts": thread_ts} if thread_ts else {})}
        place.sent[raw["ts"]] = Sent(place.id, {**raw, "type": "message"}, by_app=False)
        return self.event({**raw, "channel": place.id})

    def edit(self, user: str, channel: str, ts: str, text: str) -> str:
        """Edit a message that a person wrote."""
        place = self._spot(user, channel)
        old = place.sent[ts].raw
        new = {**old, "text": _typed(text), "edited": {"user": user, "ts": self._stamp()}}
        place.sent[ts].raw = new
        head = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": self._stamp()}
        return self.event({**head, "message": new, "previous_message": old, **_where(place)})

    def delete(self, user: str, channel: str, ts: str) -> str:
        """Delete a message that a person wrote."""
        place = self._spot(user, channel)
        old = place.sent.pop(ts).raw
        head = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": self._stamp()}
        return self.event({**head, "deleted_ts": ts, "previous_message": old, **_where(place)})

    def open_home(self, user: str, tab: Literal["home", "messages"] = "home") -> str:
        """Open the app's home, or its chat."""
        view = {"view": self._homes[user]} if tab == "home" and user in self._homes else {}
        return self.event({"type": "app_home_opened", "user": user, "channel": self.dm(user), "tab": tab, **view})

    def uninstalled(self) -> str:
        """Remove the app: its tokens are of no use any more, and it is told so twice."""
        for token in self._tokens.values():
            token.setdefault("error", "account_inactive")
        self.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot_user_id]}})
        return self.event({"type": "app_uninstalled"})

    def _uninstall(self) -> None:
        self.uninstalled()

    def _echo(self, place: Place, sent: Sent, old: Raw | None = None) -> None:
        if not self.echoes or sent.only_for:
            return
        changed = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": self._stamp()}
        raw = {**changed, "message": sent.raw, "previous_message": old} if old else sent.raw
        self.event({**raw, **_where(place)})

    def event(self, raw: Raw) -> str:
        """Any event, or a whole ``event_callback``."""
        if raw.get("type") == "event_callback":
            return self._send(raw, raw.setdefault("event_id", self._next("Ev")))
        body = self._event(raw)
        return self._send(body, body["event_id"])

    def _event(self, raw: Raw) -> Raw:
        bot = {"team_id": self.team_id, "user_id": self.bot_user_id, "is_bot": True, "is_enterprise_install": False}
        ids = {"token": "", "team_id": self.team_id, "api_app_id": self.app_id, "event_id": self._next("Ev")}
        event = {"event_ts": raw.get("ts") or self._stamp(), **raw}
        head = {**ids, "type": "event_callback", "event_time": int(time.time()), "is_ext_shared_channel": False}
        return {**head, "event": event, "authorizations": [{"enterprise_id": None, **bot}]}

    async def forged(self, raw: Raw | None = None) -> int:
        """Send an event that somebody else signed; the status it gets."""
        return await self._foreign(raw, int(time.time()), "v0=" + "0" * 64)

    async def stale(self, raw: Raw | None = None) -> int:
        """Send a rightly signed event of ten minutes ago; the status it gets."""
        return await self._foreign(raw, int(time.time()) - 600, "")

    async def _foreign(self, raw: Raw | None, at: int, signature: str) -> int:
        message = {"type": "message", "user": "U0NOBODY", "text": "forged", "ts": self._stamp()}
        body = json.dumps(self._event(raw or {**message, **_where(self._direct("U0NOBODY"))}))
        headers = {"Content-Type": "application/json", **self._signed(body, at)}
        status, _, _ = await self._post(body, headers | ({"X-Slack-Signature": signature} if signature else {}))
        return status

    def command(self, user: str, text: str = "", command: str = "/privacy", channel: str | None = None) -> str:
        """Give a slash command; what it is acknowledged with is shown to that person."""
        place = self._spot(user, channel)
        where = {"team_id": self.team_id, "team_domain": "example", "channel_id": place.id, "channel_name": place.name}
        who = {"user_id": user, "user_name": self._users[user]["name"], "command": command, "text": text}
        ids = {"token": "", "api_app_id": self.app_id, "is_enterprise_install": "false"}
        urls = {"response_url": self._response_url(place, user), "trigger_id": self._trigger(user)}
        return self._send({**ids, **where, **who, **urls})

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> str:
        """Use a shortcut of the app on a message."""
        place = self._spot(user, channel)
        what = {"callback_id": callback_id, "message_ts": ts, "message": place.sent[ts].raw, "action_ts": self._stamp()}
        where = {"channel": {"id": place.id, "name": place.name}, "response_url": self._response_url(place, user, ts)}
        return self._send({**self._interaction("message_action", user), **what, **where})

    def press(
        self,
        user: str,
        label_or_action: str,
        *,
        channel: str | None = None,
        ts: str | None = None,
        view: str | None = None,
    ) -> str:
        """Press the button of this text, or whose text begins so, or of this action id, where it is seen first.

        People look at their open modal, then at the newest message, then at the home; ``channel`` and ``ts`` name a
        message, ``view`` a view ("home", an id or a callback id).
        """
        for surface in self._surfaces(user, channel, ts, view):
            found = _button(surface.blocks, label_or_action)
            if found:
                return self._acted(user, surface, found)
        raise AssertionError(f"no button {label_or_action!r}\n{self.picture()}")

    def choose(
        self,
        user: str,
        option: str | Sequence[str],
        element: str = "",
        *,
        channel: str | None = None,
        ts: str | None = None,
        view: str | None = None,
    ) -> str:
        """Choose exactly this by text or value; ``element`` names where (its ids, its label or its placeholder).

        The app hears of it unless it stands in an input without ``dispatch_action``; the key is "" then.
        """
        wanted = [option] if isinstance(option, str) else list(option)
        for surface in self._surfaces(user, channel, ts, view):
            for block, one in api.elements(surface.blocks):
                if (not element and not api.options(one)) or (element and element not in _names(block, one)):
                    continue
                value = api.entered(one, wanted)
                if value:
                    return self._chosen(user, surface, block, one, value)
        raise AssertionError(f"no option {option!r}\n{self.picture()}")

    def _chosen(self, user: str, surface: _Surface, block: Raw, element: Raw, value: Raw) -> str:
        surface.state.setdefault(block["block_id"], {})[element["action_id"]] = value
        if block["type"] == "input" and not block.get("dispatch_action"):
            return ""
        return self._acted(user, surface, {"action_id": element["action_id"], "block_id": block["block_id"], **value})

    async def submit(self, user: str, values: Mapping[str, str | Sequence[str]]) -> Raw:
        """Fill in the modal on top (by block id or label) and send it; what the app answered, which then happens."""
        view = self._stacks.get(user, [])[-1:]
        assert view, f"{user} has no modal open\n{self.picture()}"
        for name, wanted in values.items():
            self._fill(view[0], name, [wanted] if isinstance(wanted, str) else list(wanted))
        self._complete(view[0])
        payload = {**self._interaction("view_submission", user), "view": view[0], "response_urls": []}
        delivery = _Delivery(self._next("In"), json.loads(json.dumps(payload)))
        self._deliveries[delivery.key] = delivery
        ack: Ack = await self._begin(self._delivered(delivery))
        body: Raw = ack.body if isinstance(ack.body, dict) else {}
        try:
            self._submitted(user, view[0], ack)
        except Refused as refused:
            self.problems.append(f"view_submission: {refused}")
        return body

    def _fill(self, view: Raw, name: str, wanted: list[str]) -> None:
        inputs = [(block, one) for block, one in api.elements(view["blocks"]) if block["type"] == "input"]
        exact = [pair for pair in inputs if name in _names(*pair)]
        found = exact or [pair for pair in inputs if pair[0]["label"]["text"].startswith(name)]
        assert found, f"no input {name!r} among {[pair[0]['label']['text'] for pair in inputs]}"
        block, element = found[0]
        value = api.entered(element, wanted)
        assert value, f"{wanted!r} cannot be entered in {name!r}"
        view["state"]["values"][block["block_id"]][element["action_id"]] = value

    def _complete(self, view: Raw) -> None:
        """Slack itself sends no form where something is missing or too long."""
        for block, element in api.elements(view["blocks"]):
            if block["type"] == "input":
                value = view["state"]["values"][block["block_id"]][element["action_id"]]
                given = next(value[name] for name in value if name != "type")
                label = block["label"]["text"]
                assert given or block.get("optional"), f"{label!r} is not filled in"
                if element["type"] == "plain_text_input" and given:
                    most = element.get("max_length", 3000)
                    assert element.get("min_length", 0) <= len(given) <= most, f"{label!r} is too short or too long"

    def _submitted(self, user: str, view: Raw, ack: Ack) -> None:
        stack, body = self._stacks[user], ack.body or {}
        action = body.get("response_action") if isinstance(body, dict) else None
        if not ack.ok or (body and action not in ("errors", "update", "push", "clear")):
            self.problems.append(f"view_submission: people see a connection error, since the answer was {ack}")
        elif action == "errors":
            known = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
            wrong = [name for name, text in body.get("errors", {}).items() if name not in known or not text]
            if wrong or not body.get("errors"):
                self.problems.append(f"view_submission: errors for {wrong} are not shown")
        elif action == "clear":
            stack.clear()
        elif not action:
            stack[:] = [one for one in stack if one is not view]
        elif self._fits(body, view):
            if action == "push":
                self._pushed(user, body["view"])
            else:
                self._replaced(stack, stack.index(view), {"view": body["view"]})

    def _fits(self, body: Raw, view: Raw) -> bool:
        found = limits.problems("views.update", {"view_id": view["id"], **body})
        self.problems += [f"view_submission: {problem}" for problem in found]
        return not found

    def close_view(self, user: str) -> str:
        """Close the modal on top; the app hears of it ("" if not) only where it asked for that."""
        stack = self._stacks.get(user, [])
        assert stack, f"{user} has no modal open\n{self.picture()}"
        view = stack.pop()
        if view["clear_on_close"]:
            stack.clear()
        told = {**self._interaction("view_closed", user), "view": view, "is_cleared": view["clear_on_close"]}
        return self._send(told) if view["notify_on_close"] else ""

    def _spot(self, user: str, channel: str | None) -> Place:
        direct = self._direct(user)
        return self._place(channel) if channel else direct

    def _response_url(self, place: Place, user: str, ts: str = "") -> str:
        id_ = self._next("response")
        self._responses[id_] = {"channel": place.id, "user": user, "ts": ts, "uses": 0, "at": time.monotonic()}
        return f"{self.origin}/response/{id_}"

    def _interaction(self, kind: str, user: str) -> Raw:
        self._direct(user)
        name = self._users[user]["name"]
        who = {"user": {"id": user, "username": name, "name": name, "team_id": self.team_id}}
        ids = {"token": "", "api_app_id": self.app_id, "team": {"id": self.team_id, "domain": "example"}}
        trigger = {} if kind == "view_closed" else {"trigger_id": self._trigger(user)}
        return {"type": kind, **who, **ids, **trigger, "enterprise": None, "is_enterprise_install": False}

    def _surfaces(self, user: str, channel: str | None, ts: str | None, view: str | None) -> Iterator[_Surface]:
        stack, homes = self._stacks.get(user, []), [self._homes[user]] if user in self._homes else []
        if channel is None and ts is None:
            for one in reversed(stack):
                if view in (None, one["id"], one["callback_id"]):
                    yield _Surface(one["blocks"], one["state"]["values"], view=one)
        if view is None:
            for sent in self._newest(user, channel, ts):
                yield _Surface(sent.raw.get("blocks", []), sent.state, sent=sent)
        for one in homes if channel is None and ts is None else []:
            if view in (None, "home", one["id"], one["callback_id"]):
                yield _Surface(one["blocks"], one["state"]["values"], view=one)

    def _newest(self, user: str, channel: str | None, ts: str | None) -> list[Sent]:
        """The app's messages that this person can see, newest first."""
        places = [self._there(channel)] if channel else [one for one in self._places.values() if one.user in ("", user)]
        seen = [sent for place in places for sent in place.sent.values() if sent.by_app and sent.only_for in ("", user)]
        return sorted((one for one in seen if ts in (None, one.raw["ts"])), key=lambda one: one.raw["ts"], reverse=True)

    def _acted(self, user: str, surface: _Surface, action: Raw) -> str:
        told = {**self._interaction("block_actions", user), "actions": [{**action, "action_ts": self._stamp()}]}
        if surface.view:
            shown = {"container": {"type": "view", "view_id": surface.view["id"]}, "view": surface.view}
            return self._send({**told, **shown})
        assert surface.sent
        raw, place = surface.sent.raw, self._places[surface.sent.channel]
        hidden = bool(surface.sent.only_for)
        thread = {"thread_ts": raw["thread_ts"]} if "thread_ts" in raw else {}
        container = {"type": "message", "message_ts": raw["ts"], "channel_id": place.id, "is_ephemeral": hidden}
        where = {"channel": {"id": place.id, "name": place.name}, "container": {**container, **thread}}
        what = {"state": {"values": surface.state}, **({} if hidden else {"message": raw})}
        url = {"response_url": self._response_url(place, user, raw["ts"])}
        return self._send({**told, **where, **what, **url})

    # Who watches

    def _there(self, channel_or_user: str) -> Place:
        """A channel, or a person's chat; a look at one that there is not does not bring it into being."""
        id_ = f"D{channel_or_user[1:]}" if channel_or_user.startswith(("U", "W")) else channel_or_user
        return self._places.get(id_, Place(id_, "", ""))

    def messages(self, channel_or_user: str) -> list[Message]:
        """The app's messages in a channel, or in a person's chat, as they stand now, oldest first."""
        return [sent.seen() for sent in self._there(channel_or_user).sent.values() if sent.by_app]

    def written(self, channel_or_user: str) -> list[Raw]:
        """What people wrote there, as Slack tells of it."""
        return [sent.raw for sent in self._there(channel_or_user).sent.values() if not sent.by_app]

    def home(self, user: str) -> View | None:
        """The home of a person."""
        return _view(self._homes[user]) if user in self._homes else None

    def view(self, user: str) -> View | None:
        """The modal that a person has on top."""
        stack = self._stacks.get(user, [])
        return _view(stack[-1]) if stack else None

    def prompts(self, channel_or_user: str) -> list[tuple[str, str]]:
        """The prompts suggested there: titles and messages."""
        return list(self._there(channel_or_user).prompts)

    def status(self, channel_or_user: str) -> str:
        """What the app is said to be doing there; its next message ends that."""
        return self._there(channel_or_user).status

    async def wait(self, predicate: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until something holds; an ``AssertionError`` shows what was there instead."""
        end = time.monotonic() + seconds
        while not predicate():
            assert time.monotonic() < end, f"waited {seconds} s in vain\n{self.picture()}"
            await asyncio.sleep(0.005)

    async def replies(self, user_or_channel: str, count: int = 1, seconds: float = 5.0) -> list[Message]:
        """The next ``count`` messages or edits that this has not returned before, each as it was when it came."""
        await self.wait(lambda: len(self._there(user_or_channel).news) >= count, seconds)
        news = self._there(user_or_channel).news
        found, news[:] = news[:count], news[count:]
        return found

    async def acked(self, key: str, seconds: float = 15.0) -> Ack:
        """What came of the last attempt to deliver this."""
        await self.wait(lambda: any(ack.key == key and ack.final for ack in self.acks), seconds)
        return next(ack for ack in reversed(self.acks) if ack.key == key)

    def picture(self) -> str:
        """The last calls, messages, views and acknowledgements, and what is wrong, for people."""
        calls = [f"  {call.method} {call.params} -> {call.answer}" for call in self.calls[-12:]]
        messages = [f"  {message}" for id_ in self._places for message in self.messages(id_)[-5:]]
        views = [f"  {user}: {_view(one)}" for user, stack in self._stacks.items() for one in stack]
        homes = [f"  {user}: {_view(one)}" for user, one in self._homes.items()]
        acks = [f"  {ack}" for ack in self.acks[-8:]]
        parts = {"calls": calls, "messages": messages, "views": views, "homes": homes, "acks": acks}
        return "\n".join(f"{name}:\n" + "\n".join(lines) for name, lines in parts.items() if lines) + (
            "\nproblems:\n" + "\n".join(self.problems) if self.problems else ""
        )

    # Trouble

    def fail(
        self,
        method: str,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        error: str = "",
        channel: str | None = None,
        times: int = 1,
        drop: bool = False,
        after: bool = False,
    ) -> None:
        """Answer the next calls so; ``drop`` cuts the connection instead, ``after`` does so once the call is done.

        Without a status it is 429, or 200 where an ``error`` is given; "response_url" and "upload" are methods too.
        """
        code = status or (200 if error else 429)
        seconds = 1 if code == 429 and retry_after is None else retry_after
        reason = error or _ERRORS.get(code, "internal_error")
        self._troubles.append(_Trouble(method, channel, code, seconds, reason, times, drop, after))


# What is built from values alone


def _listener() -> socket.socket:
    """A port of the system's choice; asyncio itself would not see TCP here, and each answer would wait 40 ms."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _where(place: Place) -> Raw:
    return {"channel": place.id, "channel_type": place.kind}


def _typed(text: str) -> str:
    """What people typed, as Slack tells of it: escaped, and with the addresses that it found."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _TYPED.sub(lambda one: f"<{one[0]}>" if ":" in one[0] else f"<mailto:{one[0]}|{one[0]}>", escaped)


def _button(blocks: list[Raw], wanted: str) -> Raw | None:
    """The button of this text, or else whose text begins so, or else of this id."""
    known = api.buttons(blocks)
    exact = [told for label, _, _, told in known if label == wanted]
    near = [told for label, _, _, told in known if label.startswith(wanted)]
    named = [told for _, action_id, _, told in known if action_id == wanted]
    return next(iter([*exact, *near, *named]), None)


def _names(block: Raw, element: Raw) -> set[str]:
    """What people and tests call an element."""
    texts = [block.get("label"), element.get("placeholder")]
    return {block["block_id"], element.get("action_id", ""), *(text["text"] for text in texts if text)}


def _view(raw: Raw) -> View:
    title = (raw.get("title") or {}).get("text", "")
    inputs = [(block["block_id"], block["label"]["text"]) for block in raw["blocks"] if block["type"] == "input"]
    pressed = [button[:3] for button in api.buttons(raw["blocks"])]
    copied: Raw = json.loads(json.dumps(raw))
    return View(raw["id"], raw["hash"], title, copied["blocks"], api.plain(raw["blocks"]), pressed, inputs, copied)


def _response(call: Call, trouble: _Trouble | None, headers: Mapping[str, str]) -> Response:
    status = trouble.status if trouble else 200
    call.answer |= {} if status == 200 else {"status": status}
    wait = {"Retry-After": str(trouble.retry_after)} if trouble and trouble.retry_after is not None else {}
    body = {name: value for name, value in call.answer.items() if name != "status" or status == 200}
    return Response(json.dumps(body), status, headers={**headers, **wait}, media_type="application/json")


async def _body(request: Request) -> tuple[Raw, str]:
    """The parameters of a request as values, whichever way they were written, and its token."""
    params: Raw = dict(request.query_params)
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        with suppress(ValueError):
            found = json.loads(body or b"{}")
            params |= found if isinstance(found, dict) else {}
    else:
        params |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme == "Basic":
        id_, _, secret = base64.b64decode(rest).decode().partition(":")
        params |= {"client_id": id_, "client_secret": secret}
    token = params.pop("token", None) or (rest if scheme == "Bearer" else "")
    return {name: _value(name, value) for name, value in params.items() if value is not None}, token


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _BOOLEANS:
        return value.lower() in ("1", "true")
    if name in _VALUES:
        with suppress(ValueError):
            return json.loads(value)
    return value
