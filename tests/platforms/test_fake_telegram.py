"""The fake Telegram is Telegram to python-telegram-bot: what real calls bring, and what is found wrong in them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters

from tests.platforms.fake_telegram import FakeTelegram
from tests.platforms.telegram_limits import MarkupError, Upload, parsed, problems

CHAT = 77
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Yes, please", callback_data="yes")]])


def played(scene: Callable[[FakeTelegram, Bot], Coroutine[Any, Any, None]]) -> None:
    """A scene between the fake and a real bot."""

    async def play() -> None:
        async with FakeTelegram() as fake, Bot(fake.token, base_url=fake.url + "/bot") as bot:
            fake.say(CHAT, "Hello")
            await scene(fake, bot)

    asyncio.run(play())


@asynccontextmanager
async def polling(fake: FakeTelegram) -> AsyncIterator[None]:
    """An application that echoes what is said, and edits a message whose button is pressed."""

    async def echo(update: Update, _: Any) -> None:
        assert update.message
        await update.message.reply_html(f"<b>{update.message.text}</b>", reply_markup=KEYBOARD)

    async def pressed(update: Update, _: Any) -> None:
        assert update.callback_query
        await update.callback_query.answer()
        await update.callback_query.edit_message_text(f"pressed {update.callback_query.data}")

    application = Application.builder().token(fake.token).base_url(fake.url + "/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(pressed))
    assert application.updater
    async with application:
        await application.start()
        await application.updater.start_polling(poll_interval=0, timeout=5)
        yield
        await application.updater.stop()
        await application.stop()


def test_an_application_polls_answers_and_hears_a_press() -> None:
    """A message is fetched and answered, its button pressed and the message edited, and the same update comes again."""

    async def play() -> None:
        async with FakeTelegram() as fake, polling(fake):
            first = fake.say(CHAT, "Hyvää päivää")
            (reply,) = await fake.replies(CHAT)
            assert (reply.text, reply.html) == ("Hyvää päivää", "<b>Hyvää päivää</b>")
            assert reply.buttons == [("Yes, please", "yes")]
            fake.press(CHAT, "Yes")
            (edited,) = await fake.replies(CHAT)
            assert (edited.id, edited.text, edited.buttons, edited.edited) == (reply.id, "pressed yes", [], True)
            fake.again(first)
            assert (await fake.replies(CHAT))[0].text == "Hyvää päivää"
            assert not fake.problems

    asyncio.run(play())


def test_what_a_bot_says_of_itself_is_kept_by_scope_and_language() -> None:
    """Commands, names and descriptions come back as they were set."""

    async def scene(fake: FakeTelegram, bot: Bot) -> None:
        assert (await bot.get_me()).username == "example_privacy_bot"
        await bot.set_my_commands([BotCommand("help", "Apua")], BotCommandScopeAllPrivateChats(), "fi")
        assert fake.my_commands("all_private_chats", "fi") == [("help", "Apua")]
        assert fake.my_commands() == []
        await bot.set_my_short_description("Automaatti", "fi")
        await bot.set_my_name("Example")
        assert fake.my_text("short_description", "fi") == "Automaatti"
        assert (await bot.get_my_short_description("fi")).short_description == "Automaatti"
        assert (await bot.get_my_name("sv")).name == "Example"
        assert not fake.problems

    played(scene)


def test_messages_and_documents_are_kept_as_they_were_sent() -> None:
    """Entities, protection, replies and file contents survive; an edit that changes nothing is refused."""

    async def scene(fake: FakeTelegram, bot: Bot) -> None:
        sent = await bot.send_message(
            CHAT,
            "😀 <b>a &amp; b</b>",
            "HTML",
            protect_content=True,
            reply_parameters=ReplyParameters(1),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=KEYBOARD,
        )
        assert sent.reply_to_message
        assert sent.parse_entities() == {sent.entities[0]: "a & b"}
        content = b"\r\n--\x00\xff\r\n\r\n"
        await bot.send_document(CHAT, content, caption="Käännös", filename="a ä.bin")
        first, second = fake.messages(CHAT)
        assert first.protected
        assert (second.text, second.document) == ("Käännös", ("a ä.bin", content))
        await bot.edit_message_reply_markup(CHAT, sent.message_id)
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_reply_markup(CHAT, sent.message_id)
        with pytest.raises(BadRequest, match="to edit not found"):
            await bot.edit_message_text("x", CHAT, 99)
        assert await bot.delete_message(CHAT, sent.message_id)
        assert len(fake.messages(CHAT)) == 1
        assert not fake.problems

    played(scene)


def test_people_who_are_not_there_are_refused() -> None:
    """Who never wrote is not found, who blocked is forbidden, a query is answered once, a token must be right."""

    async def scene(fake: FakeTelegram, bot: Bot) -> None:
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(5, "x")
        fake.block(CHAT)
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(CHAT, "x")
        fake.unblock(CHAT)
        fake.press_inaccessible(CHAT, "old")
        updates = await bot.get_updates()
        query = updates[-1].callback_query
        assert query
        assert query.message
        assert not query.message.is_accessible
        assert await query.answer()
        with pytest.raises(BadRequest, match="too old"):
            await query.answer()
        with pytest.raises(InvalidToken):
            async with Bot("1:wrong", base_url=fake.url + "/bot"):
                pass

    played(scene)


def test_trouble_comes_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 says how long to wait, a 502 is the network's, a cut connection leaves the call done or not done."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # without it, the library warns of its own default

    async def scene(fake: FakeTelegram, bot: Bot) -> None:
        fake.fail("sendMessage", chat=CHAT, retry_after=7)
        with pytest.raises(RetryAfter, match="0:00:07"):
            await bot.send_message(CHAT, "x")
        for status, drop, after in ((502, False, False), (0, True, False), (0, False, True)):
            fake.fail("sendMessage", status=status, drop=drop, after=after)
            with pytest.raises(NetworkError):
                await bot.send_message(CHAT, "x")
        assert [call.status for call in fake.calls if call.method == "sendMessage"] == [429, 502, 0, 0]
        assert len(fake.messages(CHAT)) == 1
        await bot.send_message(CHAT, "again")
        assert not fake.problems

    played(scene)


def test_an_offset_confirms_and_a_second_poll_ends_the_first() -> None:
    """Confirmed updates are gone, a repeated one is not, and one bot polls at a time."""

    async def scene(fake: FakeTelegram, bot: Bot) -> None:
        (hello,) = await bot.get_updates()
        fake.say(CHAT, "/start@example_privacy_bot now", language=None)
        (second,) = await bot.get_updates(offset=hello.update_id + 1)
        assert second.message
        assert second.message.parse_entities() == {second.message.entities[0]: "/start@example_privacy_bot"}
        fake.again(hello.update_id)
        found = await bot.get_updates(offset=second.update_id + 1)
        assert [update.update_id for update in found] == [hello.update_id]
        first = asyncio.create_task(bot.get_updates(offset=second.update_id + 1, timeout=5))
        await fake.wait(lambda: fake.calls[-1].status == 0)
        async with Bot(fake.token, base_url=fake.url + "/bot") as other:
            assert await other.get_updates() == ()
        with pytest.raises(Conflict, match="terminated by other"):
            await first

    played(scene)


def test_a_webhook_is_posted_in_order_with_its_secret_until_it_is_taken() -> None:
    """Each update is tried until a 2xx, those after it wait, and nobody may poll meanwhile."""
    taken: list[tuple[str | None, str]] = []
    tries = iter((500, 204, 200, 200))

    async def take(request: Request) -> Response:
        update = await request.json()
        taken.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update["message"]["text"]))
        return Response(status_code=next(tries))

    async def scene(fake: FakeTelegram, bot: Bot) -> None:
        app = Starlette(routes=[Route("/hook", take, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve())
        await fake.wait(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token="s3cret")  # noqa: S106 - invented
        fake.say(CHAT, "two")
        await fake.wait(lambda: len(taken) == 3)
        assert taken == [("s3cret", "Hello"), ("s3cret", "Hello"), ("s3cret", "two")]
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        await bot.delete_webhook()
        assert await bot.get_updates() == ()
        server.should_exit = True
        await serving

    played(scene)


def test_what_breaks_the_limits_is_refused_and_kept() -> None:
    """A text that is too long, HTML that is open and data of 65 bytes are refused, and the test can tell."""

    async def scene(fake: FakeTelegram, bot: Bot) -> None:
        with pytest.raises(BadRequest, match="too long"):
            await bot.send_message(CHAT, "<b>" + "😀" * 2049 + "</b>", "HTML")
        with pytest.raises(BadRequest, match="parse entities"):
            await bot.send_message(CHAT, "<b>open", "HTML")
        with pytest.raises(BadRequest, match="Button_data_invalid"):
            await bot.send_message(
                CHAT,
                "x",
                reply_markup=InlineKeyboardMarkup.from_button(InlineKeyboardButton("x", callback_data="ä" * 33)),
            )
        assert [one.split(":")[0] for one in fake.problems] == ["sendMessage"] * 3
        assert not fake.messages(CHAT)

    played(scene)


@pytest.mark.parametrize(
    ("method", "params", "wrong"),
    [
        ("sendPhoto", {}, "unknown method"),
        ("sendMessage", {"chat_id": 1}, "text is missing"),
        ("sendMessage", {"chat_id": 1, "text": 5}, "text is int, not String"),
        ("sendMessage", {"chat_id": 1, "text": "x", "colour": "red"}, "colour is unknown"),
        ("sendMessage", {"chat_id": 1, "text": "x", "protect_content": 1}, "not Boolean"),
        ("sendMessage", {"chat_id": 1, "text": " \n"}, "text is empty"),
        ("sendMessage", {"chat_id": 1, "text": "<b>x</b> " * 101, "parse_mode": "HTML"}, "101 entities"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{}]]}},
            "[0][0].text is missing",
        ),
        ("editMessageText", {"chat_id": 1, "text": "x"}, "message_id are missing"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "201 long"),
        ("setMyCommands", {"commands": [{"command": "Help", "description": "x"}]}, "command Help"),
        ("setMyCommands", {"commands": [], "scope": {"type": "moon"}}, "scope.type is unknown"),
        ("setMyName", {"name": "x" * 65}, "65 long"),
        ("setMyShortDescription", {"short_description": "x", "language_code": "fin"}, "two letters"),
        ("setWebhook", {"url": "https://bot.example.com/x", "secret_token": "ä"}, "secret_token"),
        ("setWebhook", {"url": "http://bot.example.com/x"}, "no HTTPS"),
        ("getUpdates", {"allowed_updates": ["massage"]}, "massage is unknown"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong_with_it(method: str, params: dict[str, Any], wrong: str) -> None:
    """Each limit has its own words."""
    (found,) = problems(method, params, {})
    assert wrong in found


@pytest.mark.parametrize(
    ("button", "wrong"),
    [
        ({"text": "x"}, "0 actions"),
        ({"text": "x", "url": "https://example.com", "callback_data": "x"}, "2 actions"),
        ({"text": "x" * 65, "callback_data": "x"}, "65 long"),
        ({"text": "x", "url": "example.com"}, "not valid"),
        ({"text": "x", "callback_data": ""}, "0 bytes"),
    ],
)
def test_a_wrong_button_is_found(button: dict[str, str], wrong: str) -> None:
    """A button has a text and does one thing."""
    params = {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[button]]}}
    (found,) = problems("sendMessage", params, {})
    assert wrong in found


def test_keyboards_and_uploads_have_an_end() -> None:
    """100 buttons, 8 in a row; 50 MB, and a name."""
    button = {"text": "x", "callback_data": "x"}
    rows = {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[button] * 8] * 12 + [[button] * 4]}}
    assert not problems("sendMessage", rows, {})
    wide = rows | {"reply_markup": {"inline_keyboard": [[button] * 9] * 12}}
    assert problems("sendMessage", wide, {})[0] == "108 buttons of 100"
    assert len(problems("sendMessage", wide, {})) == 13
    assert problems("sendDocument", {"chat_id": 1}, {"document": Upload(b"x")}) == ["document has no file name"]
    assert problems("sendDocument", {"chat_id": 1}, {"document": bytes(50_000_001)})
    assert problems("sendDocument", {"chat_id": 1}, {}) == ["document is missing"]


@pytest.mark.parametrize(
    "html",
    [
        "<b>x",
        "x</b>",
        "<b><i>x</b></i>",
        "<blink>x</blink>",
        "a < b",
        "a > b",
        "AT&T",
        "&nbsp;",
        "&copy;",
        "<b class='x'>x</b>",
        "<a>x</a>",
        "<a href='https://example.com' title='x'>x</a>",
        "<span>x</span>",
        "<br/>",
        "<p>x</p>",
        "<blockquote>x<blockquote>y</blockquote></blockquote>",
        "<b><code>x</code></b>",
        "<code><b>x</b></code>",
        "&#0;",
        "&#xD800;",
    ],
)
def test_html_that_is_not_telegrams_is_refused(html: str) -> None:
    """What is unclosed, unknown, badly nested or not escaped cannot be parsed."""
    with pytest.raises(MarkupError):
        parsed(html, "HTML")
    assert "can't parse entities" in problems("sendMessage", {"chat_id": 1, "text": html, "parse_mode": "HTML"}, {})[0]


def test_html_becomes_text_and_entities() -> None:
    """Offsets count UTF-16 units of the trimmed text."""
    html = (
        "\n😀<b>a<i>b</i></b> &lt;&#228;&#xE4;&quot; <blockquote expandable>q <code>c</code></blockquote>"
        '<a href="https://example.com/?a=1&amp;b=2">l</a><pre><code class="language-py">p</code></pre>'
        '<span class="tg-spoiler">s</span><b></b>\n'
    )
    text, entities = parsed(html, "HTML")
    assert text == '😀ab <ää" q clps'
    assert [(one["type"], one["offset"], one["length"]) for one in entities] == [
        ("bold", 2, 2),
        ("italic", 3, 1),
        ("expandable_blockquote", 10, 3),
        ("code", 12, 1),
        ("text_link", 13, 1),
        ("pre", 14, 1),
        ("spoiler", 15, 1),
    ]
    assert entities[4]["url"] == "https://example.com/?a=1&b=2"
    assert entities[5]["language"] == "py"
