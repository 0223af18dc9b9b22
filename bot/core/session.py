"""What is remembered of a chat between two messages: ids and scores, never words."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.language import Language
from bot.core.meaning import Candidate


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is under way."""


@dataclass(frozen=True, slots=True)
class ChoosingController:
    """A company is being asked for; afterwards what waited for it is answered (ids as in Candidate)."""

    waiting: tuple[str, ...] = ()


Place: TypeAlias = Idle | ChoosingController


@dataclass(frozen=True, slots=True)
class Session:
    """One chat.

    ``language`` is None until somebody has written or chosen. ``recent`` is what the last message could have
    meant, for follow-up questions; ``answered`` what was answered last, to say it again in another language.
    """

    chat: str
    language: Language | None = None
    controller: str | None = None
    place: Place = Idle()
    recent: tuple[Candidate, ...] = ()
    answered: tuple[str, ...] = ()
