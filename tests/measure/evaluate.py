"""``make eval``: how well messages are understood, a table for each set of questions."""

import sys
from collections.abc import Iterable, Sequence

from bot import jsonl
from bot.app import open_assistant
from bot.core.world import World
from bot.settings import load_settings
from tests.measure.questions import Judged, Question, judge, own_questions, share, shared_questions

_COLUMNS = (
    "n",
    "first",
    "three",
    "refused",
    "wrong flow",
    "oos answered",
    "oos offered",
    "language",
    "two",
    "follow",
)


def main() -> None:
    """Print the tables; ``--errors`` prints the messages that were taken wrong, too."""
    world = open_assistant(load_settings(), lambda text: print(text, file=sys.stderr)).world
    for title, questions in (("own questions", own_questions()), ("../shared/eval", shared_questions())):
        judged = [(judge(q, jsonl.ask(world, q.row))) for q in questions]
        if judged:
            _print_table(title, judged)
        if "--errors" in sys.argv:
            _print_errors(world, judged)


def _print_table(title: str, judged: Sequence[Judged]) -> None:
    print(f"\n{title:18}" + "".join(f"{column:>13}" for column in _COLUMNS))
    for language in ("en", "fi", "sv"):
        _print_row(language, [j for j in judged if j.question.language == language])
    _print_row("all", judged)


def _print_row(name: str, judged: Sequence[Judged]) -> None:
    inside = [j for j in judged if j.question.in_scope]
    acts = [j for j in inside if "smalltalk" not in j.question.expect]
    topics = [j for j in acts if any(not e.startswith("flow:") for e in j.question.expect)]
    outside = [j for j in judged if j.question.expect == ("oos",)]
    figures = (
        share(j.first for j in inside),
        share(j.among_three for j in inside),
        share(j.kind == "oos" for j in acts),
        share(j.kind == "flow" and not j.first for j in topics),
        share(j.answered for j in outside),
        share(j.kind == "clarify" for j in outside),
        share(j.language for j in judged),
        share(j.every for j in inside if j.question.every),
        share(j.first for j in inside if j.question.previous),
    )
    print(f"{name:18}{len(judged):13d}" + "".join(f"{f:13.1f}" if f is not None else f"{'-':>13}" for f in figures))


def _print_errors(world: World, judged: Iterable[Judged]) -> None:
    for wrong in (j for j in judged if not j.first):
        question: Question = wrong.question
        got = jsonl.ask(world, question.row)
        ids = ", ".join(f"{c['id']} {c['score']:.2f}" for c in got["candidates"][:3])
        print(f"{question.id}\t{question.text}\twant {', '.join(question.expect)}\tgot {wrong.kind}: {ids}")


if __name__ == "__main__":
    main()
