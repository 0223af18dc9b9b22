"""Guided flows as forms on Slack: the same steps as in the conversation, one view, and nothing sent unseen."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import Assistant
from bot.core.buttons import Walk
from bot.core.chat import Asked, Button, Pressed, Say
from bot.core.text import Paragraph
from bot.platforms.slack_forms import Kept, events, kept, view
from tests.platforms.on_slack import USER, OnSlack
from tests.platforms.slack_limits import problems
from tests.platforms.slack_scenes import (
    cases,
    fill,
    form,
    kind_of,
    open_form,
    played,
    words,
    wrong,
)

both = pytest.mark.parametrize("transport", ["socket", "http"])


@both
def test_an_erasure_goes_through_a_form_to_the_receipt(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """From the first step to the last page in one view; what was shown is sent once, the receipt comes as a message."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        first = await open_form(there)
        assert kind_of(first) == "radio_buttons"
        kinds = []
        for answer in ("Everything", "Visitor Example", "visitor@example.com", None):
            await fill(there, there.code if answer is None else answer)
            kinds.append(kind_of(form(there)))
            assert form(there).id == first.id
        assert kinds == ["plain_text_input", "email_text_input", "plain_text_input", ""]
        last = form(there)
        for part in ("Kaltiot", "Everything", "Visitor Example", "visitor@example.com", "confirmed by the code"):
            assert part in last.plain
        assert last.raw["submit"]["text"] == "✔ Send"
        assert not await cases(there)
        assert await fill(there) == {"response_action": "clear"}
        assert there.fake.view(USER) is None
        (case,) = await cases(there)
        *_, receipt, file = there.fake.messages(USER)
        assert receipt.plain.startswith(f"Receipt: {case.reference}")
        assert file.files[0][0] == f"{case.reference}.txt"
        assert sum("Request PR-" in mail.subject for mail in there.postbox.mails) == 1
        assert {call.method for call in there.fake.calls if call.method.startswith("views.")} == {"views.open"}

    played(assistant, tmp_path, scene, transport=transport)


@pytest.mark.parametrize(
    ("start", "kind", "answer", "brings"),
    [
        ("erasure", "radio_buttons", "Only some of it", "plain_text_input"),
        ("marketing_opt_out", "checkboxes", ["E-mail", "Post"], "plain_text_input"),
        ("cookie_preferences", "checkboxes", ["Statistics"], ""),
        ("rectification", "plain_text_input", "My address", "plain_text_input"),
        ("assistant_forget", "", None, ""),
    ],
)
def test_each_kind_of_step_has_its_kind_of_field(
    assistant: Assistant, tmp_path: Path, start: str, kind: str, answer: Any, brings: str
) -> None:
    """One of few is a radio button, several are ticks, words are typed, what is only confirmed has no field at all."""

    async def scene(there: OnSlack) -> None:
        await there.say(f"/start {start}--kaltiot")
        assert kind_of(await open_form(there)) == kind
        told = await fill(there, answer)
        assert told["response_action"] in ("update", "clear")
        now = there.fake.view(USER)
        assert (kind_of(now) if now else "") == brings

    played(assistant, tmp_path, scene)


def test_a_date_can_be_skipped_or_written(assistant: Assistant, tmp_path: Path) -> None:
    """A date is typed as people write it; one that is optional may be left empty, and stands so on the last page."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start complaint--kaltiot")
        await open_form(there)
        await fill(there, "Use of personal data")
        await fill(there, "They never answered.")
        assert kind_of(form(there)) == "plain_text_input"
        assert "date" in form(there).plain.lower() or "when" in form(there).plain.lower()
        assert next(block for block in form(there).blocks if block["type"] == "input")["optional"]
        await fill(there, "1 March 2025")
        assert kind_of(form(there)) == "radio_buttons"
        await there.fake.wait(lambda: "authority" in form(there).plain)
        await fill(there, form(there).plain.splitlines()[-1])
        assert kind_of(form(there)) == ""
        assert "1 March 2025" in form(there).plain

    played(assistant, tmp_path, scene)


def test_all_of_several_can_be_ticked_as_one(assistant: Assistant, tmp_path: Path) -> None:
    """The option that stands for all others is among the ticks; with ticks changed in the messages, it is seen."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start marketing_opt_out--kaltiot")
        await there.press("☐ Post")
        await open_form(there)
        assert "nothing" not in wrong(await fill(there, [])).lower()
        await fill(there, ["All marketing"])
        assert kind_of(form(there)) == "plain_text_input"
        await fill(there, "Visitor Example, customer 7")
        assert await fill(there, "visitor@example.com")
        assert "All marketing" in form(there).plain
        assert "Post" not in form(there).plain

    played(assistant, tmp_path, scene)


def test_ticks_that_changed_meanwhile_are_put_right(assistant: Assistant, tmp_path: Path) -> None:
    """What is ticked in the form is the answer, whatever was ticked in the messages since it was opened."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start marketing_opt_out--kaltiot")
        await open_form(there)
        await there.settled(there.fake.press(USER, "☐ Post", ts=there.fake.messages(USER)[-1].ts))
        await fill(there, ["E-mail"])
        await fill(there, "Visitor Example")
        await fill(there, "visitor@example.com")
        assert "E-mail" in form(there).plain
        assert "Post" not in form(there).plain

    played(assistant, tmp_path, scene)


@both
def test_what_is_wrong_stands_beside_the_field(assistant: Assistant, tmp_path: Path, transport: str) -> None:
    """A long text, a wrong address, a wrong code, an empty field: told there, as often as it takes; nothing is lost."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start erasure--kaltiot")
        await open_form(there)
        await fill(there, "Only some of it")
        await fill(there, "My old orders")
        assert "200" in wrong(await fill(there, "x" * 300))
        await fill(there, "Visitor Example")
        assert "name@example.com" in wrong(await fill(there, "a@b@c"))
        await fill(there, "visitor@example.com")
        guess = "000000" if there.code != "000000" else "111111"
        assert "not the code" in wrong(await fill(there, guess))
        await fill(there, there.code)
        for part in ("My old orders", "Visitor Example", "visitor@example.com", "confirmed by the code"):
            assert part in form(there).plain
        assert "xxx" not in words(there.fake.messages(USER))

    played(assistant, tmp_path, scene, transport=transport)


def test_an_answer_can_be_tried_again_and_again(assistant: Assistant, tmp_path: Path) -> None:
    """The form stays at its step through any number of misses and of empty answers; then the right one is taken."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start marketing_opt_out--kaltiot")
        await open_form(there)
        assert wrong(await fill(there, []))
        await fill(there, ["Post"])
        assert wrong(await fill(there, "   "))
        await fill(there, "Visitor Example")
        for _ in range(3):
            assert wrong(await fill(there, "nonsense"))
        await fill(there, "visitor@example.com")
        assert "visitor@example.com" in form(there).plain

    played(assistant, tmp_path, scene)


def test_too_much_at_once_is_said_in_the_form(assistant: Assistant, tmp_path: Path) -> None:
    """Where a person sends more than anybody writes, the form says so in their language, and keeps what was typed."""

    async def scene(there: OnSlack) -> None:
        there.fake.user(USER, locale="sv-SE")
        await there.say("/start rectification--kaltiot")
        await open_form(there)
        for _ in range(20):
            there.fake.say(USER, "hej")
        await there.settled("")
        await asyncio.sleep(0.2)
        for _ in range(2):
            assert "mycket på en gång" in wrong(await fill(there, "Min adress"))

    played(assistant, tmp_path, scene)


def test_each_text_begins_empty(assistant: Assistant, tmp_path: Path) -> None:
    """Slack keeps what was typed where a block stays the same: two texts in a row are two blocks."""

    async def scene(there: OnSlack) -> None:
        await there.say("/start rectification--kaltiot")
        await open_form(there)
        await fill(there, "My address is wrong")
        (values,) = form(there).raw["state"]["values"].values()
        assert values["answer"]["value"] is None

    played(assistant, tmp_path, scene)


def test_one_kind_of_cookies_is_a_choice_of_two(assistant: Assistant) -> None:
    """Where there is one kind only, all and none are the choice; nothing is refused or allowed by mistake."""
    buttons = (
        Button("Refuse all", Walk("a1", "only", "cookies.choice")),
        Button("Allow all", Walk("a1", "all", "cookies.choice")),
        Button("✕ Cancel", Walk("a1", "cancel")),
    )
    say = Say("en", (Paragraph("Which?"),), buttons, asked=Asked("a1", "cookies.choice", "cookies"))
    made = view(assistant.world, say)
    assert problems("views.open", {"trigger_id": "1", "view": made}) == []
    (field,) = [block for block in made["blocks"] if block["type"] == "input"]
    assert field["element"]["type"] == "radio_buttons"
    assert not field["optional"]
    for option, act in zip(field["element"]["options"], ("only", "all"), strict=True):
        chosen = {"type": "radio_buttons", "selected_option": option}
        state = {"values": {field["block_id"]: {field["element"]["action_id"]: chosen}}}
        (event,) = events(state, kept(made["private_metadata"]), say)
        assert isinstance(event, Pressed)
        assert isinstance(event.press, Walk)
        assert event.press.act == act


def test_what_a_view_remembers_comes_back() -> None:
    """The draft, the step, its kind and a last page's button are read as they were written."""
    for then in (Kept("a1", "email", "email"), Kept("a1", "review", "review", ("w:a1:send::0f",))):
        assert kept(then.dump()) == then
