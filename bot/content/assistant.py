"""The world of the core, made from content: words, answers and names, in every language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from babel import Locale

from bot.content import answers, flows, formats
from bot.content.answers import Own
from bot.content.catalogs import Catalogs
from bot.content.knowledge import Knowledge
from bot.content.surroundings import Surroundings
from bot.core.deadline import Deadline
from bot.core.flow import Flow, Step, StepWords, merged
from bot.core.knowledge import Answer, Topic
from bot.core.language import LANGUAGES, Language
from bot.core.meaning import Context, Understood
from bot.core.values import Values
from bot.core.world import Control, Reader


@dataclass(frozen=True, repr=False)  # all content is in it: nobody could read that
class ContentWorld:
    """``core.world.World`` over the knowledge base; what reads messages comes from outside this room."""

    knowledge: Knowledge
    catalogs: Catalogs
    own: Own
    controllers: tuple[str, ...]
    topics: Mapping[str, Topic]
    flows: Mapping[str, Flow]
    step_texts: Mapping[Language, Mapping[str, StepWords]]
    surroundings: Surroundings
    _reader: Reader
    _steps: dict[tuple[str, ...], tuple[Step, ...]] = field(default_factory=dict, init=False, compare=False)

    @property
    def practice(self) -> bool:
        return self.surroundings.practice

    @property
    def pepper(self) -> bytes:
        return self.surroundings.pepper

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
        return self._reader.understand(text, context)

    def redact(self, language: Language, text: str) -> str:
        return self._reader.redact(language, text)

    def values(self, language: Language, text: str, today: date) -> Values:
        return self._reader.values(language, text, today)

    def control(self, language: Language, text: str, loosely: Sequence[Control] = ()) -> Control | None:
        return self._reader.control(language, text, loosely)

    def negates(self, language: Language, text: str) -> bool:
        return self._reader.negates(language, text)

    def denies(self, language: Language, text: str, flow: str) -> bool:
        return self._reader.denies(language, text, flow)

    def becomes(self, language: Language, text: str) -> str | None:
        return self._reader.becomes(language, text)

    def named(self, language: Language, text: str) -> str:
        return self._reader.named(language, text)

    def amends(self, language: Language, text: str) -> bool:
        return self._reader.amends(language, text)

    def changes(
        self, language: Language, text: str, names: Mapping[str, Sequence[str]], *, told: bool = False
    ) -> str | None:
        return self._reader.changes(language, text, names, told=told)

    def choose(self, language: Language, text: str, options: Mapping[str, Sequence[str]]) -> str | None:
        return self._reader.choose(language, text, options)

    def mentions(self, text: str, options: Mapping[str, Sequence[str]]) -> str | None:
        return self._reader.mentions(text, options)

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

    def flow(self, flow: str) -> Flow:
        return self.flows[flow]

    def steps(self, flows: tuple[str, ...]) -> tuple[Step, ...]:
        if flows not in self._steps:
            self._steps[flows] = merged([self.flows[flow] for flow in flows])
        return self._steps[flows]

    def flow_name(self, flow: str, language: Language) -> str:
        return self.knowledge.words[language].flows[flow].name

    def flow_request(self, flow: str, language: Language) -> str:
        return self.knowledge.words[language].flows[flow].request.strip()

    def step_words(self, key: str, language: Language) -> StepWords:
        return self.step_texts[language][key]

    def trait(self, controller: str | None, name: str) -> str:
        if controller is None:
            return ""
        traits = self.knowledge.controllers[controller].traits
        match name:
            case "inbox" | "support":
                return "yes" if getattr(self.surroundings, name)(controller) else "no"
            case "cookies_statistics" | "cookies_marketing":
                return "yes" if name.removeprefix("cookies_") in traits.cookie_kinds else "no"
            case _:
                return str(getattr(traits, name, ""))

    def inbox(self, controller: str) -> str:
        return self.surroundings.inbox(controller)

    def support(self, controller: str) -> str:
        return self.surroundings.support(controller)

    def deadline(self, controller: str, at: datetime) -> Deadline:
        return self.surroundings.deadline(controller, self.knowledge.controllers[controller], at)

    def today(self, controller: str | None, at: datetime) -> date:
        row = self.knowledge.controllers[controller] if controller else None
        return self.surroundings.today(controller, row, at)

    def cookies(self, controller: str, language: Language) -> tuple[str, ...]:
        return answers.cookie_lines(self.catalogs, self.knowledge.controllers[controller].cookies, language)

    def document(self, controller: str, language: Language | None = None) -> str:
        document = next(iter(self.knowledge.controllers[controller].documents.values()))
        if document.date is None:
            return document.title
        return f"{document.title}, {self.day(language, document.date) if language else document.date.isoformat()}"

    def authority(self, controller: str, kind: Literal["data", "cookies"], language: Language) -> tuple[str, ...]:
        country = self.surroundings.country(controller, self.knowledge.controllers[controller])
        return answers.authority_lines(self.knowledge, country, kind, language)

    def flow_topic(self, flow: str) -> str | None:
        return self.knowledge.flows[flow].topic

    def controller_name(self, controller: str, language: Language) -> str:
        if controller not in self.controllers:
            raise KeyError(controller)
        return self.knowledge.words[language].controllers[controller].name

    def company_contact(self, controller: str) -> tuple[str, ...]:
        facts = self.knowledge.controllers[controller].facts
        return tuple(facts[name].text or "" for name in ("company", "address", "email", "phone") if name in facts)

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


def flow_words(knowledge: Knowledge) -> tuple[Mapping[str, Flow], Mapping[Language, Mapping[str, StepWords]]]:
    """The flows, and their steps' words in every language."""
    return flows.load_flows(knowledge), {code: flows.load_step_words(knowledge, code) for code in LANGUAGES}


def own_values(catalogs: Catalogs, operator: str, contact: str, retention: Mapping[str, str]) -> Own:
    """What texts say of the assistant itself: who runs it (empty where nobody said), and for how long it keeps what.

    ``retention``: ISO 8601 durations by kind of data: sessions, drafts, cases, feedback.
    """
    return {
        language: {
            "operator": operator or catalogs.say(language, "not told"),
            "operator_contact": contact or catalogs.say(language, "not told"),
            **{f"retention_{kind}": formats.period(language, duration) for kind, duration in retention.items()},
        }
        for language in LANGUAGES
    }
