"""Order: work of one chat one after the other, work of different chats at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class InOrder:
    """Lets one at a time do something for a key, in the order in which they came."""

    def __init__(self) -> None:
        self._keys: dict[object, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, key: object) -> AsyncIterator[None]:
        """Wait for one's turn."""
        lock, waiting = self._keys.get(key, (asyncio.Lock(), 0))
        self._keys[key] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._keys[key]
            if waiting == 1:
                del self._keys[key]
            else:
                self._keys[key] = lock, waiting - 1
