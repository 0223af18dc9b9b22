"""Words that turn a message around: what is not wanted, what is left out, what is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.understanding.normalise import words

#: So many words after a negation it still is about the deed: ``I do not want to delete``.
_REACH: Final = 4

#: ... and so many words before one: ``glöm mig inte``.
_BEFORE: Final = 2


@dataclass(frozen=True)
class Hedges:
    """One language's, folded; a star stands for any ending.

    ``negation``: single words; ``exception``: single words that leave something out; ``opening``: how a message begins
    that takes something back; ``deeds``: what flows do; ``right``, ``introduces``: what stands before the right value
    in a correction, and before a name, as it is written.
    """

    negation: Sequence[str]
    exception: Sequence[str]
    opening: Sequence[str]
    deeds: Mapping[str, Sequence[str]]
    right: Sequence[str] = ()
    introduces: Sequence[str] = ()

    def negates(self, text: str) -> bool:
        """Whether a negation, or a word that leaves something out, stands among the words of a message."""
        return any(word in self._hedging for word in words(text).split())

    def added(self, text: str, phrase: str) -> bool:
        """Whether a folded message has a negation that a folded phrase has not: that is no slip of the finger."""
        return bool(self._hedging & set(text.split()) - set(phrase.split()))

    def denies(self, text: str, flow: str) -> bool:
        """Whether a negation stands shortly before a word for what a flow does, or right after (``radera inte``)."""
        deeds, since_not, since_deed = self.deeds.get(flow, ()), _REACH, _BEFORE
        for word in words(text).split():
            if word in self.exception:
                since_not, since_deed = _REACH, _BEFORE  # what follows is another matter
            elif word in self.negation:
                if since_deed < _BEFORE:
                    return True
                since_not = 0
            elif any(fits(word, deed) for deed in deeds):
                if since_not < _REACH:
                    return True
                since_deed = 0
            else:
                since_not, since_deed = since_not + 1, since_deed + 1
        return False

    def becomes(self, text: str) -> str | None:
        """The right value in a correction, None where it tells none."""
        found = self._after(self.right, text)
        return found or None

    def named(self, text: str) -> str:
        """A name without what people put before it."""
        lower = text.casefold()
        start = next((said for said in self.introduces if lower.startswith(f"{said} ")), "")
        return text[len(start) :].strip(" :") or text

    @staticmethod
    def _after(marks: Sequence[str], text: str) -> str:
        lower = text.casefold()
        at = max(
            (lower.rfind(f" {mark} ") + len(mark) + 2 for mark in marks if f" {mark} " in lower), default=len(text)
        )
        return text[at:].strip(" .:")

    def amends(self, text: str) -> bool:
        """Whether a message begins by taking something back, or by asking for something else."""
        folded = f"{words(text)} "
        return any(folded.startswith(f"{opening} ") for opening in self.opening)

    @cached_property
    def _hedging(self) -> frozenset[str]:
        return frozenset((*self.negation, *self.exception))


def fits(token: str, pattern: str) -> bool:
    """Whether a folded word is one that a pattern of content means; a star stands for any ending."""
    return token.startswith(pattern[:-1]) if pattern.endswith("*") else token == pattern
