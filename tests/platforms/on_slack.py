"""The whole assistant on Slack for tests: the real house of ``run``, a fake Slack, and people who write there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from bot.app import Assistant
from bot.content.assistant import ContentWorld
from bot.core.language import Language
from bot.running import House
from bot.settings import load_settings
from bot.storage.sqlite import SqliteStore
from tests.platforms.fake_slack import FakeSlack
from tests.platforms.fake_slack_api import Message
from tests.platforms.on_telegram import Clock, free_port
from tests.visiting import KEYS, Postbox

#: The one person that most tests are about.
USER = "U0VISITOR"


@dataclass
class OnSlack:
    """A house that serves a fake Slack; it can be stopped and started again on the same database."""

    assistant: Assistant
    fake: FakeSlack
    file: Path
    transport: str = "socket"
    gap: float = 0.0
    more: dict[str, str] = field(default_factory=dict)
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
        self.fake.transport = "socket" if self.transport == "socket" else "http"
        self.fake.request_url = f"http://127.0.0.1:{self.port}/slack/events"
        settings = load_settings(
            {
                "SLACK_BOT_TOKEN": self.fake.bot_token,
                "SLACK_API_URL": self.fake.url,
                "SLACK_MODE": self.transport,
                "SLACK_APP_TOKEN": self.fake.app_token,
                "SLACK_SIGNING_SECRET": self.fake.signing_secret,
                "HTTP_PORT": str(self.port),
                "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
                **self.more,
            }
        )
        self.store = SqliteStore(self.file, lambda _new: KEYS)
        self.house = House(replace(self.assistant, settings=settings), self.store, self.postbox, self.clock, self.gap)
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self.house.serve(self._stop))
        serving = asyncio.create_task(self.house.serving.wait())
        await asyncio.wait([serving, self._task], return_when=asyncio.FIRST_COMPLETED)
        serving.cancel()
        if self._task.done():
            self.store.close()
            await self._task

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
        while await self.store.tx(self._busy):
            assert monotonic() < until, self.fake.picture()
            await asyncio.sleep(0.005)

    def _busy(self, tx: Any) -> bool:
        """Whether anything is on its way, or due to be."""
        leased = "select count(*) from outbox where state = 'waiting' and leased is not null"
        return bool(tx.db.execute(leased).fetchone()[0] or tx.due_lanes(self.clock(), ("mail", "say")))

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

    @property
    def code(self) -> str:
        """The code that was mailed last."""
        subject = next(mail.subject for mail in reversed(self.postbox.mails) if mail.id.endswith(".code"))
        return "".join(c for c in subject if c.isdigit())[:6]


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
