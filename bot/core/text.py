"""Rich text: a small tree of blocks, escaped once, at the platform's edge."""

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Heading:
    """A short line that stands above what it names."""

    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, one entry an item."""

    items: tuple[str, ...]
    kind: Literal["bullets"] = "bullets"


@dataclass(frozen=True, slots=True)
class Fine:
    """Small print: sources, dates, articles."""

    text: str
    kind: Literal["fine"] = "fine"


Block: TypeAlias = Paragraph | Heading | Bullets | Fine


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
