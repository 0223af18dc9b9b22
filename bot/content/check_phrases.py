"""Checks of the example phrases: every label has some, no label is unknown, no phrase stands under two labels."""

from collections.abc import Iterable, Iterator

from bot.content.errors import Problem, error
from bot.content.knowledge import Knowledge
from bot.content.phrases import Line
from bot.core.language import LANGUAGES


def check_phrases(knowledge: Knowledge, lines: Iterable[Line]) -> Iterator[Problem]:
    """Unknown labels, labels without phrases, and phrases that stand twice."""
    lines = tuple(lines)
    known = set(knowledge.topics) | {f"flow:{flow}" for flow in knowledge.flows}
    yield from _unknown(lines, known)
    yield from _missing(knowledge, lines, known)
    yield from _twice(lines)


def _unknown(lines: tuple[Line, ...], known: set[str]) -> Iterator[Problem]:
    for file, label in dict.fromkeys((line.file, line.label) for line in lines):
        if label not in known and not label.startswith(("smalltalk:", "oos:")):
            yield error(file, f"phrases of something that does not exist: {label}")


def _missing(knowledge: Knowledge, lines: tuple[Line, ...], known: set[str]) -> Iterator[Problem]:
    have = {(line.language, line.label) for line in lines}
    for language in LANGUAGES:
        for label in sorted(known):
            if (language, label) not in have:
                yield error(knowledge.root / language / "phrases", f"no phrases for {label}")


def _twice(lines: tuple[Line, ...]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Line] = {}
    for line in lines:
        known = first.setdefault((line.language, _plain(line.text)), line)
        if known is not line:
            where = f"line {known.number}" if known.label == line.label else f"{known.label} (line {known.number})"
            yield error(line.file, f"“{line.text}” stands under {where} too", line.number)


def _plain(text: str) -> str:
    """A phrase without case and the marks at its end: what differs only in these is the same phrase."""
    return " ".join(text.casefold().split()).strip(" .!?…")
