"""From a message to its meaning: what the parts of this room find, put together."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.core.language import LANGUAGES, Language, is_language
from bot.core.meaning import Candidate, Context, Foreign, Understood, Unreadable
from bot.understanding import normalise
from bot.understanding.decide import decide
from bot.understanding.entities import Cues, Entities, Thing, asked_language
from bot.understanding.language import Detector, in_latin_letters
from bot.understanding.matcher import Matcher

#: Longer messages are refused kindly: nobody's question has this many characters.
TOO_LONG: Final = 4_000

#: Short messages lean on what was talked about, at half its weight (reference/matching.md: 72 / 90 against 68 / 82).
_FOLLOW_UP_WORDS: Final = 6
_FOLLOW_UP_WEIGHT: Final = 0.5
_SAME_GROUP: Final = 0.25

#: What a named thing or an article's number adds to its topics.
_THING_BONUS: Final = 0.3
_ARTICLE_BONUS: Final = 0.8

#: The log-likelihood by which another language must win: over the one spoken so far, over the three for a foreign one.
_SWITCH: Final = 3.0
_FOREIGN: Final = 6.0

#: A word or two are too little to send somebody away for: half of them are names, greetings and typing errors.
_FOREIGN_WORDS: Final = 3


@dataclass(frozen=True)
class Understanding:
    """Everything learned and listed, ready for messages. ``groups``: the kind of question each topic is;
    ``explains``: the topic that explains each flow (``flow:erasure``)."""

    detector: Detector
    matchers: Mapping[Language, Matcher]
    cues: Mapping[Language, Cues]
    entities: Entities
    groups: Mapping[str, str]
    explains: Mapping[str, str]

    def understand(self, text: str, context: Context) -> Understood:
        """What a message means, given what was talked about."""
        spoken = context.language or "en"
        if len(text) > TOO_LONG:
            return Understood(spoken, Unreadable(too_long=True))
        text = normalise.clean(text)
        if not any(c.isalpha() for c in text):
            return Understood(spoken, Unreadable())
        language = self.language(text, context.language) if in_latin_letters(text) else None
        if language is None:
            return Understood(spoken, Foreign())
        return self._meant(text, language, context)

    def _meant(self, text: str, language: Language, context: Context) -> Understood:
        folded = normalise.words(text)
        things = self.entities.named(text)
        controller = self.entities.controller(text)
        bonus = self._bonus(text, folded, things, context)
        matcher, cues = self.matchers[language], self.cues[language]
        whole = matcher.rank(folded, bonus)
        parts = [normalise.words(part) for part in cues.parts(text)]
        ranked = [matcher.rank(part, {}) for part in parts if " " in part] if len(parts) > 1 else []
        meaning, candidates = decide(whole, ranked)
        return Understood(
            language,
            meaning,
            tuple(Candidate(c.id, _share(c.score)) for c in candidates),
            tuple(thing.id for thing in things),
            controller,
            asked_language(text),
            cues.about_someone_else(folded),
        )

    def _bonus(self, text: str, folded: str, things: tuple[Thing, ...], context: Context) -> Mapping[str, float]:
        bonus: defaultdict[str, float] = defaultdict(float)
        for thing in things:
            for topic in thing.topics:
                bonus[topic] = _THING_BONUS
        if article := self.entities.article(text):
            bonus[article] += _ARTICLE_BONUS
            for flow, topic in self.explains.items():
                if topic == article:
                    bonus[flow] += _ARTICLE_BONUS
        if context.recent and len(folded.split()) <= _FOLLOW_UP_WORDS:
            for candidate in context.recent:
                bonus[candidate.id] += _FOLLOW_UP_WEIGHT * candidate.score
            group = self.groups.get(context.recent[0].id)
            for topic, other in self.groups.items():
                if other == group:
                    bonus[topic] += _SAME_GROUP
        return bonus

    def language(self, text: str, spoken: Language | None) -> Language | None:
        """The language of a message; None for one that the assistant does not speak.

        The conversation's language is kept unless another is clearly likelier.
        """
        text = self.entities.without_controllers(text)
        if not any(c.isalpha() for c in text):
            return spoken or "en"  # a company's name is of no language
        scores = dict(zip(self.detector.codes, self.detector.scores(text).tolist(), strict=True))
        ours = {code: scores[code] + (_SWITCH if code == spoken else 0.0) for code in LANGUAGES}
        best = max(LANGUAGES, key=lambda code: ours[code])
        foreign = max((s for code, s in scores.items() if not is_language(code)), default=-np.inf)
        if foreign > ours[best] + _FOREIGN and len(text.split()) >= _FOREIGN_WORDS:
            return None
        return best


def _share(score: float) -> float:
    """A raw score as a number between 0 and 1; 0.5 is where the model is undecided."""
    return round(1 / (1 + float(np.exp(-3 * score))), 4)
