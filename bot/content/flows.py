"""Flows from their files: steps with the keys of their answers, conditions resolved."""

import hashlib
from collections.abc import Mapping

from bot.content import schema
from bot.content.knowledge import Knowledge
from bot.core.flow import Condition, Flow, Option, Step, StepWords
from bot.core.language import Language


def load_flows(knowledge: Knowledge) -> dict[str, Flow]:
    """Every flow of the knowledge base."""
    return {name: _flow(name, row, knowledge.shared_steps) for name, row in knowledge.flows.items()}


def _flow(name: str, row: schema.FlowRow, shared: Mapping[str, schema.SharedStepRow]) -> Flow:
    own = {step.id for step in row.steps if isinstance(step, schema.OwnStepRow)}

    def key(answer: str) -> str:
        return f"{name}.{answer}" if answer in own else answer

    def condition(when: schema.When) -> Condition:
        return tuple((key(k), (v,) if isinstance(v, str) else tuple(v)) for k, v in when.items())

    def step(answer: str, facts: schema.SharedStepRow, when: schema.When) -> Step:
        return Step(
            key=key(answer),
            kind=facts.kind,
            options=tuple(Option(o) if isinstance(o, str) else Option(o.id, condition(o.when)) for o in facts.options),
            when=(condition(facts.when | when),) if facts.when or when else (),
            optional=facts.optional,
            default=facts.default,
            limit=facts.limit,
            alone=facts.alone,
            offers=facts.offers,
            open=facts.open,
            foretold=facts.foretold,
        )

    steps = tuple(
        step(s.id, s, {}) if isinstance(s, schema.OwnStepRow) else step(s.use, shared[s.use], s.when) for s in row.steps
    )
    version = hashlib.sha256(repr(steps).encode()).hexdigest()[:8]
    return Flow(name, row.topic, row.ends, steps, version, row.article, row.deadline)


def load_step_words(knowledge: Knowledge, language: Language) -> dict[str, StepWords]:
    """Every step's words in a language, by the key of its answer."""
    words = knowledge.words[language]
    rows = dict(words.steps)
    for flow, written in words.flows.items():
        rows |= {f"{flow}.{step}": row for step, row in written.steps.items()}
    return {key: _words(row) for key, row in rows.items()}


def _words(row: schema.StepWordsRow) -> StepWords:
    said = {option: tuple(spellings) for option, spellings in row.said.items()}
    again = (row.again or row.ask).strip()
    return StepWords(row.ask.strip(), again, row.label, tuple(row.names), dict(row.options), said)
