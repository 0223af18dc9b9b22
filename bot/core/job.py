"""Effects on their way out: what the outbox holds."""

from dataclasses import dataclass, field
from typing import TypeAlias

from bot.core.chat import Say
from bot.core.mail import Mail


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to a chat, where nobody is waiting for the return of a call."""

    chat: str = field(repr=False)
    say: Say = field(repr=False)


Load: TypeAlias = Mail | Reply


@dataclass(frozen=True, slots=True)
class Job:
    """One effect that was leased to be carried out. ``again``: it may have been carried out before; nobody knows."""

    id: int
    key: str
    load: Load = field(repr=False)
    tries: int
    again: bool
    case: str | None
    chat: str | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An effect that was given up, as an operator sees it: no words, no address."""

    id: int
    key: str
    kind: str
    tries: int
    reason: str
    case: str | None
