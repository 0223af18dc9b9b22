"""From scores to a meaning: answer, ask which was meant, or decline. The thresholds stand here, with what set them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.meaning import Candidate, Known, Meaning, OutOfScope, SmallTalk, Unsure, Wish
from bot.understanding.matcher import Ranking
from bot.understanding.phrases import OUT_OF_SCOPE, SMALL_TALK


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Set on the project's own questions and the measuring set (`make eval`), never on single rows.

    ``decline``: below this evidence a message is out of scope. ``unsure``: below this it is asked what was meant.
    ``part``: what each half of a message must reach to be a question of its own.
    ``flow``: how much a wish must outdo the best question before a flow starts.
    """

    decline: float = 0.2
    unsure: float = 0.3
    part: float = -0.2
    flow: float = 0.0


THRESHOLDS: Final = Thresholds()
_CHOICES: Final = 3


def decide(
    whole: Ranking, parts: Sequence[Ranking], limits: Thresholds = THRESHOLDS
) -> tuple[Meaning, tuple[Candidate, ...]]:
    """What a message means, and the candidates for it, best first."""
    if whole.small.score > max(whole.meant[0].score, whole.out.score):
        return SmallTalk(whole.small.id.removeprefix(SMALL_TALK)), whole.meant
    if whole.evidence < limits.decline:
        return OutOfScope(whole.out.id.removeprefix(OUT_OF_SCOPE)), whole.meant
    candidates = _merged(whole, parts, limits)
    if whole.evidence < limits.unsure:
        return Unsure(candidates[:_CHOICES]), candidates
    return _known(candidates, len(_own(parts, limits))), candidates


def _own(parts: Sequence[Ranking], limits: Thresholds) -> tuple[Candidate, ...]:
    """The best candidate of every part that is a question of its own, each once."""
    found: dict[str, Candidate] = {}
    for part in parts:
        best = part.meant[0]
        if best.score >= limits.part and part.evidence >= limits.unsure and best.score >= part.small.score:
            found.setdefault(best.id, best)
    return tuple(found.values())[:2]


def _merged(whole: Ranking, parts: Sequence[Ranking], limits: Thresholds) -> tuple[Candidate, ...]:
    """Two questions stand first, in their order; then what the whole message could mean."""
    own = _own(parts, limits)
    if len(own) < 2:
        return whole.meant
    return (*own, *(c for c in whole.meant if c.id not in {o.id for o in own}))


def _known(candidates: tuple[Candidate, ...], questions: int) -> Meaning:
    first = candidates[: max(1, questions)]
    topics = tuple(c.id for c in first if not c.flow)
    wishes = [c.flow for c in first if c.flow]
    if not topics:
        return Wish(wishes[0] or "")
    return Known(topics, wishes[0] if wishes else None)
