"""Answers: every one renders, holds its facts, and borrows nothing from another company."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.content.assistant import ContentWorld
from bot.content.check import Content
from bot.core.language import LANGUAGES, Language
from bot.core.replies import answer_blocks, answers
from bot.core.text import plain

FACTS = Path(__file__).parent.parent / "facts.yaml"


def _text(world: ContentWorld, controller: str, topic: str, language: Language) -> str:
    return plain(answer_blocks(world, language, world.answer(controller, topic, language)))


def test_every_answer_renders_within_the_platforms_limits(world: ContentWorld) -> None:
    """All topics of all companies in all languages: no empty text, no brace left, room in one chat message."""
    for controller in world.controllers:
        for topic in world.topics:
            for language in LANGUAGES:
                text = _text(world, controller, topic, language)
                whole = plain(answers(world, language, (world.answer(controller, topic, language),)).blocks)
                assert text.strip(), (controller, topic, language)
                assert not re.search(r"[{}]", text), (controller, topic, language)
                assert len(whole) <= 3000, (controller, topic, language, len(whole))


def test_no_answer_borrows_another_companys_facts(content: Content, world: ContentWorld) -> None:
    """Names, addresses, telephone numbers and cookies of one company stand in no other company's answers."""
    marks = {
        name: {fact.text for key, fact in row.facts.items() if fact.text and key not in ("tool", "shield")}
        | {cookie for tool in row.cookies for cookie in tool.names if cookie.startswith("_")}
        | {row.name or "-"}
        for name, row in content.knowledge.controllers.items()
    }
    for controller in world.controllers:
        others = set().union(*(m for name, m in marks.items() if name != controller)) - marks[controller] - {"-"}
        for topic in world.topics:
            for language in LANGUAGES:
                text = _text(world, controller, topic, language)
                borrowed = {mark for mark in others if re.search(rf"(?<!\w){re.escape(mark)}", text)}
                assert not borrowed, (controller, topic, language, borrowed)


def test_silence_says_so_and_names_the_law(content: Content, world: ContentWorld) -> None:
    """Where a document is silent on a right, the article is named; on complaints, the authority."""
    for name, row in content.knowledge.controllers.items():
        for topic, stance in row.answers.items():
            if stance.status != "silent":
                continue
            for language in LANGUAGES:
                text = _text(world, name, topic, language)
                for article in content.knowledge.topics[topic].articles:
                    assert re.search(rf"\b{article}\b", text), (name, topic, language)
                if topic == "right_complaint":
                    assert content.knowledge.authorities[row.country].data.names[language] in text
                    assert "tietosuoja@om.fi" in text


def _fact_rows() -> Iterator[tuple[str, str, Language, str]]:
    sheet = yaml.safe_load(FACTS.read_text(encoding="utf-8"))
    for controller, topics in sheet.items():
        for topic, facts in topics.items():
            for language in LANGUAGES:
                for fact in [*facts.get("all", []), *facts.get(language, [])]:
                    yield controller, topic, language, fact


@pytest.mark.parametrize(("controller", "topic", "language", "fact"), list(_fact_rows()))
def test_an_answer_holds_its_facts(
    world: ContentWorld, controller: str, topic: str, language: Language, fact: str
) -> None:
    """The fact sheet, ``tests/facts.yaml``: what each answer has to hold, as a pattern without case."""
    text = _text(world, controller, topic, language)
    assert re.search(fact, text, re.IGNORECASE), text


def test_documents_without_a_date_are_undated(world: ContentWorld) -> None:
    """Only Kaltiot's policy has a date; the others say that they have none."""
    for controller in world.controllers:
        found = world.answer(controller, "right_access", "en")
        line = plain(answers(world, "en", (found,)).blocks).splitlines()[-1]
        assert ("28 April 2025" in line) == (controller == "kaltiot")
        assert ("undated" in line) == (controller != "kaltiot")
