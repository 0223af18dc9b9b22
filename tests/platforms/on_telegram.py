"""The whole assistant on Telegram for tests: the real house of ``run``, a fake Telegram, and people who write there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from bot.app import Assistant
from bot.content.assistant import ContentWorld
from bot.core.language import Language
from tests.platforms.fake_telegram import FakeTelegram, Message
from tests.platforms.housed import Housed

#: The one person that most tests are about.
CHAT = 42
SECRET = "a-secret-of-the-webhook"  # noqa: S105 - invented


@dataclass
class OnTelegram(Housed):
    """A house that serves a fake Telegram; it can be stopped and started again on the same database."""

    fake: FakeTelegram
    webhook: bool = False
    rate: int = 10_000

    def settings(self) -> dict[str, str]:
        """What an operator would set."""
        row = {"TELEGRAM_BOT_TOKEN": self.fake.token, "TELEGRAM_API_URL": self.fake.url}
        return row | {"TELEGRAM_RATE": str(self.rate), **(self._brought if self.webhook else {})}

    @property
    def _brought(self) -> dict[str, str]:
        return {
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{self.port}/telegram",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }

    def name(self, chat: int = CHAT) -> str:
        """The chat as the assistant names it."""
        return f"telegram:{self.fake.bot['id']}:{chat}"

    async def begin(self, controller: str, language: Language | None = "en", chat: int = CHAT) -> None:
        """Have a company chosen already."""
        await self.house.service.begin(self.name(chat), controller, language, self.clock())

    async def settled(self, seconds: float = 10) -> None:
        """Wait until everything that was written has been taken, and everything that is due has been sent."""
        until = monotonic() + seconds
        while not self.fake.idle or await self.store.tx(self.busy):
            assert monotonic() < until, self.fake.picture()
            await asyncio.sleep(0.005)

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
