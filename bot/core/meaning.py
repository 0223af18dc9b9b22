"""What a message was understood to mean."""

from dataclasses import dataclass
from typing import TypeAlias

from bot.core.language import Language


@dataclass(frozen=True, slots=True)
class Candidate:
    """A topic (``retention``) or a flow (``flow:erasure``) with its score, 0 to 1."""

    id: str
    score: float

    @property
    def flow(self) -> str | None:
        """The flow's id, None for a topic."""
        return self.id.removeprefix("flow:") if self.id.startswith("flow:") else None


@dataclass(frozen=True, slots=True)
class Known:
    """One or two things asked in one message; ``wish`` is a flow wished for beside them."""

    topics: tuple[str, ...]
    wish: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """The wish to act: a guided flow; ``also``: others wished for in the same message."""

    flow: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsure:
    """Several things could be meant; the person is asked which."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """A greeting, thanks and the like; ``kind`` says which."""

    kind: str


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """Not about this company's privacy practice. ``kind`` says what it looks like, for a helpful refusal."""

    kind: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Written in a language that the assistant does not speak."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Nothing that could be read: empty, only signs, far too long."""

    too_long: bool = False


Meaning: TypeAlias = Known | Wish | Unsure | SmallTalk | OutOfScope | Foreign | Unreadable


@dataclass(frozen=True, slots=True)
class Understood:
    """A message's meaning, with all that was noticed beside it.

    ``candidates``: best first; ``named``: ids of named things (a cookie, a tool, a company); ``controller``: a
    served company that the message names; ``target``: a language that is asked for; ``someone_else``: it is
    about another person's data.
    """

    language: Language
    meaning: Meaning
    candidates: tuple[Candidate, ...] = ()
    named: tuple[str, ...] = ()
    controller: str | None = None
    target: Language | None = None
    someone_else: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What understanding may know of the conversation: no words, only ids and scores.

    ``language`` is the language spoken so far (None at the start), ``recent`` what was talked about.
    """

    language: Language | None = None
    recent: tuple[Candidate, ...] = ()
