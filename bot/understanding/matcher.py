"""Ranking: how well a message fits every label: the trained model, near-exact phrases, what was talked about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from bot.core.meaning import Candidate
from bot.understanding.model import Model
from bot.understanding.phrases import OUT_OF_SCOPE, SCOPE, SMALL_TALK, in_scope

#: A phrase this near (rapidfuzz ratio) was right every time it was measured.
_NEAR: Final = 85
_NEAR_BONUS: Final = 0.6

#: So many of the best labels are looked at for a near-exact phrase; so many are kept in a ranking.
_LOOKED_AT: Final = 3
_SHORTLIST: Final = 6

#: What the classifier of scope adds to the difference of the best labels.
_SCOPE_WEIGHT: Final = 0.5

#: Where a language has no phrases of a kind.
_NOTHING: Final = Candidate("", -2.0)


@dataclass(frozen=True)
class Ranking:
    """In-scope candidates, best first, with raw scores; and the best small talk and the best way out of scope."""

    meant: tuple[Candidate, ...]
    small: Candidate
    out: Candidate
    scope: float

    @property
    def evidence(self) -> float:
        """How much more the message looks like something in scope than like anything out of it."""
        return self.meant[0].score - self.out.score + _SCOPE_WEIGHT * self.scope


@dataclass(frozen=True)
class Matcher:
    """One language's model, with its phrases, folded, by label."""

    model: Model
    phrases: Mapping[str, Sequence[str]]

    def rank(self, text: str, bonus: Mapping[str, float]) -> Ranking:
        """Rank a folded message; ``bonus`` is added to the scores of its labels."""
        scores = self.model.scores(text)
        for label, extra in bonus.items():
            if label in self._places:
                scores[self._places[label]] += extra
        for place in np.argsort(-scores)[:_LOOKED_AT]:
            label = self.model.labels[place]
            near = process.extractOne(text, self.phrases.get(label, ()), scorer=fuzz.ratio, score_cutoff=_NEAR)
            if near:
                scores[place] += _NEAR_BONUS * near[1] / 100
        return Ranking(
            self._best(scores, self._meant, _SHORTLIST),
            next(iter(self._best(scores, self._small, 1)), _NOTHING),
            next(iter(self._best(scores, self._out, 1)), _NOTHING),
            float(scores[self._places[SCOPE]]),
        )

    def knows(self, text: str) -> bool:
        """Whether a folded text is, word for word, one of the phrases."""
        return text in self._texts

    @cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(text for texts in self.phrases.values() for text in texts)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The folded words of all phrases."""
        return frozenset(word for text in self._texts for word in text.split())

    def _best(self, scores: NDArray[np.float32], places: NDArray[np.int64], n: int) -> tuple[Candidate, ...]:
        order = places[np.argsort(-scores[places])[:n]]
        return tuple(Candidate(self.model.labels[i], float(scores[i])) for i in order)

    def _where(self, wanted: Callable[[str], bool]) -> NDArray[np.int64]:
        return np.array([i for i, label in enumerate(self.model.labels) if wanted(label)], np.int64)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {label: place for place, label in enumerate(self.model.labels)}

    @cached_property
    def _meant(self) -> NDArray[np.int64]:
        return self._where(in_scope)

    @cached_property
    def _small(self) -> NDArray[np.int64]:
        return self._where(lambda label: label.startswith(SMALL_TALK))

    @cached_property
    def _out(self) -> NDArray[np.int64]:
        return self._where(lambda label: label.startswith(OUT_OF_SCOPE))
