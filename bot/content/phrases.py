"""Example phrases as they stand in files: one a line, the label in the path (``topics/retention.txt``)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.content.errors import ContentError, Problem, error
from bot.core.language import LANGUAGES, Language

#: Which folder holds what, and how its labels begin.
KINDS: Final = {"topics": "", "flows": "flow:", "smalltalk": "smalltalk:", "oos": "oos:"}


@dataclass(frozen=True, slots=True)
class Line:
    """A phrase with its place."""

    language: Language
    label: str
    text: str
    file: Path
    number: int


def load_phrases(knowledge: Path) -> tuple[Line, ...]:
    """All example phrases of all languages; raises ContentError for files that cannot be read."""
    lines: list[Line] = []
    problems: list[Problem] = []
    for language in LANGUAGES:
        folder = knowledge / language / "phrases"
        for kind, prefix in KINDS.items():
            for file in sorted((folder / kind).glob("*.txt")):
                try:
                    lines += [Line(language, prefix + file.stem, text, file, n) for n, text in read_lines(file)]
                except ContentError as failure:
                    problems.extend(failure.problems)
    if problems:
        raise ContentError(problems)
    return tuple(lines)


def load_foreign(knowledge: Path) -> dict[str, tuple[str, ...]]:
    """Samples of languages that the assistant does not speak, by language code."""
    files = sorted((knowledge / "foreign").glob("*.txt"))
    return {file.stem: tuple(text for _, text in read_lines(file)) for file in files}


def read_lines(file: Path) -> list[tuple[int, str]]:
    """The lines of a file that hold something, with their numbers; raises ContentError with the place."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as failure:
        raise ContentError([error(file, f"cannot be read: {failure.strerror}")]) from None
    except UnicodeDecodeError as failure:
        raise ContentError([error(file, f"not UTF-8 at byte {failure.start}")]) from None
    stripped = ((n, line.strip()) for n, line in enumerate(text.splitlines(), 1))
    return [(n, line) for n, line in stripped if line and not line.startswith("#")]


def fingerprint(lines: tuple[Line, ...], foreign: dict[str, tuple[str, ...]]) -> str:
    """A hash of everything that is learned from: a cache made from other phrases is no use."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(f"{line.language}\0{line.label}\0{line.text}\n".encode())
    for code, texts in foreign.items():
        digest.update(f"{code}\0{texts}\n".encode())
    return digest.hexdigest()
