"""JSON lines in and out, for programs: questions, answers, phrases (formats: docs/programs.md)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.core.chat import Incoming, Said, Say
from bot.core.conversation import turn
from bot.core.here import Turn
from bot.core.knowledge import Answer
from bot.core.language import Language, is_language
from bot.core.meaning import Known, Meaning, SmallTalk, Unsure, Wish
from bot.core.replies import answer_blocks
from bot.core.session import ChoosingController, Idle, Session
from bot.core.text import plain
from bot.core.world import World

Row = dict[str, Any]


class RowError(Exception):
    """A line of input cannot be answered; the message says why."""


def each(lines: Iterable[str], answer: Callable[[Mapping[str, Any]], Row]) -> Iterator[Row]:
    """Answer line after line; what cannot be answered gives ``{"id"?, "error"}``. Empty lines are passed over."""
    for line in lines:
        if not line.strip():
            continue
        row: Any = None
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise RowError("a line must be a JSON object")
            yield answer(row)
        except json.JSONDecodeError as failure:
            yield {"error": f"not JSON: {failure.msg} at column {failure.colno}"}
        except RecursionError:
            yield {"error": "not JSON: nested too deeply"}
        except RowError as failure:
            known = {"id": row["id"]} if isinstance(row, dict) and "id" in row else {}
            yield {**known, "error": str(failure)}


def ask(world: World, row: Mapping[str, Any]) -> Row:
    """One line of ``ask --jsonl``: what a message was taken for, and the whole reply."""
    text = _text(row, "text")
    session = Session("ask", _language(row), _controller(world, row))
    for previous in _previous(row):
        session = turn(world, session, _said(previous)).session
    if row.get("previous"):
        session = replace(session, controller=_controller(world, row) or session.controller, place=Idle())
    done = turn(world, session, _said(text))
    return _asked(world, row, done)


def _asked(world: World, row: Mapping[str, Any], done: Turn) -> Row:
    says = [effect for effect in done.effects if isinstance(effect, Say)]
    spoken = (
        done.understood.language if done.understood else says[0].language if says else done.session.language or "en"
    )
    meaning = done.understood.meaning if done.understood else None
    candidates = done.understood.candidates if done.understood else ()
    result: Row = {
        "id": row.get("id"),
        "kind": _kind(meaning),
        "language": spoken,
        "candidates": [{"id": c.id, "score": c.score} for c in candidates],
        "flow": meaning.flow if isinstance(meaning, Wish) else meaning.wish if isinstance(meaning, Known) else None,
        "answers": [answer_row(world, say.language, answer) for say in says for answer in say.answers],
        "reply": "\n\n".join(_whole(say) for say in says),
    }
    if isinstance(done.session.place, ChoosingController):
        result["needs"] = "controller"
    return result


def _whole(say: Say) -> str:
    buttons = "\n".join(f"[{n}] {button.label}" for n, button in enumerate(say.buttons, 1))
    return "\n\n".join(part for part in (plain(say.blocks), buttons) if part)


def _kind(meaning: Meaning | None) -> str:
    match meaning:
        case Known() | None:
            return "topic"
        case Wish():
            return "flow"
        case Unsure():
            return "clarify"
        case SmallTalk():
            return "smalltalk"
        case _:
            return "oos"


def answer(world: World, row: Mapping[str, Any]) -> Row:
    """One line of ``answer --jsonl``: the answer straight from the knowledge base."""
    language = _language(row)
    if language is None:
        raise RowError("language must be fi, sv or en")
    topic = _text(row, "topic")
    if world.topic(topic) is None:
        raise RowError(f"topic {topic} does not exist")
    controller = _controller(world, row)
    if controller is None and not world.is_general(topic):
        raise RowError("controller is missing")
    known = {"id": row["id"]} if "id" in row else {}
    found = world.answer(controller, topic, language)
    return {**known, "controller": controller, "language": language, **answer_row(world, language, found)}


def answer_row(world: World, language: Language, found: Answer) -> Row:
    """An answer as programs read it."""
    return {
        "topic": found.topic,
        "status": found.status,
        "answer": plain(answer_blocks(world, language, found)),
        "sources": [
            {"document": s.document, "section": s.section, "date": s.date.isoformat() if s.date else None}
            for s in found.sources
        ],
    }


def phrase_row(language: Language, label: str, text: str) -> Row:
    """A phrase as programs read it; the kinds of small talk and of what is out of scope are one label each."""
    kind = label.partition(":")[0]
    return {"lang": language, "label": kind if kind in ("smalltalk", "oos") else label, "text": text}


def _said(text: str) -> Incoming:
    return Incoming("ask", "ask", datetime.now(UTC), Said(text), random=bytes(32))


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise RowError(f"{key} must be a text")
    return value


def _previous(row: Mapping[str, Any]) -> list[str]:
    value = row.get("previous") or []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise RowError("previous must be a list of texts")
    return value


def _language(row: Mapping[str, Any]) -> Language | None:
    value = row.get("language")
    if value is None or is_language(value):
        return value
    raise RowError("language must be fi, sv or en")


def _controller(world: World, row: Mapping[str, Any]) -> str | None:
    value = row.get("controller")
    if value is None or value in world.controllers:
        return value
    raise RowError(f"controller must be one of {', '.join(world.controllers[:20])}")
