"""Telegram as ``run`` serves it: from settings to the platform, and its webhook on the web side."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.app import Assistant
from bot.core.job import Reply
from bot.platforms.telegram import Telegram, TelegramOptions, probe
from bot.platforms.telegram_text import split as split_for_telegram
from bot.service import Service
from bot.settings import Settings
from bot.web.server import Answer, Endpoint

__all__ = ["OnTelegram", "probe_telegram", "split_for_telegram"]


class OnTelegram:
    """See ``running.Platform``."""

    pages: Mapping[str, Endpoint] = {}

    def __init__(self, assistant: Assistant, clock: Callable[[], datetime]) -> None:
        self._telegram = Telegram(_options(assistant.settings), assistant.world, clock)

    @property
    def name(self) -> str:
        return f"{self._telegram.name} on Telegram"

    @property
    def ready(self) -> bool:
        return self._telegram.ready

    @property
    def webhooks(self) -> Mapping[str, Endpoint]:
        async def brought(body: bytes, _query: str, headers: Mapping[str, str]) -> Answer:
            secret = headers.get("x-telegram-bot-api-secret-token", "")
            return Answer(await self._telegram.webhook(body, secret))

        return {self._telegram.webhook_path: brought} if self._telegram.webhook_path else {}

    async def start(self, service: Service) -> None:
        await self._telegram.start(service.take)

    async def stop(self) -> None:
        await self._telegram.stop()

    async def close(self) -> None:
        await self._telegram.close()

    async def tell(self, reply: Reply) -> None:
        await self._telegram.tell(reply)


async def probe_telegram(settings: Settings) -> str:
    """Who the bot is, and where its updates go; raises PlatformError."""
    return await probe(_options(settings))


def _options(settings: Settings) -> TelegramOptions:
    row = settings.telegram
    brought = row.mode == "webhook"
    return TelegramOptions(
        row.token, row.api_url, row.rate, row.webhook_url if brought else "", row.webhook_secret if brought else ""
    )
