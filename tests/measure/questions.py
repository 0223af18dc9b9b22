"""Questions to measure with, and what a fair judge says of a prediction (the rules of ../shared/eval/score.py)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.core.language import LANGUAGES

HERE = Path(__file__).resolve().parent
OWN = HERE.parent / "questions"
SHARED = HERE.parents[2] / "shared" / "eval"


@dataclass(frozen=True)
class Question:
    """A message and the ids that are fair first reactions: topics, ``flow:ID``, ``smalltalk``, ``oos``."""

    id: str
    language: str
    text: str
    expect: tuple[str, ...]
    every: bool = False
    controller: str = "kaltiot"
    previous: tuple[str, ...] = ()

    @property
    def in_scope(self) -> bool:
        """Whether it is to be answered, small talk included."""
        return "oos" not in self.expect

    @property
    def row(self) -> dict[str, Any]:
        """The line for ``ask --jsonl``; the language is left out, to be found."""
        return {
            "id": self.id,
            "text": self.text,
            "controller": self.controller,
            "previous": list(self.previous),
        }


@dataclass(frozen=True)
class Judged:
    """What a judge says of one prediction."""

    question: Question
    kind: str
    first: bool
    among_three: bool
    every: bool
    language: bool

    @property
    def answered(self) -> bool:
        """Whether an answer or a flow came."""
        return self.kind in ("topic", "flow")


def own_questions() -> Iterator[Question]:
    """The project's own questions, ``tests/questions/<language>/*.yaml``."""
    for language in LANGUAGES:
        for file in sorted((OWN / language).glob("*.yaml")):
            for number, row in enumerate(yaml.safe_load(file.read_text(encoding="utf-8"))):
                yield Question(
                    f"{language}-{file.stem}-{number + 1}",
                    language,
                    row["text"],
                    tuple(row["expect"]),
                    row.get("all", False),
                    row.get("controller", "kaltiot"),
                    tuple(row.get("previous", ())),
                )


def shared_questions() -> Iterator[Question]:
    """The questions of the measuring set beside the checkout; none where it is missing."""
    for language in LANGUAGES:
        file = SHARED / f"{language}.jsonl"
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            row = json.loads(line)
            yield Question(
                row["id"],
                row["lang"],
                row["text"],
                tuple(_expected(row["expect"])),
                bool(row["expect"].get("all_of")),
                row["controller"],
                tuple(row.get("previous", ())),
            )


def _expected(expect: Mapping[str, Any]) -> Iterator[str]:
    kind = expect["kind"]
    ids = dict.fromkeys([*(expect.get("any_of") or ()), *(expect.get("all_of") or ())])
    if kind in ("oos", "smalltalk"):
        yield kind
    for name in ids:
        yield f"flow:{name}" if kind == "flow" and ":" not in name else name


def judge(question: Question, predicted: Mapping[str, Any]) -> Judged:
    """Judge one line of ``ask --jsonl``: a choice offered can be right among three, never at first."""
    kind = predicted["kind"]
    candidates = [candidate["id"] for candidate in predicted["candidates"]]
    fair = set(question.expect)
    answered = kind in ("topic", "flow")
    first = bool(answered and candidates and candidates[0] in fair) or kind in fair
    three = first or bool((answered or kind == "clarify") and fair & set(candidates[:3]))
    every = fair <= set(candidates[:3])
    return Judged(question, kind, first, three, every, predicted["language"] == question.language)


def share(values: Iterable[bool]) -> float | None:
    """Per cent of the values that are true; None of no values."""
    counted = list(values)
    return 100 * sum(counted) / len(counted) if counted else None
