"""What is written, edited and sent on Telegram: words come back as typed, files arrive, other media are not kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.app import Assistant
from tests.platforms.fake_telegram import Message
from tests.platforms.on_telegram import CHAT, OnTelegram
from tests.platforms.scenes import PERSON, cases, labels, played, to_review, topic, traces
from tests.platforms.telegram_limits import parsed, units

_NAME = '<b>&"x</b> &amp; <a href="https://example.com">\\_*`[~'
_PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1, "file_size": 1}]
_FILE = {"file_id": "f", "file_unique_id": "u"}
_POLL = {
    "id": "1", "question": "Plantedquestion?", "options": [], "total_voter_count": 0, "is_closed": False,
    "is_anonymous": True, "type": "regular", "allows_multiple_answers": False, "allows_revoting": False,
    "members_only": False,
}  # fmt: skip
_PINNED = {"message_id": 1, "date": 1, "chat": {"id": CHAT, "type": "private"}, "text": "Plantedpin"}
_STICKER = {**_FILE, "width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}
_FORWARD = {"type": "hidden_user", "date": 1, "sender_user_name": "Plantedsender"}

#: What cannot be read here, each with a word that must be kept nowhere.
MEDIA: dict[str, dict[str, Any]] = {
    "photo": {"photo": _PHOTO},
    "photo with words": {"photo": _PHOTO, "caption": "Plantedcaption, how long do you keep my data"},
    "voice": {"voice": {**_FILE, "duration": 3}},
    "sticker": {"sticker": _STICKER},
    "contact": {"contact": {"phone_number": "+35850987654", "first_name": "Plantedcontact"}},
    "location": {"location": {"longitude": 25.123456, "latitude": 65.123456}},
    "document": {"document": {**_FILE, "file_name": "Plantedfile.pdf"}},
    "poll": {"poll": _POLL},
    "forwarded": {"text": "Plantedforward: delete my data", "forward_origin": _FORWARD},
    "forwarded photo": {"photo": _PHOTO, "caption": "Plantedcaption", "forward_origin": _FORWARD},
    "pinned": {"pinned_message": _PINNED},
}


def test_a_name_comes_back_as_typed(assistant: Assistant, tmp_path: Path) -> None:
    """Signs that mean something in HTML or Markdown stand on the review page, the receipt and the file as typed."""

    async def scene(there: OnTelegram) -> None:
        (review,) = await to_review(there, _NAME)
        assert f"Name or customer number: {_NAME}" in review.text
        brought = await there.press("✔ Send")
        (file,) = [message.document for message in brought if message.document]
        assert _NAME in file[1].decode()
        assert ("known_as", (_NAME,)) in (await cases(there))[0].answers

    played(assistant, tmp_path, scene)


def test_links_are_not_previewed_and_sources_fold(assistant: Assistant, tmp_path: Path) -> None:
    """No message that is sent or edited previews a link; source and law stand in a quote that can be opened."""

    async def scene(there: OnTelegram) -> None:
        (answer,) = await there.say("/start retention--kaltiot")
        before, quote, _ = answer.html.replace("</blockquote>", "<blockquote expandable>").split(
            "<blockquote expandable>"
        )
        assert "Cookie Policy" in quote
        assert "GDPR, article 5" in quote
        assert "Cookie Policy" not in before
        await there.press("Show the exact place")
        texts = [call for call in there.fake.calls if call.method in ("sendMessage", "editMessageText")]
        assert all(call.params["link_preview_options"] == {"is_disabled": True} for call in texts)
        assert all(call.params["parse_mode"] == "HTML" for call in texts)

    played(assistant, tmp_path, scene)


def test_a_very_long_text_comes_in_pieces_in_order(assistant: Assistant, tmp_path: Path) -> None:
    """A review page with two answers of 2,000 emoji is whole, no message is too long, and the last has the keyboard."""
    wrong, right = "\N{CAT FACE}" * 1_990 + " wrong", "\N{DOG FACE}" * 1_990 + " right"

    async def scene(there: OnTelegram) -> None:
        await there.say("/start rectification--kaltiot")
        for line in (wrong, right, "Visitor Example", "visitor@example.com"):
            assert await there.say(line)
        pieces = await there.press("Go on without")
        assert len(pieces) > 2
        assert all(0 < units(piece.text) <= 4096 for piece in pieces)
        assert [bool(piece.buttons) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
        whole = "".join(piece.text for piece in pieces)
        assert whole.count("\N{CAT FACE}") == whole.count("\N{DOG FACE}") == 1_990
        assert whole.index("check that this is right") < whole.index("\N{CAT FACE}") < whole.index("\N{DOG FACE}")
        assert "✔ Send" in labels(pieces[-1])
        assert await there.press("✔ Send")
        assert len(await cases(there)) == 1

    played(assistant, tmp_path, scene)


def test_my_data_comes_as_a_protected_file(assistant: Assistant, tmp_path: Path) -> None:
    """/mydata brings my-data.json, which is JSON and kept from being passed on; a receipt's file is not."""

    async def scene(there: OnTelegram) -> None:
        await to_review(there)
        receipt = (await there.press("✔ Send"))[-1]
        assert receipt.document
        assert not receipt.protected
        text, file = await there.say("/mydata")
        assert file.document
        assert file.document[0] == "my-data.json"
        assert file.protected
        assert not text.document
        assert "Visitor Example" in json.dumps(json.loads(file.document[1]))

    played(assistant, tmp_path, scene)


def test_an_edited_question_is_answered_anew(assistant: Assistant, tmp_path: Path) -> None:
    """Editing a question brings the answer to what it says now."""

    async def scene(there: OnTelegram) -> None:
        await there.begin("kaltiot")
        (first,) = await there.say("who sees my data?")
        (second,) = await there.edit(first.id - 1, "how long do you keep my data?")
        assert [topic(first), topic(second)] == ["recipients", "retention"]

    played(assistant, tmp_path, scene)


def test_an_edited_answer_is_corrected_and_the_flow_goes_on(assistant: Assistant, tmp_path: Path) -> None:
    """Editing the name that was given changes that answer alone; the step at hand is asked again."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        (step,) = await there.say("Wrongname Example")
        assert "e-mail" in step.text
        (on,) = await there.edit(step.id - 1, "Rightname Example")
        assert "e-mail" in on.text
        await there.say("visitor@example.com")
        (review,) = await there.press("Go on without")
        assert "Rightname Example" in review.text
        assert "Wrongname" not in review.text
        (again,) = await there.edit(step.id - 1, "Third Example")
        assert "Third Example" in again.text
        assert "✔ Send" in labels(again)

    played(assistant, tmp_path, scene)


def test_an_edited_message_that_was_no_answer_becomes_none(assistant: Assistant, tmp_path: Path) -> None:
    """A question asked in the middle of a flow, or before it, is never taken for the answer to the present step."""

    async def scene(there: OnTelegram) -> None:
        await there.begin("kaltiot")
        (before,) = await there.say("who sees my data?")
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        amid = await there.say("how long do you keep my data?")
        for message in (before.id - 1, amid[0].id - 1):
            assert await there.edit(message, "Edited Example")
        await there.say("Visitor Example")
        await there.say("visitor@example.com")
        (review,) = await there.press("Go on without")
        assert "Visitor Example" in review.text
        assert "Edited" not in review.text

    played(assistant, tmp_path, scene)


async def _send(there: OnTelegram, kind: str, chat: int) -> list[Message]:
    extra = MEDIA[kind]
    return await there.say(str(extra.get("text", "")), chat, extra=extra)


def test_what_cannot_be_read_gets_a_friendly_line(assistant: Assistant, tmp_path: Path) -> None:
    """Photos, voices, contacts and the like: one message that says so, and no word of them is kept."""

    async def scene(there: OnTelegram) -> None:
        for chat, kind in enumerate(MEDIA, PERSON):
            await there.say("/start kaltiot", chat)
            (told,) = await _send(there, kind, chat)
            assert ("forwarded messages" if "forwarded" in kind else "I can only read text") in told.text, kind
            assert "kept nothing" in told.text
            file = (await there.say("/mydata", chat))[-1].document
            assert file
            assert b"Planted" not in file[1], kind
        left = traces(there)
        assert not [word for word in (b"Planted", b"0987654", b"25.123") if word in left]

    played(assistant, tmp_path, scene)


@pytest.mark.parametrize("kinds", [tuple(MEDIA)[:6], tuple(MEDIA)[6:]])
def test_in_a_flow_the_step_is_asked_again(assistant: Assistant, tmp_path: Path, kinds: tuple[str, ...]) -> None:
    """What cannot be read is no answer: the step is asked again, and no answer is lost."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start erasure--kaltiot")
        await there.press("Everything")
        await there.say("Visitor Example")
        for kind in kinds:
            (told,) = await _send(there, kind, CHAT)
            assert "kept nothing" in told.text
            assert "Which e-mail address" in told.text, kind
        await there.say("visitor@example.com")
        (review,) = await there.press("Go on without")
        assert "Visitor Example" in review.text
        assert "Planted" not in review.text

    played(assistant, tmp_path, scene)


def test_an_edited_caption_or_a_moving_location_says_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """What cannot be read is mentioned once: its edits, such as each step of a live location, bring nothing."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start kaltiot")
        who = {"id": CHAT, "is_bot": False, "first_name": "Visitor"}
        place = {"longitude": 25.1, "latitude": 65.1, "live_period": 600}
        head = {"message_id": 3, "from": who, "date": 1, "edit_date": 2, "chat": {"id": CHAT, "type": "private"}}
        there.fake.update({"edited_message": {**head, "location": place}})
        there.fake.update({"edited_message": {**head, "photo": _PHOTO, "caption": "delete my data"}})
        await there.settled()
        assert len(there.fake.messages(CHAT)) == 1

    played(assistant, tmp_path, scene)


def test_html_of_every_answer_can_be_read(assistant: Assistant, tmp_path: Path) -> None:
    """What Telegram makes of the markup is what was meant: the same text that the source has, unescaped once."""

    async def scene(there: OnTelegram) -> None:
        for name in ("assistant_help", "cookies_used", "rights_overview", "controller_identity"):
            for message in await there.say(f"/start {name}--kaltiot"):
                assert parsed(message.html, "HTML")[0] == message.text
                assert "&amp;" not in message.text

    played(assistant, tmp_path, scene)
