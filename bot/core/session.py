"""What is remembered of a chat between two messages: ids and scores, and the answers of an unfinished request."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.core.flow import InFlow, Value
from bot.core.language import Language
from bot.core.meaning import Candidate


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is under way."""

    kind: Literal["idle"] = "idle"


@dataclass(frozen=True, slots=True)
class ChoosingController:
    """A company is being asked for; afterwards what waited for it is answered (ids as in Candidate).

    ``given``: what the message that waits said already, for the flow that it wishes for.
    """

    waiting: tuple[str, ...] = ()
    given: tuple[tuple[str, Value], ...] = field(default=(), repr=False)
    kind: Literal["choosing_controller"] = "choosing_controller"


@dataclass(frozen=True, slots=True)
class Lost:
    """What was stored of the chat could not be read; the person is told, and it begins anew."""

    kind: Literal["lost"] = "lost"


Place: TypeAlias = Idle | ChoosingController | InFlow | Lost


@dataclass(frozen=True, slots=True)
class Session:
    """One chat.

    ``language`` is None until somebody has written or chosen. ``recent`` is what the last message could have
    meant, for follow-up questions; ``answered`` what was answered last, to say it again in another language;
    ``parked`` drafts that were put aside.
    """

    chat: str
    language: Language | None = None
    controller: str | None = None
    place: Place = Idle()
    recent: tuple[Candidate, ...] = ()
    answered: tuple[str, ...] = ()
    parked: tuple[InFlow, ...] = ()
