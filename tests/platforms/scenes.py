"""Scenes on Telegram for tests: played through the whole house, and what is left of them in files."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from bot.app import Assistant
from bot.core.request import Case
from tests.platforms.fake_telegram import Message
from tests.platforms.on_telegram import CHAT, OnTelegram, on_telegram
from tests.visiting import world_with

Scene: TypeAlias = Callable[[OnTelegram], Awaitable[None]]

#: An id that occurs nowhere by chance.
PERSON = 987654321

#: Topics of which each answer is one message, with buttons to vote on it.
TOPICS = (
    "retention", "recipients", "data_sources", "data_collected", "rights_overview", "right_access", "right_erasure",
    "right_rectification", "right_object", "cookies_used", "cookie_duration", "dpo", "contact_privacy", "purposes",
    "legal_basis", "security", "data_sale", "right_complaint", "profiling", "children",
)  # fmt: skip


def played(assistant: Assistant, folder: Path, scene: Scene, **how: Any) -> None:
    """A scene, at a house where every company has an inbox."""

    async def play() -> None:
        async with on_telegram(assistant, folder, world_with(assistant.world, inboxes=True), **how) as there:
            await scene(there)

    asyncio.run(play())


def topic(message: Message) -> str:
    """The topic that a message answers; empty for any other message."""
    return next((data.split(":")[1] for _, data in message.buttons if data.startswith("u:")), "")


def topics(there: OnTelegram, chat: int = CHAT) -> list[str]:
    """What a chat was told about, in order."""
    return [topic(message) for message in there.fake.messages(chat)]


def labels(message: Message) -> list[str]:
    """The buttons under a message."""
    return [label for label, _ in message.buttons]


def ask(there: OnTelegram, name: str, chat: int = CHAT) -> int:
    """Ask about a topic, without waiting."""
    return there.fake.say(chat, f"/start {name}--kaltiot")


async def cases(there: OnTelegram) -> list[Case]:
    """All requests that were made."""

    def read(tx: Any) -> list[Case]:
        ids = [id_ for (id_,) in tx.db.execute("select id from cases").fetchall()]
        return [tx.case_by_id(id_) for id_ in ids]

    return await there.store.tx(read)


async def to_review(there: OnTelegram, name: str = "Visitor Example", chat: int = CHAT) -> list[Message]:
    """Walk through a request for erasure until all of it is shown; what is shown."""
    await there.say("/start erasure--kaltiot", chat)
    await there.press("Everything", chat)
    await there.say(name, chat)
    await there.say("visitor@example.com", chat)
    return await there.press("Go on without", chat)


def traces(there: OnTelegram) -> bytes:
    """Every byte of the database and of its journals."""
    return b"".join(file.read_bytes() for file in sorted(there.file.parent.glob(f"{there.file.name}*")))
