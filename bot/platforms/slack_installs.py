"""Workspaces that have installed the app: their tokens, sealed where everything else is kept, erased with the app."""

import hashlib
import hmac
import json
import logging
import secrets
from datetime import UTC, datetime
from logging import Logger
from typing import Any, Final, Protocol

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

_log = logging.getLogger("privacy_assistant")

#: How long somebody may take to say yes on Slack's page, in seconds.
_STATE_SECONDS: Final = 600


class Installs(Protocol):
    """Keeps what Slack gives at an installation, by workspace; whoever keeps it encrypts it."""

    async def put(self, team: str, body: bytes) -> None:
        """Keep it, in place of an earlier one."""

    async def get(self, team: str) -> bytes | None:
        """What is kept of a workspace."""

    async def drop(self, team: str) -> None:
        """Erase what is kept of a workspace."""


class InstallationStore(AsyncInstallationStore):
    """Bolt's store over ours: only what the bot needs, nothing of the person who installed it."""

    def __init__(self, installs: Installs) -> None:
        self._installs = installs

    @property
    def logger(self) -> Logger:
        return _log

    async def async_save(self, installation: Installation) -> None:
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        row = {
            "app_id": bot.app_id,
            "enterprise_id": bot.enterprise_id,
            "team_id": bot.team_id,
            "bot_token": bot.bot_token,
            "bot_id": bot.bot_id,
            "bot_user_id": bot.bot_user_id,
            "bot_scopes": list(bot.bot_scopes or ()),
            "installed_at": bot.installed_at,
        }
        await self._installs.put(bot.team_id or "", json.dumps(row).encode())

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,  # noqa: ARG002 - Bolt's own form
        team_id: str | None,
        is_enterprise_install: bool | None = False,  # noqa: ARG002
    ) -> Bot | None:
        body = await self._installs.get(team_id or "")
        return Bot(**json.loads(body)) if body else None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,  # noqa: ARG002
    ) -> Installation | None:
        bot = await self.async_find_bot(enterprise_id=enterprise_id, team_id=team_id)
        if bot is None:
            return None
        known: Any = bot.to_dict()
        return Installation(user_id=user_id or "", **{name: known[name] for name in known if name != "custom_values"})

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:  # noqa: ARG002
        await self._installs.drop(team_id or "")

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Nothing is kept of the person who installed it."""

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:  # noqa: ARG002
        await self._installs.drop(team_id or "")


class States(AsyncOAuthStateStore):
    """The ``state`` of an installation: signed with the app's secret, so that nothing of it need be kept."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @property
    def logger(self) -> Logger:
        return _log

    async def async_issue(self, *_args: Any, **_named: Any) -> str:
        text = f"{int(datetime.now(UTC).timestamp())}.{secrets.token_hex(16)}"
        return f"{text}.{self._sign(text)}"

    async def async_consume(self, state: str) -> bool:
        text, _, signature = state.rpartition(".")
        at = text.partition(".")[0]
        if not at.isdigit() or not hmac.compare_digest(signature, self._sign(text)):
            return False
        return 0 <= datetime.now(UTC).timestamp() - int(at) <= _STATE_SECONDS

    def _sign(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
