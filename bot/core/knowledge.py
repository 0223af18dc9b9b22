"""What an answer is: a company's statement on a topic, or its silence, with the place where it stands and the law."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["stated", "partly", "silent", "general"]
Group: TypeAlias = Literal[
    "controller", "collected", "why", "recipients", "storage", "cookies", "rights", "document", "assistant"
]


@dataclass(frozen=True, slots=True)
class Topic:
    """One question that the assistant knows, in no language."""

    id: str
    group: Group
    related: tuple[str, ...]
    offers: tuple[str, ...]
    general: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a document. ``section`` is its heading in the document's own words, None where it has none."""

    document: str
    section: str | None
    date: date | None
    language: str


@dataclass(frozen=True, slots=True)
class Law:
    """An article of the GDPR, with its official title in the language of the answer."""

    article: int
    title: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The written answer of one company to one topic in one language.

    ``text`` is plain text as an author writes it (see ``chat.parse``); ``controller`` is None for an answer
    that belongs to no company.
    """

    controller: str | None
    topic: str
    status: Status
    text: str
    sources: tuple[Source, ...]
    law: tuple[Law, ...]
