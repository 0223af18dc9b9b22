"""The console: lines in, replies out; plain text for pipes and tests (a person gets platforms/terminal.py)."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TextIO

from bot.core.chat import Button, Event, Incoming, Opened, Pressed, Said, Say
from bot.core.job import Reply
from bot.core.language import Language
from bot.core.mail import Mail
from bot.core.text import Bullets, Fine, Heading, Paragraph, plain
from bot.core.world import World

Handle = Callable[[Incoming], Awaitable[tuple[Say, ...]]]

#: The one person at the terminal: platform, tenant, id.
CHAT = "terminal:local:me"

#: Nobody types the number of a button with more digits; a code of six digits is none.
_NUMBER = 2

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
    """Reads lines, hands events to the service and shows what comes back, until the end of input.

    ``after`` is done after each event: here waits nobody else who could carry out effects.
    """

    handle: Handle
    screen: Screen
    hint: Language | None
    after: Callable[[], Awaitable[object]]
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
        if number.isascii() and number.isdigit() and len(number) <= _NUMBER and 0 < int(number) <= len(self._buttons):
            return Pressed(self._buttons[int(number) - 1].press)
        for button in self._buttons:
            if typed == button.label:
                return Pressed(button.press)
        return Said(line)

    async def _send(self, event: Event) -> None:
        says = await self.handle(Incoming(secrets.token_hex(8), CHAT, datetime.now(UTC), event, self.hint))
        buttons: list[Button] = []
        for say in says:
            self.screen.show(say, list(say.buttons), len(buttons) + 1)
            buttons += say.buttons
        self._buttons = buttons or self._buttons  # a reply without buttons leaves the last ones in force
        await self.after()


@dataclass
class Mailbox:
    """Takes mails and shows them instead of sending them; brings replies that nobody waited for."""

    screen: Screen
    world: World

    async def send(self, mail: Mail) -> None:
        """Show a mail."""
        say = self.world.say
        head = Bullets(
            (
                say(mail.language, "To: {address}", address=mail.to),
                say(mail.language, "Subject: {subject}", subject=mail.subject),
            )
        )
        title = Heading(say(mail.language, "✉ An e-mail, shown here instead of being sent"))
        repeat = (Paragraph(mail.repeat),) if mail.repeat else ()
        end = Fine(say(mail.language, "✉ End of the e-mail"))
        self.screen.show(Say(mail.language, (title, head, *repeat, *mail.blocks, end)), [], 1)

    async def tell(self, reply: Reply) -> None:
        """Show a reply, without its buttons: they would not fit the numbers shown last."""
        self.screen.show(reply.say, [], 1)


@dataclass
class PlainScreen:
    """One message a line in, plain text out: for pipes and tests."""

    source: TextIO
    target: TextIO

    def show(self, say: Say, buttons: list[Button], first: int) -> None:
        print(plain(say.blocks), file=self.target)
        for file in say.files:
            print(f"\n--- {file.name}\n{file.text}\n---", file=self.target)
        for number, button in enumerate(buttons, first):
            print(f"[{number}] {button.label}", file=self.target)
        print(file=self.target, flush=True)

    async def line(self, buttons: list[Button]) -> str | None:  # noqa: ARG002 - a pipe offers no menu
        line = await asyncio.to_thread(self.source.readline)
        return line.rstrip("\r\n") if line else None
