"""What the benches of platforms share: the house in a process of its own, and how long those outside of it wait."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from tests.visiting import ROOT

_COMPANIES = ("kaltiot", "kaitotek", "aito-support", "kotopro", "verkkopalvelu")
_PARTS = (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
#: When nothing has come for so many seconds, nothing more comes.
_SILENCE = 15.0

Chat = TypeVar("Chat", bound=Hashable)


class Arrivals(dict[Chat, list[tuple[float, str]]]):
    """When each chat got its messages, and which topic they answered."""

    def note(self, chat: Chat, topic: str) -> None:
        """A message has come just now."""
        self.setdefault(chat, []).append((perf_counter(), topic))

    @property
    def count(self) -> int:
        """How many messages have come."""
        return sum(map(len, self.values()))

    async def reach(self, count: int, seconds: float) -> None:
        """Wait for so many messages, or until no more come."""
        until, last, since = perf_counter() + seconds, -1, perf_counter()
        while self.count < count and perf_counter() < until and perf_counter() - since < _SILENCE:
            if self.count != last:
                last, since = self.count, perf_counter()
            await asyncio.sleep(0.05)

    def waits(self, handed: Mapping[Chat, Sequence[float]]) -> tuple[list[float], int]:
        """How long each event waited for its first message, and how many got none; every turn brings just one."""
        waits, lost = [], 0
        for chat, times in handed.items():
            arrived = [at for at, _ in self.get(chat, [])]
            lost += max(0, len(times) - len(arrived))
            waits += [at - begun for begun, at in zip(times, arrived, strict=False)]
        return sorted(waits), lost

    def against(self, chats: Sequence[Chat], wanted: Sequence[str]) -> tuple[int, int]:
        """How many messages are lost, and how many chats got theirs in another order than ``wanted``."""
        told = [[topic for _, topic in self.get(chat, [])] for chat in chats]
        lost = sum(max(0, len(wanted) - len(row)) for row in told)
        return lost, sum(row != list(wanted[: len(row)]) for row in told)


def spread(times: Sequence[float]) -> str:
    """The usual wait, the late ones and the longest, of sorted seconds; there must be some."""
    return ", ".join(f"{name} {times[int((len(times) - 1) * part)] * 1e3:.0f} ms" for name, part in _PARTS)


@asynccontextmanager
async def served(settings: dict[str, str], ready: Callable[[bytes], bool]) -> AsyncIterator[None]:
    """``run`` in another process, where every company has an inbox and no mail is sent.

    ``ready``: whether it serves, by what it has logged so far.
    """
    with tempfile.TemporaryDirectory() as folder:
        config, log = Path(folder) / "settings.toml", Path(folder) / "log"
        config.write_text("".join(f'[company.{name}]\ninbox = "privacy@example.com"\n' for name in _COMPANIES))
        (Path(folder) / "cache").symlink_to(ROOT / "var" / "cache")
        own = {"PRIVACY_ASSISTANT_CONFIG": str(config), "DATABASE_URL": f"sqlite:///{folder}/bench.db"}
        with log.open("wb") as errors:
            house = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", env=os.environ | own | settings, cwd=ROOT, stderr=errors
            )
            try:
                while not ready(log.read_bytes()) and house.returncode is None:  # noqa: ASYNC110 - it is another process
                    await asyncio.sleep(0.05)
                yield
            finally:
                if house.returncode is None:
                    house.terminate()
                await house.wait()
        wrong = [line for line in log.read_text().splitlines() if " ERROR " in line or "Traceback" in line]
        print("".join(f"  log: {line}\n" for line in wrong[:5]), end="")
