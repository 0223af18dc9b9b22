"""Replies as Telegram takes them: HTML, escaped here and only here, in pieces that fit, with a keyboard."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import groupby
from typing import Final, assert_never

from bot.core.buttons import InPrivate, encode
from bot.core.chat import Button, Say
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph, plain

#: The longest text of a message, in UTF-16 units after the markup is read (Bot API, ``sendMessage``).
LIMIT: Final = 4096

#: Where a text that is too long by itself may be cut, the best place first.
_CUTS: Final = (re.compile(r"\n+"), re.compile(r"(?<=[.!?;:]) "), re.compile(r"\s+"))


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def html(blocks: tuple[Block, ...]) -> str:
    """Blocks as Telegram's HTML; small print that follows each other folds into one quote that can be opened."""
    parts = []
    for fine, run in groupby(blocks, lambda block: isinstance(block, Fine)):
        texts = [_html(block) for block in run]
        inner = "\n\n".join(texts)
        parts.append(f"<blockquote expandable>{inner}</blockquote>" if fine else inner)
    return "\n\n".join(parts)


def _html(block: Block) -> str:
    match block:
        case Paragraph(text) | Fine(text):
            return escape(text, quote=False)
        case Heading(text):
            return f"<b>{escape(text, quote=False)}</b>"
        case Bullets(items):
            return "\n".join(f"• {escape(item, quote=False)}" for item in items)
        case _:
            assert_never(block)


def split(say: Say) -> tuple[Say, ...]:
    """A reply in pieces, each one message: texts that fit, the keyboard under the last of them, then a file each."""
    pieces: list[tuple[Block, ...]] = [()]
    for block in (part for whole in say.blocks if plain((whole,)).strip() for part in _fitting(whole)):
        if units(plain((*pieces[-1], block))) > LIMIT:
            pieces.append(())
        pieces[-1] = (*pieces[-1], block)
    texts = [replace(say, blocks=piece, buttons=(), files=()) for piece in pieces if piece]
    if texts:
        texts[-1] = replace(texts[-1], buttons=say.buttons)
    files = [replace(say, blocks=(), buttons=(), files=(file,), in_place=False) for file in say.files]
    return (*texts, *files)


def _fitting(block: Block) -> Iterator[Block]:
    """A block, or the parts of one that fills more than a message."""
    if units(plain((block,))) <= LIMIT:
        yield block
        return
    match block:
        case Bullets(items):
            for item in items:
                yield from (Bullets((part,)) for part in _parts(item))
        case Paragraph(text) | Heading(text) | Fine(text):
            yield from (replace(block, text=part) for part in _parts(text))
        case _:
            assert_never(block)


def _parts(text: str) -> Iterator[str]:
    """A text cut at lines, else at sentences, else at words, else anywhere."""
    room = LIMIT - 2  # a bullet and a space may stand before it
    while units(text) > room:
        head = text[:room]
        while units(head) > room:
            head = head[:-1]
        cut = next((found[-1] for cuts in _CUTS if (found := [m.end() for m in cuts.finditer(head)])), len(head))
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def keyboard(buttons: tuple[Button, ...], username: str) -> list[tuple[str, str, bool]]:
    """A row a button: its label, what Telegram gives back when it is pressed (or a link), and whether it is a link.

    What is given back is the press itself in at most 64 bytes (``core.buttons``), so nothing can get lost.
    """
    return [_key(button, username) for button in buttons]


def _key(button: Button, username: str) -> tuple[str, str, bool]:
    if isinstance(button.press, InPrivate):
        start = f"?start={button.press.payload}" if button.press.payload else ""
        return button.label, f"https://t.me/{username}{start}", True
    return button.label, encode(button.press), False
