"""What the core is given, because it may not make it itself: words, understanding and the knowledge base."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.core.knowledge import Answer, Topic
from bot.core.language import Language
from bot.core.meaning import Context, Understood


class World(Protocol):
    """Everything around a conversation, as functions without side effects."""

    @property
    def controllers(self) -> tuple[str, ...]:
        """The ids of the companies served, in the order they are listed in."""

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

    def understand(self, text: str, context: Context) -> Understood:
        """What a message means."""

    def redact(self, language: Language, text: str) -> str:
        """The text without anything that could tell who wrote it."""

    def answer(self, controller: str | None, topic: str, language: Language) -> Answer:
        """The written answer; KeyError for unknown ids."""

    def topic(self, topic: str) -> Topic | None:
        """A topic, None for an unknown id."""

    def is_general(self, topic: str) -> bool:
        """Whether a topic can be answered without a company."""

    def topic_title(self, topic: str, language: Language) -> str:
        """A topic's button label."""

    def flow_title(self, flow: str, language: Language) -> str:
        """A flow's button label; KeyError for an unknown id."""

    def flow_text(self, flow: str, language: Language) -> str:
        """What a flow will do."""

    def flow_topic(self, flow: str) -> str | None:
        """The topic that explains a flow; KeyError for an unknown id."""

    def controller_name(self, controller: str, language: Language) -> str:
        """A company's name as a person reads it."""

    def whom_to_ask(self, controller: str, language: Language) -> str:
        """Whom a person can ask at the company."""

    def thing_name(self, thing: str) -> str:
        """The name of a named thing."""

    def names(self, controller: str, thing: str) -> bool:
        """Whether a company's documents name the thing."""
