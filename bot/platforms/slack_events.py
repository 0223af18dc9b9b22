"""What Slack sends as events of ours; in channels only what is meant for the assistant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from typing import Any, Final

from bot.core.buttons import InPrivate, decode
from bot.core.chat import Event, HomeOpened, Incoming, Opened, Pressed, Said, Unsupported

Body = Mapping[str, Any]

#: ``<@U1>``, ``<#C1|name>``, ``<mailto:a@b|a@b>``, ``<https://...|words>``, ``<!here>``.
_MARKED: Final = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")

#: Kinds of messages that are somebody's words; all others are told by Slack or written by programs.
_WORDS: Final = (None, "thread_broadcast", "file_share")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: the channel, its own time stamp, its thread; written as the ``message`` of an event."""

    channel: str
    ts: str = ""
    thread: str = ""

    def __str__(self) -> str:
        return f"{self.channel}|{self.ts}|{self.thread}"


def place(text: str) -> Place:
    """Read what ``str`` of a place gave; an empty one for an empty text."""
    return Place(*text.split("|")) if text else Place("")


def words(text: str) -> str:
    """What somebody wrote, without Slack's marks."""

    def said(mark: re.Match[str]) -> str:
        kind, target, label = mark[1], mark[2], mark[3]
        if kind in ("@", "!"):
            return " "
        return label or target.removeprefix("mailto:")

    return unescape(_MARKED.sub(said, text)).strip()


def private(team: str, user: str) -> str:
    """The conversation with one person, as the assistant names it."""
    return f"slack:{team}:{user}"


def message(body: Body, at: datetime) -> Incoming | None:
    """A direct message, or one that was edited; None for what is not said to the assistant."""
    event: Body = body["event"]
    if event.get("channel_type") != "im" or event.get("bot_id"):
        return None
    edited = event.get("subtype") == "message_changed"
    said: Body = event["message"] if edited else event
    if said.get("bot_id") or said.get("subtype") not in _WORDS or "user" not in said:
        return None
    if edited and said.get("text") == event.get("previous_message", {}).get("text"):
        return None  # Slack tells of previews that it has put below a message, too
    at_place = Place(event["channel"], said["ts"], said.get("thread_ts", ""))
    written: Event = Said(words(said.get("text", "")), corrects=edited)
    if said.get("files") or not said.get("text"):
        written = Unsupported("media")
    return Incoming(body["event_id"], private(body["team_id"], said["user"]), at, written, message=str(at_place))


def mention(body: Body, at: datetime) -> Incoming | None:
    """The assistant was mentioned in a channel: answered in the thread, where others read along."""
    event: Body = body["event"]
    if event.get("bot_id") or "user" not in event:
        return None
    thread = event.get("thread_ts") or event["ts"]
    here = Place(event["channel"], event["ts"], thread)
    chat = f"slack:{body['team_id']}:{event['channel']}"
    said = Said(words(event.get("text", "")) or "/help")
    return Incoming(body["event_id"], chat, at, said, message=str(here), public=True)


def opened(body: Body, at: datetime) -> Incoming | None:
    """A person has opened the page about themselves, or the messages: greeted there once."""
    event: Body = body["event"]
    chat, here = private(body["team_id"], event["user"]), str(Place(event.get("channel", "")))
    if event.get("tab") == "home":
        return Incoming(body["event_id"], chat, at, HomeOpened(), message=here)
    if event.get("tab") == "messages":
        return Incoming(body["event_id"], chat, at, Opened(once=True), message=here)
    return None


def press(body: Body, at: datetime) -> tuple[Incoming, bool] | None:
    """A button was pressed: the event, and whether that was on the page about oneself.

    In a channel a press that leads to the private conversation is said there, by the one who pressed.
    """
    action: Body = body["actions"][0]
    team, user = body["team"]["id"], body["user"]["id"]
    value = action.get("value") or ""
    pressed = decode(value)
    id_ = f"{action.get('action_ts', '')}:{user}:{action.get('action_id', '')}"
    container: Body = body.get("container", {})
    channel = container.get("channel_id", "")
    own = Incoming(id_, private(team, user), at, Pressed(pressed) if pressed else Unsupported("button"))
    if not channel:
        return own, True
    if isinstance(pressed, InPrivate):
        return replace(own, event=Said(f"/start {pressed.payload}".strip())), False
    here = Place(channel, container.get("message_ts", ""), container.get("thread_ts", ""))
    if channel.startswith("D"):
        return replace(own, message=str(here)), False
    public = replace(own, chat=f"slack:{team}:{channel}", message=str(replace(here, thread=here.thread or here.ts)))
    return replace(public, public=True), False


def command(body: Body, at: datetime) -> Incoming:
    """A slash command: what follows it is said in the private conversation."""
    text = words(body.get("text", "")) or "/help"
    return Incoming(body["trigger_id"], private(body["team_id"], body["user_id"]), at, Said(text))


def shortcut(body: Body, at: datetime) -> Incoming:
    """``Ask about this`` on a message: its words are asked in the private conversation."""
    text = words(body["message"].get("text", ""))
    said: Event = Said(text, quoted=True) if text else Unsupported("media")
    return Incoming(body["trigger_id"], private(body["team"]["id"], body["user"]["id"]), at, said)
