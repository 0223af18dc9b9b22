"""Slack as ``run`` serves it: from settings to the platform, its paths on the web side, its workspaces in the store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.app import Assistant
from bot.core.job import Reply
from bot.platforms.slack import Slack, SlackOptions, probe
from bot.platforms.slack_manifest import INSTALL, PATH, REDIRECT
from bot.platforms.slack_text import split as split_for_slack
from bot.service import Service, Store
from bot.settings import Settings
from bot.web.server import Answer, Endpoint

__all__ = ["OnSlack", "probe_slack", "split_for_slack"]


@dataclass(frozen=True)
class StoredInstalls:
    """What workspaces gave at their installation, in the store."""

    store: Store
    clock: Callable[[], datetime]

    async def put(self, team: str, body: bytes) -> None:
        """Keep it, in place of an earlier one."""
        await self.store.tx(lambda tx: tx.put_install(f"slack:{team}", body, self.clock()))

    async def get(self, team: str) -> bytes | None:
        """What is kept of a workspace."""
        found: bytes | None = await self.store.tx(lambda tx: tx.install(f"slack:{team}"))
        return found

    async def drop(self, team: str) -> None:
        """Erase what is kept of a workspace, in every file."""
        await self.store.tx(lambda tx: tx.drop_install(f"slack:{team}"))
        await self.store.scrub()


class OnSlack:
    """See ``running.Platform``."""

    def __init__(self, assistant: Assistant, store: Store, clock: Callable[[], datetime]) -> None:
        self._options = _options(assistant.settings)
        self._slack = Slack(self._options, assistant.world, clock, StoredInstalls(store, clock))

    @property
    def name(self) -> str:
        return "Slack over a socket" if self._options.app_token else f"Slack at {PATH}"

    @property
    def ready(self) -> bool:
        return self._slack.ready

    @property
    def webhooks(self) -> Mapping[str, Endpoint]:
        async def brought(body: bytes, query: str, headers: Mapping[str, str]) -> Answer:
            done = await self._slack.http(body.decode(errors="replace"), query, headers)
            return Answer(done.status, done.body, done.first_headers())

        return {} if self._options.app_token else {PATH: brought}

    @property
    def pages(self) -> Mapping[str, Endpoint]:
        async def install(_body: bytes, query: str, headers: Mapping[str, str]) -> Answer:
            done = await self._slack.install(INSTALL, query, headers)
            return Answer(done.status, done.body, done.first_headers())

        async def redirect(_body: bytes, query: str, headers: Mapping[str, str]) -> Answer:
            done = await self._slack.install(REDIRECT, query, headers)
            return Answer(done.status, done.body, done.first_headers())

        return {INSTALL: install, REDIRECT: redirect} if self._options.client_id else {}

    async def start(self, service: Service) -> None:
        await self._slack.start(service.take, service.handle)

    async def stop(self) -> None:
        await self._slack.stop()

    async def close(self) -> None:
        await self._slack.close()

    async def tell(self, reply: Reply) -> None:
        await self._slack.tell(reply)


async def probe_slack(settings: Settings) -> str:
    """Which workspace the token is for, and how events come; raises PlatformError."""
    return await probe(_options(settings))


def _options(settings: Settings) -> SlackOptions:
    row = settings.slack
    socket = row.mode == "socket"
    return SlackOptions(
        row.bot_token,
        row.app_token if socket else "",
        "" if socket else row.signing_secret,
        "" if row.bot_token else row.client_id,
        "" if row.bot_token else row.client_secret,
        row.api_url,
        settings.public_url,
    )
