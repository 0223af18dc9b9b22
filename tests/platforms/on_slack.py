"""The whole assistant on Slack for tests: the real house of ``run``, a fake Slack, and people who write there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from bot.app import Assistant
from bot.content.assistant import ContentWorld
from bot.core.language import Language
from tests.platforms.fake_slack import FakeSlack
from tests.platforms.fake_slack_api import Message
from tests.platforms.housed import Housed

#: The one person that most tests are about.
USER = "U0VISITOR"


@dataclass
class OnSlack(Housed):
    """A house that serves a fake Slack; it can be stopped and started again on the same database."""

    fake: FakeSlack
    transport: str = "socket"
    more: dict[str, str] = field(default_factory=dict)

    def settings(self) -> dict[str, str]:
        """What an operator would set; the fake Slack is told where the house listens."""
        self.fake.transport = "socket" if self.transport == "socket" else "http"
        self.fake.request_url = f"http://127.0.0.1:{self.port}/slack/events"
        return {
            "SLACK_BOT_TOKEN": self.fake.bot_token,
            "SLACK_API_URL": self.fake.url,
            "SLACK_MODE": self.transport,
            "SLACK_APP_TOKEN": self.fake.app_token,
            "SLACK_SIGNING_SECRET": self.fake.signing_secret,
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            **self.more,
        }

    def name(self, user: str = USER) -> str:
        """The private conversation as the assistant names it."""
        return f"slack:{self.fake.team_id}:{user}"

    async def begin(self, controller: str, language: Language | None = "en", user: str = USER) -> None:
        """Have a company chosen already."""
        await self.house.service.begin(self.name(user), controller, language, self.clock())

    async def settled(self, key: str, seconds: float = 10) -> None:
        """Wait until an event was acknowledged, and everything that is due has been sent."""
        if key:
            await self.fake.acked(key, seconds)
        until = monotonic() + seconds
        while await self.store.tx(self.busy):
            assert monotonic() < until, self.fake.picture()
            await asyncio.sleep(0.005)

    async def say(self, text: str, user: str = USER) -> list[Message]:
        """Write something to the bot; the messages that come back."""
        return await self.brings(user, lambda: self.fake.say(user, text))

    async def press(self, label: str, user: str = USER) -> list[Message]:
        """Press the newest button with this label, or else one whose label holds it; the messages that come back."""
        shown = [(m.ts, *button) for m in reversed(self.fake.messages(user)) for button in m.buttons]
        exact = [row for row in shown if row[1] == label]
        ts, said, *_ = next(iter(exact or [row for row in shown if label in row[1]]), (None, label))
        return await self.brings(user, lambda: self.fake.press(user, said, ts=ts))

    async def brings(self, user: str, do: Callable[[], str]) -> list[Message]:
        """Do something as a person; the messages that are new or changed after it."""
        before = {message.ts: message.plain for message in self.fake.messages(user)}
        await self.settled(do())
        return [message for message in self.fake.messages(user) if before.get(message.ts) != message.plain]

    async def open(self, hint: str | None) -> list[Message]:
        """Open the messages with the bot, with Slack set to a language."""
        self.fake.user(USER, locale={"fi": "fi-FI", "sv": "sv-SE"}.get(hint or "", "en-GB"))
        return await self.brings(USER, lambda: self.fake.open_home(USER, "messages"))

    async def write(self, text: str, hint: str | None) -> list[Message]:  # noqa: ARG002 - Slack's language is set
        """Write something; the messages that come back."""
        return await self.say(text)

    async def wait(self, days: int) -> list[Message]:
        """Let time pass; the messages that it brings."""
        self.clock.ahead += timedelta(days=days)
        before = len(self.fake.messages(USER))
        await self.house.service.tend(self.clock())
        await self.settled("")
        return self.fake.messages(USER)[before:]

    @staticmethod
    def heard(messages: list[Message]) -> tuple[str, list[str]]:
        """The words of messages and files, and the labels of the buttons."""
        texts = [message.plain or b"".join(data for _, data in message.files).decode() for message in messages]
        return "\n\n".join(texts), [button[0] for message in messages for button in message.buttons]


@asynccontextmanager
async def on_slack(
    assistant: Assistant, folder: Path, world: ContentWorld | None = None, **how: Any
) -> AsyncIterator[OnSlack]:
    """A running house; in the end no call may have broken a limit of Slack's."""
    async with FakeSlack() as fake:
        served = replace(assistant, world=world) if world else assistant
        there = OnSlack(served, fake, folder / "slack.db", **how)
        fake.user(USER)
        await there.start()
        try:
            yield there
        finally:
            await there.stop()
        assert fake.problems == []
