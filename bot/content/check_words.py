"""Checks of what is written in each language: complete, the same placeholders, within the platforms' limits."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.content.answers import PLACEHOLDER
from bot.content.errors import Problem, error
from bot.content.knowledge import Knowledge, Words
from bot.core.language import Language

#: Slack's section text holds 3,000 characters and Telegram's message 4,096; headings and sources need room too.
_ANSWER_LIMIT: Final = 2_400
#: Slack cuts a button's text at 75 characters; on a telephone far fewer are seen.
_LABEL_LIMIT: Final = 40

#: Placeholders that every text may use; a company's facts come to them.
_OWN: Final = frozenset(
    {"operator", "operator_contact", "retention_sessions", "retention_drafts", "retention_cases", "retention_feedback"}
)
_COMMON: Final = frozenset({"authority", "cookie_authority"})


def check_words(knowledge: Knowledge) -> Iterator[Problem]:
    """Missing and extra words, labels and answers that are too long, placeholders unknown or not alike."""
    for language, words in knowledge.words.items():
        yield from _ids(knowledge, f"{language}/topics.yaml", words.topics, knowledge.topics)
        yield from _ids(knowledge, f"{language}/flows.yaml", words.flows, knowledge.flows)
        yield from _topics(knowledge, language, words)
        yield from _titles(knowledge, language, words)
        yield from _companies(knowledge, language, words)
    yield from _placeholders_alike(knowledge)


def _ids(
    knowledge: Knowledge, file: str, written: Mapping[str, object], known: Mapping[str, object]
) -> Iterator[Problem]:
    for name in known:
        if name not in written:
            yield knowledge.error(file, f"{name} is missing")
    for name in written:
        if name not in known:
            yield knowledge.error(file, f"{name} does not exist", name)


def _titles(knowledge: Knowledge, language: Language, words: Words) -> Iterator[Problem]:
    titles = [("topics.yaml", name, row.title) for name, row in words.topics.items()]
    titles += [("flows.yaml", name, row.title) for name, row in words.flows.items()]
    for file, name, title in titles:
        if len(title) > _LABEL_LIMIT:
            message = f"{name}: a label has at most {_LABEL_LIMIT} characters, this one {len(title)}"
            yield knowledge.error(f"{language}/{file}", message, name, "title")


def _topics(knowledge: Knowledge, language: Language, words: Words) -> Iterator[Problem]:
    file = f"{language}/topics.yaml"
    for name, row in words.topics.items():
        general = name in knowledge.topics and knowledge.topics[name].general
        if general and not row.general:
            yield knowledge.error(file, f"{name}: a general topic needs `general`", name)
        if not general and not row.silent:
            yield knowledge.error(file, f"{name}: needs `silent`, what to say where a document does not tell", name)
        own = _OWN | _COMMON | {f"law.{rule}" for rule in knowledge.rules}
        for key, text in (("silent", row.silent), ("law", row.law), ("general", row.general)):
            allowed = own | {"document"} if key == "silent" else own
            for unknown in _used(text or "") - allowed:
                yield knowledge.error(file, f"{name}: unknown placeholder {{{unknown}}}", name, key)


def _companies(knowledge: Knowledge, language: Language, words: Words) -> Iterator[Problem]:
    for name, company in knowledge.controllers.items():
        file = f"{language}/controllers/{name}.yaml"
        written = words.controllers.get(name)
        if written is None:
            yield error(knowledge.root / file, f"the words of {name} are missing")
            continue
        for document in company.documents:
            if document not in written.documents:
                yield knowledge.error(file, f"documents: {document} is missing", "documents")
        for topic, answer in company.answers.items():
            if answer.status in ("stated", "partly") and topic not in written.answers:
                yield knowledge.error(file, f"the answer to {topic} is missing ({answer.status})", "answers")
        yield from _company_texts(knowledge, file, name, language)
    for name in words.controllers:
        if name not in knowledge.controllers:
            yield knowledge.error(f"{language}/controllers/{name}.yaml", f"company {name} does not exist")


def _company_texts(knowledge: Knowledge, file: str, name: str, language: Language) -> Iterator[Problem]:
    company, written = knowledge.controllers[name], knowledge.words[language].controllers[name]
    allowed = set(company.facts) | {"document"} | _COMMON | {f"law.{rule}" for rule in knowledge.rules}
    allowed |= {"cookies"} if company.cookies else set()
    texts = [(("answers", topic), text) for topic, text in written.answers.items()]
    for key, text in [*texts, (("ask",), written.ask)]:
        for unknown in _used(text) - allowed:
            yield knowledge.error(file, f"{key[-1]}: {{{unknown}}} is not a fact of this company", *key)
    for topic, text in written.answers.items():
        if topic not in company.answers:
            yield knowledge.error(file, f"answer to a topic that does not exist: {topic}", "answers", topic)
        whole = text + (knowledge.words[language].topics[topic].law if topic in knowledge.topics else "") + written.ask
        if len(whole) > _ANSWER_LIMIT:
            message = f"{topic}: {len(whole)} characters, over {_ANSWER_LIMIT}: too long for one chat message"
            yield knowledge.error(file, message, "answers", topic)


def _used(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _placeholders_alike(knowledge: Knowledge) -> Iterator[Problem]:
    """A fact that one language tells, all have to tell."""
    texts = {language: dict(_all_texts(words)) for language, words in knowledge.words.items()}
    reference = texts.get("en", {})
    for language, own in texts.items():
        for place in own.keys() & reference.keys():
            different = _used(reference[place]) ^ _used(own[place])
            if different:
                file, *key = place
                names = ", ".join(sorted(f"{{{field}}}" for field in different))
                message = f"{'.'.join(key)}: placeholders differ from English: {names}"
                yield knowledge.error(f"{language}/{file}", message, *key)


def _all_texts(words: Words) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text that may hold placeholders, by its file and the keys that lead to it."""
    for name, topic in words.topics.items():
        for key, text in (("silent", topic.silent), ("law", topic.law), ("general", topic.general)):
            yield ("topics.yaml", name, key), text or ""
    for name, company in words.controllers.items():
        for topic_name, text in company.answers.items():
            yield (f"controllers/{name}.yaml", "answers", topic_name), text
