"""From the knowledge base to an answer: words and facts put together in one language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from bot.content import formats, schema
from bot.content.catalogs import Catalogs
from bot.content.knowledge import Knowledge
from bot.core.knowledge import Answer, Law, Source
from bot.core.language import Language

PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")

#: What a company says to a general topic that its file does not list.
_GENERAL = schema.AnswerRow(status="general", sources=[])

#: Values that belong to the assistant, not to a company: who runs it, how long it keeps what.
Own = Mapping[Language, Mapping[str, str]]


def answer(
    knowledge: Knowledge, catalogs: Catalogs, own: Own, controller: str | None, topic: str, language: Language
) -> Answer:
    """The answer of ``controller`` (None: of nobody, for general topics only) to ``topic`` in ``language``.

    Raises KeyError for an unknown id, and for a topic that is not general where no company is given.
    """
    row = knowledge.topics[topic]
    law = tuple(Law(number, knowledge.articles[number].titles[language]) for number in row.articles)
    values = _Values(knowledge, catalogs, own, controller, language)
    if controller is None:
        if not has_general_answer(knowledge, topic):
            raise KeyError(topic)
        return Answer(
            None, topic, "general", values.fill(knowledge.words[language].topics[topic].general or ""), (), law
        )
    company = knowledge.controllers[controller]
    stance = company.answers.get(topic, _GENERAL)
    contact = _authority_block(knowledge, catalogs, company, row.authority, language) if row.authority else ""
    template = _template(knowledge, controller, topic, language, contact)
    text = replace(values, sources=tuple(stance.sources)).fill(template)
    return Answer(controller, topic, stance.status, text, tuple(_source(company, path) for path in stance.sources), law)


def has_general_answer(knowledge: Knowledge, topic: str) -> bool:
    """Whether the topic can be answered without knowing which company is meant."""
    return knowledge.topics[topic].general or bool(knowledge.words["en"].topics[topic].general)


def whom_to_ask(knowledge: Knowledge, catalogs: Catalogs, own: Own, controller: str, language: Language) -> str:
    """Whom a person can ask about what the company's document leaves open."""
    words = knowledge.words[language].controllers[controller]
    return _Values(knowledge, catalogs, own, controller, language).fill(words.ask.strip())


def _template(knowledge: Knowledge, controller: str, topic: str, language: Language, contact: str) -> str:
    words = knowledge.words[language]
    company = words.controllers[controller]
    common = words.topics[topic]
    own = company.answers.get(topic, "")
    status = knowledge.controllers[controller].answers.get(topic, _GENERAL).status
    match status:
        case "stated":
            parts = [own, contact]
        case "partly":
            parts = [own, common.law, contact]
        case "silent":
            parts = [own or common.silent or "", common.law, contact, company.ask]
        case "general":
            parts = [common.general or "", own]
        case _:
            assert_never(status)
    return "\n\n".join(part.strip() for part in parts if part.strip())


@dataclass(frozen=True)
class _Values:
    """What placeholders stand for; each is made only where a text has it."""

    knowledge: Knowledge
    catalogs: Catalogs
    own: Own
    controller: str | None
    language: Language
    sources: tuple[str, ...] = ()

    def fill(self, template: str) -> str:
        return PLACEHOLDER.sub(lambda match: self._value(match[1]), template)

    def _value(self, name: str) -> str:
        if name.startswith("law."):
            return value(self.knowledge.rules[name.removeprefix("law.")], self.language)
        if name in ("authority", "cookie_authority"):
            authorities = self.knowledge.authorities[self._company.country]
            return (authorities.data if name == "authority" else authorities.cookies).names[self.language]
        if name == "document":
            document = self.sources[0].partition("/")[0] if self.sources else next(iter(self._company.documents))
            return self.knowledge.words[self.language].controllers[self.controller or ""].documents[document]
        if name == "cookies":
            return cookie_table(self.catalogs, self._company.cookies, self.language)
        own = self.own[self.language]
        return own[name] if name in own else value(self._company.facts[name], self.language)

    @property
    def _company(self) -> schema.ControllerRow:
        # Where no company is chosen, the authorities are those of the first one's country: the assistant's home.
        companies = self.knowledge.controllers
        return companies[self.controller] if self.controller else next(iter(companies.values()))


def value(fact: schema.FactRow, language: Language) -> str:
    """A fact as the language writes it."""
    if fact.text is not None:
        return fact.text
    if fact.date is not None:
        return formats.day(language, fact.date)
    return formats.period(language, fact.duration or "P0D")


def cookie_table(catalogs: Catalogs, cookies: list[schema.CookieRow], language: Language) -> str:
    """A company's cookies as list items."""
    return "\n".join(f"- {line}" for line in cookie_lines(catalogs, cookies, language))


def cookie_lines(catalogs: Catalogs, cookies: list[schema.CookieRow], language: Language) -> tuple[str, ...]:
    """A company's cookies, a line each: tool, cookies, kind, consent, lifetime."""

    def phrase(message: str, /, **values: object) -> str:
        return catalogs.say(language, message, **values)

    return tuple(_cookie(phrase, cookie, language) for cookie in cookies)


def _cookie(phrase: Callable[..., str], cookie: schema.CookieRow, language: Language) -> str:
    parts = [
        {"functional": phrase("functional"), "statistics": phrase("statistics"), "marketing": phrase("marketing")}[
            cookie.category
        ],
        phrase("cookies: {names}", names=", ".join(cookie.names)) if cookie.names else phrase("no cookies named"),
        phrase("only with your consent") if cookie.consent else phrase("without asking for consent"),
    ]
    if cookie.lifetime:
        life = formats.period(language, cookie.lifetime)
        maximum = cookie.lifetime_is == "maximum"
        parts.append(
            phrase("lifetime at most {period}", period=life) if maximum else phrase("lifetime {period}", period=life)
        )
    return f"{cookie.tool}: {'; '.join(parts)}"


def _authority_block(
    knowledge: Knowledge, catalogs: Catalogs, company: schema.ControllerRow, kind: str, language: Language
) -> str:
    lines = authority_lines(knowledge, company.country, kind, language)
    if kind == "data":  # who complains about cookies is sent on from there
        of_cookies = ", ".join(authority_lines(knowledge, company.country, "cookies", language))
        lines += (catalogs.say(language, "For cookies: {authority}", authority=of_cookies),)
    return "\n".join(f"- {line}" for line in lines)


def authority_lines(knowledge: Knowledge, country: str, kind: str, language: Language) -> tuple[str, ...]:
    """A country's authority for ``data`` or for ``cookies``: its name, then its addresses."""
    authorities = knowledge.authorities[country]
    row = authorities.data if kind == "data" else authorities.cookies
    lines = [row.names[language]]
    lines += [place[language] for place in (row.visit, row.post) if place]
    lines += [contact for contact in (row.phone, row.email, row.web) if contact]
    return tuple(lines)


def _source(company: schema.ControllerRow, path: str) -> Source:
    name, _, section = path.partition("/")
    document = company.documents[name]
    return Source(document.title, document.sections[section].heading, document.date, document.language)
