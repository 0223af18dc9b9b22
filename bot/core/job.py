"""Effects on their way out: what the outbox holds."""

from dataclasses import dataclass, field
from typing import TypeAlias

from bot.core.chat import Say
from bot.core.mail import Mail


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to a chat, where nobody is waiting for the return of a call.

    ``message``: the platform's id of the message that it answers, empty where it answers none.
    """

    chat: str = field(repr=False)
    say: Say = field(repr=False)
    message: str = ""


Load: TypeAlias = Mail | Reply


@dataclass(frozen=True, slots=True)
class Job:
    """One effect that was leased to be carried out.

    ``again``: it may have been carried out before, nobody knows; ``chat``: the mark of the chat it belongs to.
    """

    id: int
    key: str
    load: Load = field(repr=False)
    tries: int
    again: bool
    case: str | None
    chat: str | None
    lane: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An effect that was given up, as an operator sees it: no words, no address."""

    id: int
    key: str
    kind: str
    tries: int
    reason: str
    case: str | None
