"""``make bench``: turns with their commit, in databases with few and with many sessions and requests."""

import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import open_assistant
from bot.core.chat import Event, Incoming, Pressed, Said, Say
from bot.core.flow import InFlow
from bot.core.request import Case, Item, new_reference
from bot.core.session import Session
from bot.core.world import World
from bot.service import Service
from bot.storage.sqlite import SqliteStore
from tests.visiting import KEYS, NOW, Postbox, assistant_settings, world_with

SIZES = (1_000, 10_000, 100_000)
_TURNS = 4_000

#: Seven messages in a flow and three questions; ``!`` presses the button whose label begins so.
SCRIPT = (
    "delete my data",
    "how long does it take?",
    "!Everything",
    "Visitor Example",
    "who sees my data?",
    "visitor@example.com",
    "what does it cost?",
    "!Go on without",
    "!✔ Send",
    "!Show this request",
)


def main() -> None:
    """Print turns a second on one core, and how long one takes, for each size: visitors one by one, and ten at once."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    world = world_with(open_assistant(assistant_settings()).world, inboxes=True)
    print("turns with commit on one core: seven messages in a flow, three questions")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            store = SqliteStore(Path(folder) / "bench.db", lambda _new: KEYS)
            asyncio.run(_fill(store, size))
            asyncio.run(_visits(world, store, 1, 200))  # what is read and imported once
            for visitors in (1, 10):
                start = time.perf_counter()
                times = sorted(asyncio.run(_visits(world, store, visitors, _TURNS)))
                rate = len(times) / (time.perf_counter() - start)
                median, late = times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3
                each = f"median {median:5.2f} ms, p99 {late:5.2f} ms"
                print(f"  {size:7} sessions and cases, {visitors:2} at once: {rate:5.0f} turns/s, {each}")
            store.close()


async def _fill(store: SqliteStore, size: int) -> None:
    def fill(tx: Any) -> None:
        for number in range(size):
            chat = tx.chat(f"bench:local:{number}", NOW)
            draft = InFlow(f"{number:06x}", ("erasure",), "0", "kaltiot", (("known_as", ("Visitor Example",)),))
            tx.save(chat, Session(f"bench:local:{number}", "en", "kaltiot", draft), NOW)
            tx.add_case(_case(number), chat.mark)

    await store.tx(fill)


def _case(number: int) -> Case:
    reference = new_reference(number.to_bytes(16, "big"))
    items, answers = (Item("erasure"),), (("known_as", ("Visitor Example",)),)
    email = "visitor@example.com"
    return Case(
        f"{reference}.{number}", reference, str(number), "", "kaltiot", "en", NOW, None, items, answers, email,
        "unverified", "The exact text of a request. " * 40, "0" * 64,
    )  # fmt: skip


async def _visits(world: World, store: SqliteStore, visitors: int, turns: int) -> list[float]:
    """How long each turn took, of so many in all; each visitor makes one request after the other."""
    service = Service(world, store, courier=Postbox())
    walks = iter(range(turns // len(SCRIPT)))
    name = secrets.token_hex(4)
    done = await asyncio.gather(*(_walks(service, name, walks) for _ in range(visitors)))
    return [time_ for times in done for time_ in times]


async def _walks(service: Service, name: str, walks: Iterator[int]) -> list[float]:
    times: list[float] = []
    for walk in walks:
        chat = f"{name}:local:{walk}"
        says: tuple[Say, ...] = ()
        await service.begin(chat, "kaltiot", "en", NOW)
        for number, line in enumerate(SCRIPT):
            event = _event(line, says)
            incoming = Incoming(f"{walk}-{number}", chat, NOW + timedelta(hours=walk), event, "en")
            start = time.perf_counter()
            says = await service.handle(incoming)
            times.append(time.perf_counter() - start)
    return times


def _event(line: str, says: tuple[Say, ...]) -> Event:
    if not line.startswith("!"):
        return Said(line)
    return Pressed(next(b.press for say in says for b in say.buttons if b.label.startswith(line[1:])))


if __name__ == "__main__":
    main()
