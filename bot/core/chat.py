"""What goes in and out of a conversation: events, rich text, buttons, and the effects of a turn."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from bot.core.buttons import Press
from bot.core.knowledge import Answer
from bot.core.language import Language


@dataclass(frozen=True, slots=True)
class Opened:
    """The person opened the chat, or asked to begin again."""


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote something. The words are hidden from ``repr``, so that no log can show them."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pressed:
    """The person pressed a button; apart from ``Said``, because nobody can type a button."""

    press: Press


Event: TypeAlias = Opened | Said | Pressed


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of one chat, with everything the core may not make itself: an id and the time."""

    id: str
    chat: str
    at: datetime
    event: Event
    locale_hint: Language | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A short line that stands above what it names."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, one entry an item."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fine:
    """Small print: sources, dates, articles."""

    text: str


Block: TypeAlias = Paragraph | Heading | Bullets | Fine


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: what it shows and what it means."""

    label: str
    press: Press


@dataclass(frozen=True, slots=True)
class Say:
    """Send a reply. ``answers`` are the knowledge base's answers that it holds, for programs that ask."""

    language: Language
    blocks: tuple[Block, ...]
    buttons: tuple[Button, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepFeedback:
    """Keep what helps to improve the answers: redacted text, and nothing about who wrote it."""

    kind: str
    at: datetime
    language: Language
    controller: str | None
    topic: str | None
    text: str = field(default="", repr=False)


Effect: TypeAlias = Say | KeepFeedback


def plain(blocks: tuple[Block, ...]) -> str:
    """Write blocks as plain text: paragraphs parted by an empty line, list items by ``- ``."""
    return "\n\n".join(_plain(block) for block in blocks)


def _plain(block: Block) -> str:
    match block:
        case Bullets(items):
            return "\n".join(f"- {item}" for item in items)
        case Paragraph(text) | Heading(text) | Fine(text):
            return text


def parse(text: str) -> tuple[Block, ...]:
    """Read an author's text: paragraphs parted by empty lines, lines that begin with ``- `` as a list."""
    blocks: list[Block] = []
    for part in text.strip().split("\n\n"):
        blocks.extend(_parse_part([line.strip() for line in part.splitlines() if line.strip()]))
    return tuple(blocks)


def _parse_part(lines: list[str]) -> list[Block]:
    blocks: list[Block] = []
    words: list[str] = []
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            if words:
                blocks.append(Paragraph(" ".join(words)))
                words = []
            items.append(line[2:])
        elif items:
            items[-1] += " " + line
        else:
            words.append(line)
    if words:
        blocks.append(Paragraph(" ".join(words)))
    if items:
        blocks.append(Bullets(tuple(items)))
    return blocks
