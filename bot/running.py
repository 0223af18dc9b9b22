"""``privacy-assistant run``: every platform that is configured, the outbox and the web side, until SIGTERM."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.app import Assistant, retention
from bot.core.chat import Incoming, Said, Say
from bot.core.conversation import turn
from bot.core.job import Reply
from bot.core.language import LANGUAGES
from bot.core.mail import DeliveryError
from bot.core.session import Session
from bot.core.world import World
from bot.flood import Floods
from bot.outbox import Carriers, Courier, Sender
from bot.platforms.errors import PlatformError
from bot.service import Service, Store, StoreError, Teller, now
from bot.serving_slack import OnSlack, probe_slack, split_for_slack
from bot.serving_telegram import OnTelegram, probe_telegram, split_for_telegram
from bot.settings import SettingsError
from bot.web.server import Endpoint, listening, serving, web_app

_log = logging.getLogger("privacy_assistant")

#: How often time is asked what it brings (reminders, erasing), in seconds.
_TEND = 60.0

#: The event loop waits for the store's thread no longer than this, in seconds: a fifth of what is usual.
_SWITCH = 0.001

#: Telegram and Slack take a message a second for a chat.
_GAP = 1.0

#: What is on its way at the end has so many seconds to arrive; the rest waits in the outbox for the next start.
_FAREWELL = 4.0

Take = Callable[..., Awaitable[tuple[Say, ...]]]


class Platform(Teller, Protocol):
    """A chat platform that is served."""

    @property
    def name(self) -> str:
        """Under which name it is served."""

    @property
    def ready(self) -> bool:
        """Whether it was reached when it was last tried."""

    @property
    def webhooks(self) -> Mapping[str, Endpoint]:
        """What is brought to the web side, by path."""

    @property
    def pages(self) -> Mapping[str, Endpoint]:
        """What is asked for on the web side, by path."""

    async def start(self, service: Service) -> None:
        """Begin to take events; raises PlatformError."""

    async def stop(self) -> None:
        """Take no more events. Replies can be brought until ``close``."""

    async def close(self) -> None:
        """Let go of the connections."""


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
    match chat.partition(":")[0]:
        case "telegram":
            return split_for_telegram(say)
        case "slack":
            return split_for_slack(say)
        case _:
            return (say,)


async def run(assistant: Assistant, store: Store, courier: Courier | None) -> None:
    """Serve until SIGTERM or SIGINT; raises SettingsError or PlatformError where the start fails."""
    settings = assistant.settings
    if not (settings.telegram.token or settings.slack.bot_token or settings.slack.client_id):
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN, SLACK_BOT_TOKEN: nothing to serve; set one of them (or use `chat` for the terminal)"
        )
    sys.setswitchinterval(_SWITCH)
    _warm(assistant.world)
    gc.collect()
    gc.freeze()  # the content stays for good: looking through it for garbage would stop all for a tenth of a second
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    await House(assistant, store, courier).serve(stopped)


def _warm(world: World) -> None:
    """Have loaded and made now what is loaded and made at its first use, so that nobody has to wait for it."""
    for code in LANGUAGES:
        session = Session("warm:up:0", code, world.controllers[0])
        for text in ("_ga?", "nobody@example.com 1.1.2026"):
            said = Said(text)
            session = turn(world, session, Incoming("0", session.chat, now(), said, code, bytes(32))).session
    for controller in world.controllers:
        world.deadline(controller, now())


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
        self._platforms: dict[str, Platform] = {}
        if assistant.settings.telegram.token:
            self._platforms["telegram"] = OnTelegram(assistant, clock)
        if assistant.settings.slack.bot_token or assistant.settings.slack.client_id:
            self._platforms["slack"] = OnSlack(assistant, store, clock)
        carriers = Carriers(courier, Tellers(self._platforms))
        self._sender = Sender(store, assistant.world, carriers, clock, gap)
        floods = Floods()
        self.service = Service(
            assistant.world,
            store,
            retention(assistant.settings),
            allow=floods.allow,
            warn=floods.warn,
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
        app = web_app(self._paths("webhooks"), self._paths("pages"), self._readiness)
        beside: list[asyncio.Task[None]] = []
        try:
            async with serving(app, listener):
                if not await self._started(stopped):
                    return
                # Only now: before, nothing of what waits could be brought.
                beside += [asyncio.create_task(work) for work in (self._sender.run(), self._tend())]
                names, address = ", ".join(p.name for p in self._platforms.values()), listener.getsockname()
                _log.info("serving %s; http://%s:%s/health", names, address[0], address[1])
                self.serving.set()
                await stopped.wait()
                _log.info("stopping")
        finally:
            await asyncio.gather(*(there.stop() for there in self._platforms.values()), return_exceptions=True)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._sender.stop(_FAREWELL)
            await asyncio.gather(*(there.close() for there in self._platforms.values()), return_exceptions=True)

    async def _started(self, stopped: asyncio.Event) -> bool:
        """Start every platform; False where the end came before that."""
        end = asyncio.create_task(stopped.wait())
        try:
            for platform in self._platforms.values():
                start = asyncio.create_task(platform.start(self.service))
                await asyncio.wait([start, end], return_when=asyncio.FIRST_COMPLETED)
                if not start.done():
                    start.cancel()
                    await asyncio.gather(start, return_exceptions=True)
                    return False
                start.result()
        finally:
            end.cancel()
        return True

    def _paths(self, kind: str) -> dict[str, Endpoint]:
        return {path: there for platform in self._platforms.values() for path, there in getattr(platform, kind).items()}

    async def _readiness(self) -> Mapping[str, str]:
        reached = {name: "ok" if there.ready else "cannot be reached" for name, there in self._platforms.items()}
        try:
            await self._store.tx(lambda _tx: None)
        except StoreError:
            return {"store": "cannot be written", **reached}
        return {"store": "ok", **reached}

    async def _tend(self) -> None:
        while True:
            try:
                await self.service.tend(self._clock())
            except StoreError:
                pass  # readiness tells; the next time may go better
            except Exception as fault:  # noqa: BLE001 - whatever it is, erasing in time must go on
                _log.error("what time brings could not be done: %s", type(fault).__name__)
            await asyncio.sleep(_TEND)


__all__ = ["House", "PlatformError", "probe_slack", "probe_telegram", "run"]
