"""``privacy-assistant run``: every platform that is configured, the outbox and the web side, until SIGTERM."""

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from bot.app import Assistant, retention
from bot.core.chat import Say
from bot.core.job import Reply
from bot.core.mail import DeliveryError
from bot.flood import per_chat
from bot.outbox import Carriers, Courier, Sender
from bot.platforms.errors import PlatformError
from bot.platforms.telegram import Telegram, TelegramOptions, probe
from bot.platforms.telegram_text import split as split_for_telegram
from bot.service import Service, Store, StoreError, Teller, now
from bot.settings import Settings, SettingsError
from bot.web.server import Webhook, listening, serving, web_app

_log = logging.getLogger("privacy_assistant")

#: How often time is asked what it brings (reminders, erasing), in seconds.
_TEND = 60.0

#: Telegram takes a message a second for a chat.
_GAP = 1.0

#: What is on its way at the end has so many seconds to arrive; the rest waits in the outbox for the next start.
_FAREWELL = 4.0


@dataclass(frozen=True)
class Tellers:
    """Brings replies to the platforms, by the first part of a chat's name."""

    platforms: Mapping[str, Teller]

    async def tell(self, reply: Reply) -> None:
        """Bring a reply to its chat; raises DeliveryError."""
        platform = self.platforms.get(reply.chat.partition(":")[0])
        if platform is None:  # it may be served again after the next start
            raise DeliveryError("this platform is not served now", permanent=False)
        await platform.tell(reply)


def split(chat: str, say: Say) -> tuple[Say, ...]:
    """A reply in the pieces that the chat's platform can take."""
    return split_for_telegram(say) if chat.startswith("telegram:") else (say,)


async def run(assistant: Assistant, store: Store, courier: Courier | None) -> None:
    """Serve until SIGTERM or SIGINT; raises SettingsError or PlatformError where the start fails."""
    settings = assistant.settings
    if not settings.telegram.token:
        raise SettingsError("TELEGRAM_BOT_TOKEN: nothing to serve; set it (or use `chat` for the terminal)")
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    await House(assistant, store, courier).serve(stopped)


class House:
    """The service with everything around it. ``gap``: seconds between two replies to one chat."""

    def __init__(
        self,
        assistant: Assistant,
        store: Store,
        courier: Courier | None,
        clock: Callable[[], datetime] = now,
        gap: float = _GAP,
    ) -> None:
        self.serving = asyncio.Event()
        self._clock = clock
        self._settings = assistant.settings
        self._store = store
        self._telegram = Telegram(_telegram(assistant.settings), assistant.world, clock)
        carriers = Carriers(courier, Tellers({"telegram": self._telegram}))
        self._sender = Sender(store, assistant.world, carriers, clock, gap)
        self.service = Service(
            assistant.world,
            store,
            retention(assistant.settings),
            allow=per_chat(),
            split=split,
            ring=self._sender.ring,
        )
        if courier is None:
            _log.warning("SMTP_URL is not set: e-mails, and so requests and codes, wait in the outbox")

    async def serve(self, stopped: asyncio.Event) -> None:
        """Serve until ``stopped``; everything that was taken is stored then."""
        try:
            listener = listening(self._settings.http_host, self._settings.http_port)
        except OSError as failure:
            where = f"{self._settings.http_host}:{self._settings.http_port}"
            raise SettingsError(f"HTTP_PORT: {where} cannot be listened on: {failure.strerror}") from None
        app = web_app(self._webhooks(), self._readiness)
        beside = [asyncio.create_task(work) for work in (self._sender.run(), self._tend())]
        try:
            async with serving(app, listener):
                await self._telegram.start(self.service.take)
                address = listener.getsockname()
                _log.info("serving %s on Telegram; http://%s:%s/health", self._telegram.name, address[0], address[1])
                self.serving.set()
                await stopped.wait()
                _log.info("stopping")
        finally:
            await self._telegram.stop()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._sender.stop(_FAREWELL)

    def _webhooks(self) -> dict[str, Webhook]:
        async def telegram(body: bytes, headers: Mapping[str, str]) -> int:
            return await self._telegram.webhook(body, headers.get("x-telegram-bot-api-secret-token", ""))

        return {self._telegram.webhook_path: telegram} if self._telegram.webhook_path else {}

    async def _readiness(self) -> Mapping[str, str]:
        try:
            await self._store.tx(lambda _tx: None)
        except StoreError:
            return {"store": "cannot be written", "telegram": self._reached}
        return {"store": "ok", "telegram": self._reached}

    @property
    def _reached(self) -> str:
        return "ok" if self._telegram.ready else "cannot be reached"

    async def _tend(self) -> None:
        while True:
            with suppress(StoreError):  # readiness tells; the next time may go better
                await self.service.tend(self._clock())
            await asyncio.sleep(_TEND)


async def probe_telegram(settings: Settings) -> str:
    """Who the bot is, and where its updates go; raises PlatformError."""
    return await probe(_telegram(settings))


def _telegram(settings: Settings) -> TelegramOptions:
    row = settings.telegram
    brought = row.mode == "webhook"
    return TelegramOptions(
        row.token, row.api_url, row.rate, row.webhook_url if brought else "", row.webhook_secret if brought else ""
    )


__all__ = ["House", "PlatformError", "run"]
