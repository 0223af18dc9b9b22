"""Order and pace: the updates of one chat one after the other, and no more messages a second than may be."""

import asyncio
from collections import deque
from collections.abc import Awaitable
from time import monotonic
from typing import Any, Final

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.platforms.in_order import InOrder

#: So many updates are worked on at once.
AT_ONCE: Final = 256


class ByChat(BaseUpdateProcessor):
    """Works on the updates of one chat in their order, and on different chats at once."""

    def __init__(self) -> None:
        super().__init__(AT_ONCE)
        self._chats = InOrder()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        chat = update.effective_chat if isinstance(update, Update) else None
        async with self._chats.turn(chat.id if chat else 0):
            await coroutine

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass


class Window:
    """Lets so many through in any one second, and the others when there is room."""

    def __init__(self, rate: float) -> None:
        self._sent: deque[float] = deque(maxlen=max(1, int(rate)))
        self._turn = asyncio.Lock()

    async def acquire(self) -> None:
        """Wait for room."""
        async with self._turn:
            if len(self._sent) == self._sent.maxlen:
                await asyncio.sleep(max(0.0, self._sent[0] + 1 - monotonic()))
            self._sent.append(monotonic())
