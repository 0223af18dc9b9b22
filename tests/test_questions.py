"""The project's own questions: understood as well as promised, in each language and over all three."""

from collections.abc import Sequence

import pytest

from bot import jsonl
from bot.content.assistant import ContentWorld
from bot.core.language import LANGUAGES
from tests.measure.questions import Judged, judge, own_questions, share


@pytest.fixture(scope="session")
def judged(world: ContentWorld) -> Sequence[Judged]:
    """Every question, asked as a program asks it, and what a fair judge says."""
    return [judge(question, jsonl.ask(world, question.row)) for question in own_questions()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_reaction_is_right(judged: Sequence[Judged], language: str) -> None:
    """In at least 85 of 100 messages that are in scope, in each language by itself."""
    figure = share(j.first for j in judged if j.question.language == language and j.question.in_scope)
    assert figure is not None
    assert figure >= 85


def test_the_right_one_is_among_three(judged: Sequence[Judged]) -> None:
    """In at least 94 of 100."""
    figure = share(j.among_three for j in judged if j.question.in_scope)
    assert figure is not None
    assert figure >= 94


def test_little_out_of_scope_is_answered_and_little_in_scope_refused(judged: Sequence[Judged]) -> None:
    """At most 10 of 100 answered from outside, at most 5 of 100 refused from inside."""
    outside = share(j.answered for j in judged if j.question.expect == ("oos",))
    refused = share(j.kind == "oos" for j in judged if j.question.in_scope)
    assert outside is not None
    assert outside <= 10
    assert refused is not None
    assert refused <= 5


def test_hardly_a_question_starts_a_wrong_flow(judged: Sequence[Judged]) -> None:
    """At most 2 of 100 questions."""
    questions = [j for j in judged if any(e[0] != "f" and e not in ("oos", "smalltalk") for e in j.question.expect)]
    figure = share(j.kind == "flow" and not j.first for j in questions)
    assert figure is not None
    assert figure <= 2


def test_the_language_is_right(judged: Sequence[Judged]) -> None:
    """In 98 of 100 messages, found from the words alone."""
    figure = share(j.language for j in judged)
    assert figure is not None
    assert figure >= 98


def test_two_questions_are_both_seen(judged: Sequence[Judged]) -> None:
    """Of messages with two questions, both stand among the first three in 9 of 10."""
    figure = share(j.every for j in judged if j.question.every)
    assert figure is not None
    assert figure >= 90
