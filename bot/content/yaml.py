"""YAML with the place of every value: YAML 1.2 booleans (``no`` stays a word), duplicate keys refused."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from bot.content.errors import ContentError, Problem, error

T = TypeVar("T")
Key: TypeAlias = tuple[str | int, ...]


class _Loader(yaml.CSafeLoader):
    """PyYAML's C loader, without YAML 1.1's ``yes``, ``no``, ``on`` and ``off``."""


_BOOL = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOL]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class Document:
    """A file's data, and the place (line, column) of each value by the keys that lead to it."""

    file: Path
    data: Any
    places: dict[Key, tuple[int, int]]

    def problem(self, key: Key, message: str) -> Problem:
        """An error at the value that ``key`` leads to, or at the nearest value around it."""
        while key and key not in self.places:
            key = key[:-1]
        line, column = self.places.get(key, (1, 1))
        return error(self.file, message, line, column)

    def validate(self, kind: type[T]) -> T:
        """Read the data as ``kind``; raises ContentError with every problem at its place."""
        try:
            return TypeAdapter(kind).validate_python(self.data)
        except ValidationError as failure:
            raise ContentError(
                self.problem(tuple(e["loc"]), f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}")
                for e in failure.errors()
            ) from None


def load(file: Path) -> Document:
    """Read one YAML file; raises ContentError where it is missing, not UTF-8, not YAML or names a key twice."""
    loader: _Loader | None = None
    try:
        loader = _Loader(file.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        places: dict[Key, tuple[int, int]] = {}
        problems: list[Problem] = []
        data = _construct(loader, file, node, (), places, problems) if node else None
    except OSError as failure:
        raise ContentError([error(file, f"cannot be read: {failure.strerror}")]) from None
    except UnicodeDecodeError as failure:
        raise ContentError([error(file, f"not UTF-8 at byte {failure.start}")]) from None
    except yaml.MarkedYAMLError as failure:
        mark = failure.problem_mark
        where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ContentError([error(file, f"not YAML: {failure.problem}", *where)]) from None
    except (yaml.YAMLError, ValueError) as failure:
        raise ContentError([error(file, f"not YAML: {str(failure).splitlines()[0]}")]) from None
    finally:
        if loader:
            loader.dispose()
    if problems:
        raise ContentError(problems)
    return Document(file, data, places)


def _construct(
    loader: _Loader,
    file: Path,
    node: yaml.Node,
    key: Key,
    places: dict[Key, tuple[int, int]],
    problems: list[Problem],
) -> Any:
    places[key] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, file, n, (*key, i), places, problems) for i, n in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node, deep=True)
    data: dict[Any, Any] = {}
    for name_node, value_node in node.value:
        name = loader.construct_object(name_node, deep=True)
        if not isinstance(name, str | int):
            name = str(name_node.value)
        if name in data:
            mark = name_node.start_mark
            problems.append(error(file, f"{name} stands twice", mark.line + 1, mark.column + 1))
        data[name] = _construct(loader, file, value_node, (*key, name), places, problems)
    return data
