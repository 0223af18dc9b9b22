"""The terminal: Rich for what is shown, prompt_toolkit for what is typed; plain text where no person is at the keys."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TextIO, assert_never

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.core.chat import (
    Block,
    Bullets,
    Button,
    Event,
    Fine,
    Heading,
    Incoming,
    Opened,
    Paragraph,
    Pressed,
    Said,
    Say,
)
from bot.core.chat import plain
from bot.core.language import Language

Handle = Callable[[Incoming], Awaitable[tuple[Say, ...]]]

_CHAT = "console"
_WIDTH = 88


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
            if line.strip() or line:
                await self._send(self._event(line))

    def _event(self, line: str) -> Event:
        typed = line.strip()
        number = typed.removeprefix("[").removesuffix("]")
        if number.isascii() and number.isdigit() and 0 < int(number[:4]) <= len(self._buttons):
            return Pressed(self._buttons[int(number[:4]) - 1].press)
        for button in self._buttons:
            if typed == button.label:
                return Pressed(button.press)
        return Said(line)

    async def _send(self, event: Event) -> None:
        number = next(iter(self._ids))
        says = await self.handle(Incoming(f"{_CHAT}-{number}", _CHAT, datetime.now(UTC), event, self.hint))
        self._buttons = []
        for say in says:
            first = len(self._buttons) + 1
            self._buttons += say.buttons
            self.screen.show(say, list(say.buttons), first)


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

    async def line(self, buttons: list[Button]) -> str | None:
        line = await asyncio.to_thread(self.source.readline)
        return line.rstrip("\r\n") if line else None


class RichScreen:
    """A person's terminal: wrapped text, numbered buttons, history with the arrow keys (in memory only)."""

    def __init__(self) -> None:
        """Set up the prompt; nothing is read yet."""
        self._console = Console(highlight=False)
        keys = KeyBindings()
        keys.add("down", filter=True)(_choose_with_arrows)
        self._completer = _Buttons()
        self._prompt: PromptSession[str] = PromptSession(
            history=InMemoryHistory(),
            completer=self._completer,
            complete_while_typing=False,
            key_bindings=keys,
            style=Style.from_dict({"prompt": "bold ansicyan", "bottom-toolbar": "noreverse ansibrightblack"}),
            bottom_toolbar=" number or ↓ presses a button · ↑ history · /help · /language · /company · Ctrl-D ends",
        )

    def show(self, say: Say, buttons: list[Button], first: int) -> None:
        self._console.print()
        for block in say.blocks:
            self._console.print(Padding(_rich(block), (0, 2, 1, 2)), width=min(_WIDTH, self._console.width))
        for number, button in enumerate(buttons, first):
            row = Text.assemble(("  ", ""), (f"[{number}]".rjust(5), "bold cyan"), "  ", (button.label, "cyan"))
            self._console.print(row)

    async def line(self, buttons: list[Button]) -> str | None:
        self._completer.buttons = buttons
        self._console.print()
        while True:
            try:
                return await self._prompt.prompt_async([("class:prompt", "› ")])
            except KeyboardInterrupt:
                continue  # Ctrl-C clears the line, as in a shell
            except EOFError:
                return None


class _Buttons(Completer):
    """The buttons of the last reply, as a menu to walk with the arrow keys."""

    def __init__(self) -> None:
        self.buttons: list[Button] = []

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        typed = document.text_before_cursor
        for button in self.buttons:
            if button.label.casefold().startswith(typed.casefold()):
                yield Completion(button.label, start_position=-len(typed))


def _choose_with_arrows(event: KeyPressEvent) -> None:
    """Down opens the menu of buttons on an empty line, and walks history or the menu otherwise."""
    buffer = event.current_buffer
    if buffer.complete_state:
        buffer.complete_next()
    elif not buffer.text:
        buffer.start_completion(select_first=True)
    else:
        buffer.auto_down()


def _rich(block: Block) -> Text:
    match block:
        case Paragraph(text):
            return Text(text)
        case Heading(text):
            return Text(text, style="bold")
        case Fine(text):
            return Text(text, style="dim italic")
        case Bullets(items):
            return Text("\n".join(f"• {item}" for item in items))
        case _:
            assert_never(block)
