"""In groups the assistant answers only what is meant for it, only in general, and leads to the private chat."""

from pathlib import Path
from typing import Any

from bot.app import Assistant
from tests.platforms.fake_telegram import Message
from tests.platforms.on_telegram import OnTelegram
from tests.platforms.scenes import PERSON, cases, labels, played, topic

GROUP = -1001234567
BOT = "example_privacy_bot"
_LINK = f"https://t.me/{BOT}"
_PHOTO = {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]}


async def _write(there: OnTelegram, text: str, **how: Any) -> list[Message]:
    return await there.say(text, GROUP, user=PERSON, kind="supergroup", **how)


async def _known(there: OnTelegram) -> None:
    """The group talks about a company."""
    await _write(there, f"/company@{BOT} kaltiot")


def _sent(there: OnTelegram) -> int:
    return sum(call.method.startswith(("send", "edit", "answer")) for call in there.fake.calls)


def test_what_is_not_meant_for_it_brings_no_call(assistant: Assistant, tmp_path: Path) -> None:
    """Talk among people, other bots' commands and mentions, photos, and Telegram's own notices are left alone."""
    notice = {"new_chat_title": "Another title"}
    joined = {"new_chat_members": [{"id": 5, "is_bot": False, "first_name": "Visitor"}]}

    async def scene(there: OnTelegram) -> None:
        await _known(there)
        before = _sent(there)
        for text in (
            "delete my data", "how long do you keep my data?", "/help@other_bot", "@other_bot what is the GDPR?",
            f"mail me at visitor@{BOT}.example.com", "example_privacy_bot",
        ):  # fmt: skip
            assert await _write(there, text) == []
        for extra in (_PHOTO, {**_PHOTO, "caption": "delete my data"}, notice, joined):
            assert await _write(there, "", extra=extra) == []
        assert _sent(there) == before

    played(assistant, tmp_path, scene)


def test_a_mention_a_command_and_a_reply_are_answered(assistant: Assistant, tmp_path: Path) -> None:
    """Each is answered as a reply to that very message, with a general answer."""

    async def scene(there: OnTelegram) -> None:
        await _known(there)
        (mentioned,) = await _write(there, f"@{BOT} who sees my data?")
        assert topic(mentioned) == "recipients"
        (upper,) = await _write(there, f"how long do you keep my data, @{BOT.upper()}?")
        assert topic(upper) == "retention"
        (command,) = await _write(there, f"/help@{BOT}")
        assert topic(command) == "assistant_help"
        (answer,) = await _write(there, "which cookies does the site set?", reply_to=mentioned.id)
        assert topic(answer).startswith("cookie")
        sent = [call.params for call in there.fake.calls if call.method == "sendMessage"]
        asked = [message.id - 1 for message in (mentioned, upper, command, answer)]
        assert [one["reply_parameters"]["message_id"] for one in sent[-4:]] == asked
        assert all(one["reply_parameters"]["allow_sending_without_reply"] for one in sent)

    played(assistant, tmp_path, scene)


def test_an_edited_mention_is_answered_anew(assistant: Assistant, tmp_path: Path) -> None:
    """Somebody who puts a question to the assistant right gets the answer to what it says now."""

    async def scene(there: OnTelegram) -> None:
        await _known(there)
        (first,) = await _write(there, f"@{BOT} who sees my data?")
        (second,) = await there.edit(first.id - 1, f"@{BOT} how long do you keep my data?", GROUP)
        assert topic(second) == "retention"

    played(assistant, tmp_path, scene)


_PERSONAL = {
    f"@{BOT} delete my data": "erasure--kaltiot",
    f"@{BOT} stop sending me advertising": "marketing_opt_out--kaltiot",
    f"@{BOT} I want to talk to a person": "escalate--kaltiot",
    f"@{BOT} I want to change my cookie settings": "cookie_preferences--kaltiot",
    f"/mydata@{BOT}": "assistant_export",
    f"/forget@{BOT}": "assistant_forget",
    f"/status@{BOT}": "request_status",
    f"/human@{BOT}": "escalate",
    "/forget": "assistant_forget",
    f"@{BOT} my address is visitor@example.com, who has it?": "",
    f"@{BOT} my number is 131052-308T, delete my data": "",
}

#: What the private chat begins with, by what the link carried.
_BEGINS = {
    "": "Hello!", "erasure--kaltiot": "Everything", "marketing_opt_out--kaltiot": "All marketing",
    "assistant_export": "Everything that the assistant keeps",
    "assistant_forget": "Yes, do it", "request_status": "request", "escalate--kaltiot": "support",
    "escalate": "Which one do you want to ask about", "cookie_preferences--kaltiot": "Refuse all",
}  # fmt: skip


def test_what_is_personal_leads_to_the_private_chat(assistant: Assistant, tmp_path: Path) -> None:
    """A wish or anything personal is answered with a link; what it carries starts just that in the private chat."""

    async def scene(there: OnTelegram) -> None:
        await _known(there)
        for person, (text, payload) in enumerate(_PERSONAL.items(), 1):
            (led,) = await _write(there, text)
            assert "private chat" in led.text
            link = f"{_LINK}?start={payload}" if payload else _LINK
            assert led.buttons == [("Open the private chat", link)], text
            (begun, *_) = await there.say(f"/start {payload}".strip(), person)
            assert _BEGINS[payload] in f"{begun.text} {labels(begun)}", text

    played(assistant, tmp_path, scene)


def test_flows_under_answers_are_links(assistant: Assistant, tmp_path: Path) -> None:
    """A flow's button under an answer leads to the private chat; the others are pressed where they stand."""

    async def scene(there: OnTelegram) -> None:
        await _known(there)
        (answer,) = await _write(there, f"@{BOT} how long do you keep my data?")
        assert dict(answer.buttons)["Ask for erasure"] == f"{_LINK}?start=erasure--kaltiot"
        (place,) = await there.press("Show the exact place", GROUP)
        assert "Cookie Policy" in place.text
        await there.press("👎", GROUP)
        assert len(there.fake.answers) == 2

    played(assistant, tmp_path, scene)


def test_a_forged_press_in_a_group_starts_nothing(assistant: Assistant, tmp_path: Path) -> None:
    """A press for a flow, a draft or a case in a group is answered and leads away; no draft and no case comes of it."""

    async def scene(there: OnTelegram) -> None:
        await _known(there)
        who = {"id": PERSON, "is_bot": False, "first_name": "Visitor"}
        chat = {"id": GROUP, "type": "supergroup", "title": "Example group"}
        message = {"message_id": 2, "date": 1, "chat": chat}
        for data in ("f:erasure:kaltiot", "w:ffffff:send::00000000", "k:PR-AAAA-AAAA:show", "x"):
            query = {"id": data, "from": who, "chat_instance": "1", "data": data, "message": message}
            there.fake.update({"callback_query": query})
            await there.settled()
            assert data in there.fake.answers
            told = there.fake.messages(GROUP)[-1]
            assert "private chat" in told.text or "no longer works" in told.text
        assert not await cases(there)

    played(assistant, tmp_path, scene)


def test_nothing_personal_is_shown_in_a_group(assistant: Assistant, tmp_path: Path) -> None:
    """Who has a request under way in private finds nothing of it in a group, by reference, status or command."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start erasure--kaltiot", PERSON)
        for step in ("!Everything", "Plantedname", "planted@example.com", "!Go on without", "!✔ Send"):
            await (there.press(step[1:], PERSON) if step[0] == "!" else there.say(step, PERSON))
        (case,) = await cases(there)
        for text in (
            f"/start@{BOT} {case.reference}", f"@{BOT} {case.reference}", f"@{BOT} where is my request?",
            f"/status@{BOT}", f"@{BOT} show this request", f"@{BOT} withdraw {case.reference}", f"/mydata@{BOT}",
        ):  # fmt: skip
            for message in await _write(there, text):
                shown = f"{message.text} {message.buttons}"
                assert not any(word in shown for word in ("Plantedname", "planted@", case.reference)), text
                assert message.document is None

    played(assistant, tmp_path, scene)


def test_who_is_brought_into_a_group_greets(assistant: Assistant, tmp_path: Path) -> None:
    """Added to a group, the assistant says who answers; thrown out it says nothing; let in again it greets again."""

    async def scene(there: OnTelegram) -> None:
        chat = {"id": GROUP, "type": "group", "title": "Example group"}
        who = {"id": PERSON, "is_bot": False, "first_name": "Visitor", "language_code": "sv"}
        for number, (old, new) in enumerate([("left", "member"), ("member", "kicked"), ("kicked", "administrator")]):
            rights = dict.fromkeys(
                (
                    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
                    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
                    "can_post_stories", "can_edit_stories", "can_delete_stories",
                ),
                False,
            )  # fmt: skip
            more: dict[str, dict[str, Any]] = {"kicked": {"until_date": 0}, "administrator": rights}
            before, now = ({"user": there.fake.bot, "status": one, **more.get(one, {})} for one in (old, new))
            there.fake.update(
                {
                    "my_chat_member": {
                        "chat": chat,
                        "from": who,
                        "date": 1,
                        "old_chat_member": before,
                        "new_chat_member": now,
                    }
                }
            )
            await there.settled()
            greetings = [message for message in there.fake.messages(GROUP) if "ingen människa" in message.text]
            assert len(greetings) == (1, 1, 2)[number]
            assert len(there.fake.messages(GROUP)) == len(greetings)

    played(assistant, tmp_path, scene)


def test_a_photo_that_answers_the_assistant_gets_a_line(assistant: Assistant, tmp_path: Path) -> None:
    """A photo in reply to the assistant cannot be read, and that is said; any other photo is none of its business."""

    async def scene(there: OnTelegram) -> None:
        await _known(there)
        (answer,) = await _write(there, f"@{BOT} who sees my data?")
        (told,) = await _write(there, "", extra=_PHOTO, reply_to=answer.id)
        assert "I can only read text" in told.text
        assert await _write(there, "", extra=_PHOTO, reply_to=told.id - 1) == []

    played(assistant, tmp_path, scene)
