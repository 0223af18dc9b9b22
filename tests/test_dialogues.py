"""Whole conversations, as a person has them: tests/dialogues/*.yaml.

A dialogue may set ``hint`` (a platform's guess of the language), ``language``, ``controller``, ``post`` (inboxes: every
company has one; letters: none has; practice) and ``at_most`` (messages of the person in all). Each step is one of
``open``, ``say`` (``<code>``: the code that was mailed last), ``press`` (a button by its label, or its beginning),
``restart`` and ``wait`` (days); after it ``reply`` and ``not_reply`` (patterns), ``topics``, ``language``, ``buttons``,
``mails`` (patterns of address and subject) and ``told`` (patterns in what was said unasked) are looked at.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import Assistant
from bot.content.assistant import ContentWorld
from bot.core.text import plain
from tests.platforms.on_slack import on_slack
from tests.platforms.on_telegram import on_telegram
from tests.visiting import Visitor, world_with

FILES = sorted((Path(__file__).parent / "dialogues").glob("*.yaml"))


def _dialogues() -> list[Any]:
    return [
        pytest.param(dialogue, id=f"{file.stem}-{number}")
        for file in FILES
        for number, dialogue in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")), 1)
    ]


@pytest.mark.parametrize("dialogue", _dialogues())
def test_a_dialogue_goes_as_written(world: ContentWorld, tmp_path: Path, dialogue: dict[str, Any]) -> None:
    """Each line said or pressed brings what the file says, through the real service and a real database."""
    post = dialogue.get("post", "letters")
    surroundings = world_with(world, inboxes=post == "inboxes", practice=post == "practice")
    visitor = Visitor(surroundings, tmp_path / "dialogue.db", hint=dialogue.get("hint") or dialogue.get("language"))
    try:
        if dialogue.get("controller"):
            visitor.begin(dialogue["controller"], dialogue.get("language"))
        messages = 0
        for step in dialogue["steps"]:
            messages += "say" in step or "press" in step
            _look(visitor, step, _do(visitor, step))
        assert messages <= dialogue.get("at_most", messages), f"{messages} messages"
    finally:
        visitor.close()


def _do(visitor: Visitor, step: dict[str, Any]) -> list[str]:
    """Do a step; the mails that it brought, as address and subject."""
    before = len(visitor.postbox.mails)
    if "press" in step:
        visitor.press(step["press"])
    elif "say" in step:
        visitor.say(step["say"].replace("<code>", visitor.code) if "<code>" in step["say"] else step["say"])
    elif "wait" in step:
        visitor.wait(days=step["wait"])
    elif "restart" in step:
        visitor.restart()
    else:
        visitor.open()
    return [f"{mail.to} {mail.subject}" for mail in visitor.postbox.mails[before:]]


def _look(visitor: Visitor, step: dict[str, Any], mails: list[str]) -> None:
    text = visitor.text
    for pattern in step.get("reply", []):
        assert re.search(pattern, text, re.IGNORECASE), f"{pattern} is not in: {text}"
    for pattern in step.get("not_reply", []):
        assert not re.search(pattern, text, re.IGNORECASE), f"{pattern} is in: {text}"
    if "topics" in step:
        assert [answer.topic for say in visitor.says for answer in say.answers] == step["topics"], text
    if "language" in step:
        assert visitor.says[-1].language == step["language"]
    for label in step.get("buttons", []):
        assert any(known.startswith(label) for known in visitor.buttons), list(visitor.buttons)
    if "mails" in step:
        assert len(mails) == len(step["mails"]), mails
        assert all(re.search(pattern, mail) for pattern, mail in zip(step["mails"], mails, strict=True)), mails
    for pattern in step.get("told", []):
        assert any(re.search(pattern, told) for told in _told(visitor)), list(_told(visitor))


def _told(visitor: Visitor) -> Iterator[str]:
    return (plain(say.blocks) for say in visitor.told.says)


@pytest.mark.parametrize("platform", [on_telegram, on_slack])
@pytest.mark.parametrize("dialogue", _dialogues())
def test_a_dialogue_goes_the_same_way_elsewhere(
    assistant: Assistant, tmp_path: Path, dialogue: dict[str, Any], platform: Any
) -> None:
    """The same lines and buttons bring the same words through the real house of ``run`` and a platform's protocol."""
    asyncio.run(_elsewhere(assistant, tmp_path, dialogue, platform))


async def _elsewhere(assistant: Assistant, folder: Path, dialogue: dict[str, Any], platform: Any) -> None:
    post = dialogue.get("post", "letters")
    world = world_with(assistant.world, inboxes=post == "inboxes", practice=post == "practice")
    hint = dialogue.get("hint") or dialogue.get("language")
    async with platform(assistant, folder, world) as there:
        await there.open(hint)
        if dialogue.get("controller"):
            await there.begin(dialogue["controller"], dialogue.get("language"))
        for step in dialogue["steps"]:
            before = len(there.postbox.mails)
            brought = await _do_there(there, step, hint)
            mails = [f"{mail.to} {mail.subject}" for mail in there.postbox.mails[before:]]
            text, labels = there.heard(brought)
            _look_there(step, text, labels, mails)


async def _do_there(there: Any, step: dict[str, Any], hint: str | None) -> list[Any]:
    if "press" in step:
        return list(await there.press(step["press"]))
    if "say" in step:
        text = step["say"].replace("<code>", there.code) if "<code>" in step["say"] else step["say"]
        return list(await there.write(text, hint))
    if "wait" in step:
        return list(await there.wait(step["wait"]))
    if "restart" in step:
        await there.stop()
        await there.start()
        return []
    return list(await there.write("/start", hint))


def _look_there(step: dict[str, Any], text: str, labels: list[str], mails: list[str]) -> None:
    for pattern in (*step.get("reply", []), *step.get("told", [])):
        assert re.search(pattern, text, re.IGNORECASE), f"{pattern} is not in: {text}"
    for pattern in step.get("not_reply", []):
        assert not re.search(pattern, text, re.IGNORECASE), f"{pattern} is in: {text}"
    for label in step.get("buttons", []):
        assert any(known.startswith(label) for known in labels), labels
    if "mails" in step:
        assert len(mails) == len(step["mails"]), mails
        assert all(any(re.search(pattern, mail) for mail in mails) for pattern in step["mails"]), mails
