"""Words that turn a message around: what is not wanted, what is left out, what is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.understanding.normalise import words

#: So many words after a negation it still is about the deed: ``I do not want to delete``.
_REACH: Final = 3


@dataclass(frozen=True)
class Hedges:
    """One language's, folded; a star stands for any ending.

    ``negation``: single words; ``opening``: how a message begins that takes something back; ``deeds``: what flows do.
    """

    negation: Sequence[str]
    opening: Sequence[str]
    deeds: Mapping[str, Sequence[str]]

    def negates(self, text: str) -> bool:
        """Whether a negation stands among the words of a message."""
        return any(word in self._negation for word in words(text).split())

    def added(self, text: str, phrase: str) -> bool:
        """Whether a folded message has a negation that a folded phrase has not: that is no slip of the finger."""
        return bool(self._negation & set(text.split()) - set(phrase.split()))

    def denies(self, text: str, flow: str) -> bool:
        """Whether a negation stands shortly before a word for what a flow does, or right after it (``radera inte``)."""
        deeds, left, done = self.deeds.get(flow, ()), 0, False
        for word in words(text).split():
            if word in self._negation:
                if done:
                    return True
                left = _REACH
                continue
            done = any(fits(word, deed) for deed in deeds)
            if done and left:
                return True
            left = max(0, left - 1)
        return False

    def amends(self, text: str) -> bool:
        """Whether a message begins by taking something back, or by asking for something else."""
        folded = f"{words(text)} "
        return any(folded.startswith(f"{opening} ") for opening in self.opening)

    @cached_property
    def _negation(self) -> frozenset[str]:
        return frozenset(self.negation)


def fits(token: str, pattern: str) -> bool:
    """Whether a folded word is one that a pattern of content means; a star stands for any ending."""
    return token.startswith(pattern[:-1]) if pattern.endswith("*") else token == pattern
