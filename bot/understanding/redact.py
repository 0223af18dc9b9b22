"""Taking a person out of a message: only words that the example phrases know are kept."""

from dataclasses import dataclass
from typing import Final

from bot.understanding.normalise import clean, words

_HIDDEN: Final = "…"
_LIMIT: Final = 300


@dataclass(frozen=True)
class Redactor:
    """``known``: the folded words of all example phrases, in which nobody's name, address or number stands."""

    known: frozenset[str]

    def redact(self, text: str) -> str:
        """The text with every unknown word, number and address as ``…``; one mark for several in a row."""
        kept: list[str] = []
        for word in words(clean(text)).split():
            shown = word if word in self.known and not any(c.isdigit() for c in word) else _HIDDEN
            if shown != _HIDDEN or kept[-1:] != [_HIDDEN]:
                kept.append(shown)
        return " ".join(kept)[:_LIMIT]
