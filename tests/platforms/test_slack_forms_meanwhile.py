"""Forms on Slack and what happens meanwhile: closed, left behind, over, refused; nothing is lost, or sent unseen."""

import asyncio
from pathlib import Path

import pytest

from bot.app import Assistant
from tests.platforms.on_slack import USER, OnSlack
from tests.platforms.slack_scenes import (
    broken,
    cases,
    fill,
    form,
    kind_of,
    labels,
    open_form,
    played,
    to_review,
    words,
    wrong,
)

both = pytest.mark.parametrize("transport", ["socket", "http"])


def test_a_closed_form_keeps_what_it_was_told(assistant: Assistant, tmp_path: Path) -> None:
    """After closing, the messages show the step that comes next, with its buttons; no answer is asked for twice."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        await open_form(there)
        await fill(there, "Everything")
        await fill(there, "Visitor Example")
        (told,) = await there.brings(USER, lambda: there.fake.close_view(USER))
        assert "e-mail" in told.plain
        assert "Open the form" in labels(told)
        await there.say("visitor@example.com")
        assert "Visitor Example" in words(await there.press("Go on without"))

    played(assistant, tmp_path, scene)


@both
def test_the_last_page_sends_what_it_showed_or_nothing(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """Where the request was changed in the messages meanwhile, the old page sends nothing, and the person is told."""

    async def scene(there: OnSlack) -> None:
        await to_review(there)
        await open_form(there)
        await there.say("change the name")
        await there.say("Somebody Else")
        before = len(there.fake.messages(USER))
        await fill(there)
        assert not await cases(there)
        told = there.fake.messages(USER)[before:]
        assert "Something has changed since that page" in words(told)
        assert "Somebody Else" in words(told)
        await open_form(there)
        await fill(there)
        (case,) = await cases(there)
        assert "Somebody Else" in case.copy
        assert "Visitor Example" not in case.copy

    played(assistant, tmp_path, scene, transport=transport)


def test_a_page_that_was_left_behind_takes_no_answer(assistant: Assistant, tmp_path: Path) -> None:
    """A form whose step was answered in the messages says that something has changed, and asks what is asked now."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        await open_form(there)
        await there.settled(there.fake.press(USER, "Everything", ts=there.fake.messages(USER)[-1].ts))
        told = await fill(there, "Only some of it")
        assert told["response_action"] == "update"
        assert "Something has changed" in form(there).plain
        assert kind_of(form(there)) == "plain_text_input"
        await fill(there, "Visitor Example")
        await fill(there, "visitor@example.com")
        await fill(there, there.code)
        assert "How much to erase: Everything" in form(there).plain

    played(assistant, tmp_path, scene)


def test_the_form_of_a_draft_that_is_over_says_so(assistant: Assistant, tmp_path: Path) -> None:
    """Neither its button nor an open view of it does anything: not to another request that is under way either."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start rectification--kaltiot")
        old = there.fake.messages(USER)[-1].ts
        await open_form(there)
        await there.say("/cancel")
        await there.say("/start rectification--kotopro")
        before = len(there.fake.messages(USER))
        await fill(there, "Plantedword")
        assert kind_of(form(there)) == ""
        assert "in the messages" in form(there).plain
        told = words(there.fake.messages(USER)[before:])
        assert "something that is over" in told
        there.fake.close_view(USER)
        await there.settled(there.fake.press(USER, "Open the form", ts=old))
        assert there.fake.view(USER) is None
        assert "something that is over" in there.fake.messages(USER)[-1].plain
        await there.say("My address is wrong")
        await there.say("Right Street 1")
        assert "lanted" not in words(there.fake.messages(USER))

    played(assistant, tmp_path, scene)


def test_the_form_of_a_request_that_was_sent_shows_it(assistant: Assistant, tmp_path: Path) -> None:
    """Sent meanwhile, a request is not sent again by its form, and the messages show where it stands."""

    async def scene(there: OnSlack) -> None:
        await to_review(there)
        await open_form(there)
        await there.settled(there.fake.press(USER, "✔ Send", ts=there.fake.messages(USER)[-1].ts))
        await fill(there)
        assert len(await cases(there)) == 1
        assert "sent already" in words(there.fake.messages(USER)[-2:])

    played(assistant, tmp_path, scene)


def test_what_a_form_cannot_show_comes_as_a_message(assistant: Assistant, tmp_path: Path) -> None:
    """The end of a way, a receipt of a cookie choice, an answer to a question: none of it is lost with the form."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start cookie_preferences--kaltiot")
        await open_form(there)
        await fill(there, ["Statistics"])
        assert "Receipt:" in words(there.fake.messages(USER)[-2:]), there.fake.picture()
        there.fake.close_view(USER)
        await there.say("/start erasure--kaltiot")
        await open_form(there)
        await fill(there, "Everything")
        await fill(there, "who is the data protection officer?")
        assert "data protection officer" in words(there.fake.messages(USER)[-1:])

    played(assistant, tmp_path, scene)


def test_a_form_that_slack_does_not_open_is_no_dead_end(assistant: Assistant, tmp_path: Path) -> None:
    """Where a view cannot be opened in time, the messages show the step again."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        there.fake.trigger_seconds = 0.0
        (told,) = await there.press("Open the form")
        assert "everything be erased" in told.plain
        assert there.fake.view(USER) is None

    played(assistant, tmp_path, scene)


def test_a_form_opens_within_the_life_of_its_trigger(assistant: Assistant, tmp_path: Path) -> None:
    """Slack gives three seconds; while another hundred people write, a form is open well within one."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        there.fake.trigger_seconds = 1.0
        for number in range(100):
            there.fake.say(f"U{number}", "/start dpo--kaltiot")
        there.fake.press(USER, "Open the form")
        await there.fake.wait(lambda: there.fake.view(USER) is not None, 3)
        await there.fake.wait(lambda: all(there.fake.messages(f"U{number}") for number in range(100)))

    played(assistant, tmp_path, scene)


def test_a_form_that_cannot_be_kept_says_so_beside_the_field(assistant: Assistant, tmp_path: Path) -> None:
    """Where the database takes nothing, what was typed stays in the form, and can be sent again."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        await open_form(there)
        broken(there)
        assert "send it again" in wrong(await fill(there, "Everything"))
        broken(there, yes=False)
        await fill(there, "Everything")
        assert kind_of(form(there)) == "plain_text_input"

    played(assistant, tmp_path, scene)


def test_a_form_goes_on_after_a_restart(assistant: Assistant, tmp_path: Path) -> None:
    """A view that was open while the house was stopped takes its answer afterwards."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        await open_form(there)
        await there.stop()
        await there.start()
        await asyncio.sleep(0)
        await fill(there, "Everything")
        assert kind_of(form(there)) == "plain_text_input"

    played(assistant, tmp_path, scene)
