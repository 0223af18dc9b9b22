"""Named things in a message: companies, cookies, tools, articles of the GDPR, languages; and whose data it is about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.core.language import Language
from bot.understanding.normalise import fold

_ARTICLE: Final = re.compile(
    r"\b(?:art(?:icle|ikel|ikla|iklan|iklaa|ikeln)?\.?\s*(\d{1,2})\b|(\d{1,2})\s*[.:]?\s*artikla\w*|gdpr\s*(\d{1,2})\b)"
)

#: The "topic" of an article that nothing is known about.
UNKNOWN_ARTICLE: Final = "?"

_WORDS: Final = re.compile(r"[\w*-]+")

#: Names are compared from their first letters; an ending of up to five letters may follow, after five of the name.
_START: Final = 2
_ENDING: Final = 5
_STEM: Final = 5

#: How people name the three languages, by the beginning of the folded word.
_LANGUAGE_WORDS: Final[dict[Language, tuple[str, ...]]] = {
    "fi": ("suome", "suomi", "finska", "finnish", "finskt", "fincki"),
    "sv": ("ruotsi", "svensk", "swedish", "svenska"),
    "en": ("englan", "englis", "engelsk", "enkku"),
}


@dataclass(frozen=True)
class Thing:
    """A named thing: its folded spellings, and the topics one asks about it under."""

    id: str
    spellings: tuple[str, ...]
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """What a message names: things, in order; a company, where it is just one; the topic of an article of law.

    ``rest``: whether anything is left beside names; ``others``: the message without its names.
    """

    things: tuple[Thing, ...] = ()
    controller: str | None = None
    article: str | None = None
    rest: bool = True
    others: str = ""


@dataclass(frozen=True)
class Entities:
    """Everything with a name. ``controllers``: folded names and aliases to ids; ``articles``: number to topic."""

    things: Sequence[Thing]
    articles: Mapping[int, str]
    controllers: Mapping[str, str]

    def find(self, text: str) -> Named:
        """What a message names; the longest name at each place counts."""
        folded = fold(text)
        words = _WORDS.findall(folded)
        runs = list(self._runs(words))
        things = dict.fromkeys(self._things[run] for run in runs if run in self._things)
        companies = {self.controllers[run] for run in runs if run in self.controllers}
        parts = {part for run in runs for part in run.split()}
        others = [word for word in text.split() if not any(fold(word).startswith(part) for part in parts)]
        match = _ARTICLE.search(folded)
        article = self.articles.get(int(match[match.lastindex or 1]), UNKNOWN_ARTICLE) if match else None
        return Named(
            tuple(things), companies.pop() if len(companies) == 1 else None, article, bool(others), " ".join(others)
        )

    @cached_property
    def _things(self) -> Mapping[str, Thing]:
        return {spelling: thing for thing in self.things for spelling in thing.spellings}

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset([*self._things, *self.controllers])

    @cached_property
    def _longest(self) -> int:
        return max((name.count(" ") + 1 for name in self._names), default=1)

    @cached_property
    def _starts(self) -> frozenset[str]:
        """How names begin: most words of a message begin no name, and need no further look."""
        return frozenset(name[:_START] for name in self._names)

    def _runs(self, words: list[str]) -> Iterator[str]:
        """The runs of words that are a name; words are cut where an ending may follow (Kaltiotin)."""
        place = 0
        while place < len(words):
            run = self._run(words, place) if words[place][:_START] in self._starts else None
            if run is not None:
                yield run
            place += run.count(" ") + 1 if run is not None else 1

    def _run(self, words: list[str], place: int) -> str | None:
        for length in range(min(self._longest, len(words) - place), 0, -1):
            run = " ".join(words[place : place + length])
            for end in (len(run), *range(len(run) - 1, max(len(run) - _ENDING, _STEM) - 1, -1)):
                if run[:end] in self._names:
                    return run[:end]
        return None


def asked_language(text: str) -> Language | None:
    """The language that a folded message names; None where it names none or several."""
    words = text.split()
    found = {code for code, starts in _LANGUAGE_WORDS.items() for word in words if word.startswith(starts)}
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True)
class Cues:
    """Folded words of one language that tell something apart from the topic; ``*`` stands for any ending."""

    joins: tuple[str, ...]
    someone_else: tuple[str, ...]
    follow_up: tuple[str, ...]

    @cached_property
    def _others(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(map(_pattern, self.someone_else))})")

    @cached_property
    def _begins(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{'|'.join(map(_pattern, self.follow_up))})")

    @cached_property
    def _parts(self) -> re.Pattern[str]:
        return re.compile(rf"[?!.;,\n]+|\s(?:{'|'.join(map(re.escape, self.joins))}|&|\+)\s")

    def about_someone_else(self, text: str) -> bool:
        """Whether a folded message speaks of another person's data."""
        return bool(self._others.search(text))

    def leans_on_what_was_said(self, text: str) -> bool:
        """Whether a folded message begins like a follow-up: ``and how long?``."""
        return bool(self._begins.match(text))

    def parts(self, text: str) -> list[str]:
        """The parts of a message that may be questions of their own."""
        return [part.strip() for part in self._parts.split(f" {text} ") if part and part.strip()]


def _pattern(cue: str) -> str:
    stem = cue.rstrip("*")
    return re.escape(stem) + (r"\w*" if stem != cue else r"\b")
