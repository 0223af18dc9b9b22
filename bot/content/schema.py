"""What content files may hold; unknown keys and wrong kinds of values are refused."""

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.core.flow import Ends, Kind
from bot.core.knowledge import Group, Status
from bot.core.language import Language

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def _duration(value: str) -> str:
    if value in ("P", "PT") or not _DURATION.fullmatch(value):
        raise ValueError("not an ISO 8601 duration such as P10Y, P30D or PT72H")
    return value


Duration = Annotated[str, AfterValidator(_duration)]


#: Ids stand in buttons, where there is little room.
Name = Annotated[str, Field(pattern="^[a-z][a-z_]*$", max_length=20)]

#: A condition: names of answers, or traits of the company, with the value or values that they must have.
When = dict[str, str | list[str]]


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


class TraitsRow(Row):
    """What guided flows ask about a company.

    ``workplace``: whether it also works for organisations that put content in; ``cookie_choice``: where cookies are
    chosen, and ``cookie_kinds`` which kinds can be.
    """

    workplace: Literal["yes", "no"] = "no"
    cookie_choice: Literal["site", "browser", "none"] = "none"
    cookie_kinds: list[Literal["statistics", "marketing"]] = []


class ControllerRow(Row):
    """A company: its documents, its facts, and the status of every answer."""

    name: str | None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    aliases: list[str]
    documents: dict[str, DocumentRow]
    facts: dict[str, FactRow]
    named: dict[str, str]
    cookies: list[CookieRow]
    traits: TraitsRow = TraitsRow()
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


class OptionRow(Row):
    """An option that exists only under a condition."""

    id: Name
    when: When


class SharedStepRow(Row):
    """A step of a flow, in no language (see ``core.flow.Step``)."""

    kind: Kind
    options: list[Name | OptionRow] = []
    when: When = {}
    optional: bool = False
    default: str | None = None
    limit: Annotated[int, Field(ge=1, le=4_000)] = 2_000
    alone: str | None = None
    offers: str | None = None
    open: bool = False
    foretold: bool = True


class OwnStepRow(SharedStepRow):
    """A step of one flow."""

    id: Name


class UseRow(Row):
    """A shared step taken into a flow; ``when`` comes to the step's own condition."""

    use: Name
    when: When = {}


class FlowRow(Row):
    """A flow: the topic that explains it, how it ends, the article it leans on, and its steps."""

    topic: str | None
    ends: Ends
    article: int | None = None
    deadline: bool = True
    steps: list[OwnStepRow | UseRow]


class StepWordsRow(Row):
    """A step's words in one language (see ``core.flow.StepWords``)."""

    ask: str
    again: str = ""
    label: str
    names: list[str] = []
    options: dict[str, str] = {}
    said: dict[str, list[str]] = {}


class FlowWords(Row):
    """A flow's words in one language: button label, what it will do; for requests their name and the letter's words."""

    title: str
    will: str
    name: str = ""
    request: str = ""
    steps: dict[str, StepWordsRow] = {}


class ControlRow(Row):
    """Whole messages that steer a conversation, and the words that say that something is to be changed; all folded."""

    cancel: list[str]
    back: list[str]
    help: list[str]
    repeat: list[str]
    skip: list[str]
    person: list[str]
    forget: list[str]
    yes: list[str]
    no: list[str]
    send: list[str]
    done: list[str]
    resend: list[str]
    unverified: list[str]
    no_email: list[str]
    lost: list[str]
    later: list[str]
    resume: list[str]
    change: list[str]


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
    negation: list[str]
    exception: list[str]
    becomes: list[str]
    introduces: list[str]
    amends: list[str]
    deeds: dict[str, list[str]]
