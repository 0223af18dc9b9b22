"""Checks of what stands in no language: topics, companies, their documents, the law."""

from collections.abc import Iterable, Iterator
from datetime import date

from bot.content import schema
from bot.content.errors import Problem, warning
from bot.content.knowledge import Knowledge


def check_facts(knowledge: Knowledge) -> Iterator[Problem]:
    """Unknown ids, dead links, facts and answers whose source is not a section of the company's documents."""
    yield from _topics(knowledge)
    yield from _flows(knowledge)
    yield from _entities(knowledge)
    for name, company in knowledge.controllers.items():
        yield from _company(knowledge, f"controllers/{name}.yaml", company)


def _unknown(known: Iterable[object], wanted: Iterable[object]) -> list[object]:
    places = set(known)
    return [name for name in wanted if name not in places]


def _topics(knowledge: Knowledge) -> Iterator[Problem]:
    for topic, row in knowledge.topics.items():
        for name in _unknown(knowledge.topics, row.related):
            yield knowledge.error("topics.yaml", f"{topic}: related topic {name} does not exist", topic, "related")
        for name in _unknown(knowledge.topics, row.amid.values()):
            yield knowledge.error("topics.yaml", f"{topic}: topic {name} does not exist", topic, "amid")
        for name in _unknown(knowledge.flows, row.offers):
            yield knowledge.error("topics.yaml", f"{topic}: offered flow {name} does not exist", topic, "offers")
        for name in _unknown(knowledge.articles, row.articles):
            yield knowledge.error(
                "topics.yaml", f"{topic}: article {name} is not in law/articles.yaml", topic, "articles"
            )


def _flows(knowledge: Knowledge) -> Iterator[Problem]:
    for flow, row in knowledge.flows.items():
        if row.topic is not None and row.topic not in knowledge.topics:
            yield knowledge.error(f"flows/{flow}.yaml", f"topic {row.topic} does not exist", "topic")


def _entities(knowledge: Knowledge) -> Iterator[Problem]:
    for thing, row in knowledge.entities.things.items():
        for name in _unknown(knowledge.topics, row.topics):
            yield knowledge.error("entities.yaml", f"{thing}: topic {name} does not exist", "things", thing, "topics")
    for article, topic in knowledge.entities.articles.items():
        if topic not in knowledge.topics:
            yield knowledge.error("entities.yaml", f"topic {topic} does not exist", "articles", article)


def _company(knowledge: Knowledge, file: str, company: schema.ControllerRow) -> Iterator[Problem]:
    if company.country not in knowledge.authorities:
        message = f"country {company.country} has no authorities in law/authorities.yaml"
        yield knowledge.error(file, message, "country")
    needed = (topic for topic, row in knowledge.topics.items() if not row.general)
    for topic in _unknown(company.answers, needed):
        yield knowledge.error(file, f"no answer to topic {topic}", "answers")
    for topic in _unknown(knowledge.topics, company.answers):
        yield knowledge.error(file, f"answer to a topic that does not exist: {topic}", "answers", str(topic))
    for thing in _unknown(knowledge.entities.things, company.named):
        yield knowledge.error(file, f"named thing {thing} is not in entities.yaml", "named", str(thing))
    yield from _company_sources(knowledge, file, company)


def _company_sources(knowledge: Knowledge, file: str, company: schema.ControllerRow) -> Iterator[Problem]:
    sections = {f"{name}/{section}" for name, document in company.documents.items() for section in document.sections}
    cited: list[tuple[tuple[str | int, ...], str]] = []
    cited += [(("facts", name, "source"), fact.source) for name, fact in company.facts.items()]
    cited += [(("named", name), source) for name, source in company.named.items()]
    cited += [(("cookies", n, "source"), cookie.source) for n, cookie in enumerate(company.cookies)]
    for topic, answer in company.answers.items():
        cited += [(("answers", topic, "sources", n), source) for n, source in enumerate(answer.sources)]
        if not answer.sources and answer.status != "general":
            yield knowledge.error(file, f"{topic}: an answer needs a source", "answers", topic, "sources")
    for key, source in cited:
        if source not in sections:
            yield knowledge.error(file, f"source {source} is not a section of the company's documents", *key)


def check_law(knowledge: Knowledge, today: date) -> Iterator[Problem]:
    """Legal facts that nobody has checked yet, or whose time for another look has passed."""
    rows: list[tuple[str, tuple[str | int, ...], schema.LegalRow | schema.RuleRow]] = []
    rows += [("law/articles.yaml", (number,), row) for number, row in knowledge.articles.items()]
    rows += [("law/rules.yaml", (name,), rule) for name, rule in knowledge.rules.items()]
    for country, both in knowledge.authorities.items():
        rows += [("law/authorities.yaml", (country, kind), getattr(both, kind)) for kind in ("data", "cookies")]
    for file, key, row in rows:
        path, line, column = knowledge.place(file, *key)
        name = " ".join(map(str, key))
        if row.checked is None:
            yield warning(path, f"{name}: nobody has checked this yet against {row.source}", line, column)
        if row.review_by < today:
            yield warning(path, f"{name}: was to be reviewed by {row.review_by}", line, column)
