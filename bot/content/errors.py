"""Problems in content, each with the place where an author can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem; ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int
    severity: Literal["error", "warning"]
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}"


class ContentError(Exception):
    """The content cannot be used; ``problems`` tells its authors all that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


def error(file: Path | str, message: str, line: int = 1, column: int = 1) -> Problem:
    """A problem that stops the start."""
    return Problem(str(file), line, column, "error", message)


def warning(file: Path | str, message: str, line: int = 1, column: int = 1) -> Problem:
    """A problem that only time brings, or that a person may judge."""
    return Problem(str(file), line, column, "warning", message)
