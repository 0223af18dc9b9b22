"""What the core is given, because it may not make it itself: words, understanding and the knowledge base."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Protocol, TypeAlias

from bot.core.deadline import Deadline
from bot.core.flow import Flow, Step, StepWords
from bot.core.knowledge import Answer, Topic
from bot.core.language import Language
from bot.core.meaning import Context, Understood
from bot.core.values import Values

#: What a whole message can be, wherever one stands in a flow.
Control: TypeAlias = Literal[
    "cancel", "back", "help", "repeat", "skip", "person", "forget", "yes", "no", "send", "done", "resend",
    "unverified", "no_email", "lost", "later", "resume",
]  # fmt: skip


class Phrases(Protocol):
    """The assistant's own words, and how each language writes dates and lists."""

    def say(self, language: Language, message: str, /, **values: object) -> str:
        """A phrase of the assistant's own: English in the source, translated in the catalogs."""

    def say_n(self, language: Language, one: str, many: str, n: int, /, **values: object) -> str:
        """Such a phrase in the plural form that ``n`` needs."""

    def day(self, language: Language, value: date) -> str:
        """A date as the language writes it."""

    def listing(self, language: Language, items: Sequence[str]) -> str:
        """Items as one enumeration."""

    def language_name(self, language: Language, code: str) -> str:
        """The name of the language ``code`` in ``language``."""


class Reader(Protocol):
    """What somebody wrote, read."""

    def understand(self, text: str, context: Context) -> Understood:
        """What a message means."""

    def redact(self, language: Language, text: str) -> str:
        """The text without anything that could tell who wrote it."""

    def values(self, language: Language, text: str, today: date) -> Values:
        """The addresses, dates and numbers in a message."""

    def control(self, language: Language, text: str, loosely: Sequence[Control] = ()) -> Control | None:
        """What a message as a whole steers, None for any other message.

        ``loosely``: what is steered even by a message that only has such words among others.
        """

    def negates(self, language: Language, text: str) -> bool:
        """Whether a message turns something around or leaves something out, so that nothing is picked by it."""

    def denies(self, language: Language, text: str, flow: str) -> bool:
        """Whether a message says that what a flow does is not wanted."""

    def becomes(self, language: Language, text: str) -> str | None:
        """The right value in a correction such as ``the name should be ...``, None where it tells none."""

    def named(self, language: Language, text: str) -> str:
        """A name without what people put before it (``my name is ...``)."""

    def amends(self, language: Language, text: str) -> bool:
        """Whether a message begins by taking something back, or by asking for something else."""

    def changes(
        self, language: Language, text: str, names: Mapping[str, Sequence[str]], *, told: bool = False
    ) -> str | None:
        """Which of the answers, by the words it is meant by, a message wants to change; ``told``: it tells to what."""

    def choose(self, language: Language, text: str, options: Mapping[str, Sequence[str]]) -> str | None:
        """The option that a message as a whole is."""

    def mentions(self, text: str, options: Mapping[str, Sequence[str]]) -> str | None:
        """The one option whose words stand in a message."""


class Knowing(Protocol):
    """The knowledge base."""

    @property
    def controllers(self) -> tuple[str, ...]:
        """The ids of the companies served, in the order they are listed in."""

    def answer(self, controller: str | None, topic: str, language: Language) -> Answer:
        """The written answer; KeyError for unknown ids."""

    def topic(self, topic: str) -> Topic | None:
        """A topic, None for an unknown id."""

    def is_general(self, topic: str) -> bool:
        """Whether a topic can be answered without a company."""

    def topic_title(self, topic: str, language: Language) -> str:
        """A topic's button label."""

    def controller_name(self, controller: str, language: Language) -> str:
        """A company's name as a person reads it."""

    def company_contact(self, controller: str) -> tuple[str, ...]:
        """A company's full name, postal address, e-mail and telephone, as far as its document gives them."""

    def whom_to_ask(self, controller: str, language: Language) -> str:
        """Whom a person can ask at the company."""

    def thing_name(self, thing: str) -> str:
        """The name of a named thing."""

    def names(self, controller: str, thing: str) -> bool:
        """Whether a company's documents name the thing."""

    def cookies(self, controller: str, language: Language) -> tuple[str, ...]:
        """The company's cookies, a line each."""

    def document(self, controller: str, language: Language | None = None) -> str:
        """The company's document and its date, as a language writes it, or in numbers: for records."""

    def authority(self, controller: str, kind: Literal["data", "cookies"], language: Language) -> tuple[str, ...]:
        """The supervisory authority of the company's country: its name, then its addresses."""


class Walking(Protocol):
    """The guided flows, and the surroundings in which requests are made."""

    @property
    def practice(self) -> bool:
        """Whether mails are only shown, because no mail server is set."""

    @property
    def pepper(self) -> bytes:
        """The secret that codes are marked with."""

    def flow(self, flow: str) -> Flow:
        """A flow; KeyError for an unknown id."""

    def steps(self, flows: tuple[str, ...]) -> tuple[Step, ...]:
        """The steps of one request with these flows; KeyError for an unknown id."""

    def flow_title(self, flow: str, language: Language) -> str:
        """A flow's button label; KeyError for an unknown id."""

    def flow_text(self, flow: str, language: Language) -> str:
        """What a flow will do."""

    def flow_name(self, flow: str, language: Language) -> str:
        """What a request is called in a list."""

    def flow_request(self, flow: str, language: Language) -> str:
        """The request as it stands in the letter to the company."""

    def flow_topic(self, flow: str) -> str | None:
        """The topic that explains a flow; KeyError for an unknown id."""

    def step_words(self, key: str, language: Language) -> StepWords:
        """A step's words."""

    def trait(self, controller: str | None, name: str) -> str:
        """What flows ask about a company: inbox, support, workplace (yes, no), cookie_choice (site, browser, none)."""

    def inbox(self, controller: str) -> str:
        """Where requests to the company are mailed, empty where nobody set it."""

    def support(self, controller: str) -> str:
        """Where conversations are handed to, empty where nobody set it."""

    def deadline(self, controller: str, at: datetime) -> Deadline:
        """By when a request that is received now must be answered, by the company's calendar."""

    def today(self, controller: str | None, at: datetime) -> date:
        """The day it is at the company."""


class World(Phrases, Reader, Knowing, Walking, Protocol):
    """Everything around a conversation, as functions without side effects."""
