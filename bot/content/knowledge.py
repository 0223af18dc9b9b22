"""The knowledge base as it stands in files: read, validated and held together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bot.content import schema
from bot.content.errors import ContentError, Problem, error
from bot.content.yaml import Document, load
from bot.core.language import LANGUAGES, Language

T = TypeVar("T")


@dataclass(frozen=True)
class Words:
    """Everything that is written in one language."""

    topics: Mapping[str, schema.TopicWords]
    flows: Mapping[str, schema.FlowWords]
    steps: Mapping[str, schema.StepWordsRow]
    control: schema.ControlRow
    controllers: Mapping[str, schema.ControllerWords]
    cues: schema.CuesRow


@dataclass(frozen=True)
class Knowledge:
    """All facts and flows, in no language, and the words of each language. ``files`` knows where everything stands.

    ``root`` is the knowledge folder; files of flows, beside it, are named ``flows/ID.yaml``.
    """

    root: Path
    topics: Mapping[str, schema.TopicRow]
    flows: Mapping[str, schema.FlowRow]
    shared_steps: Mapping[str, schema.SharedStepRow]
    articles: Mapping[int, schema.ArticleRow]
    authorities: Mapping[str, schema.AuthoritiesRow]
    rules: Mapping[str, schema.RuleRow]
    entities: schema.EntitiesRow
    controllers: Mapping[str, schema.ControllerRow]
    words: Mapping[Language, Words]
    files: Mapping[Path, Document] = field(repr=False)

    def error(self, file: str, message: str, *key: str | int) -> Problem:
        """An error at the value that ``key`` leads to in ``file``, relative to the knowledge folder."""
        path, line, column = self.place(file, *key)
        return error(path, message, line, column)

    def place(self, file: str, *key: str | int) -> tuple[Path, int, int]:
        """Where the value that ``key`` leads to stands in ``file``, relative to the knowledge folder."""
        document = self.files[_path(self.root, file)]
        problem = document.problem(key, "")
        return document.file, problem.line, problem.column


@dataclass
class _Reader:
    """Reads file after file and collects what is wrong with all of them."""

    root: Path
    files: dict[Path, Document] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, name: str, kind: type[T]) -> T | None:
        file = _path(self.root, name)
        try:
            document = load(file)
            self.files[file] = document
            return document.validate(kind)
        except ContentError as failure:
            self.problems.extend(failure.problems)
            return None

    def read_each(self, folder: str, kind: type[T]) -> dict[str, T]:
        rows = {file.stem: self.read(f"{folder}/{file.name}", kind) for file in _yaml_files(_path(self.root, folder))}
        return {name: row for name, row in rows.items() if row is not None}


def _path(root: Path, name: str) -> Path:
    return (root.parent if name.split("/", maxsplit=1)[0] == "flows" else root) / name


def _yaml_files(folder: Path) -> Iterable[Path]:
    return sorted(file for file in folder.glob("*.yaml") if not file.stem.startswith("_"))


def load_knowledge(root: Path) -> Knowledge:
    """Read the knowledge folder ``root``; raises ContentError with everything that is wrong in any file of it."""
    reader = _Reader(root)
    topics = reader.read("topics.yaml", dict[str, schema.TopicRow])
    flows = reader.read_each("flows", schema.FlowRow)
    shared = reader.read("flows/_common.yaml", dict[str, schema.SharedStepRow])
    articles = reader.read("law/articles.yaml", dict[int, schema.ArticleRow])
    authorities = reader.read("law/authorities.yaml", dict[str, schema.AuthoritiesRow])
    rules = reader.read("law/rules.yaml", dict[str, schema.RuleRow])
    entities = reader.read("entities.yaml", schema.EntitiesRow)
    controllers = reader.read_each("controllers", schema.ControllerRow)
    words = {language: _read_words(reader, language) for language in LANGUAGES}
    if not controllers and not reader.problems:
        reader.problems.append(error(root / "controllers", "no company: add one as docs/authors.md shows"))
    if reader.problems or not (topics and flows and shared and articles and authorities and rules and entities):
        raise ContentError(reader.problems or [error(root, "a file is empty")])
    return Knowledge(
        root, topics, flows, shared, articles, authorities, rules, entities, controllers, _whole(words), reader.files
    )


def _read_words(reader: _Reader, language: Language) -> Words | None:
    topics = reader.read(f"{language}/topics.yaml", dict[str, schema.TopicWords])
    flows = reader.read(f"{language}/flows.yaml", dict[str, schema.FlowWords])
    steps = reader.read(f"{language}/steps.yaml", dict[str, schema.StepWordsRow])
    control = reader.read(f"{language}/control.yaml", schema.ControlRow)
    cues = reader.read(f"{language}/cues.yaml", schema.CuesRow)
    controllers = reader.read_each(f"{language}/controllers", schema.ControllerWords)
    if topics is None or flows is None or steps is None or control is None or cues is None:
        return None
    return Words(topics, flows, steps, control, controllers, cues)


def _whole(words: Mapping[Language, Words | None]) -> dict[Language, Words]:
    return {language: rows for language, rows in words.items() if rows is not None}
