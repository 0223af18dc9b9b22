"""Where people are on Slack: direct messages and their threads, channels, the slash command, the shortcut."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import Assistant
from bot.core.flow import InFlow
from bot.core.session import Session
from bot.platforms.slack_manifest import ASK_ABOUT
from tests.platforms.fake_slack_api import Message
from tests.platforms.on_slack import USER, OnSlack
from tests.platforms.slack_scenes import (
    CHANNEL,
    OTHER,
    cases,
    labels,
    played,
    topic,
    topics,
    traces,
    words,
)


async def _session(there: OnSlack, user: str = USER) -> Session:
    found: Session = (await there.store.tx(lambda tx: tx.chat(there.name(user), there.clock()))).session
    return found


async def _mention(there: OnSlack, text: str, user: str = USER, thread: str | None = None) -> list[Message]:
    """Call the assistant in the channel; what comes there."""
    before = len(there.fake.messages(CHANNEL))
    await there.settled(there.fake.mention(user, CHANNEL, text, thread))
    return there.fake.messages(CHANNEL)[before:]


def test_a_thread_is_answered_in_the_thread(assistant: Assistant, tmp_path: Path) -> None:
    """Who writes or presses in a thread of the direct messages is answered there; else the answer stands below."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        first = there.fake.written(USER)[0]["ts"]
        assert there.fake.messages(USER)[-1].thread_ts is None
        there_too = await there.brings(USER, lambda: there.fake.say(USER, "who is the dpo?", thread_ts=first))
        assert [message.thread_ts for message in there_too] == [first]
        pressed = await there.press("Show the exact place")
        assert pressed[-1].thread_ts == first
        assert (await there.say("how long is data kept?"))[-1].thread_ts is None

    played(assistant, tmp_path, scene)


def test_an_edited_question_is_answered_anew(assistant: Assistant, tmp_path: Path) -> None:
    """An edit of a question is a new question; a preview that Slack puts below a message is nothing."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        await there.say("who is the data protection officer")
        asked = there.fake.written(USER)[-1]
        before = topics(there)
        await there.settled(there.fake.edit(USER, there.fake.dm(USER), asked["ts"], asked["text"]))
        assert topics(there) == before
        await there.settled(there.fake.edit(USER, there.fake.dm(USER), asked["ts"], "how long is my data kept?"))
        assert topics(there) == [*before, "retention"]

    played(assistant, tmp_path, scene)


def test_an_edited_answer_corrects_the_answer(assistant: Assistant, tmp_path: Path) -> None:
    """A name that is edited after the next question was asked is put right in the request, and nothing else is."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        await there.say("Vistor Exmple")
        name = there.fake.written(USER)[-1]["ts"]
        await there.settled(there.fake.edit(USER, there.fake.dm(USER), name, "Visitor Example"))
        await there.say("visitor@example.com")
        shown = words(await there.press("Go on without"))
        assert "Visitor Example" in shown
        assert "Exmple" not in shown
        assert "visitor@example.com" in shown

    played(assistant, tmp_path, scene)


def test_what_nobody_said_to_it_is_passed_over(assistant: Assistant, tmp_path: Path) -> None:
    """Its own words, other programs', joins and deletions bring no answer and do nothing to a request."""

    async def scene(there: OnSlack) -> None:
        fake = there.fake
        fake.echoes = True
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        before, place = words(fake.messages(USER)), {"channel": fake.dm(USER), "channel_type": "im"}
        for raw in (
            {"bot_id": "B0OTHER", "user": "U0OTHERBOT", "text": "delete everything"},
            {"subtype": "bot_message", "bot_id": "B0OTHER", "text": "cancel"},
            {"subtype": "channel_join", "user": USER, "text": "has joined"},
            {"user": fake.bot_user_id, "bot_id": fake.bot_id, "text": "cancel"},
        ):
            await there.settled(fake.event({"type": "message", "ts": fake._stamp(), **place, **raw}))  # noqa: SLF001
        await there.settled(fake.delete(USER, fake.dm(USER), fake.written(USER)[-1]["ts"]))
        assert words(fake.messages(USER)) == before
        assert isinstance((await _session(there)).place, InFlow)

    played(assistant, tmp_path, scene)


def test_files_are_not_read_and_leave_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """A picture, with or without words, gets one friendly line; nothing of it is kept."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        files = [("plantedfile.png", b"plantedcontent")]
        for text in ("plantedword in a picture", ""):
            (told,) = await there.brings(USER, lambda text=text: there.fake.say(USER, text, files=files))  # type: ignore[misc]
            assert "I can only read text, and have kept nothing" in told.plain
        await there.stop()
        assert b"planted" not in traces(there)
        await there.start()
        export = "".join(data.decode() for message in await there.say("/mydata") for _, data in message.files)
        assert export
        assert "planted" not in export

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize(
    ("locale", "hello", "prompt"),
    [
        ("fi-FI", "automaattinen", "Mitä"),
        ("sv-SE", "automatisk", "Vil"),
        ("en-GB", "automated assistant, not a person", "What is collected"),
        ("de-DE", "automated assistant, not a person", "What is collected"),
    ],
)
def test_the_messages_tab_greets_once(
    assistant: Assistant, tmp_path: Path, locale: str, hello: str, prompt: str
) -> None:
    """Opened, it greets once, in the language of the person's Slack, with at most four prompts that are answered."""

    async def scene(there: OnSlack) -> None:
        there.fake.user(USER, locale=locale)
        for _ in range(3):
            await there.settled(there.fake.open_home(USER, "messages"))
        await there.fake.wait(lambda: bool(there.fake.prompts(USER)))
        (greeting,) = there.fake.messages(USER)
        assert hello in greeting.plain
        prompts = there.fake.prompts(USER)
        assert 1 <= len(prompts) <= 4
        assert prompts[0][0].startswith(prompt)
        calls = [call for call in there.fake.calls if call.method.endswith("setSuggestedPrompts")]
        assert all("thread_ts" not in call.params for call in calls)
        await there.press("Kaltiot")
        for _, message in prompts:
            assert topic((await there.say(message))[-1]), message

    played(assistant, tmp_path, scene)


def test_the_language_of_a_message_decides_and_is_kept(assistant: Assistant, tmp_path: Path) -> None:
    """Slack's language is a first guess; what is written decides, and what was chosen stays."""

    async def scene(there: OnSlack) -> None:
        there.fake.user(USER, locale="fi-FI")
        await there.say("/start kaltiot")
        assert "Yritys" in words(there.fake.messages(USER))
        await there.say("hur länge sparas mina uppgifter?")
        assert (await _session(there)).language == "sv"
        await there.stop()
        await there.start()
        await there.settled(there.fake.open_home(USER, "home"))
        home = there.fake.home(USER)
        assert home
        assert "Svenska" in home.plain
        await there.say("/language fi")
        assert (await _session(there)).language == "fi"

    played(assistant, tmp_path, scene)


def test_a_channel_is_answered_in_the_thread(assistant: Assistant, tmp_path: Path) -> None:
    """A mention is answered below it, in general words; in a thread, in that thread; nothing goes elsewhere."""

    async def scene(there: OnSlack) -> None:
        there.fake.channel(CHANNEL)
        (answer,) = await _mention(there, "how long is my data kept at Kaltiot?")
        asked = there.fake.written(CHANNEL)[-1]["ts"]
        assert (answer.thread_ts, topic(answer)) == (asked, "retention")
        (again,) = await _mention(there, "who is the data protection officer?", OTHER, asked)
        assert (again.thread_ts, topic(again)) == (asked, "dpo")
        (empty,) = await _mention(there, "")
        assert empty.plain
        assert there.fake.messages(USER) == there.fake.messages(OTHER) == []

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize(
    "text",
    ["please delete my data at Kaltiot", "my mail is planted@example.com", "/mydata", "/forget", "/status", "/human"],
)
def test_what_is_personal_leads_away_from_a_channel(assistant: Assistant, tmp_path: Path, text: str) -> None:
    """A wish, an address or a personal command gets one line with the way to the direct messages; nothing is kept."""

    async def scene(there: OnSlack) -> None:
        there.fake.channel(CHANNEL)
        (told,) = await _mention(there, text)
        assert "Others can read along here" in told.plain
        assert "planted" not in told.plain
        ((_, _, value),) = told.buttons
        assert value.startswith("i:")
        assert "app_redirect?app=A0EXAMPLE&team=T0EXAMPLE" in str(told.blocks)
        assert there.fake.messages(USER) == []
        assert not await cases(there)

    played(assistant, tmp_path, scene)


def test_the_way_out_of_a_channel_is_for_who_presses(assistant: Assistant, tmp_path: Path) -> None:
    """The button begins what was wished in the direct messages of who pressed it; everybody else stays as they were."""

    async def scene(there: OnSlack) -> None:
        there.fake.channel(CHANNEL)
        await there.say("/start dpo--kotopro", USER)
        before = await _session(there), words(there.fake.messages(USER))
        await _mention(there, "delete my data at Kaltiot", USER)
        await there.settled(there.fake.press(OTHER, "Open the private chat", channel=CHANNEL))
        asked = there.fake.messages(OTHER)[-1]
        assert "everything be erased" in asked.plain
        place = (await _session(there, OTHER)).place
        assert isinstance(place, InFlow)
        assert (place.flows, place.controller) == (("erasure",), "kaltiot")
        assert (await _session(there), words(there.fake.messages(USER))) == before
        assert "Open the private chat" in labels(there.fake.messages(CHANNEL)[-1])
        await there.settled(there.fake.press(USER, "Open the private chat", channel=CHANNEL))
        assert isinstance((await _session(there)).place, InFlow)
        await _mention(there, "change my cookie settings at Kaltiot", OTHER)
        await there.settled(there.fake.press(USER, "Open the private chat", channel=CHANNEL))
        assert "Which cookies may be used" in there.fake.messages(USER)[-1].plain

    played(assistant, tmp_path, scene)


def test_buttons_in_a_channel_are_for_all_and_stay(assistant: Assistant, tmp_path: Path) -> None:
    """Anybody can press below an answer, each time; it is answered in the thread, and the buttons stay."""

    async def scene(there: OnSlack) -> None:
        there.fake.channel(CHANNEL)
        (answer,) = await _mention(there, "how long is my data kept at Kaltiot?")
        for number, user in enumerate((USER, OTHER, USER), 1):
            await there.settled(there.fake.press(user, "Show the exact place", channel=CHANNEL, ts=answer.ts))
            told = there.fake.messages(CHANNEL)
            assert len(told) == 1 + number
            assert told[-1].thread_ts == answer.thread_ts
        await there.settled(there.fake.press(OTHER, "👍", channel=CHANNEL, ts=answer.ts))
        assert labels(there.fake.messages(CHANNEL)[0]) == labels(answer)
        assert "Thank" in there.fake.messages(CHANNEL)[-1].plain
        assert there.fake.messages(USER) == there.fake.messages(OTHER) == []

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_a_command_is_answered_in_the_direct_messages(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """In a channel only the person sees a line, in their language; the answer comes to the direct messages."""

    async def scene(there: OnSlack) -> None:
        there.fake.channel(CHANNEL)
        there.fake.user(USER, locale="sv-SE")
        (answer,) = await there.brings(
            USER, lambda: there.fake.command(USER, "hur länge sparar Kaltiot mina uppgifter?", channel=CHANNEL)
        )
        assert topic(answer) == "retention"
        (line,) = there.fake.messages(CHANNEL)
        assert line.only_for == USER
        assert line.plain.startswith("Jag har svarat")
        (help_,) = await there.brings(USER, lambda: there.fake.command(USER, "  ", channel=there.fake.dm(USER)))
        assert topic(help_) == "assistant_help"
        assert len(there.fake.messages(CHANNEL)) == 1

    played(assistant, tmp_path, scene, transport=transport)


def test_the_shortcut_asks_about_a_message(assistant: Assistant, tmp_path: Path) -> None:
    """``Ask about this`` asks the words of a message in the direct messages of who used it; a picture gets a line."""

    async def scene(there: OnSlack) -> None:
        fake = there.fake
        fake.channel(CHANNEL)
        await there.begin("kaltiot", "en", OTHER)
        fake.say(USER, "I wonder how long they keep our data", channel=CHANNEL)
        fake.say(USER, "", channel=CHANNEL, files=[("a.png", b"x")])
        question, picture = (raw["ts"] for raw in fake.written(CHANNEL))
        (answer,) = await there.brings(OTHER, lambda: fake.shortcut(OTHER, CHANNEL, question, ASK_ABOUT))
        assert topic(answer) == "retention"
        (line,) = await there.brings(OTHER, lambda: fake.shortcut(OTHER, CHANNEL, picture, ASK_ABOUT))
        assert "I can only read text" in line.plain
        assert fake.messages(USER) == fake.messages(CHANNEL) == []

    played(assistant, tmp_path, scene)


def test_a_reply_in_a_channel_that_is_closed_harms_nobody(assistant: Assistant, tmp_path: Path) -> None:
    """Where the app was put out of a channel, the answer is dropped, and direct messages go on."""

    async def scene(there: OnSlack) -> None:
        there.fake.channel(CHANNEL, member=False)
        how: dict[str, Any] = {"error": "not_in_channel"}
        there.fake.fail("chat.postMessage", channel=CHANNEL, **how)
        await _mention(there, "who is the dpo at Kaltiot?")
        assert there.fake.messages(CHANNEL) == []
        assert await there.store.tx(lambda tx: tx.waiting()) == 0
        assert await there.say("/start")
        there.fake.channel(CHANNEL)
        await asyncio.sleep(0)
        assert await _mention(there, "who is the dpo at Kaltiot?")

    played(assistant, tmp_path, scene)
