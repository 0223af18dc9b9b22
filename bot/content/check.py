"""All content held against all other content: what is missing, extra, dead, untranslated, too long or out of date."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from bot.content.catalogs import Catalogs, load_catalogs
from bot.content.check_facts import check_facts, check_law
from bot.content.check_flow_words import check_flow_words
from bot.content.check_flows import check_flows
from bot.content.check_phrases import check_phrases
from bot.content.check_words import check_words
from bot.content.errors import ContentError, Problem
from bot.content.knowledge import Knowledge, load_knowledge
from bot.content.phrases import Line, load_foreign, load_phrases

T = TypeVar("T")


@dataclass(frozen=True)
class Content:
    """Everything that is read from files, whole and checked."""

    knowledge: Knowledge
    phrases: tuple[Line, ...]
    foreign: dict[str, tuple[str, ...]]
    catalogs: Catalogs


def load_content(root: Path) -> Content:
    """Read and check the content under ``root``; raises ContentError with every error at once."""
    content = _read(root)
    problems = [p for p in find_problems(content) if p.severity == "error"]
    if problems:
        raise ContentError(problems)
    return content


def _read(root: Path) -> Content:
    problems: list[Problem] = []
    knowledge = _try(lambda: load_knowledge(root / "knowledge"), problems)
    phrases = _try(lambda: load_phrases(root / "knowledge"), problems)
    foreign = _try(lambda: load_foreign(root / "knowledge"), problems)
    catalogs = _try(lambda: load_catalogs(root / "locales"), problems)
    if problems or knowledge is None or phrases is None or foreign is None or catalogs is None:
        raise ContentError(problems)
    return Content(knowledge, phrases, foreign, catalogs)


def _try(read: Callable[[], T], problems: list[Problem]) -> T | None:
    try:
        return read()
    except ContentError as failure:
        problems.extend(failure.problems)
        return None


def find_problems(content: Content, today: date | None = None) -> Iterator[Problem]:
    """Everything wrong with content that can be read; with ``today`` also what only time brings, as warnings."""
    yield from check_facts(content.knowledge)
    yield from check_flows(content.knowledge)
    yield from check_words(content.knowledge)
    yield from check_flow_words(content.knowledge)
    yield from check_phrases(content.knowledge, content.phrases)
    if today:
        yield from check_law(content.knowledge, today)


def check_all(root: Path, today: date) -> Iterable[Problem]:
    """All problems of the content under ``root``, errors that stop it from being read included."""
    try:
        content = _read(root)
    except ContentError as failure:
        return failure.problems
    return sorted(find_problems(content, today))
