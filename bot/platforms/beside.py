"""Work that is done beside what is waited for: good manners, and what can be left at the end."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Beside:
    """Keeps hold of such work until it is done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin something; nobody waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self, seconds: float = 1.0) -> None:
        """Give what is under way so many seconds, and leave the rest."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
