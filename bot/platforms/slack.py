"""Slack: events in, acknowledged once they are stored; replies out; over a socket or over HTTP."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import (
    AsyncAuthorize,
    AsyncCallableAuthorize,
    AsyncInstallationStoreAuthorize,
)
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.core.job import Reply
from bot.core.mail import DeliveryError
from bot.core.world import World
from bot.platforms.errors import PlatformError
from bot.platforms.slack_events import place
from bot.platforms.slack_installs import InstallationStore, Installs, States
from bot.platforms.slack_listeners import Handle, Listeners, Take
from bot.platforms.slack_manifest import INSTALL, PATH, REDIRECT, SCOPES
from bot.platforms.slack_replies import tell, told
from bot.platforms.slack_workspaces import FAULTS, SlackOptions, Workspaces, cause

__all__ = ["Slack", "SlackOptions"]

_log, _library = (logging.getLogger(name) for name in ("privacy_assistant", "privacy_assistant.slack"))

#: How often the connection is looked after, in seconds: after a cut it is back about as soon.
_PING: Final = 2.0

#: So long the first connection may take, in seconds.
_CONNECT: Final = 30


class _Nowhere:
    """No workspace has installed anything."""

    async def put(self, team: str, body: bytes) -> None:
        pass

    async def get(self, team: str) -> bytes | None:  # noqa: ARG002
        return None

    async def drop(self, team: str) -> None:
        pass


def tidied(record: logging.LogRecord) -> bool:
    """Have a line of the library go without traceback, and without what an address ends in: a ticket to connect."""
    record.msg, record.args = re.sub(r"\?[^\s'\"]+", "", record.getMessage()), ()
    record.exc_info = record.exc_text = None
    return True


async def probe(options: SlackOptions) -> str:
    """Whether the token works, and how events come; raises PlatformError."""
    way = "over a socket" if options.app_token else f"brought to {options.public_url}{PATH}"
    if not options.bot_token:
        return f"workspaces install it at {options.public_url}{INSTALL}; events are {way}"
    workspaces = Workspaces(options, _Nowhere())
    try:
        await workspaces.check()
    finally:
        await workspaces.close()
    return f"the token works, with all that is needed; events come {way}"


class Slack:
    """The assistant on Slack, from ``start`` to ``stop``."""

    def __init__(self, options: SlackOptions, world: World, clock: Callable[[], datetime], installs: Installs) -> None:
        self._options, self._world, self._clock, self._installs = options, world, clock, installs
        self._workspaces: Workspaces | None = None
        self._listeners: Listeners | None = None
        self._app: AsyncApp | None = None
        self._socket: Any = None
        self._heard = False

    @property
    def ready(self) -> bool:
        """Whether Slack is connected; over HTTP: whether it could be reached at the start."""
        if not self._heard or self._socket is None:
            return self._heard
        session = self._socket.client.current_session
        return session is not None and not session.closed

    async def start(self, take: Take, handle: Handle) -> None:
        """Connect and begin to take events; raises PlatformError with one line on what is wrong.

        ``take`` answers by way of the outbox; ``handle`` gives the answer back where a form can show it.
        """
        self._workspaces = Workspaces(self._options, self._installs)
        if self._options.bot_token:
            await self._workspaces.check()
        self._app = self._bolt(self._workspaces)
        self._listeners = Listeners(self._world, self._clock, take, handle, self.tell, self._workspaces, self._installs)
        self._listeners.attach(self._app)
        if self._options.app_token:
            await self._connect(self._app, self._workspaces, self._options.app_token)
        self._heard = True

    async def _connect(self, app: AsyncApp, workspaces: Workspaces, token: str) -> None:
        """Open the connection; asked for first, since the library itself would try a wrong token for ever."""
        try:
            async with asyncio.timeout(_CONNECT):
                opened = await workspaces.nobody.apps_connections_open(app_token=token)
                self._socket = AsyncSocketModeHandler(app, token, ping_interval=_PING)
                self._socket.client.wss_uri = opened["url"]
                await self._socket.connect_async()
        except FAULTS as failure:
            raise PlatformError(f"SLACK_APP_TOKEN: {cause(failure)}") from None

    async def stop(self) -> None:
        """Take no more events; what was taken is stored. Replies can be brought until ``close``."""
        if self._socket:
            with suppress(Exception):  # however the connection ends, it is over; who is gone is not waited for
                await asyncio.wait_for(self._socket.close_async(), 1)
        if self._listeners:
            await self._listeners.settle()

    async def close(self) -> None:
        """Let go of the connections."""
        if self._workspaces:
            await self._workspaces.close()

    def _bolt(self, workspaces: Workspaces) -> AsyncApp:
        """Bolt's app; it acknowledges after our listener, which ends with the commit."""
        options = self._options
        _library.setLevel(logging.ERROR)  # at INFO it tells of refused requests with all that they hold
        _library.addFilter(tidied)
        common: dict[str, Any] = {
            "client": workspaces.nobody,
            "authorize": self._authorize(workspaces),
            "signing_secret": options.signing_secret or None,
            "process_before_response": True,
            "request_verification_enabled": not options.app_token,
            "logger": _library,
        }
        if options.bot_token:
            return AsyncApp(**common)
        oauth = AsyncOAuthSettings(
            client_id=options.client_id,
            client_secret=options.client_secret,
            scopes=list(SCOPES),
            installation_store=InstallationStore(self._installs),
            installation_store_bot_only=True,
            state_store=States(options.client_secret),
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            redirect_uri=f"{options.public_url}{REDIRECT}",
        )
        return AsyncApp(oauth_settings=oauth, installation_store_bot_only=True, **common)

    def _authorize(self, workspaces: Workspaces) -> AsyncAuthorize:
        """Which token is whose, without a call for each event: such a call would mix up their order."""
        options = self._options
        if options.bot_token:

            async def ours(team_id: str | None) -> AuthorizeResult:
                return AuthorizeResult(
                    enterprise_id=None,
                    team_id=team_id,
                    bot_id=workspaces.bot[0],
                    bot_user_id=workspaces.bot[1],
                    bot_token=options.bot_token,
                )

            return AsyncCallableAuthorize(logger=_library, func=ours)
        return AsyncInstallationStoreAuthorize(
            logger=_library, installation_store=InstallationStore(self._installs), bot_only=True, cache_enabled=True
        )

    async def http(self, body: str, query: str, headers: Mapping[str, str]) -> BoltResponse:
        """Take what was brought to ``/slack/events``."""
        try:
            request = AsyncBoltRequest(body=body, query=query, headers=dict(headers))
        except (ValueError, RecursionError, AttributeError, TypeError):  # Bolt reads it before it looks who sent it
            return BoltResponse(status=400)
        return await self._app.async_dispatch(request) if self._app else BoltResponse(status=503)

    async def install(self, path: str, query: str, headers: Mapping[str, str]) -> BoltResponse:
        """The two pages of an installation."""
        request = AsyncBoltRequest(body="", query=query, headers=dict(headers))
        flow = self._app.oauth_flow if self._app else None
        if flow is None:
            return BoltResponse(status=404)
        try:
            return await (flow.handle_installation(request) if path == INSTALL else flow.handle_callback(request))
        except FAULTS as fault:
            _log.warning("Slack: a workspace could not install the app: %s", cause(fault))
            return BoltResponse(status=502, body="Slack cannot be reached just now; please try again.")

    async def tell(self, reply: Reply) -> None:
        """Bring one piece of a reply to its conversation; raises DeliveryError."""
        _, team, target = reply.chat.split(":")
        if self._workspaces is None:
            raise DeliveryError("Slack is not served yet", permanent=False)
        client = await self._workspaces.client(team)
        try:
            channel = place(reply.message).channel or await self._workspaces.channel(client, team, target)
        except FAULTS as failure:
            raise told(failure) from None
        await tell(client, self._world, reply, channel, self._workspaces.direct(team))
