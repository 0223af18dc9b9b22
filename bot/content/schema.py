"""What content files may hold; unknown keys and wrong kinds of values are refused."""

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.core.knowledge import Group, Status
from bot.core.language import Language

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def _duration(value: str) -> str:
    if value in ("P", "PT") or not _DURATION.fullmatch(value):
        raise ValueError("not an ISO 8601 duration such as P10Y, P30D or PT72H")
    return value


Duration = Annotated[str, AfterValidator(_duration)]


class Row(BaseModel):
    """The base of every row: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TopicRow(Row):
    """A topic in ``topics.yaml``."""

    group: Group
    articles: list[int]
    related: list[str]
    offers: list[str]
    general: bool = False
    amid: dict[Group, str] = {}
    authority: Literal["data", "cookies"] | None = None


class SectionRow(Row):
    """A section of a document: its heading there, what its first line begins with, and its text's hash."""

    heading: str | None
    starts: str | None = None
    sha256: str | None = None

    @model_validator(mode="after")
    def _findable(self) -> "SectionRow":
        if not self.heading and not self.starts:
            raise ValueError("a section without a heading needs `starts`: what its first line begins with")
        return self

    @property
    def anchor(self) -> str:
        """What the section's first line begins with."""
        return self.starts or self.heading or ""


class DocumentRow(Row):
    """A document that answers are made from. ``date`` is null where it has none (undated)."""

    file: str
    title: str
    language: str
    date: dt.date | None
    reviewed: dt.date
    sha256: str | None = None
    sections: dict[str, SectionRow]


class FactRow(Row):
    """A fact in no language, and the section (``document/section``) where it stands."""

    source: str
    text: str | None = None
    date: dt.date | None = None
    duration: Duration | None = None

    @model_validator(mode="after")
    def _one_value(self) -> "FactRow":
        if sum(value is not None for value in (self.text, self.date, self.duration)) != 1:
            raise ValueError("a fact has exactly one of text, date, duration")
        return self


class RuleRow(FactRow):
    """A fact of the law; ``checked`` is the day somebody looked it up, null where nobody has."""

    checked: dt.date | None
    review_by: dt.date


class CookieRow(Row):
    """One tool of a company's cookie table with the cookies it sets and how long they live."""

    tool: str
    names: list[str]
    category: Literal["functional", "statistics", "marketing"]
    consent: bool
    source: str
    lifetime: Duration | None = None
    lifetime_is: Literal["exact", "maximum"] = "exact"


class AnswerRow(Row):
    """What kind of answer a document gives to a topic, and where one looked."""

    status: Status
    sources: list[str]


class ControllerRow(Row):
    """A company: its documents, its facts, and the status of every answer."""

    name: str | None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    aliases: list[str]
    documents: dict[str, DocumentRow]
    facts: dict[str, FactRow]
    named: dict[str, str]
    cookies: list[CookieRow]
    answers: dict[str, AnswerRow]


class ControllerWords(Row):
    """A company's words in one language. ``documents``: each document as the subject of a sentence."""

    name: str
    documents: dict[str, str]
    ask: str
    answers: dict[str, str]


class TopicWords(Row):
    """A topic's words in one language: button label, the sentence for silence, the law, a definition."""

    title: str
    silent: str | None = None
    law: str = ""
    general: str | None = None


class FlowRow(Row):
    """A flow in ``flows.yaml``: the topic that explains it, null where none does."""

    topic: str | None


class FlowWords(Row):
    """A flow's words in one language: button label, and what the flow will do."""

    title: str
    will: str


class LegalRow(Row):
    """A legal fact's origin: see RuleRow."""

    source: str
    checked: dt.date | None
    review_by: dt.date


class ArticleRow(LegalRow):
    """An article of the GDPR with its official title in every language."""

    titles: dict[Language, str]


class AuthorityRow(LegalRow):
    """A supervisory authority."""

    names: dict[Language, str]
    web: str
    visit: dict[Language, str] | None = None
    post: dict[Language, str] | None = None
    phone: str | None = None
    email: str | None = None


class AuthoritiesRow(Row):
    """A country's authorities: for personal data, and for consent to cookies."""

    data: AuthorityRow
    cookies: AuthorityRow


class EntityRow(Row):
    """Something with a name of its own: how people write it, and the topics it is asked about under."""

    name: str
    spellings: list[str]
    topics: list[str]


class EntitiesRow(Row):
    """Named things, and the topic that each article of the GDPR is about."""

    things: dict[str, EntityRow]
    articles: dict[int, str]


class CuesRow(Row):
    """Words of one language that tell something apart from the topic. ``*`` at the end stands for any ending."""

    joins: list[str]
    someone_else: list[str]
    follow_up: list[str]
