"""What goes in and out of a conversation: events, buttons, and the effects of a turn."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bot.core.buttons import Press
from bot.core.knowledge import Answer
from bot.core.language import Language
from bot.core.mail import Mail
from bot.core.request import Case, CookieChoice, Handoff
from bot.core.text import Block


@dataclass(frozen=True, slots=True)
class Opened:
    """The person opened the chat, or asked to begin again; ``once``: only somebody new is greeted."""

    once: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote something. The words are hidden from ``repr``, so that no log can show them.

    ``corrects``: it is a message of before that was edited (``Incoming.message`` says which); ``quoted``: they are
    somebody else's words, which the person asks about.
    """

    text: str = field(repr=False)
    corrects: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """The person pressed a button; apart from ``Said``, because nobody can type a button."""

    press: Press


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The person sent what cannot be read here: a picture or the like, somebody else's words, a button of old."""

    what: Literal["media", "forwarded", "button"]


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """The person opened the page about themselves that some platforms have beside the chat."""


@dataclass(frozen=True, slots=True)
class Left:
    """The person has closed the chat to the assistant: nothing can be brought there until they come back."""


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The time of an unfinished request has come: to remind of it once, or to erase it."""

    timer: Literal["remind", "expire"]


@dataclass(frozen=True, slots=True)
class MailRefused:
    """A mail of the last turn was not accepted: too many went to this address, or from this chat, of late."""

    what: Literal["code", "receipt"]


@dataclass(frozen=True, slots=True)
class Exported:
    """What is kept about this chat, gathered after ``Export``: whole as JSON, and counted for the readable text."""

    json: str = field(repr=False)
    choices: tuple[CookieChoice, ...] = field(default=(), repr=False)
    first_seen: datetime | None = None


Event: TypeAlias = Opened | Said | Pressed | Unsupported | HomeOpened | Left | TimerFired | MailRefused | Exported


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of one chat, with everything the core may not make itself: an id, the time, chance, stored requests.

    ``random``: at least 32 random bytes of the edge, from which codes and references are made. ``cases``: the
    requests that were made in this chat, newest first. ``message``: the platform's id of the message that was
    written or whose button was pressed; ``public``: others read along, so nothing personal may be said;
    ``choices``: the cookie choices made in this chat, newest first, for the page of ``HomeOpened`` only.
    """

    id: str
    chat: str
    at: datetime
    event: Event
    locale_hint: Language | None = None
    random: bytes = field(default=b"", repr=False)
    cases: tuple[Case, ...] = field(default=(), repr=False)
    message: str = ""
    public: bool = False
    choices: tuple[CookieChoice, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: what it shows and what it means."""

    label: str
    press: Press


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand out with a reply; ``protected``: where the platform can, it is kept from being passed on."""

    name: str
    text: str = field(repr=False)
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reply asks for, for platforms with forms: the step of a draft, its kind, and what was said before it."""

    draft: str
    step: str
    kind: str
    optional: bool = False
    before: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Say:
    """Send a reply. ``answers`` are the knowledge base's answers that it holds, for programs that ask.

    ``in_place``: only the buttons are others than those of the message that was pressed, so that where the platform can
    that message changes instead of a new one coming; ``asked``: the
    step of a guided flow that it asks; ``home``: it is the page about the person, and no message.
    """

    language: Language
    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()
    answers: tuple[Answer, ...] = ()
    files: tuple[File, ...] = ()
    in_place: bool = False
    asked: Asked | None = None
    home: bool = False


@dataclass(frozen=True, slots=True)
class KeepFeedback:
    """Keep what helps to improve the answers: redacted text, and nothing about who wrote it."""

    kind: str
    at: datetime
    language: Language
    controller: str | None
    topic: str | None
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SendMail:
    """Send a mail. ``case``: the request it belongs to; ``limited``: it goes to an address that somebody typed.

    Limited mails are counted (per address, per chat, in all); one too many comes back as ``MailRefused``.
    """

    mail: Mail
    case: str | None = None
    limited: Literal["code", "receipt"] | None = None


@dataclass(frozen=True, slots=True)
class Submit:
    """Keep a confirmed request."""

    case: Case


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Mark a request as withdrawn by the person who made it."""

    case: Case


@dataclass(frozen=True, slots=True)
class KeepChoice:
    """Keep a cookie choice; today with a receipt only, later carried to the browser."""

    choice: CookieChoice


@dataclass(frozen=True, slots=True)
class Hand:
    """Hand the conversation to a person of the company's support; today by mail, later to a live agent."""

    over: Handoff


@dataclass(frozen=True, slots=True)
class Export:
    """Gather everything that is kept about this chat; it comes back as ``Exported``."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Erase everything that is kept about this chat, its key included; requests stay under keys of their own."""


@dataclass(frozen=True, slots=True)
class Close:
    """Bring nothing more to this chat until the person is heard of again."""


Effect: TypeAlias = Say | KeepFeedback | SendMail | Submit | Withdraw | KeepChoice | Hand | Export | Forget | Close
