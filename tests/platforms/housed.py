"""A house of ``run`` around a fake platform, for tests: started, stopped, killed, and started on the same database."""

import asyncio
import re
import socket
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import Assistant
from bot.running import House
from bot.settings import load_settings
from bot.storage.sqlite import SqliteStore
from tests.visiting import KEYS, NOW, Postbox


@dataclass
class Clock:
    """Real time that begins at the tests' day, and can be moved on."""

    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """The time."""
        return NOW + (datetime.now(UTC) - self.began) + self.ahead


@dataclass
class Housed:
    """What is the same on every platform. ``gap``: seconds between two replies to one chat."""

    assistant: Assistant
    fake: Any
    file: Path
    gap: float = 0.0
    postbox: Postbox = field(default_factory=Postbox)
    clock: Clock = field(default_factory=Clock)
    store: SqliteStore = field(init=False)
    house: House = field(init=False)
    port: int = 0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def settings(self) -> dict[str, str]:
        """What an operator would set for this platform."""
        raise NotImplementedError

    async def start(self) -> None:
        """Start the house; raises what stops its start."""
        self.port = self.port or free_port()
        settings = load_settings(self.settings() | {"HTTP_PORT": str(self.port)})
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

    def busy(self, tx: Any) -> bool:
        """Whether anything is on its way, or due to be."""
        leased = "select count(*) from outbox where state = 'waiting' and leased is not null"
        return bool(tx.db.execute(leased).fetchone()[0] or tx.due_lanes(self.clock(), ("mail", "say")))

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
