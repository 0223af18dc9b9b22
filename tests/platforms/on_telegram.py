"""The whole assistant on Telegram for tests: the real house of ``run``, a fake Telegram, and people who write there."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from bot.app import Assistant
from bot.content.assistant import ContentWorld
from bot.core.language import Language
from bot.running import House
from bot.settings import load_settings
from bot.storage.sqlite import SqliteStore
from tests.platforms.fake_telegram import FakeTelegram, Message
from tests.visiting import KEYS, NOW, Postbox

#: The one person that most tests are about.
CHAT = 42
SECRET = "a-secret-of-the-webhook"  # noqa: S105 - invented


@dataclass
class Clock:
    """Real time that begins at the tests' day, and can be moved on."""

    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """The time."""
        return NOW + (datetime.now(UTC) - self.began) + self.ahead


@dataclass
class OnTelegram:
    """A house that serves a fake Telegram; it can be stopped and started again on the same database."""

    assistant: Assistant
    fake: FakeTelegram
    file: Path
    webhook: bool = False
    gap: float = 0.0
    rate: int = 10_000
    postbox: Postbox = field(default_factory=Postbox)
    clock: Clock = field(default_factory=Clock)
    store: SqliteStore = field(init=False)
    house: House = field(init=False)
    port: int = 0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the house; raises what stops its start."""
        self.port = self.port or free_port()
        settings = load_settings(
            {
                "TELEGRAM_BOT_TOKEN": self.fake.token,
                "TELEGRAM_API_URL": self.fake.url,
                "TELEGRAM_RATE": str(self.rate),
                "HTTP_PORT": str(self.port),
                **(self._brought if self.webhook else {}),
            }
        )
        self.store = SqliteStore(self.file, lambda _new: KEYS)
        assistant = replace(self.assistant, settings=settings)
        self.house = House(assistant, self.store, self.postbox, self.clock, self.gap)
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self.house.serve(self._stop))
        serving = asyncio.create_task(self.house.serving.wait())
        await asyncio.wait([serving, self._task], return_when=asyncio.FIRST_COMPLETED)
        serving.cancel()
        if self._task.done():
            self.store.close()
            await self._task

    @property
    def _brought(self) -> dict[str, str]:
        return {
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{self.port}/telegram",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }

    async def stop(self) -> None:
        """Stop as SIGTERM does."""
        self._stop.set()
        if self._task:
            await self._task
        self.store.close()

    async def kill(self) -> None:
        """Stop in the middle of whatever is under way."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self.store.close()

    def name(self, chat: int = CHAT) -> str:
        """The chat as the assistant names it."""
        return f"telegram:{self.fake.bot['id']}:{chat}"

    async def begin(self, controller: str, language: Language | None = "en", chat: int = CHAT) -> None:
        """Have a company chosen already."""
        await self.house.service.begin(self.name(chat), controller, language, self.clock())

    async def settled(self, seconds: float = 10) -> None:
        """Wait until everything that was written has been taken, and everything that is due has been sent."""
        until = monotonic() + seconds
        while not self.fake.idle or await self.store.tx(self._busy):
            assert monotonic() < until, self.fake.picture()
            await asyncio.sleep(0.005)

    def _busy(self, tx: Any) -> bool:
        """Whether anything is on its way, or due to be."""
        leased = "select count(*) from outbox where state = 'waiting' and leased is not null"
        return bool(tx.db.execute(leased).fetchone()[0] or tx.due_lanes(self.clock(), ("mail", "say")))

    async def say(self, text: str, chat: int = CHAT, **how: Any) -> list[Message]:
        """Write something; the messages that come back."""
        return await self._brings(chat, lambda: self.fake.say(chat, text, **how))

    async def press(self, label: str, chat: int = CHAT) -> list[Message]:
        """Press the newest button with this label, or else one whose label holds it; the messages that come back."""
        shown = [(message.id, *button) for message in reversed(self.fake.messages(chat)) for button in message.buttons]
        exact = [row for row in shown if row[1] == label]
        message, _, data = next(iter(exact or [row for row in shown if label in row[1]]), (None, "", label))
        return await self._brings(chat, lambda: self.fake.press(chat, data, message_id=message))

    async def edit(self, message: int, text: str, chat: int = CHAT) -> list[Message]:
        """Edit a message of one's own; the messages that come back."""
        return await self._brings(chat, lambda: self.fake.edit(chat, message, text))

    async def _brings(self, chat: int, do: Any) -> list[Message]:
        before = {message.id: message.text for message in self.fake.messages(chat)}
        do()
        await self.settled()
        return [message for message in self.fake.messages(chat) if before.get(message.id) != message.text]

    async def open(self, hint: str | None) -> list[Message]:
        """Open the chat with the bot: nobody is in a private chat who has not pressed *Start*."""
        return await self.say("/start", language=hint)

    async def write(self, text: str, hint: str | None) -> list[Message]:
        """Write something, with Telegram set to a language; the messages that come back."""
        return await self.say(text, language=hint)

    async def wait(self, days: int) -> list[Message]:
        """Let time pass; the messages that it brings."""
        self.clock.ahead += timedelta(days=days)
        before = len(self.fake.messages(CHAT))
        await self.house.service.tend(self.clock())
        await self.settled()
        return self.fake.messages(CHAT)[before:]

    @staticmethod
    def heard(messages: list[Message]) -> tuple[str, list[str]]:
        """The words of messages and files, and the labels of the buttons."""
        texts = [message.text or (message.document or ("", b""))[1].decode() for message in messages]
        return "\n\n".join(texts), [label for message in messages for label, _ in message.buttons]

    @property
    def code(self) -> str:
        """The code that was mailed last."""
        subject = next(mail.subject for mail in reversed(self.postbox.mails) if mail.id.endswith(".code"))
        found = re.search(r"\d{6}", subject)
        assert found
        return found[0]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@asynccontextmanager
async def on_telegram(
    assistant: Assistant, folder: Path, world: ContentWorld | None = None, **how: Any
) -> AsyncIterator[OnTelegram]:
    """A running house; in the end no call may have broken a limit of the Bot API."""
    async with FakeTelegram() as fake:
        served = replace(assistant, world=world) if world else assistant
        there = OnTelegram(served, fake, folder / "telegram.db", **how)
        await there.start()
        try:
            yield there
        finally:
            await there.stop()
        assert fake.problems == []
