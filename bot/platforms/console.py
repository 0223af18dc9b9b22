"""The console: lines in, replies out; plain text for pipes and tests (a person gets platforms/terminal.py)."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TextIO

from bot.core.chat import (
    Button,
    Event,
    Incoming,
    Opened,
    Pressed,
    Said,
    Say,
    plain,
)
from bot.core.language import Language

Handle = Callable[[Incoming], Awaitable[tuple[Say, ...]]]

_CHAT = "console"

#: What ends the chat, beside the end of input.
_LEAVE = frozenset({"/quit", "/exit", "/lopeta", "/avsluta", "quit", "exit"})


class Screen(Protocol):
    """Where replies are shown and lines come from."""

    def show(self, say: Say, buttons: list[Button], first: int) -> None:
        """Show a reply; its buttons are numbered from ``first``."""

    async def line(self, buttons: list[Button]) -> str | None:
        """The next line, None at the end."""


@dataclass
class Loop:
    """Reads lines, hands events to the service and shows what comes back, until the end of input."""

    handle: Handle
    screen: Screen
    hint: Language | None
    _ids: Iterable[int] = field(default_factory=itertools.count)
    _buttons: list[Button] = field(default_factory=list)

    async def run(self) -> None:
        """Talk until the input ends."""
        await self._send(Opened())
        while (line := await self.screen.line(self._buttons)) is not None:
            if line.strip().casefold() in _LEAVE:
                return
            await self._send(self._event(line))

    def _event(self, line: str) -> Event:
        typed = line.strip()
        number = typed.strip("[].")
        if number.isascii() and number.isdigit() and 0 < int(number[:4]) <= len(self._buttons):
            return Pressed(self._buttons[int(number[:4]) - 1].press)
        for button in self._buttons:
            if typed == button.label:
                return Pressed(button.press)
        return Said(line)

    async def _send(self, event: Event) -> None:
        number = next(iter(self._ids))
        says = await self.handle(Incoming(f"{_CHAT}-{number}", _CHAT, datetime.now(UTC), event, self.hint))
        buttons: list[Button] = []
        for say in says:
            self.screen.show(say, list(say.buttons), len(buttons) + 1)
            buttons += say.buttons
        self._buttons = buttons or self._buttons  # a reply without buttons leaves the last ones in force


@dataclass
class PlainScreen:
    """One message a line in, plain text out: for pipes and tests."""

    source: TextIO
    target: TextIO

    def show(self, say: Say, buttons: list[Button], first: int) -> None:
        print(plain(say.blocks), file=self.target)
        for number, button in enumerate(buttons, first):
            print(f"[{number}] {button.label}", file=self.target)
        print(file=self.target, flush=True)

    async def line(self, buttons: list[Button]) -> str | None:  # noqa: ARG002 - a pipe offers no menu
        line = await asyncio.to_thread(self.source.readline)
        return line.rstrip("\r\n") if line else None
