"""Named things in a message: companies, cookies, tools, articles of the GDPR, languages; and whose data it is about."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.core.language import Language
from bot.understanding.normalise import fold

_ARTICLE: Final = re.compile(
    r"\b(?:art(?:icle|ikel|ikla|iklan|iklaa|ikeln)?\.?\s*(\d{1,2})\b|(\d{1,2})\s*[.:]?\s*artikla\w*|gdpr\s*(\d{1,2})\b)"
)

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
class Entities:
    """Everything with a name. ``controllers``: folded names and aliases to ids; ``articles``: number to topic."""

    things: Sequence[Thing]
    articles: Mapping[int, str]
    controllers: Mapping[str, str]

    @cached_property
    def _things(self) -> Mapping[str, Thing]:
        return {spelling: thing for thing in self.things for spelling in thing.spellings}

    @cached_property
    def _longest(self) -> int:
        names = [*self._things, *self.controllers]
        return max((name.count(" ") + 1 for name in names), default=1)

    def named(self, text: str) -> tuple[Thing, ...]:
        """The things that a message names, in order, the longest name at each place."""
        found = dict.fromkeys(self._things[run] for run in self._runs(text, self._things))
        return tuple(found)

    def controller(self, text: str) -> str | None:
        """The company that a message names; None where it names none, or several."""
        found = {self.controllers[run] for run in self._runs(text, self.controllers)}
        return found.pop() if len(found) == 1 else None

    def without_controllers(self, text: str) -> str:
        """The message without the words that name a company."""
        names = {word for run in self._runs(text, self.controllers) for word in run.split()}
        return " ".join(word for word in text.split() if fold(word).strip(",.?!") not in names) if names else text

    def article(self, text: str) -> str | None:
        """The topic of the GDPR article that a message names by number."""
        match = _ARTICLE.search(fold(text))
        return self.articles.get(int(match[match.lastindex or 1])) if match else None

    def _runs(self, text: str, names: Mapping[str, object]) -> Iterable[str]:
        """The runs of words of a message that are a name; words are cut where an ending may follow (Kaltiotin)."""
        words = re.findall(r"[\w*-]+", fold(text))
        place = 0
        while place < len(words):
            for length in range(min(self._longest, len(words) - place), 0, -1):
                run = _known(" ".join(words[place : place + length]), names)
                if run is not None:
                    yield run
                    place += length - 1
                    break
            place += 1


def _known(run: str, names: Mapping[str, object]) -> str | None:
    if run in names:
        return run
    for cut in range(1, min(6, len(run) - 5)):
        if run[:-cut] in names and len(run) - cut >= 5:
            return run[:-cut]
    return None


def asked_language(text: str) -> Language | None:
    """The language that a message names; None where it names none or several."""
    words = fold(text).split()
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
