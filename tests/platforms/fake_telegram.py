"""A Bot API server for tests, in the test's own event loop, and the people who write to its bot.

The server checks every call (``telegram_limits``) and keeps real messages; people write, edit, press and block through
methods of the same object. What the bot sent is read from ``messages``, what it did wrong from ``problems``.
"""

import asyncio
import itertools
import json
import re
import socket
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, TypeAlias
from urllib.parse import parse_qsl, unquote

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.platforms import telegram_limits as limits

Raw: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["private", "group", "supergroup"]

_MARKS: Final = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w{4,32})?(?![\w/])|(?<![\w@/])@[A-Za-z]\w{3,31}\b")
_NAMES: Final = re.compile(r'\b(name|filename)="([^"]*)"')
_UNASKED: Final = {"chat_member", "message_reaction", "message_reaction_count"}
_REASONS: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_SAME: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_OLD: Final = "query is too old and response timeout expired or query ID is invalid"
_POLLED: Final = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_OTHER: Final = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass
class Call:
    """One call of the bot; ``status`` is the answer's, and 0 while there is none or if the connection was cut."""

    method: str
    params: Raw
    files: Mapping[str, limits.Upload]
    at: float
    status: int = 0


@dataclass(frozen=True)
class Message:
    """A message of the bot: as people read it, and as it was written."""

    id: int
    text: str
    html: str
    buttons: list[tuple[str, str]]
    document: tuple[str, bytes] | None
    protected: bool
    edited: bool


@dataclass
class _Sent:
    """A message of either side: ``raw`` is what the API says of it, and is replaced rather than changed."""

    raw: Raw
    html: str = ""
    document: tuple[str, bytes] | None = None

    @property
    def keyboard(self) -> list[Raw]:
        """All buttons, row after row."""
        return [button for row in self.raw.get("reply_markup", {}).get("inline_keyboard", []) for button in row]

    def seen(self) -> Message:
        """The message as it stands now."""
        buttons = [(one["text"], str(one.get("callback_data", one.get("url", "")))) for one in self.keyboard]
        text: str = self.raw.get("text") or self.raw.get("caption") or ""
        protected, edited = "has_protected_content" in self.raw, "edit_date" in self.raw
        return Message(self.raw["message_id"], text, self.html, buttons, self.document, protected, edited)


@dataclass
class _Chat:
    """One chat: its people, its messages, and what has appeared in it since ``replies`` was last asked."""

    raw: Raw
    user: Raw
    sent: dict[int, _Sent] = field(default_factory=dict)
    last_id: int = 0
    blocked: bool = False
    news: list[Message] = field(default_factory=list)

    def keep(self, raw: Raw, html: str = "", document: tuple[str, bytes] | None = None) -> _Sent:
        """Keep a new message, with the chat's next id."""
        self.last_id += 1
        sent = _Sent({"message_id": self.last_id, **raw}, html, document)
        self.sent[self.last_id] = sent
        return sent


@dataclass
class _Trouble:
    """What the next calls of a method get instead of an answer."""

    method: str
    chat: int | None
    status: int
    retry_after: int | None
    times: int
    drop: bool
    after: bool


class Refused(Exception):  # noqa: N818 - an answer, not an accident
    """An answer that is no success."""

    def __init__(self, status: int, description: str = "", retry_after: int | None = None) -> None:
        reason = _REASONS.get(status, "Error")
        super().__init__(f"{reason}: {description}" if description else reason)
        self.status = status
        self.retry_after = retry_after

    def body(self) -> Raw:
        """The answer's JSON."""
        more = {} if self.retry_after is None else {"parameters": {"retry_after": self.retry_after}}
        return {"ok": False, "error_code": self.status, "description": str(self), **more}


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to the test."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Queue:
    """Updates on their way: asked for by ``getUpdates``, or posted to the webhook one after the other."""

    def __init__(self) -> None:
        self.waiting: list[Raw] = []
        self.repeated: list[Raw] = []  # no offset drops these before they are fetched
        self.known: dict[int, Raw] = {}
        self.hook: Raw = {}
        self.allowed: list[str] = []
        self.error: Raw = {}
        self.closed = False
        self._poll: asyncio.Future[Refused | None] | None = None
        self._news = asyncio.Event()

    def add(self, update: Raw) -> int:
        """Queue an update, unless the bot did not ask for its kind."""
        id_: int = update["update_id"]
        self.known[id_] = update
        kinds = update.keys() - {"update_id"}
        if kinds & set(self.allowed) if self.allowed else kinds - _UNASKED:
            self.waiting.append(update)
            self.wake()
        return id_

    def again(self, id_: int) -> int:
        """Queue the same update once more, even if it was confirmed."""
        (self.waiting if self.hook else self.repeated).append(dict(self.known[id_]))
        self.wake()
        return id_

    def wake(self, refusal: Refused | None = None) -> None:
        """Wake who waits for updates; with a refusal, a waiting ``getUpdates`` ends with it."""
        self._news.set()
        if self._poll and not self._poll.done():
            self._poll.set_result(refusal)

    async def fetch(self, params: Raw) -> list[Raw]:
        """What ``getUpdates`` answers, in the order of their ids."""
        if self.closed:
            raise Refused(502)
        if self.hook:
            raise Refused(409, _POLLED)
        self.wake(Refused(409, _OTHER))
        self.allowed = params.get("allowed_updates", self.allowed)
        self._confirm(params.get("offset", 0))
        if not self.waiting and not self.repeated and params.get("timeout", 0):
            await self._arrival(params["timeout"])
        found = [*self.repeated, *self.waiting][: params.get("limit", 100)]
        del self.repeated[: len(found)]
        return sorted(found, key=lambda update: int(update["update_id"]))

    async def _arrival(self, seconds: float) -> None:
        self._poll = mine = asyncio.get_running_loop().create_future()
        with suppress(TimeoutError):
            if refusal := await asyncio.wait_for(mine, seconds):
                raise refusal

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.waiting = self.waiting[offset:]
        elif offset:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]

    def set_hook(self, params: Raw) -> bool:
        """Set the webhook, or remove it."""
        self.hook = params if params.get("url") else {}
        self.allowed = params.get("allowed_updates", self.allowed)
        self.waiting += self.repeated
        self.repeated = []
        if params.get("drop_pending_updates"):
            self.waiting.clear()
        self.error = {}
        self.wake(Refused(409, "terminated by setWebhook request") if self.hook else None)
        return True

    @property
    def idle(self) -> bool:
        """Whether all updates were taken, and the bot waits for more."""
        waited = self._poll is not None and not self._poll.done()
        return not self.waiting and not self.repeated and (bool(self.hook) or waited)

    def info(self) -> Raw:
        """What ``getWebhookInfo`` answers."""
        hook = {"url": self.hook.get("url", ""), "max_connections": self.hook.get("max_connections", 40)}
        asked = {"allowed_updates": self.allowed} if self.allowed else {}
        waiting = len(self.waiting) + len(self.repeated)
        return {**hook, "has_custom_certificate": False, "pending_update_count": waiting, **asked, **self.error}

    async def post(self) -> None:
        """Post updates to the webhook for ever, in order, each until it is taken."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            while True:
                self._news.clear()
                while self.hook and self.waiting:
                    update = self.waiting[0]
                    if not await self._posted(client, update):
                        await asyncio.sleep(0.05)
                    elif self.waiting and self.waiting[0] is update:
                        del self.waiting[0]
                await self._news.wait()

    async def _posted(self, client: httpx.AsyncClient, update: Raw) -> bool:
        secret = self.hook.get("secret_token")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            answer = await client.post(self.hook["url"], json=update, headers=headers)
        except httpx.HTTPError as error:
            problem = str(error) or type(error).__name__
        else:
            if answer.is_success:
                return True
            problem = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        self.error = {"last_error_date": _now(), "last_error_message": problem}
        return False


class _Api:
    """What each method of the Bot API does, once a call has been found correct."""

    def __init__(self) -> None:
        self.bot: Raw = {"id": 123456, "is_bot": True, "first_name": "Example", "username": "example_privacy_bot"}
        self.answers: dict[str, Raw] = {}
        self._queue = _Queue()
        self._chats: dict[int, _Chat] = {}
        self._files: dict[str, limits.Upload] = {}
        self._queries: set[str] = set()
        self._texts: dict[tuple[str, str], str] = {}
        self._commands: dict[tuple[str, str], list[Raw]] = {}

    async def _carry_out(self, call: Call) -> Any:
        params = call.params
        match call.method:
            case "getMe":
                return {**self.bot, "can_join_groups": True, "can_read_all_group_messages": False}
            case "getUpdates":
                return await self._queue.fetch(params)
            case "setWebhook":
                return self._queue.set_hook(params)
            case "deleteWebhook":
                return self._queue.set_hook({name: value for name, value in params.items() if name != "url"})
            case "getWebhookInfo":
                return self._queue.info()
            case "sendMessage" | "sendDocument":
                return self._send(params, call.files)
            case "editMessageText" | "editMessageReplyMarkup":
                return self._change(params, whole=call.method == "editMessageText")
            case _:
                return self._small(call.method, params)

    def _small(self, method: str, params: Raw) -> Any:
        key = _scope(params.get("scope")), params.get("language_code", "")
        match method:
            case "deleteMessage":
                return self._delete(params)
            case "sendChatAction":
                return bool(self._chat(params))
            case "answerCallbackQuery":
                return self._answer(params)
            case "setMyCommands":
                self._commands[key] = params["commands"]
                return True
            case "getMyCommands":
                return self._commands.get(key, [])
            case _:
                return self._profile(method, params)

    def _profile(self, method: str, params: Raw) -> Any:
        """Names and descriptions: in the language that is asked for, or else in that of everybody."""
        name = re.sub(r"\B(?=[A-Z])", "_", method[5:]).lower()
        language = params.get("language_code", "")
        if method.startswith("set"):
            self._texts[name, language] = params.get(name, "")
            return True
        fallback = self._texts.get((name, "")) or (self.bot["first_name"] if name == "name" else "")
        return {name: self._texts.get((name, language)) or fallback}

    def _chat(self, params: Raw) -> _Chat:
        chat = self._chats.get(params.get("chat_id", 0))
        if chat is None:
            raise Refused(400, "chat not found")
        if chat.blocked and chat.raw["type"] == "private":
            raise Refused(403, "bot was blocked by the user")
        if chat.blocked:
            raise Refused(403, f"bot was kicked from the {chat.raw['type']} chat")
        return chat

    def _send(self, params: Raw, files: Mapping[str, limits.Upload]) -> Raw:
        chat = self._chat(params)
        file = self._file(params, files) if "text" not in params else None
        document = {"document": _document(file)} if file is not None else {}
        raw = {
            "from": self.bot,
            "chat": chat.raw,
            "date": _now(),
            **_replied(chat, params),
            **document,
            **_content(params),
            **({"has_protected_content": True} if params.get("protect_content") else {}),
        }
        html: str = params.get("text") or params.get("caption") or ""
        sent = chat.keep(raw, html, (file.name, bytes(file)) if file is not None else None)
        chat.news.append(sent.seen())
        return sent.raw

    def _file(self, params: Raw, files: Mapping[str, limits.Upload]) -> limits.Upload:
        name = params.get("document", "attach://document").removeprefix("attach://")
        file = files.get(name, self._files.get(name))
        if file is None:
            raise Refused(400, "wrong file identifier/HTTP URL specified")
        self._files[f"file-{id(file)}"] = file
        return file

    def _change(self, params: Raw, *, whole: bool) -> Raw:
        """Edit the text and the keyboard of a message, or its keyboard alone."""
        chat = self._chat(params)
        sent = chat.sent.get(params["message_id"])
        if sent is None:
            raise Refused(400, "message to edit not found")
        if sent.raw["from"]["id"] != self.bot["id"]:
            raise Refused(400, "message can't be edited")
        if whole and "text" not in sent.raw:
            raise Refused(400, "there is no text in the message to edit")
        replaced = {"reply_markup", *(("text", "entities", "link_preview_options") if whole else ())}
        raw = {name: value for name, value in sent.raw.items() if name not in replaced} | _content(params)
        if raw == sent.raw:
            raise Refused(400, _SAME)
        sent.raw, sent.html = {**raw, "edit_date": _now()}, params.get("text", sent.html)
        chat.news.append(sent.seen())
        return sent.raw

    def _delete(self, params: Raw) -> bool:
        if self._chat(params).sent.pop(params["message_id"], None) is None:
            raise Refused(400, "message to delete not found")
        return True

    def _answer(self, params: Raw) -> bool:
        id_ = params["callback_query_id"]
        if id_ not in self._queries:
            raise Refused(400, _OLD)
        self._queries.remove(id_)
        self.answers[id_] = params
        return True


class FakeTelegram(_Api):
    """Telegram: a server for the bot (``url``, ``token``), and methods for who writes to it and who watches."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "123456:TEST-invented-token-of-nobody"  # noqa: S105 - invented
        self.url = ""
        self.calls: list[Call] = []
        self.problems: list[str] = []
        self._troubles: list[_Trouble] = []
        self._ids = itertools.count(1001)
        self._query_ids = itertools.count(4001)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        listener = socket.socket(proto=socket.IPPROTO_TCP)  # only so does asyncio send without Nagle's 40 ms
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        routes = [Route("/bot{token}/{method}", self._answered, methods=["GET", "POST"])]
        quiet: Raw = {"access_log": False, "log_config": None, "lifespan": "off", "timeout_graceful_shutdown": 2}
        self._server = _Server(uvicorn.Config(Starlette(routes=routes), http="h11", ws="none", **quiet))
        self._tasks = [asyncio.create_task(self._server.serve([listener])), asyncio.create_task(self._queue.post())]
        while not self._server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.001)
        return self

    async def __aexit__(self, *_: object) -> None:
        serving, posting = self._tasks
        posting.cancel()
        with suppress(asyncio.CancelledError):
            await posting
        self._queue.closed = self._server.should_exit = True
        self._queue.wake(Refused(502))
        await serving

    # The server

    async def _answered(self, request: Request) -> Response:
        method = request.path_params["method"]
        params, files = await _body(request)
        call = Call(method, limits.decoded(method, params), files, asyncio.get_running_loop().time())
        self.calls.append(call)
        if request.path_params["token"] != self.token:
            return _response(call, Refused(401))
        trouble = self._trouble(call)
        try:
            work = self._outcome(call, trouble)
            answer: Any = await (_heeded(request, work) if method == "getUpdates" else work)
        except Refused as refused:
            answer = refused
        return await self._cut(request) if trouble and (trouble.drop or trouble.after) else _response(call, answer)

    def _trouble(self, call: Call) -> _Trouble | None:
        for trouble in self._troubles:
            if trouble.method == call.method and trouble.chat in (None, call.params.get("chat_id")):
                trouble.times -= 1
                self._troubles = [one for one in self._troubles if one.times > 0]
                return trouble
        return None

    async def _outcome(self, call: Call, trouble: _Trouble | None) -> Any:
        found = limits.problems(call.method, call.params, call.files)
        self.problems += [f"{call.method}: {problem}" for problem in found]
        if trouble and not trouble.after:
            seconds = trouble.retry_after
            raise Refused(trouble.status, "" if seconds is None else f"retry after {seconds}", seconds)
        if found:
            raise Refused(400, "; ".join(found))
        return await self._carry_out(call)

    async def _cut(self, request: Request) -> Response:
        for connection in list(self._server.server_state.connections):
            if getattr(connection, "client", None) == request.client:
                connection.transport.abort()
        await request.receive()
        return Response()  # nobody is there to get it

    # Who writes

    def say(
        self,
        chat: int,
        text: str,
        *,
        user: int | None = None,
        language: str | None = "en",
        kind: Kind = "private",
        reply_to: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> int:
        """Write a message, of a kind that ``extra`` gives if it is not text alone."""
        place = self._place(chat, kind)
        place.user = _user(user or place.user["id"], language)
        written = {"text": text, **self._marks(text)} if text else {}
        answered = _replied(place, {"reply_parameters": {"message_id": reply_to}} if reply_to else {})
        head = {"from": place.user, "chat": place.raw, "date": _now()}
        return self._update("message", place.keep({**head, **answered, **written, **(extra or {})}).raw)

    def edit(self, chat: int, message_id: int, text: str) -> int:
        """Edit a message that a person wrote."""
        sent = self._chats[chat].sent[message_id]
        old = {name: value for name, value in sent.raw.items() if name not in {"text", "entities"}}
        sent.raw = {**old, "text": text, **self._marks(text), "edit_date": _now()}
        return self._update("edited_message", sent.raw)

    def press(self, chat: int, label_or_data: str, *, message_id: int | None = None, user: int | None = None) -> int:
        """Press the button of this text, or whose text begins so, or of this data, where it was shown last."""
        place = self._chats[chat]
        messages = [place.sent[message_id]] if message_id else reversed(place.sent.values())
        for sent in messages:
            button = _button(sent.keyboard, label_or_data)
            if button:
                assert "callback_data" in button, f"pressing {button['text']} tells the bot nothing"
                return self._pressed(place, sent.raw, button["callback_data"], user)
        raise AssertionError(f"no button {label_or_data!r}\n{self.picture()}")

    def press_inaccessible(self, chat: int, data: str, *, message_id: int = 1, user: int | None = None) -> int:
        """Press a button of a message that is too old for the bot to see."""
        place = self._place(chat)
        return self._pressed(place, {"chat": place.raw, "message_id": message_id, "date": 0}, data, user)

    def block(self, chat: int) -> int:
        """Block the bot, or throw it out of a group."""
        return self._member(chat, "member", "kicked")

    def unblock(self, chat: int) -> int:
        """Let the bot in again."""
        return self._member(chat, "kicked", "member")

    def update(self, raw: Raw) -> int:
        """Anything; an ``update_id`` is given to it if it has none, and its chat and callback query become known."""
        for inner in (value for value in raw.values() if isinstance(value, dict)):
            self._queries |= {inner["id"]} if inner is raw.get("callback_query") else set()
            chat = inner.get("chat") or inner.get("message", {}).get("chat")
            if chat:
                self._place(chat["id"], chat.get("type", "private"))
        return self._queue.add({"update_id": next(self._ids), **raw})

    def again(self, update_id: int) -> int:
        """Deliver an update once more."""
        return self._queue.again(update_id)

    def _update(self, kind: str, content: Raw) -> int:
        return self._queue.add({"update_id": next(self._ids), kind: content})

    def _place(self, chat: int, kind: str = "private") -> _Chat:
        if chat not in self._chats:
            who = {"first_name": "Visitor"} if kind == "private" else {"title": "Example group"}
            user = _user(chat if kind == "private" else 1001, "en")
            self._chats[chat] = _Chat({"id": chat, "type": kind, **who}, user)
        return self._chats[chat]

    def _pressed(self, place: _Chat, message: Raw, data: str, user: int | None) -> int:
        query = str(next(self._query_ids))
        self._queries.add(query)
        who = _user(user, place.user.get("language_code")) if user else place.user
        head = {"id": query, "from": who, "chat_instance": str(place.raw["id"])}
        return self._update("callback_query", {**head, "message": message, "data": data})

    def _member(self, chat: int, old: str, new: str) -> int:
        place = self._place(chat)
        place.blocked = new == "kicked"
        before, after = ({"user": self.bot, "status": one, **_until(one)} for one in (old, new))
        head = {"chat": place.raw, "from": place.user, "date": _now()}
        return self._update("my_chat_member", {**head, "old_chat_member": before, "new_chat_member": after})

    def _marks(self, text: str) -> Raw:
        """The entities that Telegram finds in what people write: commands and mentions."""
        entities = [
            {
                "type": "bot_command" if mark[0].startswith("/") else "mention",
                "offset": limits.units(text[: mark.start()]),
                "length": limits.units(mark[0]),
            }
            for mark in _MARKS.finditer(text)
        ]
        return {"entities": entities} if entities else {}

    # Who watches

    def messages(self, chat: int) -> list[Message]:
        """The bot's messages in a chat as they stand now, oldest first."""
        sent = self._chats[chat].sent.values() if chat in self._chats else ()
        return [one.seen() for one in sent if one.raw["from"]["id"] == self.bot["id"]]

    async def wait(self, predicate: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until something holds; an ``AssertionError`` shows what was there instead."""
        end = time.monotonic() + seconds
        while not predicate():
            assert time.monotonic() < end, f"waited {seconds} s in vain\n{self.picture()}"
            await asyncio.sleep(0.005)

    async def replies(self, chat: int, count: int = 1, seconds: float = 5.0) -> list[Message]:
        """The next ``count`` messages or edits that this has not returned before, each as it was when it came."""
        await self.wait(lambda: chat in self._chats and len(self._chats[chat].news) >= count, seconds)
        news = self._chats[chat].news
        found, news[:] = news[:count], news[count:]
        return found

    def my_commands(self, scope: str | Mapping[str, Any] = "default", language: str = "") -> list[tuple[str, str]]:
        """The commands that were set for a scope (its type, or the object) and a language."""
        return [(one["command"], one["description"]) for one in self._commands.get((_scope(scope), language), [])]

    def my_text(self, kind: Literal["name", "description", "short_description"], language: str = "") -> str:
        """The profile text that was set for exactly this language."""
        return self._texts.get((kind, language), "")

    @property
    def idle(self) -> bool:
        """Whether all updates were taken, and the bot waits for more."""
        return self._queue.idle

    def picture(self) -> str:
        """The last calls, the bot's messages, and what is wrong, for people."""
        calls = [f"  {call.status} {call.method} {call.params}" for call in self.calls[-15:]]
        messages = [f"  {chat}: {message}" for chat in self._chats for message in self.messages(chat)[-5:]]
        waiting = [f"  {update}" for update in self._queue.waiting[:5]]
        parts = {"calls": calls, "messages": messages, "waiting updates": waiting, "problems": self.problems}
        return "\n".join(f"{name}:\n" + "\n".join(lines) for name, lines in parts.items() if lines)

    # Trouble

    def fail(
        self,
        method: str,
        *,
        chat: int | None = None,
        status: int = 429,
        retry_after: int | None = None,
        times: int = 1,
        drop: bool = False,
        after: bool = False,
    ) -> None:
        """Answer the next calls so; ``drop`` cuts the connection instead, ``after`` does so once the call is done."""
        seconds = 1 if status == 429 and retry_after is None else retry_after
        self._troubles.append(_Trouble(method, chat, status, seconds, times, drop, after))


# What is built from values alone


def _now() -> int:
    return int(time.time())


def _until(status: str) -> Raw:
    return {"until_date": 0} if status == "kicked" else {}


def _user(id_: int, language: str | None) -> Raw:
    spoken = {"language_code": language} if language else {}
    return {"id": id_, "is_bot": False, "first_name": "Visitor", **spoken}


def _scope(scope: str | Mapping[str, Any] | None) -> str:
    if scope is None or isinstance(scope, str):
        return scope or "default"
    return ":".join(str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope)


def _button(keyboard: list[Raw], wanted: str) -> Raw | None:
    """The button of this text, or else whose text begins so, or else of this data."""
    for fits in (
        lambda one: one["text"] == wanted,
        lambda one: one["text"].startswith(wanted),
        lambda one: one.get("callback_data") == wanted,
    ):
        found = next(filter(fits, keyboard), None)
        if found:
            return found
    return None


def _replied(chat: _Chat, params: Raw) -> Raw:
    wanted = params.get("reply_parameters", {})
    sent = chat.sent.get(wanted.get("message_id", 0))
    if sent:
        return {"reply_to_message": {name: one for name, one in sent.raw.items() if name != "reply_to_message"}}
    if wanted and not wanted.get("allow_sending_without_reply"):
        raise Refused(400, "message to be replied not found")
    return {}


def _document(file: limits.Upload) -> Raw:
    ids = {"file_id": f"file-{id(file)}", "file_unique_id": f"unique-{id(file)}"}
    return {**ids, "file_name": file.name, "file_size": len(file)}


def _content(params: Raw) -> Raw:
    """Text or caption, entities and keyboard, as a message has them."""
    content: Raw = {}
    for name, entities in (("text", "entities"), ("caption", "caption_entities")):
        if name in params:
            text, found = limits.parsed(params[name], params.get("parse_mode"))
            marks = found or params.get(entities)
            content |= {name: text, **({entities: marks} if marks else {})}
    if "link_preview_options" in params:
        content["link_preview_options"] = params["link_preview_options"]
    if any(params.get("reply_markup", {}).get("inline_keyboard", [])):
        content["reply_markup"] = params["reply_markup"]
    return content


def _response(call: Call, answer: Any) -> Response:
    refused = isinstance(answer, Refused)
    call.status = answer.status if refused else 200
    body = answer.body() if refused else {"ok": True, "result": answer}
    return Response(json.dumps(body), call.status, media_type="application/json")


async def _heeded(request: Request, work: Coroutine[Any, Any, Any]) -> Any:
    """What the work brings, which ends when who asked for it has gone: a dead bot's poll takes no update with it."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(request.receive())
    await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    if not task.done():
        task.cancel()
    await asyncio.wait({task, gone})
    if task.cancelled():
        raise Refused(502)
    return task.result()


async def _body(request: Request) -> tuple[Raw, dict[str, limits.Upload]]:
    """The parameters and files of a request, whichever way they were written."""
    params: Raw = dict(request.query_params)
    files: dict[str, limits.Upload] = {}
    kind, body = request.headers.get("content-type", ""), await request.body()
    if kind.startswith("application/json"):
        params |= json.loads(body or b"{}")
    elif kind.startswith("multipart/form-data"):
        boundary = kind.partition("boundary=")[2].strip('"').encode()
        for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
            name, content = _part(part)
            (files if isinstance(content, limits.Upload) else params)[name] = content
    else:
        params |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return params, files


def _part(part: bytes) -> tuple[str, Any]:
    head, _, content = part.partition(b"\r\n\r\n")
    names = {name: unquote(value) for name, value in _NAMES.findall(head.decode())}
    if "filename" not in names:
        return names["name"], content.decode()
    file = limits.Upload(content)
    file.name = names["filename"]
    return names["name"], file
