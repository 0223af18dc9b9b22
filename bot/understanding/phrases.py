"""An example phrase and what it means; the labels' kinds."""

from dataclasses import dataclass
from typing import Final

from bot.core.language import Language

SMALL_TALK: Final = "smalltalk:"
OUT_OF_SCOPE: Final = "oos:"

#: The model's column that tells what is in scope from what is not.
SCOPE: Final = "scope"


@dataclass(frozen=True, slots=True)
class Phrase:
    """What somebody might write, and its label: ``retention``, ``flow:erasure``, ``oos:service`` ..."""

    language: Language
    label: str
    text: str


def in_scope(label: str) -> bool:
    """Whether a label is a topic or a flow."""
    return label != SCOPE and not label.startswith((SMALL_TALK, OUT_OF_SCOPE))
