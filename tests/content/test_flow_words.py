"""The words of guided flows as people read them: every question renders, and the first message has room."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.content.assistant import ContentWorld
from bot.content.surroundings import Surroundings
from bot.core.asking import ask
from bot.core.chat import Incoming, Opened, Say
from bot.core.flow import InFlow
from bot.core.here import Here
from bot.core.language import LANGUAGES, Language
from bot.core.session import Session
from bot.core.starting import start
from bot.core.text import plain

#: Slack's section text holds 3,000 characters; a hundred are for what a platform adds.
ROOM = 2_900


def _here(world: ContentWorld, controller: str, language: Language) -> Here:
    session = Session("test:local:1", language, controller)
    incoming = Incoming("event-1", session.chat, datetime(2026, 1, 7, 12, tzinfo=UTC), Opened(), random=b"r" * 32)
    return Here(world, session, incoming, language)


def _first(world: ContentWorld, controller: str, flow: str, language: Language) -> str:
    turn = start(_here(world, controller, language), flow, {})
    return "\n\n".join(plain(effect.blocks) for effect in turn.effects if isinstance(effect, Say))


@pytest.mark.parametrize("practice", [False, True], ids=["letter", "practice"])
def test_the_first_message_of_a_request_has_room_in_one_chat_message(world: ContentWorld, practice: bool) -> None:
    """The company's answer, what will happen and the first question, for every company, request and language."""
    world = replace(world, surroundings=Surroundings(practice=practice))
    cases = [flow for flow in world.flows if world.flow(flow).ends == "case"]
    long: list[tuple[int, str, str, str]] = []
    for controller in world.controllers:
        for flow in cases:
            for language in LANGUAGES:
                text = _first(world, controller, flow, language)
                assert world.flow_text(flow, language) in text, (controller, flow, language)
                if len(text) >= ROOM:
                    long.append((len(text), controller, flow, language))
    assert cases
    assert not long


def test_every_question_is_asked_in_every_language(world: ContentWorld) -> None:
    """Every step that can be changed at once renders, the question and its other wording, with no brace left."""
    for flow in world.flows.values():
        for step in flow.steps:
            if step.kind in ("review", "code") or step.when:
                continue
            for language in LANGUAGES:
                here = _here(world, "kaltiot", language)
                draft = InFlow("000000", (flow.id,), flow.version, "kaltiot", editing=step.key)
                for again in (False, True):
                    text = plain(ask(here, draft, again=again).blocks)
                    assert text.strip(), (step.key, language)
                    assert not set("{}") & set(text), (step.key, language, text)
