"""Rights requests: a case with one or more rights, each with an outcome of its own, and what is told of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeAlias

from bot.core.deadline import Deadline
from bot.core.flow import Value
from bot.core.language import Language
from bot.core.text import Block

State: TypeAlias = Literal[
    "received",
    "in_progress",
    "awaiting_subject",
    "fulfilled",
    "partly_fulfilled",
    "refused",
    "no_data",
    "withdrawn",
    "duplicate",
]
#: verified: a code proved that the address given is read by the person; not_asked: the law asks for none.
Verification: TypeAlias = Literal["verified", "unverified", "not_asked"]

#: A case in one of these states is still to be answered.
OPEN: Final[frozenset[State]] = frozenset({"received", "in_progress", "awaiting_subject"})

#: Digits and letters that nobody mixes up when they are read aloud (no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V).
_ALPHABET: Final = "34679ACDEFGHJKMNPQRTWXY"
_LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One right that a case asks for. ``outcome``: how it ended, ``open`` until then."""

    flow: str
    outcome: str = "open"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One submitted request. ``copy`` is the exact text that was sent, ``digest`` its SHA-256 in hexadecimal.

    ``practice``: made in the terminal without a mail server, so that nobody has received it. ``delivered``: when
    the company's mail server took it over.
    """

    id: str
    reference: str
    draft: str
    chat: str = field(repr=False)
    controller: str
    language: Language
    received: datetime
    deadline: Deadline | None
    items: tuple[Item, ...]
    answers: tuple[tuple[str, Value], ...] = field(repr=False)
    email: str = field(repr=False)
    verification: Verification
    copy: str = field(repr=False)
    digest: str
    practice: bool = False
    state: State = "received"
    closed: datetime | None = None
    delivered: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it is still to be answered."""
        return self.state in OPEN

    @property
    def only_marketing(self) -> bool:
        """Whether it is nothing but an objection to direct marketing, which is absolute (GDPR article 21(3))."""
        marketing = dict(self.answers).get("objection.about") == ("marketing",)
        return all(i.flow == "marketing_opt_out" or (i.flow == "objection" and marketing) for i in self.items)

    @property
    def undoable(self) -> bool:
        """Whether withdrawing it undoes it: a consent taken back, or marketing forbidden, takes effect at once."""
        return self.open and not (self.only_marketing or all(item.flow == "withdraw_consent" for item in self.items))


@dataclass(frozen=True, slots=True)
class CookieChoice:
    """A cookie choice as it was made: which kinds are allowed, by which version of the document, and the text shown."""

    reference: str
    controller: str
    at: datetime
    language: Language
    allowed: tuple[str, ...]
    refused: tuple[str, ...]
    document: str
    text: str
    digest: str


@dataclass(frozen=True, slots=True)
class Handoff:
    """What is handed to a person: blocks to read, and where an answer goes (empty: nobody can answer)."""

    reference: str
    controller: str
    language: Language
    blocks: tuple[Block, ...] = field(repr=False)
    reply_to: str = field(default="", repr=False)


class ReferenceTakenError(Exception):
    """A reference is already another request's; the turn is to be made again with other random bytes."""


def new_reference(random: bytes) -> str:
    """A reference that people can read aloud, such as ``PR-7K4M-QXW9``; raises ValueError for too few random bytes."""
    if len(random) < _LENGTH * 2:
        raise ValueError("a reference needs sixteen random bytes")
    number = int.from_bytes(random[: _LENGTH * 2], "big")
    signs = ""
    for _ in range(_LENGTH):
        number, sign = divmod(number, len(_ALPHABET))
        signs += _ALPHABET[sign]
    return f"PR-{signs[:4]}-{signs[4:]}"


def read_reference(text: str) -> str | None:
    """A reference in what somebody typed (any case, with or without dashes and ``PR``); None where there is none."""
    letters = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    at = letters.find("PR")
    signs = letters[at + 2 :] if at >= 0 and len(letters) - at - 2 >= _LENGTH else letters
    found = signs[:_LENGTH]
    if len(found) < _LENGTH or any(c not in _ALPHABET for c in found):
        return None
    return f"PR-{found[:4]}-{found[4:]}"
