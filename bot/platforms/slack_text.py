"""Replies as Slack takes them: Block Kit, in pieces that fit; as rich text, so that nobody's words are markup."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, TypeAlias, assert_never

from bot.core.buttons import InPrivate, Vote, Walk, encode
from bot.core.chat import Button, Say
from bot.core.text import Block, Bullets, Fine, Heading, Paragraph, plain

Json: TypeAlias = dict[str, Any]

#: A whole message may have about 13,200 characters of JSON (undocumented), and 50 blocks; buttons need their part.
_ROOM: Final = 6_000
_BLOCKS: Final = 30

#: The longest text of one element, and what is shown in notifications and read by screen readers.
_ELEMENT: Final = 2_800
_FALLBACK: Final = 3_900

#: So many buttons stand in a row.
_ROW: Final = 5

_LINK: Final = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)”\"']|[^\s@<>|]+@[\w-]+(?:\.[\w-]+)+")

#: Where a text is cut: best after a line or a sentence, else between words.
_CUTS: Final = (re.compile(r"\n+|(?<=[.!?;:]) "), re.compile(r"\s+"))


def fallback(say: Say) -> str:
    """A reply as plain text, for notifications and screen readers."""
    text = plain(say.blocks) or " ".join(file.name for file in say.files) or "…"
    return _escaped(text if len(text) <= _FALLBACK else f"{text[:_FALLBACK]}…")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[: _FALLBACK + 60]


def split(say: Say) -> tuple[Say, ...]:
    """A reply in pieces, each one message: texts that fit, the buttons under the last of them, then a file each."""
    if say.home:
        return (say,)
    pieces: list[tuple[Block, ...]] = [()]
    for block in (part for whole in say.blocks if plain((whole,)).strip() for part in _fitting(whole)):
        longer = (*pieces[-1], block)
        if len(json.dumps(block_kit(longer))) > _ROOM or len(longer) > _BLOCKS:
            pieces.append(())
        pieces[-1] = (*pieces[-1], block)
    texts = [replace(say, blocks=piece, buttons=(), files=(), asked=None) for piece in pieces if piece]
    if texts:
        texts[-1] = replace(texts[-1], buttons=say.buttons, asked=say.asked)
    files = [replace(say, blocks=(), buttons=(), files=(file,), in_place=False, asked=None) for file in say.files]
    return (*texts, *files)


def _fitting(block: Block) -> Iterator[Block]:
    match block:
        case Bullets(items):
            parts = tuple(part for item in items for part in _parts(item))
            for some in batched_by_length(parts):
                yield Bullets(some)
        case Paragraph(text) | Heading(text) | Fine(text):
            yield from (replace(block, text=part) for part in _parts(text))
        case _:
            assert_never(block)


def batched_by_length(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Parts in runs that are together no longer than one element may be."""
    run: list[str] = []
    for part in parts:
        if run and sum(map(len, run)) + len(part) > _ELEMENT:
            yield tuple(run)
            run = []
        run.append(part)
    if run:
        yield tuple(run)


def _parts(text: str) -> Iterator[str]:
    while len(text) > _ELEMENT:
        cuts = (max((m.end() for m in cut.finditer(text[:_ELEMENT])), default=0) for cut in _CUTS)
        cut = next((cut for cut in cuts if cut > _ELEMENT // 2), _ELEMENT)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def block_kit(blocks: tuple[Block, ...]) -> list[Json]:
    """Blocks as Block Kit."""
    return [_block(block) for block in blocks]


def _block(block: Block) -> Json:
    match block:
        case Heading(text):
            return _rich({"type": "rich_text_section", "elements": [_words(text, bold=True)]})
        case Paragraph(text):
            return _rich({"type": "rich_text_section", "elements": _linked(text)})
        case Bullets(items):
            points = [{"type": "rich_text_section", "elements": _linked(item)} for item in items]
            return _rich({"type": "rich_text_list", "style": "bullet", "elements": points})
        case Fine(text):
            return {"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}
        case _:
            assert_never(block)


def _rich(element: Json) -> Json:
    return {"type": "rich_text", "elements": [element]}


def _words(text: str, *, bold: bool = False) -> Json:
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}


def _linked(text: str) -> list[Json]:
    """A text with its addresses as links."""
    elements, last = [], 0
    for found in _LINK.finditer(text):
        if found.start() > last:
            elements.append(_words(text[last : found.start()]))
        address = found[0] if "://" in found[0] else f"mailto:{found[0]}"
        elements.append({"type": "link", "url": address, "text": found[0]})
        last = found.end()
    if last < len(text):
        elements.append(_words(text[last:]))
    return elements or [_words(" ")]


def keyboard(buttons: tuple[Button, ...], direct: str) -> list[Json]:
    """Buttons in rows; the two votes as Slack's own. ``direct``: the address of the direct messages with the app."""
    votes = [button for button in buttons if isinstance(button.press, Vote)]
    made = [_button(b, f"press_{n}", direct) for n, b in enumerate(buttons) if b not in votes]
    rows: list[Json] = [{"type": "actions", "elements": made[n : n + _ROW]} for n in range(0, len(made), _ROW)]
    if len(votes) == len(("up", "down")):
        rows.append(_feedback(votes))
    return rows


def _feedback(votes: list[Button]) -> Json:
    up, down = sorted(votes, key=lambda button: not (isinstance(button.press, Vote) and button.press.up))
    element = {
        "type": "feedback_buttons",
        "action_id": "vote",
        "positive_button": {"text": _plain(up.label), "value": encode(up.press)},
        "negative_button": {"text": _plain(down.label), "value": encode(down.press)},
    }
    return {"type": "context_actions", "elements": [element]}


def _button(button: Button, action: str, direct: str) -> Json:
    made: Json = {
        "type": "button",
        "text": _plain(button.label),
        "action_id": action,
        "value": encode(button.press),
    }
    if isinstance(button.press, Walk) and button.press.act == "send":
        made["style"] = "primary"
    if isinstance(button.press, InPrivate) and direct:
        made["url"] = direct
    return made


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text[:75], "emoji": True}
