"""What the bot says of itself, its commands and links, and in which language it answers."""

from pathlib import Path

from bot.app import Assistant
from bot.content.assistant import ContentWorld
from bot.core import commands
from tests.platforms.fake_telegram import Call
from tests.platforms.on_telegram import CHAT, OnTelegram
from tests.platforms.scenes import PERSON, cases, labels, played, to_review, topic

_SETS = ("setMyCommands", "setMyName", "setMyShortDescription", "setMyDescription")
_SCOPES = (("all_private_chats", False), ("all_group_chats", True))


async def _introduced(there: OnTelegram) -> None:
    await there.fake.wait(lambda: any(c.params.get("language_code") == "sv" for c in _calls(there, "getMyDescription")))
    await there.settled()


def _calls(there: OnTelegram, *methods: str) -> list[Call]:
    return [call for call in there.fake.calls if call.method in methods]


def test_menus_and_descriptions_are_set_once(assistant: Assistant, tmp_path: Path) -> None:
    """At the first start they are set in each language; at the next one nothing is set, but what has been changed."""

    async def scene(there: OnTelegram) -> None:
        await _introduced(there)
        for code, language in (("", "en"), ("fi", "fi"), ("sv", "sv")):
            for scope, public in _SCOPES:
                menu = commands.menu(assistant.world, language, public=public)  # type: ignore[arg-type]
                assert there.fake.my_commands(scope, code) == list(menu.items())
            for kind in ("name", "short_description", "description"):
                assert there.fake.my_text(kind, code), (kind, code)
        assert len({there.fake.my_text("description", code) for code in ("", "fi", "sv")}) == 3
        count = len(_calls(there, *_SETS))
        await there.stop()
        there.fake.calls.clear()
        await there.start()
        await _introduced(there)
        assert count == 6 + 9
        assert _calls(there, *_SETS) == []

    played(assistant, tmp_path, scene)


def test_every_command_of_the_menu_works(assistant: Assistant, tmp_path: Path) -> None:
    """Each command in the private menu brings what it says, on Telegram."""
    brings = {
        "/start": "Hello!", "/help": "automated assistant", "/privacy": "", "/language": "", "/company": "Which one",
        "/status": "", "/human": "support", "/cancel": "ancel", "/mydata": "Everything that the assistant keeps",
        "/forget": "cannot be undone",
    }  # fmt: skip
    menu = commands.menu(assistant.world, "en", public=False)
    assert {f"/{name}" for name in menu} == set(brings)

    async def scene(there: OnTelegram) -> None:
        for chat, (command, text) in enumerate(brings.items(), 1):
            await there.begin("kaltiot", chat=chat)
            (told, *_) = await there.say(command, chat)
            assert text in told.text, command
            assert "do not know that command" not in told.text
        assert "do not know that command" in (await there.say("/nothing"))[0].text

    played(assistant, tmp_path, scene)


def test_a_link_leads_to_a_topic_a_flow_or_a_company(assistant: Assistant, tmp_path: Path) -> None:
    """What follows /start is done at once; what is unknown greets."""

    async def scene(there: OnTelegram) -> None:
        assert topic((await there.say("/start retention--kaltiot", 1))[0]) == "retention"
        assert labels((await there.say("/start erasure--kaltiot", 2))[0])[0] == "Everything"
        (greeted,) = await there.say("/start kaltiot", 3)
        assert "Hello!" in greeted.text
        assert "Company: Kaltiot" in greeted.text
        for chat, unknown in enumerate(
            ("nothing", "nothing--kaltiot", "retention--nobody", "--", "%00<b>", "x" * 64), 4
        ):
            assert await there.say(f"/start {unknown}", chat), unknown
        assert "Hello!" in there.fake.messages(4)[0].text
        assert "Hello!" in there.fake.messages(7)[0].text

    played(assistant, tmp_path, scene)


def _subjects(world: ContentWorld) -> list[str]:
    return [*world.topics, *world.flows]


def test_every_topic_and_every_flow_has_a_link(assistant: Assistant, tmp_path: Path) -> None:
    """No name of a topic or a flow is taken for the reference of a request."""

    async def scene(there: OnTelegram) -> None:
        wrong = []
        for chat, subject in enumerate(_subjects(assistant.world), 1):
            told = await there.say(f"/start {subject}--kaltiot", chat)
            wrong += [subject] if any("No request has been made" in one.text for one in told) or not told else []
        assert set(wrong) <= {"request_status", "request_cancel"}  # which do look for requests

    played(assistant, tmp_path, scene)


def test_a_reference_shows_its_request_only_where_it_was_made(assistant: Assistant, tmp_path: Path) -> None:
    """A link with a reference shows the request in its own chat; in any other nothing of it."""

    async def scene(there: OnTelegram) -> None:
        await to_review(there, "Plantedname")
        await there.press("✔ Send")
        (case,) = await cases(there)
        (shown, *_) = await there.say(f"/start {case.reference}")
        assert case.reference in shown.text
        assert "Where it stands: received" in shown.text
        told = await there.say(f"/start {case.reference}", PERSON)
        assert told
        whole = " ".join(f"{message.text} {message.buttons} {message.document}" for message in told)
        for word in ("Plantedname", "visitor@example.com", "Kaltiot", "received", "Withdraw"):
            assert word not in whole
        (unknown, *_) = await there.say("/start PR-3467-ACDE", PERSON)
        assert unknown.text == told[0].text.replace(case.reference, "PR-3467-ACDE")

    played(assistant, tmp_path, scene)


def test_the_first_guess_is_the_language_of_the_app(assistant: Assistant, tmp_path: Path) -> None:
    """A greeting is in the language that Telegram is set to, or in English where that is not spoken."""
    hellos = {"fi": "Hei!", "sv": "Hej!", "en": "Hello!", "de": "Hello!", "sv-FI": "Hej!", None: "Hello!"}

    async def scene(there: OnTelegram) -> None:
        for chat, (code, hello) in enumerate(hellos.items(), 1):
            assert hello in (await there.say("/start", chat, language=code))[0].text

    played(assistant, tmp_path, scene)


def test_the_language_of_the_message_decides(assistant: Assistant, tmp_path: Path) -> None:
    """Whoever writes Swedish on a Finnish telephone is answered in Swedish from then on."""

    async def scene(there: OnTelegram) -> None:
        await there.say("/start kaltiot", language="fi")
        (answer,) = await there.say("hur länge sparar ni mina uppgifter?", language="fi")
        assert "Visa det exakta stället" in labels(answer) or "uppgifter" in answer.text
        (cancelled,) = await there.say("/cancel", language="fi")
        assert "avbryta" in cancelled.text.casefold()
        assert topic(there.fake.messages(CHAT)[1]) == "retention"

    played(assistant, tmp_path, scene)
