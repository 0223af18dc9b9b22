"""Replies of ours to Slack's conversations, and what its answers mean for the outbox."""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.chat import Button, Say
from bot.core.job import Reply
from bot.core.mail import DeliveryError
from bot.core.world import World
from bot.platforms.slack_events import Place, place
from bot.platforms.slack_forms import askable
from bot.platforms.slack_text import Json, block_kit, fallback, keyboard
from bot.platforms.slack_workspaces import FAULTS

#: Errors after which nothing can be brought to a conversation until the person is heard of again.
_CLOSED = frozenset(
    {"account_inactive", "cannot_dm_bot", "channel_not_found", "is_archived", "not_in_channel", "user_disabled"}
    | {"user_not_found", "user_not_visible"}
)

#: Errors of Slack's own that pass; and those of a token, which an operator can mend.
_PASSING = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"}
    | {"token_revoked", "token_expired", "invalid_auth", "not_authed", "team_not_found"}
)

_TOO_MANY, _SERVER = 429, 500

#: The button that opens a step as a form.
OPEN_FORM = "open_form"


async def tell(client: AsyncWebClient, world: World, reply: Reply, channel: str, direct: str) -> None:
    """Bring one piece of a reply to a channel; raises DeliveryError. ``direct``: the address of the direct messages."""
    try:
        await _send(client, world, reply, channel, direct)
    except (*FAULTS, SlackRequestError) as failure:
        raise told(failure) from None


def told(failure: Exception) -> DeliveryError:
    """What a failure means; Slack's own words may hold ours, so only its code is kept."""
    if isinstance(failure, SlackApiError):
        return _refused(failure)
    if isinstance(failure, aiohttp.ClientConnectorError):
        return DeliveryError("Slack cannot be reached (ClientConnectorError)", permanent=False)
    return DeliveryError(f"Slack did not answer ({type(failure).__name__})", permanent=False, unclear=True)


def _refused(failure: SlackApiError) -> DeliveryError:
    answer: Any = failure.response
    status = getattr(answer, "status_code", 0)
    error = str(answer.get("error") or "") if status < _SERVER and hasattr(answer, "get") else ""
    if status == _TOO_MANY or error == "ratelimited":
        wait = float({k.lower(): v for k, v in answer.headers.items()}.get("retry-after", 1))
        return DeliveryError("Slack asks to wait", permanent=False, after=wait)
    if status >= _SERVER or error in _PASSING:
        return DeliveryError(f"Slack: {error or status}", permanent=False, unclear=True)
    closed = error in _CLOSED
    return DeliveryError(f"Slack refused it: {error}", permanent=True, closed=closed)


async def _send(client: AsyncWebClient, world: World, reply: Reply, channel: str, direct: str) -> None:
    say, at = reply.say, place(reply.message)
    if say.home:
        user = reply.chat.rpartition(":")[2]
        blocks = [*block_kit(say.blocks), *keyboard(say.buttons, direct)]
        await client.views_publish(user_id=user, view={"type": "home", "blocks": blocks[:100]})
        return
    thread = at.thread or None if at.channel == channel else None
    if say.files:
        file = say.files[0]
        await client.files_upload_v2(
            channel=channel, thread_ts=thread, content=file.text, filename=file.name, title=file.name
        )
        return
    blocks = [*block_kit(say.blocks), *_buttons(world, say, direct)]
    if say.in_place and at.ts and await _updated(client, at, fallback(say), blocks):
        return
    await client.chat_postMessage(
        channel=channel,
        text=fallback(say),
        blocks=blocks,
        thread_ts=thread,
        unfurl_links=False,
        unfurl_media=False,
    )


async def _updated(client: AsyncWebClient, at: Place, text: str, blocks: list[Json]) -> bool:
    """Put a text in the place of another; False where that message is gone or too old."""
    try:
        await client.chat_update(channel=at.channel, ts=at.ts, text=text, blocks=blocks)
    except SlackApiError as failure:
        if failure.response.get("error") not in ("message_not_found", "cant_update_message", "edit_window_closed"):
            raise
        return False
    return True


def _buttons(world: World, say: Say, direct: str) -> list[Json]:
    rows = keyboard(say.buttons, direct)
    if say.asked is None or not askable(say):
        return rows
    label = world.say(say.language, "Open the form")
    form: Json = {
        "type": "button",
        "text": {"type": "plain_text", "text": label},
        "action_id": OPEN_FORM,
        "value": say.asked.draft,
    }
    return [*rows, {"type": "actions", "elements": [form]}]


def marked(message: Json, pressed: Button) -> list[Json]:
    """A message's blocks with its buttons replaced by the one that was pressed."""
    blocks = [block for block in message.get("blocks", []) if block.get("type") not in ("actions", "context_actions")]
    label = pressed.label if pressed.label.startswith("✔") else f"✓ {pressed.label}"
    chosen: Json = {"type": "context", "elements": [{"type": "plain_text", "text": label[:150], "emoji": True}]}
    return [*blocks, chosen]
