"""The workspaces that the app is in: a client for each, where to write to somebody, which language their Slack has."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.language import Language, is_language
from bot.core.mail import DeliveryError
from bot.platforms.errors import PlatformError
from bot.platforms.slack_installs import InstallationStore, Installs
from bot.platforms.slack_manifest import SCOPES

#: How many people's languages are remembered, and how long an event waits for the answer to who somebody is.
_LOCALES: Final = 10_000
_LOCALE_SECONDS: Final = 1.0

#: What a call that is only good manners may fail with.
FAULTS: Final = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """How to be on Slack: one workspace by ``bot_token``, or many by ``client_id`` and ``client_secret``.

    ``app_token``: events come over a connection of ours; without it they are brought, signed with ``signing_secret``.
    ``api_url``: another Web API than Slack's own, ending in ``/api/``; ``public_url``: what the world calls us.
    """

    bot_token: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    api_url: str = ""
    public_url: str = ""


class Workspaces:
    """Opened and closed with the platform, inside its event loop."""

    def __init__(self, options: SlackOptions, installs: Installs) -> None:
        self._options, self._installs = options, installs
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        self.own, self.nobody = self._new_client(options.bot_token), self._new_client("")
        self.bot = ("", "")
        self._locales: dict[str, Language | None] = {}
        self._channels: dict[str, str] = {}
        self._directs: dict[str, str] = {}

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    def _new_client(self, token: str) -> AsyncWebClient:
        base = self._options.api_url or AsyncWebClient.BASE_URL
        return AsyncWebClient(token=token or None, base_url=base, session=self._session, retry_handlers=[])

    async def check(self) -> None:
        """See that the one workspace's token works and may do all that is needed; raises PlatformError."""
        try:
            answer = await self.own.auth_test()
            team, self.bot = str(answer["team_id"]), (answer["bot_id"], answer["user_id"])
            held = {k.lower(): v for k, v in answer.headers.items()}.get("x-oauth-scopes", "")
            app = (await self.own.bots_info(bot=answer["bot_id"]))["bot"].get("app_id", "")
        except SlackApiError as failure:
            raise PlatformError(f"SLACK_BOT_TOKEN: {cause(failure)}") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            where = self._options.api_url or "https://slack.com/api/"
            raise PlatformError(f"SLACK_API_URL: {where} cannot be reached: {type(failure).__name__}") from None
        missing = sorted(set(SCOPES) - {scope.strip() for scope in held.split(",")}) if held else []
        if missing:
            raise PlatformError(
                f"SLACK_BOT_TOKEN: the app lacks {', '.join(missing)}; add what `slack manifest` prints, install again"
            )
        self._directs[team] = f"https://slack.com/app_redirect?app={app}&team={team}" if app else ""

    async def client(self, team: str) -> AsyncWebClient:
        """The client of a workspace; raises DeliveryError where it has removed the app."""
        if self._options.bot_token:
            return self.own
        bot = await InstallationStore(self._installs).async_find_bot(enterprise_id=None, team_id=team)
        if bot is None:
            raise DeliveryError("the workspace has removed the app", permanent=True, closed=True)
        self._directs[team] = f"https://slack.com/app_redirect?app={bot.app_id}&team={team}" if bot.app_id else ""
        return self._new_client(bot.bot_token)

    def direct(self, team: str) -> str:
        """The address of the direct messages with the app, empty where it is not known."""
        return self._directs.get(team, "")

    async def channel(self, client: AsyncWebClient, team: str, target: str) -> str:
        """Where to write to: a channel itself, or the direct messages with a person; raises one of FAULTS."""
        if not target.startswith(("U", "W")):
            return target
        key = f"{team}:{target}"
        if key not in self._channels:
            answer: Any = await client.conversations_open(users=target)
            if len(self._channels) >= _LOCALES:
                self._channels.pop(next(iter(self._channels)))
            self._channels[key] = answer["channel"]["id"]
        return self._channels[key]

    async def locale(self, client: AsyncWebClient, user: str) -> Language | None:
        """The language that somebody's Slack is set to: a first guess."""
        if user not in self._locales:
            try:
                async with asyncio.timeout(_LOCALE_SECONDS):
                    found: Any = await client.users_info(user=user, include_locale=True)
            except FAULTS:
                return None
            code = str(found["user"].get("locale", ""))[:2]
            if len(self._locales) >= _LOCALES:
                self._locales.pop(next(iter(self._locales)))
            self._locales[user] = code if is_language(code) else None
        return self._locales[user]


def cause(failure: Exception) -> str:
    """What Slack said to a call, as its code."""
    if isinstance(failure, SlackApiError):
        answer: Any = failure.response
        needed = f" (needed: {answer.get('needed')})" if hasattr(answer, "get") and answer.get("needed") else ""
        return f"Slack answers {answer.get('error') if hasattr(answer, 'get') else 'an error'}{needed}"
    return f"Slack cannot be reached ({type(failure).__name__})"
