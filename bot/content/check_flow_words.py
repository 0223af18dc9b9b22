"""Checks of the words of guided flows in each language: whole, short enough, and understood when typed."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.content import schema
from bot.content.check_flows import Place, Steps, ids
from bot.content.errors import Problem
from bot.content.knowledge import Knowledge, Words
from bot.core.flow import ALL, REFUSED
from bot.core.language import Language

#: On a telephone little is seen of a button; a step's label has "Change: " before it there.
_BUTTON_LIMIT: Final = 40
_LABEL_LIMIT: Final = 30
_QUESTION_LIMIT: Final = 400
_WILL_LIMIT: Final = 600

_ACCENTS: Final = re.compile("[\u0300-\u036f]+")


def check_flow_words(knowledge: Knowledge) -> Iterator[Problem]:
    """Words missing, extra or too long, and ways of typing an answer that would mean something else."""
    for language, words in knowledge.words.items():
        yield from _language(knowledge, language, words)


def _language(knowledge: Knowledge, language: Language, words: Words) -> Iterator[Problem]:
    yield from _control(Place(knowledge, f"{language}/control.yaml"), words.control)
    steers = _steering(words.control)
    yield from _steps(Place(knowledge, f"{language}/steps.yaml"), knowledge.shared_steps, words.steps, steers)
    for flow, row in knowledge.flows.items():
        if flow not in words.flows:
            continue  # check_words tells
        place = Place(knowledge, f"{language}/flows.yaml", (flow,))
        own = {step.id: step for step in row.steps if isinstance(step, schema.OwnStepRow)}
        yield from _flow(place, row, words.flows[flow])
        yield from _steps(place.at("steps"), own, words.flows[flow].steps, steers)


def _control(place: Place, row: schema.ControlRow) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name in schema.ControlRow.model_fields:
        phrases: list[str] = getattr(row, name)
        if not phrases:
            yield place.at(name).error(f"{name} is empty")
        yield from _folded(place.at(name), phrases)
        for n, phrase in enumerate(phrases):
            if first.setdefault(phrase, name) != name:
                yield place.at(name, n).error(f"“{phrase}” stands under {first[phrase]} too")


def _steering(row: schema.ControlRow) -> dict[str, str]:
    """Whole messages that steer wherever one stands, so that they are never an answer; yes and no may be."""
    lists = [name for name in schema.ControlRow.model_fields if name not in ("yes", "no", "change")]
    return {phrase: name for name in lists for phrase in getattr(row, name)}


def _flow(place: Place, row: schema.FlowRow, words: schema.FlowWords) -> Iterator[Problem]:
    yield from _text(place.at("title"), words.title)  # check_words tells whether it is too long
    yield from _text(place.at("will"), words.will, _WILL_LIMIT)
    for field, text, limit in (("name", words.name, _BUTTON_LIMIT), ("request", words.request, None)):
        if row.ends == "case":
            yield from _text(place.at(field), text, limit)
        elif text:
            yield place.at(field).error(f"`{field}` is only for a flow that ends in a case")


def _steps(
    place: Place, steps: Steps, words: Mapping[str, schema.StepWordsRow], steers: Mapping[str, str]
) -> Iterator[Problem]:
    yield from _alike(place, steps, words, "step")
    for name, step in steps.items():
        if name in words:
            yield from _step(place.at(name), step, words[name], steers)


def _alike(place: Place, known: Mapping[str, object], written: Mapping[str, object], what: str) -> Iterator[Problem]:
    for name in known:
        if name not in written:
            yield place.error(f"{what} {name} is missing")
    for name in written:
        if name not in known:
            yield place.at(name).error(f"{what} {name} does not exist")


def _step(
    place: Place, step: schema.SharedStepRow, words: schema.StepWordsRow, steers: Mapping[str, str]
) -> Iterator[Problem]:
    yield from _text(place.at("ask"), words.ask, _QUESTION_LIMIT, company=True)
    if step.kind != "stop" or words.again:
        yield from _text(place.at("again"), words.again, _QUESTION_LIMIT)
    yield from _text(place.at("label"), words.label, _LABEL_LIMIT)
    yield from _folded(place.at("names"), words.names)
    options = dict.fromkeys(ids(step))
    yield from _alike(place.at("options"), options, words.options, "option")
    for option, label in words.options.items():
        yield from _text(place.at("options", option), label, _BUTTON_LIMIT)
    sayable = options | {REFUSED: None, ALL: None} if step.kind == "cookies" else options
    yield from _said(place.at("said"), words, sayable, steers)


def _said(
    place: Place, words: schema.StepWordsRow, options: Mapping[str, None], steers: Mapping[str, str]
) -> Iterator[Problem]:
    """How people type the options: each way means one of them and nothing else."""
    meant = {fold(label): option for option, label in words.options.items()}
    for option, spellings in words.said.items():
        if option not in options:
            yield place.at(option).error(f"option {option} does not exist")
        yield from _folded(place.at(option), spellings)
        for n, spelling in enumerate(spellings):
            other = meant.setdefault(spelling, option)
            if other != option:
                yield place.at(option, n).error(f"{option}: “{spelling}” means {other} too")
            if spelling in steers:
                message = f"{option}: “{spelling}” steers, it stands under {steers[spelling]} in control.yaml"
                yield place.at(option, n).error(message)


def _folded(place: Place, phrases: Sequence[str]) -> Iterator[Problem]:
    for n, text in enumerate(phrases):
        if text != fold(text):
            yield place.at(n).error(f"“{text}” is to be written folded, small and without accents: “{fold(text)}”")
        if not text.strip("* "):
            yield place.at(n).error("an empty phrase")


def fold(text: str) -> str:
    """Lower case without accents, as messages are folded before they are compared (``understanding.normalise``)."""
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFD", text.casefold()))


def _text(place: Place, text: str, limit: int | None = None, *, company: bool = False) -> Iterator[Problem]:
    """A text that is missing, too long, or has something in braces that nobody would fill in."""
    name, text = place.key[-1], text.strip()
    if not text:
        yield place.error(f"`{name}` is missing")
    if limit is not None and len(text) > limit:
        yield place.error(f"{name}: at most {limit} characters fit, these are {len(text)}")
    if set("{}") & set(text.replace("{company}", "") if company else text):
        yield place.error(f"{name}: the only placeholder is {{company}}, and only in `ask`")
