"""Scenes on Slack for tests: played through the whole house, and what is left of them in files."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from bot.app import Assistant
from bot.core.request import Case
from tests.platforms.fake_slack_api import Message, View
from tests.platforms.on_slack import USER, OnSlack, on_slack
from tests.visiting import world_with

Scene: TypeAlias = Callable[[OnSlack], Awaitable[None]]

#: A second person of the workspace, and a channel that both are in.
OTHER, CHANNEL = "U0OTHER", "C0GENERAL"

#: Topics of which each answer is one message, with buttons to vote on it.
TOPICS = (
    "retention", "recipients", "data_sources", "data_collected", "rights_overview", "right_access", "right_erasure",
    "right_rectification", "right_object", "cookies_used", "cookie_duration", "dpo", "contact_privacy", "purposes",
    "legal_basis", "security", "data_sale", "right_complaint", "profiling", "children",
)  # fmt: skip


def played(assistant: Assistant, folder: Path, scene: Scene, *, inboxes: bool = True, **how: Any) -> None:
    """A scene, at a house where every company has an inbox (or none has)."""

    async def play() -> None:
        async with on_slack(assistant, folder, world_with(assistant.world, inboxes=inboxes), **how) as there:
            await scene(there)

    asyncio.run(play())


def topic(message: Message) -> str:
    """The topic that a message answers; empty for any other message."""
    return next((value.split(":")[1] for _, _, value in message.buttons if value.startswith("u:")), "")


def topics(there: OnSlack, place: str = USER) -> list[str]:
    """What somebody, or a channel, was told about, in order."""
    return [topic(message) for message in there.fake.messages(place)]


def labels(message: Message) -> list[str]:
    """The buttons under a message."""
    return [label for label, _, _ in message.buttons]


def ask(there: OnSlack, name: str, user: str = USER) -> str:
    """Ask about a topic, without waiting."""
    return there.fake.say(user, f"/start {name}--kaltiot")


def words(messages: list[Message]) -> str:
    """All words of messages."""
    return "\n".join(message.plain for message in messages)


async def cases(there: OnSlack) -> list[Case]:
    """All requests that were made."""

    def read(tx: Any) -> list[Case]:
        ids = [id_ for (id_,) in tx.db.execute("select id from cases").fetchall()]
        return [tx.case_by_id(id_) for id_ in ids]

    return await there.store.tx(read)


async def to_review(there: OnSlack, name: str = "Visitor Example", user: str = USER) -> list[Message]:
    """Walk through a request for erasure until all of it is shown; what is shown."""
    await there.say("/start erasure--kaltiot", user)
    await there.press("Everything", user)
    await there.say(name, user)
    await there.say("visitor@example.com", user)
    return await there.press("Go on without", user)


def traces(there: OnSlack) -> bytes:
    """Every byte of the database and of its journals."""
    return b"".join(file.read_bytes() for file in sorted(there.file.parent.glob(f"{there.file.name}*")))


def rows(tx: Any) -> list[int]:
    """How much is stored, table by table."""
    return [tx.db.execute(f"select count(*) from {name}").fetchone()[0] for name in tx.db.table_names()]  # noqa: S608


def broken(there: OnSlack, *, yes: bool = True) -> None:
    """Have the database refuse whatever happens, or take it again."""
    refuses = "create trigger broken before insert on events begin select raise(abort, 'no room'); end"
    with closing(sqlite3.connect(there.file)) as db:
        db.execute(refuses if yes else "drop trigger broken")


async def post(
    there: OnSlack,
    body: bytes,
    *,
    kind: str = "application/json",
    age: int = 0,
    secret: str | None = None,
    more: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Bring something to the house, signed as Slack does, ``age`` seconds ago or with another ``secret``."""
    at = str(int(time.time()) - age)
    key = (there.fake.signing_secret if secret is None else secret).encode()
    mark = hmac.new(key, f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={mark}"}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(there.fake.request_url, content=body, headers=headers | dict(more or {}))


def event(there: OnSlack, text: str, id_: str, user: str = USER, **more: Any) -> bytes:
    """A direct message as Slack tells of it."""
    said = {"type": "message", "channel_type": "im", "channel": there.fake.dm(user), "user": user, "text": text}
    stamp = f"{int(time.time())}.{abs(hash(id_)) % 1_000_000:06}"
    head = {"type": "event_callback", "team_id": there.fake.team_id, "api_app_id": there.fake.app_id, "event_id": id_}
    return json.dumps({**head, "event": {**said, "ts": stamp, **more}}).encode()


async def open_form(there: OnSlack, user: str = USER) -> View:
    """Open the newest form that is offered."""
    await there.settled(there.fake.press(user, "Open the form"))
    return form(there, user)


def form(there: OnSlack, user: str = USER) -> View:
    """The form that a person has open."""
    view = there.fake.view(user)
    assert view, there.fake.picture()
    return view


async def fill(there: OnSlack, answer: str | list[str] | None = None, user: str = USER) -> dict[str, Any]:
    """Answer the step that the form asks, and go on; what the form was told."""
    told = await there.fake.submit(user, {} if answer is None else {"answer": answer})
    await there.settled("")
    return told


def kind_of(view: View) -> str:
    """What kind of element is to be filled in; empty where none is."""
    return next((block["element"]["type"] for block in view.blocks if block["type"] == "input"), "")


def wrong(told: dict[str, Any]) -> str:
    """What is said beside a field."""
    assert told["response_action"] == "errors", told
    return str(next(iter(told["errors"].values())))
