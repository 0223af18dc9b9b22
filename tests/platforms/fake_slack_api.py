"""What the fake Slack holds — people, channels, messages, views — and what each method of its Web API does with it.

``fake_slack`` has the people who write, the wires to the app, and the eyes of the test.
"""

import copy
import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from tests.platforms import slack_limits as limits

Raw: TypeAlias = dict[str, Any]

_SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("chat.postMessage", "chat.update", "chat.delete", "chat.postEphemeral"), ("chat:write",)),
    "conversations.open": ("im:write", "mpim:write"),
    "users.info": ("users:read",),
    "bots.info": ("users:read",),
    "team.info": ("team:read",),
    "reactions.add": ("reactions:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.completeUploadExternal": ("files:write",),
    "assistant.threads.setStatus": ("assistant:write", "chat:write"),
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "assistant.threads.setTitle": ("assistant:write",),
}
_SINGLE: Final[Mapping[str, tuple[str, str]]] = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    **dict.fromkeys(
        ("plain_text_input", "email_text_input", "url_text_input", "number_input"), ("value", "initial_value")
    ),
}
_SEVERAL: Final = {"checkboxes", "multi_static_select"}
_CONTROLS: Final = {"button", "workflow_button", "icon_button", "feedback_buttons", "overflow", "image"}
_PARTS: Final = ("title", "submit", "close")
_UNSEEN: Final = {"confirm", "placeholder", "initial_option", "initial_options", "accessibility_label"}
_LINK: Final = re.compile(r"<([^<>|\n]*)(?:\|([^<>\n]*))?>")
_STRONG: Final = re.compile(r"(?<![\w*_~`])([*_~`]{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*_~`])")
_MARKDOWN_LINK: Final = re.compile(r"\[([^\]\n]*)\]\([^)\n]*\)")
_LEAD: Final = re.compile(r"^(?:#{1,6}|>|&gt;)\s?", re.MULTILINE)


@dataclass
class Call:
    """One call of the app, its parameters as values, and the answer it got (with ``status`` if that was not 200)."""

    method: str
    params: Raw
    token: str
    at: float
    answer: Raw = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """A message of the app: as people read it (``plain``, ``buttons``), and as it was written."""

    channel: str
    ts: str
    thread_ts: str | None
    text: str
    blocks: list[Raw]
    plain: str
    buttons: list[tuple[str, str, str]]
    files: list[tuple[str, bytes]]
    edited: bool
    only_for: str
    reactions: list[str]


@dataclass(frozen=True)
class View:
    """A modal or a home as it stands: as people read it, and (``raw``) as Slack tells of it."""

    id: str
    hash: str
    title: str
    blocks: list[Raw]
    plain: str
    buttons: list[tuple[str, str, str]]
    inputs: list[tuple[str, str]]
    raw: Raw


@dataclass
class Sent:
    """A message of either side: ``raw`` is what Slack tells of it, and is replaced rather than changed."""

    channel: str
    raw: Raw
    by_app: bool
    only_for: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list)
    state: Raw = field(default_factory=dict)
    reactions: list[str] = field(default_factory=list)

    def seen(self) -> Message:
        """The message as it stands now."""
        text, blocks = self.raw.get("text", ""), self.raw.get("blocks", [])
        shown = plain(blocks) or words(text)
        pressed = [button[:3] for button in buttons(blocks)]
        return Message(
            self.channel,
            self.raw["ts"],
            self.raw.get("thread_ts"),
            text,
            blocks,
            shown,
            pressed,
            list(self.files),
            "edited" in self.raw,
            self.only_for,
            list(self.reactions),
        )


@dataclass
class Place:
    """One channel: its messages, and what has appeared in it since ``replies`` was last asked."""

    id: str
    kind: str
    name: str
    user: str = ""
    member: bool = True
    archived: bool = False
    sent: dict[str, Sent] = field(default_factory=dict)
    news: list[Message] = field(default_factory=list)
    prompts: list[tuple[str, str]] = field(default_factory=list)
    status: str = ""
    title: str = ""


class Refused(Exception):  # noqa: N818 - an answer, not an accident
    """An answer that is no success."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer: Raw = {"ok": False, "error": error, **more}


class Api:
    """The workspace, and the Web API's methods once a call has been found correct."""

    def __init__(self) -> None:
        self.bot_token = "xoxb-invented-token-of-nobody"  # noqa: S105 - invented
        self.app_token = "xapp-invented-token-of-nobody"  # noqa: S105 - invented
        self.signing_secret = "invented-signing-secret"  # noqa: S105 - invented
        self.client_id, self.client_secret = "1111.2222", "invented-client-secret"
        self.team_id, self.app_id, self.bot_id, self.bot_user_id = "T0EXAMPLE", "A0EXAMPLE", "B0EXAMPLE", "U0BOT"
        self.scopes = [
            *("app_mentions:read", "assistant:write", "channels:history", "chat:write", "commands", "files:write"),
            *("im:history", "im:write", "reactions:write", "team:read", "users:read"),
        ]
        self.problems: list[str] = []
        self.origin = ""
        self.trigger_seconds = 3.0
        self._tokens: dict[str, Raw] = {self.bot_token: {"team": self.team_id}, self.app_token: {"app": True}}
        self._codes: dict[str, Raw] = {}
        self._users: dict[str, Raw] = {}
        self._gone: dict[str, str] = {}
        self._places: dict[str, Place] = {}
        self._stacks: dict[str, list[Raw]] = {}
        self._homes: dict[str, Raw] = {}
        self._triggers: dict[str, Raw] = {}
        self._uploads: dict[str, tuple[str, int]] = {}
        self._files: dict[str, tuple[str, bytes]] = {}
        self._tickets: set[str] = set()
        self._count = itertools.count(1)
        self._methods: dict[str, Callable[[Raw, str], Raw]] = {
            "auth.test": self._auth_test,
            "auth.revoke": self._auth_revoke,
            "apps.connections.open": self._connections_open,
            "apps.uninstall": self._apps_uninstall,
            "oauth.v2.access": self._oauth,
            "team.info": self._team_info,
            "bots.info": self._bots_info,
            "users.info": self._users_info,
            "conversations.open": self._conversations_open,
            "chat.postMessage": self._post_message,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "reactions.add": self._react,
            "views.open": self._views_open,
            "views.push": self._views_push,
            "views.update": self._views_update,
            "views.publish": self._views_publish,
            "assistant.threads.setSuggestedPrompts": self._prompts,
            "assistant.threads.setStatus": self._status,
            "assistant.threads.setTitle": self._title,
            "files.getUploadURLExternal": self._upload_url,
            "files.completeUploadExternal": self._uploaded,
        }

    def _uninstall(self) -> None:
        """What else happens when the app is removed."""

    def _echo(self, place: Place, sent: Sent, old: Raw | None = None) -> None:
        """Tell the app of its own message."""

    def _socket_url(self, ticket: str) -> str:
        raise NotImplementedError

    def _next(self, prefix: str) -> str:
        return f"{prefix}{next(self._count):06d}"

    def _stamp(self) -> str:
        return f"{int(time.time())}.{next(self._count):06d}"

    def _carry_out(self, call: Call) -> Raw:
        method = self._methods.get(call.method)
        if method is None:
            raise Refused("unknown_method", req_method=call.method)
        if call.method != "oauth.v2.access":
            self._allowed(call)
        found = limits.problems(call.method, call.params)
        self.problems += [f"{call.method}: {problem}" for problem in found]
        if found:
            blocks = any("block" in problem for problem in found)
            messages = {"messages": [f"[ERROR] {problem}" for problem in found]}
            raise Refused("invalid_blocks" if blocks else "invalid_arguments", response_metadata=messages)
        return {"ok": True, **method(call.params, call.token)}

    def _allowed(self, call: Call) -> None:
        token = self._tokens.get(call.token)
        if token is None:
            raise Refused("invalid_auth" if call.token else "not_authed")
        if "error" in token:
            raise Refused(token["error"])
        if ("app" in token) != (call.method == "apps.connections.open"):
            raise Refused("not_allowed_token_type")
        needed = _SCOPES.get(call.method, ())
        if needed and not set(needed) & set(self.scopes):
            raise Refused("missing_scope", needed=needed[0], provided=",".join(self.scopes))

    # The app itself

    def _auth_test(self, _: Raw, token: str) -> Raw:
        team = {"url": "https://example.slack.com/", "team": "Example", "team_id": self._tokens[token]["team"]}
        bot = {"user": "privacy", "user_id": self.bot_user_id, "bot_id": self.bot_id}
        return {**team, **bot, "is_enterprise_install": False}

    def _auth_revoke(self, params: Raw, token: str) -> Raw:
        if not params.get("test"):
            self._tokens[token]["error"] = "token_revoked"
        return {"revoked": not params.get("test")}

    def _client(self, params: Raw) -> None:
        if params.get("client_id") != self.client_id:
            raise Refused("invalid_client_id")
        if params.get("client_secret") != self.client_secret:
            raise Refused("bad_client_secret")

    def _apps_uninstall(self, params: Raw, _: str) -> Raw:
        self._client(params)
        self._uninstall()
        return {}

    def _oauth(self, params: Raw, _: str) -> Raw:
        self._client(params)
        known = self._codes.pop(params.get("code", ""), None)
        if known is None:
            raise Refused("invalid_code")
        self._tokens[known["access_token"]] = {"team": known["team"]["id"]}
        return known

    def _connections_open(self, _: Raw, __: str) -> Raw:
        ticket = self._next("ticket")
        self._tickets.add(ticket)
        return {"url": self._socket_url(ticket)}

    def _team_info(self, _: Raw, token: str) -> Raw:
        return {"team": {"id": self._tokens[token]["team"], "name": "Example", "domain": "example"}}

    def _bots_info(self, params: Raw, _: str) -> Raw:
        if params.get("bot", self.bot_id) != self.bot_id:
            raise Refused("bot_not_found")
        bot = {"id": self.bot_id, "app_id": self.app_id, "user_id": self.bot_user_id}
        return {"bot": {**bot, "deleted": False, "name": "Privacy"}}

    # People and channels

    def _users_info(self, params: Raw, _: str) -> Raw:
        user = dict(self._known(params["user"]))
        if not params.get("include_locale"):
            del user["locale"]
        return {"user": user}

    def _known(self, user: str) -> Raw:
        if user not in self._users:
            raise Refused("user_not_found")
        return self._users[user]

    def _conversations_open(self, params: Raw, _: str) -> Raw:
        users = str(params.get("users", "")).split(",")
        if params.get("channel"):
            place = self._channel(params["channel"])
        elif not users[0]:
            raise Refused("users_list_not_supplied")
        else:
            if any(self._known(user).get("deleted") for user in users):
                raise Refused("user_disabled")
            place = self._direct(users[0]) if len(users) == 1 else self._place(f"G{''.join(users)}", "mpim")
        full = {"is_im": place.kind == "im", "user": place.user} if params.get("return_im") else {}
        return {"channel": {"id": place.id, **full}}

    def _direct(self, user: str) -> Place:
        if user not in self._users:
            self._users[user] = _user(user, self.team_id, "en-GB", "Europe/Helsinki")
        id_ = f"D{user[1:]}"
        return self._places.setdefault(id_, Place(id_, "im", "directmessage", user))

    def _place(self, id_: str, kind: str = "") -> Place:
        """A channel, which comes into being with the app in it; for a person, the app's chat with them."""
        if id_.startswith(("U", "W")):
            return self._direct(id_)
        found = kind or {"D": "im", "G": "group"}.get(id_[0], "channel")
        return self._places.setdefault(id_, Place(id_, found, id_.lower()))

    def _channel(self, id_: str) -> Place:
        place = self._direct(id_) if id_ in self._users else self._places.get(id_)
        if place is None or (place.kind == "group" and not place.member):
            raise Refused("channel_not_found")
        if not place.member:
            raise Refused("not_in_channel")
        if place.archived:
            raise Refused("is_archived")
        if self._gone.get(place.user):
            raise Refused(self._gone[place.user])
        return place

    # Messages

    def _post_message(self, params: Raw, _: str) -> Raw:
        place = self._channel(params["channel"])
        sent = self._posted(place, params)
        return {"channel": place.id, "ts": sent.raw["ts"], "message": sent.raw}

    def _post_ephemeral(self, params: Raw, _: str) -> Raw:
        place = self._channel(params["channel"])
        self._known(params["user"])
        return {"message_ts": self._posted(place, params, params["user"]).raw["ts"]}

    def _posted(self, place: Place, params: Raw, only_for: str = "", files: Iterable[str] = ()) -> Sent:
        bot = {"user": self.bot_user_id, "bot_id": self.bot_id, "app_id": self.app_id, "team": self.team_id}
        kept = {name: params[name] for name in ("thread_ts", "metadata") if params.get(name)}
        thread = kept.get("thread_ts")
        if thread and thread not in place.sent:
            self.problems.append(f"chat.postMessage: there is no message {thread} in {place.id} to reply to")
        raw = {"type": "message", **bot, "ts": self._stamp(), "text": params.get("text", ""), **kept}
        sent = Sent(place.id, raw, by_app=True, only_for=only_for, files=[self._files[id_] for id_ in files])
        self._filled(sent, params)
        if sent.files:
            raw |= {"subtype": "file_share", "files": [_file(id_, self._files[id_][0], self.origin) for id_ in files]}
        place.sent[raw["ts"]] = sent
        place.news.append(sent.seen())
        place.status = ""
        self._echo(place, sent)
        return sent

    def _filled(self, sent: Sent, params: Raw) -> None:
        """Give a message its blocks; without any it has none, and only ``chat.update`` without a text keeps them."""
        if params.get("blocks"):
            blocks = self._numbered(params["blocks"])
            sent.raw["blocks"], sent.state = blocks, state(blocks, sent.state)
        elif "text" in params or "blocks" in params:
            sent.raw.pop("blocks", None)
            sent.state = {}

    def _numbered(self, blocks: list[Raw]) -> list[Raw]:
        """The blocks with the ids that Slack gives to those that have none."""
        blocks = copy.deepcopy(blocks)
        for block in blocks:
            block.setdefault("block_id", self._next("b"))
        for _, element in elements(blocks):
            if element["type"] != "image":
                element.setdefault("action_id", self._next("a"))
        return blocks

    def _own(self, params: Raw, refusal: str) -> tuple[Place, Sent]:
        place = self._channel(params["channel"])
        sent = place.sent.get(str(params["ts"]))
        if sent is None or sent.only_for:
            raise Refused("message_not_found")
        if not sent.by_app:
            raise Refused(refusal)
        return place, sent

    def _update(self, params: Raw, _: str) -> Raw:
        place, sent = self._own(params, "cant_update_message")
        self._changed(place, sent, params)
        head = {"channel": place.id, "ts": sent.raw["ts"], "text": sent.raw["text"]}
        return {**head, "message": sent.raw}

    def _changed(self, place: Place, sent: Sent, params: Raw) -> None:
        old = sent.raw
        edited = {"edited": {"user": self.bot_user_id, "ts": self._stamp()}}
        sent.raw = {**old, "text": params.get("text", old["text"]), **edited}
        self._filled(sent, params)
        place.news.append(sent.seen())
        self._echo(place, sent, old)

    def _delete(self, params: Raw, _: str) -> Raw:
        place, sent = self._own(params, "cant_delete_message")
        del place.sent[sent.raw["ts"]]
        return {"channel": place.id, "ts": sent.raw["ts"]}

    def _react(self, params: Raw, _: str) -> Raw:
        sent = self._channel(params["channel"]).sent.get(str(params["timestamp"]))
        if sent is None:
            raise Refused("message_not_found")
        if params["name"] in sent.reactions:
            raise Refused("already_reacted")
        sent.reactions.append(params["name"])
        return {}

    def _prompts(self, params: Raw, _: str) -> Raw:
        place = self._channel(params["channel_id"])
        place.prompts = [(one["title"], one["message"]) for one in params["prompts"]]
        return {}

    def _status(self, params: Raw, _: str) -> Raw:
        self._channel(params["channel_id"]).status = params["status"]
        return {}

    def _title(self, params: Raw, _: str) -> Raw:
        self._channel(params["channel_id"]).title = params["title"]
        return {}

    # Files

    def _given(self, name: str, content: bytes) -> Raw:
        id_ = self._next("F")
        self._files[id_] = (name, content)
        return _file(id_, name, self.origin)

    def _upload_url(self, params: Raw, _: str) -> Raw:
        id_ = self._next("F")
        self._uploads[id_] = (params["filename"], int(params["length"]))
        return {"upload_url": f"{self.origin}/upload/v1/{id_}", "file_id": id_}

    def _uploaded(self, params: Raw, _: str) -> Raw:
        ids = [one["id"] for one in params["files"]]
        if any(id_ not in self._files for id_ in ids):
            raise Refused("file_not_found")
        for channel in filter(None, str(params.get("channel_id") or params.get("channels") or "").split(",")):
            place = self._channel(channel)
            written = {"text": params.get("initial_comment", ""), "thread_ts": params.get("thread_ts")}
            self._posted(place, written, files=ids)
        return {"files": [_file(id_, self._files[id_][0], self.origin) for id_ in ids]}

    # Views

    def _trigger(self, user: str) -> str:
        number = next(self._count)
        id_ = f"{number}.{number}.{number:08x}"
        self._triggers[id_] = {"user": user, "at": time.monotonic(), "used": False}
        return id_

    def _exchanged(self, id_: str) -> str:
        """Whose trigger it is, which is used up by this."""
        trigger = self._triggers.get(id_)
        if trigger is None or time.monotonic() - trigger["at"] > self.trigger_seconds:
            raise Refused("invalid_trigger_id" if trigger is None else "expired_trigger_id")
        if trigger["used"]:
            raise Refused("exchanged_trigger_id")
        trigger["used"] = True
        user: str = trigger["user"]
        return user

    def _views_open(self, params: Raw, _: str) -> Raw:
        user = self._exchanged(params["trigger_id"])
        self._stacks[user] = []
        return {"view": self._pushed(user, params["view"])}

    def _views_push(self, params: Raw, _: str) -> Raw:
        user = self._exchanged(params["trigger_id"])
        if not self._stacks.get(user):
            raise Refused("not_found")
        return {"view": self._pushed(user, params["view"])}

    def _pushed(self, user: str, view: Raw) -> Raw:
        stack = self._stacks.setdefault(user, [])
        if len(stack) == 3:
            raise Refused("push_limit_reached")
        external = view.get("external_id")
        if external and any(one["external_id"] == external for views in self._stacks.values() for one in views):
            raise Refused("duplicate_external_id")
        made = self._made(view, self._next("V"), stack)
        stack.append(made)
        return made

    def _made(self, view: Raw, id_: str, below: list[Raw], old: Raw | None = None) -> Raw:
        """A view as Slack tells of it; what people entered stays where the ids have stayed."""
        blocks = self._numbered(view["blocks"])
        given = {**dict.fromkeys(("private_metadata", "callback_id", "external_id"), ""), **dict.fromkeys(_PARTS)}
        flags = {"clear_on_close": False, "notify_on_close": False}
        root, previous = (below[0]["id"], below[-1]["id"]) if below else (id_, None)
        place = {"root_view_id": root, "previous_view_id": previous}
        ids = {"id": id_, "team_id": self.team_id, "app_id": self.app_id, "bot_id": self.bot_id}
        values = {"values": state(blocks, old["state"]["values"] if old else {})}
        stamp = {"hash": f"{int(time.time())}.{next(self._count):08x}", "app_installed_team_id": self.team_id}
        return {**given, **flags, **view, **ids, **place, **stamp, "blocks": blocks, "state": values}

    def _views_update(self, params: Raw, _: str) -> Raw:
        for stack in [*self._stacks.values(), *([one] for one in self._homes.values())]:
            for place, old in enumerate(stack):
                if old["id"] == params.get("view_id") or (
                    old["external_id"] and old["external_id"] == params.get("external_id")
                ):
                    return {"view": self._replaced(stack, place, params)}
        raise Refused("not_found")

    def _replaced(self, stack: list[Raw], place: int, params: Raw) -> Raw:
        old = stack[place]
        if params.get("hash") and params["hash"] != old["hash"]:
            raise Refused("hash_conflict")
        if params["view"]["type"] != old["type"]:
            raise Refused("invalid_arguments", response_metadata={"messages": ["the type of a view cannot change"]})
        new = self._made(params["view"], old["id"], stack[:place], old)
        old.clear()
        old.update(new)
        return old

    def _views_publish(self, params: Raw, _: str) -> Raw:
        user = self._known(params["user_id"])["id"]
        if user not in self._homes:
            self._homes[user] = self._made(params["view"], self._next("V"), [])
            return {"view": self._homes[user]}
        return {"view": self._replaced([self._homes[user]], 0, params)}


# What is built from values alone


def _user(id_: str, team: str, locale: str, tz: str) -> Raw:
    name = {"name": f"visitor.{id_.lower()}", "real_name": "Visitor", "profile": {"real_name": "Visitor"}}
    flags = {"deleted": False, "is_bot": False, "is_restricted": False, "is_ultra_restricted": False}
    return {"id": id_, "team_id": team, **name, **flags, "tz": tz, "locale": locale}


def _file(id_: str, name: str, origin: str) -> Raw:
    url = f"{origin}/files/{id_}"
    return {"id": id_, "name": name, "title": name, "mode": "hosted", "url_private": url, "url_private_download": url}


def elements(blocks: list[Raw]) -> Iterator[tuple[Raw, Raw]]:
    """All that can be pressed, chosen or filled in, each with the block it stands in."""
    for block in blocks:
        inner = [*block.get("elements", ()), *(block[name] for name in ("accessory", "element") if name in block)]
        if block["type"] in ("actions", "context_actions", "section", "input"):
            yield from ((block, element) for element in inner)


def buttons(blocks: list[Raw]) -> list[tuple[str, str, str, Raw]]:
    """All that can be pressed: its label, its id, its value or address, and what the app is told of it."""
    return [found for block, element in elements(blocks) for found in _pressed(block, element)]


def _pressed(block: Raw, element: Raw) -> Iterator[tuple[str, str, str, Raw]]:
    kind, action_id = element["type"], element.get("action_id", "")
    ids: Raw = {"action_id": action_id, "block_id": block.get("block_id", ""), "type": kind}
    parts = [element] if kind in ("button", "icon_button", "workflow_button") else []
    if kind == "feedback_buttons":
        parts = [element["positive_button"], element["negative_button"]]
    for part in parts:
        told: Raw = {name: part[name] for name in ("text", "value", "style", "url") if name in part}
        yield part["text"]["text"], action_id, str(part.get("value", part.get("url", ""))), {**ids, **told}
    for one in element["options"] if kind == "overflow" else ():
        yield one["text"]["text"], action_id, one["value"], {**ids, "selected_option": one}


def options(element: Raw) -> list[Raw]:
    """What can be chosen of an element."""
    groups: list[Raw] = element.get("option_groups", [])
    return [*element.get("options", ()), *(one for group in groups for one in group["options"])]


def state(blocks: list[Raw], old: Raw) -> Raw:
    """The values of a surface: what it began with, and what of ``old`` still has its place."""
    values: Raw = {}
    for block, element in elements(blocks):
        if element["type"] in _CONTROLS:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        kept = old.get(block_id, {}).get(action_id)
        stays = kept and kept["type"] == element["type"]
        values.setdefault(block_id, {})[action_id] = kept if stays else entered(element, None)
    return values


def entered(element: Raw, wanted: list[str] | None) -> Raw | None:
    """The value of an element once people entered this (None: nothing yet); None if they cannot."""
    kind = element["type"]
    if kind in _CONTROLS:
        return None
    known = options(element)
    if kind in _SEVERAL or (kind in _SINGLE and known):
        begun = element.get("initial_options", [element[name] for name in ("initial_option",) if name in element])
        found = begun if wanted is None else [one for name in wanted for one in _option(known, name)]
        if wanted is not None and len(found) != len(wanted):
            return None
        if kind in _SEVERAL:
            return {"type": kind, "selected_options": found}
        return {"type": kind, "selected_option": found[0] if found else None}
    name, initial = _SINGLE.get(kind, (f"selected_{kind.removeprefix('multi_').removesuffix('_select')}", ""))
    if kind.startswith("multi_"):
        return {"type": kind, name: wanted or element.get(name.replace("selected", "initial"), [])}
    return {"type": kind, name: element.get(initial) if wanted is None else "".join(wanted) or None}


def _option(known: list[Raw], wanted: str) -> list[Raw]:
    """The option of this text, or of this value, or else whose text begins so."""
    exact = [one for one in known if wanted in (one["text"]["text"], one["value"])]
    return (exact or [one for one in known if one["text"]["text"].startswith(wanted)])[:1]


def plain(blocks: list[Raw]) -> str:
    """All words that people read in blocks, without those on buttons and in closed menus."""
    return "\n".join(text for block in blocks for text in _texts(block) if text)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for inner in node:
            yield from _texts(inner)
        return
    kind = node.get("type", "")
    if (kind in _CONTROLS and kind != "image") or kind.endswith("_select"):
        return
    if kind in ("plain_text", "mrkdwn", "markdown", "raw_text"):
        yield node["text"] if kind in ("plain_text", "raw_text") else words(node["text"])
    elif kind == "rich_text_section":
        yield "".join(str(one.get("text", one.get("url", ""))) for one in node["elements"])
    else:
        for name, inner in node.items():
            if name not in _UNSEEN and isinstance(inner, dict | list) and inner:
                yield from _texts(inner)


def words(text: str) -> str:
    """Marked-up text as people read it."""
    text = _MARKDOWN_LINK.sub(r"\1", _LINK.sub(lambda link: link[2] or link[1].removeprefix("mailto:"), text))
    for _ in range(2):
        text = _STRONG.sub(r"\2", text)
    text = _LEAD.sub("", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
