"""The page about oneself on Slack (App Home), and the buttons below messages: each does what it says."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.app import Assistant
from tests.platforms.fake_slack_api import Message, View
from tests.platforms.on_slack import USER, OnSlack
from tests.platforms.slack_scenes import OTHER, ask, cases, labels, played, to_review, topics, traces, words

_ODD = "<b>Visitor</b> *Example* &amp; <!channel> <https://evil.example.com|x>"


async def _home(there: OnSlack, user: str = USER) -> View:
    await there.settled(there.fake.open_home(user, "home"))
    view = there.fake.home(user)
    assert view, there.fake.picture()
    return view


async def _at_home(there: OnSlack, label: str, user: str = USER) -> list[Message]:
    """Press something on the page; the messages that come."""
    return await there.brings(user, lambda: there.fake.press(user, label, view="home"))


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_the_home_shows_everything_about_oneself(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """Language, company, requests with their dates, cookie choices and what is kept stand on one page; no message."""

    async def scene(there: OnSlack) -> None:
        empty = await _home(there)
        for part in ("automated assistant, not a person", "Language: English", "Company: not chosen", "No requests"):
            assert part in empty.plain
        assert there.fake.messages(USER) == []
        await to_review(there)
        await there.press("✔ Send")
        await there.say("/cookies")
        await there.press("Refuse all")
        (case,) = await cases(there)
        full = await _home(there)
        for part in ("Company: Kaltiot", case.reference, "9 February 2026", "Refused: Statistics", "What is kept"):
            assert part in full.plain, full.plain
        assert f"Show: {case.reference}" in [label for label, _, _ in full.buttons]

    played(assistant, tmp_path, scene, transport=transport)


def test_a_language_chosen_at_home_changes_the_page(assistant: Assistant, tmp_path: Path) -> None:
    """Pressed, a language is the conversation's, and the page appears in it at once, for each of the three."""

    async def scene(there: OnSlack) -> None:
        await _home(there)
        for label, part in (("Suomi", "Kieli: Suomi"), ("Svenska", "Språk: Svenska"), ("English", "Language: English")):
            await _at_home(there, label)
            shown = there.fake.home(USER)
            assert shown
            assert part in shown.plain
            assert part in words(there.fake.messages(USER)[-1:])

    played(assistant, tmp_path, scene)


def test_the_export_is_a_file_with_everything(assistant: Assistant, tmp_path: Path) -> None:
    """Everything that is kept comes to the direct messages: readable, and as my-data.json, which is valid JSON."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        await to_review(there)
        await there.press("✔ Send")
        await _home(there)
        told = await _at_home(there, "Show what you have stored")
        ((name, content),) = [file for message in told for file in message.files]
        assert name == "my-data.json"
        data = json.loads(content)
        (case,) = await cases(there)
        assert case.reference in json.dumps(data)
        assert case.reference in words(told)

    played(assistant, tmp_path, scene)


def test_erasing_asks_first_and_then_erases(assistant: Assistant, tmp_path: Path) -> None:
    """The first press only asks; a no changes nothing; a yes erases, and the page shows that nothing is left."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        await there.say("/cancel")
        await _home(there)
        (asked,) = await _at_home(there, "Forget this chat")
        assert {"Yes, do it", "No, leave it"} <= set(labels(asked))
        await there.press("No, leave it")
        assert "Company: Kaltiot" in (await _home(there)).plain
        await _at_home(there, "Forget this chat")
        (done,) = [message for message in await there.press("Yes, do it") if not message.edited]
        assert "has been erased" in done.plain
        assert "Company: not chosen" in (await _home(there)).plain
        await there.settled(there.fake.open_home(USER, "messages"))
        assert "automated assistant" in there.fake.messages(USER)[-1].plain

    played(assistant, tmp_path, scene)


def test_every_button_of_the_home_does_something(assistant: Assistant, tmp_path: Path) -> None:
    """None of them leads nowhere: each brings a message, and the page stands afterwards."""

    async def scene(there: OnSlack) -> None:
        await to_review(there)
        await there.press("✔ Send")
        await there.say("/start rectification--kaltiot")
        await there.say("My address")
        shown = [label for label, _, _ in (await _home(there)).buttons]
        assert any(label.startswith("Continue:") for label in shown)
        for label in shown:
            if label in [now for now, _, _ in (await _home(there)).buttons]:
                told = await _at_home(there, label)
                assert told, label
                assert "no longer works" not in words(told), label
                if label in ("Suomi", "Svenska"):
                    await _at_home(there, "English")

    played(assistant, tmp_path, scene)


def test_nobody_sees_what_is_somebody_elses(assistant: Assistant, tmp_path: Path) -> None:
    """Another person's page and messages show nothing of one's requests, nor does a button that was copied."""

    async def scene(there: OnSlack) -> None:
        await to_review(there)
        await there.press("✔ Send")
        (case,) = await cases(there)
        await there.begin("kaltiot", "en", OTHER)
        page = await _home(there, OTHER)
        assert case.reference not in page.plain
        assert "No requests" in page.plain
        (told,) = await there.say(f"/start {case.reference}", OTHER)
        assert "No request has been made in this chat" in told.plain
        pressed = {"type": "button", "action_id": "press_0", "value": f"k:{case.reference}:withdraw"}
        there.fake._acted(OTHER, next(there.fake._surfaces(OTHER, None, None, "home")), pressed)  # noqa: SLF001
        await there.fake.wait(lambda: len(there.fake.messages(OTHER)) == 2)
        assert "Visitor Example" not in words(there.fake.messages(OTHER))
        assert [case.state for case in await cases(there)] == ["received"]

    played(assistant, tmp_path, scene)


def test_what_was_pressed_takes_the_place_of_the_buttons(assistant: Assistant, tmp_path: Path) -> None:
    """In direct messages the words stay and the buttons become what was pressed."""

    async def scene(there: OnSlack) -> None:
        (asked,) = await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        await there.fake.wait(lambda: there.fake.messages(USER)[0].edited)
        shown = there.fake.messages(USER)[0]
        assert shown.plain == f"{asked.plain}\n✓ Everything"
        assert shown.buttons == []
        assert shown.text == asked.text

    played(assistant, tmp_path, scene)


def test_ticks_change_the_message_where_it_stands(assistant: Assistant, tmp_path: Path) -> None:
    """In a choice of several the ticks are edited in place, quick ones too; only the end of it brings a new message."""

    async def scene(there: OnSlack) -> None:
        (asked,) = await there.say("/start marketing_opt_out--kaltiot")
        for label in ("☐ E-mail", "☐ Post", "☐ Phone"):
            there.fake.press(USER, label)
        await there.fake.wait(lambda: sum(label[0] == "☑" for label in labels(there.fake.messages(USER)[0])) == 3)
        await there.settled("")
        (ticked,) = there.fake.messages(USER)
        assert (ticked.ts, ticked.edited) == (asked.ts, True)
        await there.press("☑ Post")
        (unticked,) = there.fake.messages(USER)
        assert "☐ Post" in labels(unticked)
        await there.press("That is all")
        await there.fake.wait(lambda: labels(there.fake.messages(USER)[0]) == [])
        assert there.fake.messages(USER)[0].plain.endswith("✓ That is all")
        assert len(there.fake.messages(USER)) == 2

    played(assistant, tmp_path, scene)


def test_a_press_on_an_old_message_shows_where_things_stand(assistant: Assistant, tmp_path: Path) -> None:
    """A step that was passed asks what is asked now; one that is over says so; nothing else happens."""

    async def scene(there: OnSlack) -> None:
        fake = there.fake
        await there.say("/start erasure--kaltiot")
        old = fake._there(USER).sent[fake.messages(USER)[0].ts].raw  # noqa: SLF001
        await there.press("Everything")
        await there.fake.wait(lambda: fake.messages(USER)[0].edited)
        fake._there(USER).sent[old["ts"]].raw = old  # noqa: SLF001 - somebody's client shows it as it was
        await there.say("/cancel")
        (told,) = [
            m for m in await there.brings(USER, lambda: fake.press(USER, "Only some", ts=old["ts"])) if not m.edited
        ]
        assert "something that is over" in told.plain

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_two_presses_at_once_send_once(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """A double press on Send makes one request, one mail to the company, one receipt and its file."""

    async def scene(there: OnSlack) -> None:
        await to_review(there)
        keys = [there.fake.press(USER, "✔ Send") for _ in range(3)]
        for key in keys:
            await there.settled(key)
        (case,) = await cases(there)
        assert sum("Request PR-" in mail.subject for mail in there.postbox.mails) == 1
        told = there.fake.messages(USER)
        assert sum(message.plain.startswith("Receipt: PR-") for message in told) == 1
        ((name, content),) = [file for message in told for file in message.files]
        assert name == f"{case.reference}.txt"
        assert "Visitor Example" in content.decode()

    played(assistant, tmp_path, scene, transport=transport)


def test_votes_are_counted_and_thanked_for(assistant: Assistant, tmp_path: Path) -> None:
    """Slack's own feedback buttons count a vote, without who gave it; the other buttons stay."""

    async def scene(there: OnSlack) -> None:
        await there.settled(ask(there, "retention"))
        (answer,) = there.fake.messages(USER)
        assert any(block["type"] == "context_actions" for block in answer.blocks)
        assert "Thank" in words(await there.press("👍"))
        assert "Thank" in words(await there.brings(USER, lambda: there.fake.press(USER, "👎", ts=answer.ts)))
        assert labels(there.fake.messages(USER)[0]) == labels(answer)
        kinds = [
            row.kind
            for row in await there.store.tx(
                lambda tx: tx.list_feedback(there.clock.began.min.replace(tzinfo=there.clock.began.tzinfo))
            )
        ]
        assert len(kinds) == 2

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_what_was_typed_comes_back_as_typed(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """Markup, mentions and links that somebody types stay their words: in messages, notifications and letters."""

    async def scene(there: OnSlack) -> None:
        shown = (await to_review(there, _ODD))[-1]
        assert _ODD in shown.plain
        assert "<!channel>" not in shown.text
        assert "&lt;!channel&gt;" in shown.text
        assert not [node for node in _nodes(shown.blocks) if node.get("type") in ("broadcast", "user", "mrkdwn")]
        links = [node for node in _nodes(shown.blocks) if node.get("type") == "link"]
        assert all(node["url"].removeprefix("mailto:") == node["text"] for node in links)
        await there.press("✔ Send")
        (case,) = await cases(there)
        assert _ODD in case.copy

    played(assistant, tmp_path, scene, transport=transport)


def _nodes(node: object) -> list[dict[str, str]]:
    if isinstance(node, list):
        return [found for inner in node for found in _nodes(inner)]
    if isinstance(node, dict):
        return [node, *(found for inner in node.values() for found in _nodes(inner))]
    return []


def test_every_message_has_words_and_no_previews(assistant: Assistant, tmp_path: Path) -> None:
    """Notifications and screen readers get the words of each message; long answers come in order, buttons last."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start kaltiot")
        for text in ("what do you store, who gets it, how long, and what are my rights?", "all about cookies", "/help"):
            told = await there.say(text)
            assert all(not message.buttons for message in told[:-1])
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        await there.say("z" * 150)
        posts = [call for call in there.fake.calls if call.method in ("chat.postMessage", "chat.update")]
        assert all(call.params["text"].strip() for call in posts)
        assert all(call.params.get("unfurl_links") is False for call in posts if call.method == "chat.postMessage")
        assert all(call.params.get("unfurl_media") is False for call in posts if call.method == "chat.postMessage")

    played(assistant, tmp_path, scene)


def test_buttons_work_after_a_restart(assistant: Assistant, tmp_path: Path) -> None:
    """What was shown before a restart can be pressed after it: a step, an answer's offers, the page about oneself."""

    async def scene(there: OnSlack) -> None:
        await there.settled(ask(there, "retention"))
        await _home(there)
        await there.say("/start erasure--kaltiot")
        await there.stop()
        await there.start()
        assert "name, username" in words(await there.press("Everything"))
        await there.say("/cancel")
        assert "Cookie Policy" in words(await there.press("Show the exact place"))
        assert await _at_home(there, "Show what you have stored")
        assert topics(there)[0] in ("retention", "")
        await asyncio.sleep(0)
        assert b"Everything" not in traces(there)

    played(assistant, tmp_path, scene)
