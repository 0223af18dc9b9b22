"""Telegram: updates in, each stored before it is acknowledged; replies out; polling or webhook."""

import asyncio
import hmac
import json
import logging
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import Application, TypeHandler

from bot.core.buttons import Vote, Walk, decode
from bot.core.chat import Event, Incoming, Pressed, Say
from bot.core.job import Reply
from bot.core.mail import DeliveryError
from bot.core.world import World
from bot.platforms.beside import Beside
from bot.platforms.errors import PlatformError
from bot.platforms.telegram_http import Connections
from bot.platforms.telegram_menus import introduce
from bot.platforms.telegram_order import AT_ONCE, ByChat, Window
from bot.platforms.telegram_replies import cause, tell, trouble
from bot.platforms.telegram_updates import ALLOWED, to_incoming

_log = logging.getLogger("privacy_assistant")

#: After updates, so many seconds pass before the next look: under load one look then brings several.
_MORE: Final = 0.005

#: How long one look for updates waits for the next, in seconds; and how long after a failure the next look is.
_POLL: Final = 25
_AGAIN: Final = (1, 2, 5, 15, 30)

Take = Callable[[Incoming], Awaitable[tuple[Say, ...]]]


@dataclass(frozen=True, slots=True)
class TelegramOptions:
    """How to be on Telegram. ``api_url``: another server than Telegram's own; ``rate``: messages a second in all.

    ``webhook_url``: where updates are brought; empty: they are fetched. ``webhook_secret``: proves who brings them.
    """

    token: str = field(repr=False)
    api_url: str = ""
    rate: float = 30
    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)


def _application(options: TelegramOptions, calls: Connections, updates: Connections) -> Any:
    builder = Application.builder().token(options.token).updater(None).concurrent_updates(ByChat())
    builder = builder.request(calls).get_updates_request(updates)
    if options.api_url:
        builder = builder.base_url(f"{options.api_url}/bot").base_file_url(f"{options.api_url}/file/bot")
    return builder.build()


async def probe(options: TelegramOptions) -> str:
    """Who the bot is, and where its updates go; raises PlatformError."""
    connections = Connections(1), Connections(1)
    bot: Bot = _application(options, *connections).bot
    try:
        async with bot:
            webhook = urlsplit((await bot.get_webhook_info()).url).hostname
            return f"@{bot.username} answered; its updates are {f'brought to {webhook}' if webhook else 'fetched'}"
    except TelegramError as failure:
        raise PlatformError(f"TELEGRAM_BOT_TOKEN, TELEGRAM_API_URL: {trouble(failure)}") from None
    finally:
        for one in connections:
            await one.shutdown()


class Telegram:
    """The assistant on Telegram, from ``start`` to ``stop``."""

    def __init__(self, options: TelegramOptions, world: World, clock: Callable[[], datetime]) -> None:
        self._options, self._world, self._clock = options, world, clock
        self._connections = Connections(AT_ONCE), Connections(2)
        self._app = _application(options, *self._connections)
        self._app.add_handler(TypeHandler(Update, self._on_update))
        self._app.add_error_handler(_on_fault)
        self._window = Window(options.rate)
        self._take: Take | None = None
        self._beside = Beside()
        self._polling: asyncio.Task[None] | None = None
        self._heard = False

    @property
    def ready(self) -> bool:
        """Whether Telegram could be reached when it was last tried."""
        return self._heard

    @property
    def name(self) -> str:
        """The bot's user name."""
        return f"@{self._bot.username}"

    @property
    def webhook_path(self) -> str:
        """Where updates are brought, empty where they are fetched."""
        return urlsplit(self._options.webhook_url).path

    @property
    def _bot(self) -> Bot:
        bot: Bot = self._app.bot
        return bot

    async def start(self, take: Take) -> None:
        """Connect, say who we are, and begin to take updates; raises PlatformError with one line on what is wrong."""
        self._take = take
        try:
            await self._app.initialize()
            await self._claim()
        except InvalidToken:
            raise PlatformError("TELEGRAM_BOT_TOKEN: Telegram does not know this token; @BotFather shows it") from None
        except NetworkError as failure:
            where = self._options.api_url or "https://api.telegram.org"
            raise PlatformError(f"TELEGRAM_API_URL: {where} cannot be reached: {cause(failure)}") from None
        except TelegramError as failure:
            raise PlatformError(f"TELEGRAM_BOT_TOKEN: Telegram refuses the bot: {failure.message}") from None
        self._heard = True
        self._beside.do(introduce(self._bot, self._world))
        if not self._options.webhook_url:
            self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Take no more updates; what was taken is stored. Replies can be brought until ``close``."""
        if self._polling:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)
        await self._beside.settle()

    async def close(self) -> None:
        """Let go of the connections, also of those of a start that failed half-way."""
        await self._app.shutdown()
        for connections in self._connections:
            await connections.shutdown()

    async def _claim(self) -> None:
        """Make sure that updates come here and nowhere else."""
        ours, theirs = self._options.webhook_url, (await self._bot.get_webhook_info()).url
        if theirs and theirs != ours:
            name = "TELEGRAM_WEBHOOK_URL" if ours else "TELEGRAM_MODE"
            host = urlsplit(theirs).hostname
            raise PlatformError(
                f"{name}: this bot's updates go to a webhook at {host}; remove it first (deleteWebhook)"
            )
        if ours:
            await self._bot.set_webhook(ours, secret_token=self._options.webhook_secret, allowed_updates=ALLOWED)

    # Updates in

    async def _poll(self) -> None:
        """Fetch updates; those of one look are all stored before the next look acknowledges them."""
        offset, failures = 0, 0
        while True:
            try:
                updates = await self._fetch(offset, 0 if failures else _POLL)  # after trouble, first whether it is over
                self._heard, failures = True, 0
            except (TelegramError, OSError) as failure:
                self._heard = False
                pause = _AGAIN[min(failures, len(_AGAIN) - 1)]
                failures += 1
                _log.warning("Telegram: %s; trying again in %s s", trouble(failure), pause)
                await asyncio.sleep(pause)
                continue
            await asyncio.gather(*(self._process(update) for _, update in updates if update))
            offset = max((id_ + 1 for id_, _ in updates), default=offset)
            if updates:
                await asyncio.sleep(_MORE)

    async def _fetch(self, offset: int, seconds: int) -> list[tuple[int, Update | None]]:
        """Updates with their ids; None for one that cannot be read: it must not hold up the others."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the plain call is used so that one odd update spoils no other
            raw: list[dict[str, Any]] = await self._bot.do_api_request(
                "getUpdates",
                api_kwargs={"offset": offset, "timeout": seconds, "allowed_updates": list(ALLOWED)},
                read_timeout=_POLL + 10,
            )
        return [(row["update_id"], self._read(row)) for row in raw]

    def _read(self, row: Any) -> Update | None:
        try:
            return Update.de_json(row, self._bot)
        except Exception as odd:  # noqa: BLE001 - whatever the library stumbles over, the others go on
            _log.warning("Telegram: an update of an unknown form was left out: %s", type(odd).__name__)
            return None

    async def webhook(self, body: bytes, secret: str) -> int:
        """Take an update that was brought; the HTTP status to answer: 200 once it is stored, 403 for a wrong secret."""
        if not hmac.compare_digest(secret.encode(), self._options.webhook_secret.encode()):
            return 403
        if not self._heard:  # still starting: Telegram brings it again
            return 503
        try:
            row = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        update = self._read(row) if isinstance(row, dict) and "update_id" in row else None
        if update:
            self._heard = True
            await self._process(update)
        return 200

    async def _process(self, update: Update) -> None:
        await self._app.update_processor.process_update(update, self._app.process_update(update))

    async def _on_update(self, update: Update, _context: Any) -> None:
        query = update.callback_query
        if query:
            self._beside.do(_quietly(query.answer()))
        incoming = to_incoming(update, self._bot.bot, self._clock())
        if incoming is None or self._take is None:
            return
        trouble = await self._take(incoming)
        for say in trouble:
            self._beside.do(self._tell_once(Reply(incoming.chat, say)))
        if query and not trouble:  # what was not kept can be pressed again
            self._beside.do(_quietly(self._mark_pressed(query, incoming.event)))

    async def _mark_pressed(self, query: CallbackQuery, event: Event) -> None:
        """Put what was pressed in the place of the keyboard, so that it is seen and the old choice is gone."""
        rows = getattr(getattr(query.message, "reply_markup", None), "inline_keyboard", ())
        if isinstance(event, Pressed) and isinstance(event.press, Walk) and event.press.act == "toggle":
            return  # the reply takes the message's place
        labels = [button.text for row in rows for button in row if button.callback_data == query.data]
        if not labels or labels[0].startswith("✓ "):
            return
        mark = InlineKeyboardButton(
            labels[0] if labels[0].startswith("✔") else f"✓ {labels[0]}", callback_data=query.data
        )
        others = [row for row in rows if not isinstance(decode(str(row[0].callback_data or "")), Vote)]
        voted = isinstance(event, Pressed) and isinstance(event.press, Vote)
        await query.edit_message_reply_markup(InlineKeyboardMarkup([*others, [mark]] if voted else [[mark]]))

    async def tell(self, reply: Reply) -> None:
        """Bring one piece of a reply to its chat; raises DeliveryError."""
        await tell(self._bot, self._window, reply)

    async def _tell_once(self, reply: Reply) -> None:
        """Tell what could not be kept: at once, once, and without the outbox."""
        with suppress(DeliveryError):
            await self.tell(reply)


async def _on_fault(_update: object, context: Any) -> None:
    """A fault of ours, told without its own text, which may hold somebody's words."""
    _log.error("Telegram: an update could not be worked on: %s", type(context.error).__name__)


async def _quietly(work: Awaitable[object]) -> None:
    """Do what is only good manners: a press that is too old to be answered, a keyboard that is gone."""
    with suppress(TelegramError):
        await work
