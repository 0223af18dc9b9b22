"""Short messages inside a flow: words that steer, the option somebody means, the answer somebody wants to change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from bot.core.world import Control
from bot.understanding.hedges import Hedges, fits
from bot.understanding.normalise import words

#: How alike (0 to 100) a word of five letters or more must be to one that steers: one slip of the finger.
_ALIKE: Final = 88
_LONG: Final = 5
_LONGEST: Final = 60

#: An option is named by most of its label; below this the person is rather asked again.
_OPTION: Final = 86

Lists = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Steering:
    """``lists``: whole messages by what they steer; ``change``: words that say that something is to be changed."""

    lists: Mapping[Control, Sequence[str]]
    change: Sequence[str]

    @cached_property
    def _controls(self) -> dict[str, Control]:
        return {words(phrase): control for control, phrases in self.lists.items() for phrase in phrases}

    def control(self, text: str, loosely: Sequence[Control], hedges: Hedges) -> Control | None:
        """What a message as a whole steers; a slip of the finger is forgiven in longer words, a ``not`` is none.

        ``loosely``: what is steered even by a message that only has such words among others.
        """
        folded = words(text)
        if folded in self._controls:
            return self._controls[folded]
        if loosely and " " in folded and (meant := self._loosely(folded, loosely)):
            return meant
        if len(folded) < _LONG or len(folded) > _LONGEST:
            return None
        near = process.extractOne(folded, self._phrases, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return self._controls[near[0]] if near and not hedges.added(folded, near[0]) else None

    @cached_property
    def _phrases(self) -> list[str]:
        """What a slip of the finger is looked for in: short words are too easily another word."""
        return [phrase for phrase in self._controls if len(phrase) >= _LONG]

    def _loosely(self, folded: str, controls: Sequence[Control]) -> Control | None:
        known = [phrase for phrase, control in self._controls.items() if control in controls and " " in phrase]
        near = process.extractOne(folded, known, scorer=fuzz.token_set_ratio, score_cutoff=_ALIKE)
        return self._controls[near[0]] if near else None

    def changes(self, text: str, names: Lists, *, told: bool = False) -> str | None:
        """Which answer a message wants to change: a word for changing, and one of the words the answer is meant by.

        ``told``: it tells to what, and so needs no word for changing.
        """
        tokens = words(text).split()
        if not told and not any(fits(token, pattern) for token in tokens for pattern in self.change):
            return None
        found = [key for key, patterns in names.items() if any(fits(t, p) for t in tokens for p in patterns)]
        return found[0] if len(found) == 1 else None


@lru_cache(maxsize=8_192)
def _folded(said: str) -> str:
    """An option's words folded; only content is kept here, never what somebody wrote."""
    return words(said)


def choose(text: str, options: Lists, hedges: Hedges) -> str | None:
    """The option that a message as a whole is, by its label or the way people type it; ``no ads`` is not ``ads``."""
    folded = words(text)
    if not folded:
        return None
    spelled = {(option, n): _folded(said) for option, all_ in options.items() for n, said in enumerate(all_)}
    exact = {option for (option, _), said in spelled.items() if said == folded}
    if len(exact) == 1:
        return exact.pop()
    alike = {key: said for key, said in spelled.items() if not hedges.added(folded, said)}
    scores = {
        option: max((fuzz.ratio(folded, said) for (o, _), said in alike.items() if o == option), default=0.0)
        for option in options
    }
    best = sorted(scores, key=lambda option: -scores[option])
    if not best or scores[best[0]] < _OPTION or len(folded) < _LONG - 1:
        return None
    return best[0] if len(best) == 1 or scores[best[0]] > scores[best[1]] else None


def mentions(text: str, options: Lists) -> str | None:
    """The one option whose words stand in a message, None where there is none or more than one.

    A star at the end of an option's words stands for any ending.
    """
    padded = f" {words(text)} "
    found = [option for option, said in options.items() if any(_stands(s, padded) for s in said)]
    return found[0] if len(found) == 1 else None


def _stands(said: str, padded: str) -> bool:
    folded = _folded(said)
    return bool(folded) and (f" {folded}" if said.endswith("*") else f" {folded} ") in padded
