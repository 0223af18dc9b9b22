"""From a message to its meaning: what the parts of this room find, put together."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bot.core.language import LANGUAGES, Language, is_language
from bot.core.meaning import (
    Candidate,
    Context,
    Foreign,
    Known,
    Meaning,
    OutOfScope,
    SmallTalk,
    Understood,
    Unreadable,
    Wish,
)
from bot.understanding import normalise
from bot.understanding.decide import decide
from bot.understanding.entities import UNKNOWN_ARTICLE, Cues, Entities, Named, asked_language
from bot.understanding.language import Detector, in_latin_letters
from bot.understanding.matcher import Matcher, Ranking
from bot.understanding.phrases import SCOPE

#: Longer messages are refused kindly: nobody's question has this many characters.
TOO_LONG: Final = 4_000

#: Short messages lean on what was talked about, at half its weight (reference/matching.md: 72 / 90 against 68 / 82).
_FOLLOW_UP_WORDS: Final = 6
_FOLLOW_UP_WEIGHT: Final = 0.5
_SAME_GROUP: Final = 0.6
_FEW_WORDS: Final = 3
_NEARLY: Final = 0.4
_AGAIN: Final = 0.5
_LESS: Final = 0.8
_OFFERED: Final = 0.2
_IN_CONVERSATION: Final = 0.5

#: What a named thing or an article's number adds to its topics.
_THING_BONUS: Final = 0.5
_ARTICLE_BONUS: Final = 1.5

#: The log-likelihood by which another language must win: over the one spoken so far, over the three for a foreign one.
_SWITCH: Final = 3.0
_SWITCH_SHORT: Final = 12.0
_FOREIGN: Final = 4.0

#: How a company is addressed.
_YOU: Final[Mapping[Language, str]] = {"en": "you", "fi": "te", "sv": "ni"}

#: What a message that is a phrase of a language, word for word, speaks for it.
_KNOWN: Final = 4.0

_KNOWN_WORD: Final = 0.8

#: A word or two are too little to send somebody away for: half of them are names, greetings and typing errors.
_FOREIGN_WORDS: Final = 3


@dataclass(frozen=True)
class Understanding:
    """Everything learned and listed, ready for messages.

    ``groups``: the kind of question each topic is; ``explains``: the topic that explains each flow
    (``flow:erasure``); ``offers``: the flows that each topic offers;
    ``amid``: what a short question means instead, amid talk of a group of topics.
    """

    detector: Detector
    matchers: Mapping[Language, Matcher]
    cues: Mapping[Language, Cues]
    entities: Entities
    groups: Mapping[str, str]
    explains: Mapping[str, str]
    offers: Mapping[str, tuple[str, ...]]
    amid: Mapping[str, Mapping[str, str]]

    def understand(self, text: str, context: Context) -> Understood:
        """What a message means, given what was talked about."""
        spoken = context.language or "en"
        if len(text) > TOO_LONG:
            return Understood(spoken, Unreadable(too_long=True))
        text = normalise.clean(text)
        if not any(c.isalpha() for c in text):
            return Understood(spoken, Unreadable())
        if not set(normalise.words(text).split()) - {"link"}:
            return Understood(spoken, Unreadable())  # an address alone is of no language and asks nothing
        named = self.entities.find(text)
        language, foreign = self.language(named.others or text, context.language)
        if not named.rest:
            return self._meant(text, named, context.language or language, context)  # a name is of no language
        if foreign or not in_latin_letters(text):
            return Understood(context.language or language, Foreign())
        return self._meant(text, named, language, context)

    def _meant(self, text: str, named: Named, language: Language, context: Context) -> Understood:
        cues = self.cues[language]
        folded = normalise.words(text)
        meaning, candidates = self._decided(text, named, language, context)
        if named.article == UNKNOWN_ARTICLE:
            return Understood(language, OutOfScope("legal"), candidates)
        if named.controller and meaning in (OutOfScope("other_company"), Wish("controller")):
            meaning, candidates = self._about_the_named(meaning, candidates, text, named, language, context)
        someone_else = cues.about_someone_else(folded)
        if someone_else:
            meaning = self._for_another(meaning, candidates)
        agreed = self._agreed(meaning, context)
        if isinstance(agreed, Wish) and agreed is not meaning:
            candidates = (Candidate(f"flow:{agreed.flow}", 1.0), *candidates)
        return Understood(
            language,
            agreed,
            tuple(Candidate(c.id, _share(c.score)) for c in candidates),
            tuple(thing.id for thing in named.things),
            named.controller,
            asked_language(folded),
            someone_else,
        )

    def _decided(
        self, text: str, named: Named, language: Language, context: Context
    ) -> tuple[Meaning, tuple[Candidate, ...]]:
        matcher, folded = self.matchers[language], normalise.words(text)
        count = len(folded.split())
        whole = matcher.rank(folded, self._bonus(count, named, context))
        if self._follows(count, named, context):
            whole = self._amid(whole, context.recent[0].id, count)
        ranked = self._parts(matcher, self.cues[language].parts(normalise.fold(text)))
        return decide(whole, ranked, count, lambda id_: self.explains.get(id_, id_))

    def _about_the_named(
        self,
        meaning: Meaning,
        candidates: tuple[Candidate, ...],
        text: str,
        named: Named,
        language: Language,
        context: Context,
    ) -> tuple[Meaning, tuple[Candidate, ...]]:
        """``What does Kaltiot know about me``: of a company that is served, its name says no more than ``you``."""
        others = named.others.split()
        if len(others) < _FEW_WORDS:
            return meaning, candidates
        addressed = " ".join(word if word in others else _YOU[language] for word in text.split())
        plain = self._decided(addressed, named, language, context)
        return plain if isinstance(plain[0], Known | Wish) else (meaning, candidates)

    def _for_another(self, meaning: Meaning, candidates: tuple[Candidate, ...]) -> Meaning:
        """``My child's data must be deleted`` is about that right, and not about age limits or another company."""
        match meaning:
            case OutOfScope("other_company"):
                first = candidates[0]
            case Known(("children",), None) if len(candidates) > 1 and candidates[1].flow:
                first = candidates[1]
            case _:
                return meaning
        if self.groups.get(self.explains.get(first.id, first.id)) != "rights":
            return meaning
        near = first.score >= candidates[0].score - _NEARLY
        return (Wish(first.flow) if first.flow else Known((first.id,))) if near else meaning

    def _parts(self, matcher: Matcher, parts: list[str]) -> list[Ranking]:
        """The parts of a message ranked by themselves; a short one leans on the one before it (``and how long?``)."""
        if len(parts) <= 1:
            return []
        ranked: list[Ranking] = []
        for part in map(normalise.words, parts):
            bonus: defaultdict[str, float] = defaultdict(float)
            if ranked and part.count(" ") < _FEW_WORDS:
                self._lean(bonus, (Candidate(ranked[-1].meant[0].id, 0.0),), _LESS)
            ranked.append(matcher.rank(part, bonus))
        return ranked

    def _bonus(self, count: int, named: Named, context: Context) -> Mapping[str, float]:
        bonus: defaultdict[str, float] = defaultdict(float)
        if self._follows(count, named, context):
            self._lean(bonus, context.recent, 1.0 if count <= _FEW_WORDS else _LESS)
        for thing in named.things:
            for topic in thing.topics:
                bonus[topic] += _THING_BONUS
        if named.article and named.article != UNKNOWN_ARTICLE:
            for label in (named.article, *(flow for flow, topic in self.explains.items() if topic == named.article)):
                bonus[label] += _ARTICLE_BONUS
        return bonus

    def _follows(self, count: int, named: Named, context: Context) -> bool:
        """Whether a message may be a follow-up: it is short, and names nothing that it could be about by itself."""
        return bool(context.recent) and count <= _FOLLOW_UP_WORDS and not (named.things or named.article)

    def _lean(self, bonus: defaultdict[str, float], recent: tuple[Candidate, ...], weight: float) -> None:
        """A short message leans on what was talked about, on what belongs with it, and is hardly out of scope."""
        first = recent[0].id
        for candidate in recent:
            again = _AGAIN if candidate.id == first else 1.0
            bonus[candidate.id] += weight * again * _FOLLOW_UP_WEIGHT * candidate.score
        group = self.groups.get(self.explains.get(first, first))
        for topic, other in self.groups.items():
            if other == group:
                bonus[topic] += weight * _SAME_GROUP * (_AGAIN if topic == first else 1.0)
        for flow in self.offers.get(first, ()):
            bonus[f"flow:{flow}"] += weight * _OFFERED
        bonus[SCOPE] += _IN_CONVERSATION

    def _amid(self, whole: Ranking, spoken_of: str, count: int) -> Ranking:
        """``And how long?`` amid talk of cookies is about the cookies; ``how long do you keep my data`` is not."""
        first = whole.meant[0]
        group = self.groups.get(self.explains.get(spoken_of, spoken_of), "")
        meant = self.amid.get(first.id, {}).get(group)
        near = any(c.id == meant and c.score >= first.score - _NEARLY for c in whole.meant)
        if meant is None or not (near or count < _FEW_WORDS):
            return whole
        others = tuple(candidate for candidate in whole.meant if candidate.id != meant)
        return replace(whole, meant=(Candidate(meant, first.score), *others))

    def _agreed(self, meaning: Meaning, context: Context) -> Meaning:
        """A yes after an answer is the wish for what it offered."""
        if meaning != SmallTalk("go_ahead") or not context.recent:
            return meaning
        first = context.recent[0]
        offered = (flow for flow in self.offers.get(first.id, ()) if flow != "escalate")
        flow = first.flow or next(offered, None)
        return Wish(flow) if flow else meaning

    def language(self, text: str, spoken: Language | None) -> tuple[Language, bool]:
        """The likeliest of our languages for a message, and whether it is rather in one that we do not speak.

        The conversation's language is kept unless another is clearly likelier.
        """
        scores = dict(zip(self.detector.codes, self.detector.scores(text).tolist(), strict=True))
        folded = normalise.words(text)
        kept = _SWITCH if len(folded.split()) >= _FOREIGN_WORDS else _SWITCH_SHORT
        ours = {
            code: scores[code]
            + (kept if code == spoken else 0.0)
            + (_KNOWN if self.matchers[code].knows(folded) else 0.0)
            + _KNOWN_WORD * sum(word in self.matchers[code].vocabulary for word in folded.split())
            for code in LANGUAGES
        }
        best = max(LANGUAGES, key=lambda code: ours[code])
        foreign = max((s for code, s in scores.items() if not is_language(code)), default=-np.inf)
        return best, foreign > ours[best] + _FOREIGN and len(folded.split()) >= _FOREIGN_WORDS


def _share(score: float) -> float:
    """A raw score as a number between 0 and 1; 0.5 is where the model is undecided."""
    return round(1 / (1 + float(np.exp(-3 * score))), 4)
