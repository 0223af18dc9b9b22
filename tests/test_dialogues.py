"""Whole conversations, as a person has them: tests/dialogues/*.yaml."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content.assistant import ContentWorld
from bot.core.chat import Event, Incoming, Opened, Pressed, Said, Say
from bot.core.conversation import turn
from bot.core.session import Session
from bot.core.text import plain

FILES = sorted((Path(__file__).parent / "dialogues").glob("*.yaml"))
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def _dialogues() -> list[Any]:
    return [
        pytest.param(dialogue, id=f"{file.stem}-{number}")
        for file in FILES
        for number, dialogue in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")), 1)
    ]


@pytest.mark.parametrize("dialogue", _dialogues())
def test_a_dialogue_goes_as_written(world: ContentWorld, dialogue: dict[str, Any]) -> None:
    """Each line said or pressed brings what the file says: patterns in the reply, the topics answered, the language."""
    session = Session("c", dialogue.get("language"), dialogue.get("controller"))
    labels: dict[str, Event] = {}
    for step in dialogue["steps"]:
        event = _event(step, labels)
        done = turn(world, session, Incoming("1", "c", NOW, event, dialogue.get("hint")))
        session = done.session
        says = [effect for effect in done.effects if isinstance(effect, Say)]
        labels = {button.label: Pressed(button.press) for say in says for button in say.buttons}
        text = "\n\n".join(plain(say.blocks) for say in says)
        for pattern in step.get("reply", []):
            assert re.search(pattern, text, re.IGNORECASE), f"{pattern} is not in: {text}"
        if "topics" in step:
            assert [a.topic for say in says for a in say.answers] == step["topics"], text
        if "language" in step:
            assert says[-1].language == step["language"]
        for label in step.get("buttons", []):
            assert label in labels


def _event(step: dict[str, Any], labels: dict[str, Event]) -> Event:
    if "press" in step:
        return labels[step["press"]]
    return Said(step["say"]) if "say" in step else Opened()
