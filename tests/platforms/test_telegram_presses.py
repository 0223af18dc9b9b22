"""Buttons on Telegram: every press is answered at once, nothing is confirmed twice, and old keyboards do no harm."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import Assistant
from tests.platforms.on_telegram import CHAT, OnTelegram
from tests.platforms.scenes import ask, cases, labels, played, to_review, topic

#: What nobody has ever shown on a button, or only for something else.
_FORGED = (
    "", "x", "\N{GRINNING FACE}" * 16, "t:nothing:kaltiot", "t:dpo:nobody", "u:nothing:nobody", "p:dpo:nobody",
    "c:nobody", "l:xx", "f:nothing:kaltiot", "k:PR-AAAA-AAAA:withdraw", "w:ffffff:send::00000000", "w:::", "i:x",
    "f:erasure:nobody", "w:ffffff:yes:assistant_forget.sure:",
)  # fmt: skip


def _query(id_: str, data: str, chat: int, message: int | None) -> dict[str, Any]:
    who = {"id": chat, "is_bot": False, "first_name": "Visitor"}
    where = {"message_id": message, "date": 1, "chat": {"id": chat, "type": "private", "first_name": "Visitor"}}
    shown = {"message": where} if message else {"inline_message_id": "1"}
    return {"callback_query": {"id": id_, "from": who, "chat_instance": "1", "data": data, **shown}}


def test_every_press_is_answered_even_one_that_was_forged(assistant: Assistant, tmp_path: Path) -> None:
    """Whatever comes as a press is answered to Telegram, does nothing, and the conversation goes on."""

    async def scene(there: OnTelegram) -> None:
        for chat, data in enumerate(_FORGED, 1):
            there.fake.say(chat, "/start kaltiot")
            await there.settled()
            there.fake.update(_query(f"forged-{chat}", data, chat, there.fake.messages(chat)[-1].id))
        there.fake.update(_query("inline", "t:dpo:kaltiot", CHAT, None))
        await there.fake.wait(lambda: "inline" in there.fake.answers)
        await there.settled()
        assert {f"forged-{chat}" for chat in range(1, len(_FORGED) + 1)} <= there.fake.answers.keys()
        assert all(len(there.fake.messages(chat)) == 2 for chat in range(1, len(_FORGED) + 1)), there.fake.picture()
        assert not await cases(there)
        assert await there.say("/start", 1)

    played(assistant, tmp_path, scene)


def test_a_press_is_answered_at_once_whatever_becomes_of_the_reply(assistant: Assistant, tmp_path: Path) -> None:
    """Telegram hears of a press long before a reply that is held up."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start kaltiot")
        there.fake.fail("sendMessage", status=500)
        there.fake.press(CHAT, "What is collected")
        await there.fake.wait(lambda: len(there.fake.answers) == 1, 0.5)
        assert topic(there.fake.messages(CHAT)[-1]) == ""

    played(assistant, tmp_path, scene)


def test_a_press_on_a_message_too_old_to_be_seen_works(assistant: Assistant, tmp_path: Path) -> None:
    """An inaccessible message (date 0) can be pressed; one of a request that is over tells so."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start kaltiot")
        there.fake.press_inaccessible(CHAT, "t:dpo:kaltiot", message_id=1)
        await there.settled()
        assert topic(there.fake.messages(CHAT)[-1]) == "dpo"
        there.fake.press_inaccessible(CHAT, "w:ffffff:send::00000000", message_id=1)
        await there.settled()
        assert "over" in there.fake.messages(CHAT)[-1].text
        assert len(there.fake.answers) == 2

    played(assistant, tmp_path, scene)


def test_what_was_pressed_takes_the_place_of_the_keyboard(assistant: Assistant, tmp_path: Path) -> None:
    """The pressed keyboard holds the one choice with a ✓, and the message above it stays."""

    async def scene(there: OnTelegram) -> None:
        (asked,) = await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        kept = there.fake.messages(CHAT)[0]
        assert labels(kept) == ["✓ Everything"]
        assert kept.text == asked.text
        (on,) = await there.press("✓ Everything")
        assert labels(there.fake.messages(CHAT)[0]) == ["✓ Everything"]
        assert "name, username" in on.text

    played(assistant, tmp_path, scene)


def test_an_old_keyboard_shows_where_the_conversation_stands(assistant: Assistant, tmp_path: Path) -> None:
    """A press on a step of before, of a request that was sent or cancelled, changes nothing and shows the present."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start erasure--kaltiot")
        (asked,) = await there.press("Everything")
        await there.say("Visitor Example")
        there.fake.update(_query("old-1", dict(asked.buttons)["Skip this"], CHAT, asked.id))
        await there.settled()
        assert "Which e-mail address" in there.fake.messages(CHAT)[-1].text
        await there.say("/cancel")
        there.fake.update(_query("old-2", dict(asked.buttons)["Skip this"], CHAT, asked.id))
        await there.settled()
        assert "over" in there.fake.messages(CHAT)[-1].text
        (review,) = await to_review(there)
        await there.press("✔ Send")
        (again,) = await there.press("✔ Send")
        assert "has been sent already" in again.text
        assert "Everything" in review.text
        assert len(await cases(there)) == 1
        assert {"old-1", "old-2"} <= there.fake.answers.keys()

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize("webhook", [False, True])
def test_two_presses_at_once_confirm_once(assistant: Assistant, tmp_path: Path, webhook: bool) -> None:
    """A double press on Send makes one request, one mail to the company and one receipt with its file."""

    async def scene(there: OnTelegram) -> None:
        await to_review(there)
        for _ in range(3):
            there.fake.press(CHAT, "✔ Send")
        await there.settled()
        assert len(await cases(there)) == 1
        assert sum("Request PR-" in mail.subject for mail in there.postbox.mails) == 1
        told = there.fake.messages(CHAT)
        assert sum(message.text.startswith("Receipt: PR-") for message in told) == 1
        (file,) = [message.document for message in told if message.document]
        (case,) = await cases(there)
        assert file[0] == f"{case.reference}.txt"
        assert "Visitor Example" in file[1].decode()

    played(assistant, tmp_path, scene, webhook=webhook)


def test_a_vote_leaves_the_other_buttons(assistant: Assistant, tmp_path: Path) -> None:
    """A vote takes the place of both votes; what else the answer offers can still be pressed."""

    async def scene(there: OnTelegram) -> None:
        ask(there, "retention")
        await there.settled()
        (answer,) = there.fake.messages(CHAT)
        await there.press("👍")
        voted = labels(there.fake.messages(CHAT)[0])
        assert voted == [label for label in labels(answer) if not label.startswith(("👍", "👎"))] + ["✓ 👍 This helped"]
        await there.press("✓ 👍")
        assert labels(there.fake.messages(CHAT)[0]) == voted
        assert await there.press("Show the exact place")

    played(assistant, tmp_path, scene)


def test_ticks_change_the_message_where_it_stands(assistant: Assistant, tmp_path: Path) -> None:
    """In a choice of several the ticks are edited in place, quick ones too; only the end of it brings a new message."""

    async def scene(there: OnTelegram) -> None:
        (asked,) = await there.say("/start marketing_opt_out--kaltiot")
        for label in ("☐ E-mail", "☐ Post", "☐ Phone"):
            there.fake.press(CHAT, label)
            await asyncio.sleep(0)
        await there.settled()
        (ticked,) = there.fake.messages(CHAT)
        assert ticked.id == asked.id
        assert ticked.edited
        assert ticked.text == asked.text
        assert [label for label in labels(ticked) if label[0] == "☑"] == ["☑ E-mail", "☑ Phone calls", "☑ Post"]
        await there.press("☑ Post")
        (unticked,) = there.fake.messages(CHAT)
        assert "☐ Post" in labels(unticked)
        await there.press("That is all")
        assert labels(there.fake.messages(CHAT)[0]) == ["✓ That is all"]
        assert len(there.fake.messages(CHAT)) == 2

    played(assistant, tmp_path, scene)


def test_buttons_work_after_a_restart(assistant: Assistant, tmp_path: Path) -> None:
    """What was shown before a restart can be pressed after it: a step, and an answer's offers."""

    async def scene(there: OnTelegram) -> None:
        ask(there, "retention")
        await there.settled()
        await there.say("/start erasure--kaltiot")
        await there.stop()
        await there.start()
        (on,) = await there.press("Everything")
        assert "name, username" in on.text
        await there.say("/cancel")
        (place,) = await there.press("Show the exact place")
        assert "Cookie Policy" in place.text
        assert await there.press("👎")

    played(assistant, tmp_path, scene)
