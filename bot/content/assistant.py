"""The world of the core, made from content: words, answers and names, in every language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel import Locale

from bot.content import answers, formats
from bot.content.answers import Own
from bot.content.catalogs import Catalogs
from bot.content.knowledge import Knowledge
from bot.core.knowledge import Answer, Topic
from bot.core.language import LANGUAGES, Language
from bot.core.meaning import Context, Understood


@dataclass(frozen=True)
class ContentWorld:
    """``core.world.World`` over the knowledge base; understanding comes from outside this room."""

    knowledge: Knowledge
    catalogs: Catalogs
    own: Own
    controllers: tuple[str, ...]
    topics: Mapping[str, Topic]
    _understand: Callable[[str, Context], Understood]
    _redact: Callable[[Language, str], str]

    def say(self, language: Language, message: str, /, **values: object) -> str:
        return self.catalogs.say(language, message, **values)

    def say_n(self, language: Language, one: str, many: str, n: int, /, **values: object) -> str:
        return self.catalogs.say_n(language, one, many, n, **values)

    def day(self, language: Language, value: date) -> str:
        return formats.day(language, value)

    def listing(self, language: Language, items: Sequence[str]) -> str:
        return formats.listing(language, items)

    def language_name(self, language: Language, code: str) -> str:
        return str(Locale(language).languages.get(code, code))

    def understand(self, text: str, context: Context) -> Understood:
        return self._understand(text, context)

    def redact(self, language: Language, text: str) -> str:
        return self._redact(language, text)

    def answer(self, controller: str | None, topic: str, language: Language) -> Answer:
        if controller is not None and controller not in self.controllers:
            raise KeyError(controller)
        return answers.answer(self.knowledge, self.catalogs, self.own, controller, topic, language)

    def topic(self, topic: str) -> Topic | None:
        return self.topics.get(topic)

    def is_general(self, topic: str) -> bool:
        return answers.has_general_answer(self.knowledge, topic)

    def topic_title(self, topic: str, language: Language) -> str:
        return self.knowledge.words[language].topics[topic].title

    def flow_title(self, flow: str, language: Language) -> str:
        return self.knowledge.words[language].flows[flow].title

    def flow_text(self, flow: str, language: Language) -> str:
        return self.knowledge.words[language].flows[flow].will.strip()

    def flow_topic(self, flow: str) -> str | None:
        return self.knowledge.flows[flow].topic

    def controller_name(self, controller: str, language: Language) -> str:
        if controller not in self.controllers:
            raise KeyError(controller)
        return self.knowledge.words[language].controllers[controller].name

    def whom_to_ask(self, controller: str, language: Language) -> str:
        return answers.whom_to_ask(self.knowledge, self.catalogs, self.own, controller, language)

    def thing_name(self, thing: str) -> str:
        return self.knowledge.entities.things[thing].name

    def names(self, controller: str, thing: str) -> bool:
        return thing in self.knowledge.controllers[controller].named


def topics(knowledge: Knowledge) -> Mapping[str, Topic]:
    """The core's topics."""
    return {
        name: Topic(name, row.group, tuple(row.related), tuple(row.offers), row.general)
        for name, row in knowledge.topics.items()
    }


def own_values(catalogs: Catalogs, operator: str, contact: str, sessions: str, feedback: str) -> Own:
    """What texts say of the assistant itself: who runs it (empty where nobody said), and for how long it keeps what."""
    return {
        language: {
            "operator": operator or catalogs.say(language, "not told"),
            "operator_contact": contact or catalogs.say(language, "not told"),
            "retention_sessions": formats.period(language, sessions),
            "retention_feedback": formats.period(language, feedback),
        }
        for language in LANGUAGES
    }
