"""From scores to a meaning: answer, ask which was meant, or decline. The thresholds stand here, with what set them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.meaning import Candidate, Known, Meaning, OutOfScope, SmallTalk, Unsure, Wish
from bot.understanding.matcher import Ranking
from bot.understanding.phrases import OUT_OF_SCOPE, SMALL_TALK


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Set on the project's own questions and the measuring set (``make eval``), never on single rows.

    ``decline``: below this evidence a message is out of scope. ``unsure``: below this it is asked what was meant.
    ``part``: what each half of a message must score to be a question of its own. ``flow``: how much a wish must
    outdo the best question before a flow starts. ``small``: how much small talk must outdo a question, for every
    word past the third: long messages that say thanks are not about thanks.
    """

    decline: float = 0.05
    unsure: float = 0.4
    part: float = 0.0
    flow: float = 0.05
    small: float = 0.1


THRESHOLDS: Final = Thresholds()
_CHOICES: Final = 3
_SHORT: Final = 3

#: So many questions of one message are answered; more would bury each other.
_QUESTIONS: Final = 3

#: The topic that explains a flow, or the id itself: a question and a wish about one thing are not two things.
Subject = Callable[[str], str]


def decide(
    whole: Ranking, parts: Sequence[Ranking], words: int, subject: Subject, limits: Thresholds = THRESHOLDS
) -> tuple[Meaning, tuple[Candidate, ...]]:
    """What a message of so many words means, and the candidates for it, best first."""
    reserve = limits.small * max(0, words - _SHORT)
    if whole.small.score > max(whole.meant[0].score + reserve, whole.out.score):
        return SmallTalk(whole.small.id.removeprefix(SMALL_TALK)), whole.meant
    if whole.evidence < limits.decline:
        return OutOfScope(whole.out.id.removeprefix(OUT_OF_SCOPE)), whole.meant
    own = _questions(parts, subject, limits)
    if len(own) > 1:
        candidates = _first(own, whole.meant)
        return _known(own), candidates
    candidates = _careful(whole.meant, limits)
    if whole.evidence < limits.unsure:
        return Unsure(candidates[:_CHOICES]), candidates
    return _known(candidates[:1]), candidates


def _questions(parts: Sequence[Ranking], subject: Subject, limits: Thresholds) -> tuple[Candidate, ...]:
    """The best candidate of every part that is a question of its own; one a subject."""
    found: dict[str, Candidate] = {}
    for part in parts:
        best = part.meant[0]
        if best.score >= limits.part and part.evidence >= limits.unsure and best.score >= part.small.score:
            found.setdefault(subject(best.id), best)
    return tuple(found.values())[:_QUESTIONS]


def _first(own: tuple[Candidate, ...], others: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Two questions stand first, in their order, and no lower than what the whole message could mean."""
    ids = {candidate.id for candidate in own}
    top = max(candidate.score for candidate in (*own, *others))
    raised = tuple(Candidate(candidate.id, top) for candidate in own)
    return (*raised, *(c for c in others if c.id not in ids))


def _careful(candidates: tuple[Candidate, ...], limits: Thresholds) -> tuple[Candidate, ...]:
    """A flow that hardly outdoes the next topic gives way to it: a wrong flow is worse than an answer with a button."""
    first, rest = candidates[0], candidates[1:]
    if not first.flow or not rest or rest[0].flow or first.score - rest[0].score >= limits.flow:
        return candidates
    return (Candidate(rest[0].id, first.score), Candidate(first.id, rest[0].score), *rest[1:])


def _known(first: tuple[Candidate, ...]) -> Meaning:
    topics = tuple(c.id for c in first if not c.flow)
    wishes = [c.flow for c in first if c.flow]
    if not topics:
        return Wish(wishes[0], tuple(wishes[1:]))
    return Known(topics, wishes[0] if wishes else None)
