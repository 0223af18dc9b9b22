"""What Slack tells, taken: each event is stored with its answer before it is acknowledged."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.buttons import Vote, Walk, decode
from bot.core.chat import Button, HomeOpened, Incoming, Pressed, Say
from bot.core.job import Reply
from bot.core.language import Language
from bot.core.text import Paragraph, plain
from bot.core.world import World
from bot.platforms import slack_events, slack_forms
from bot.platforms.beside import Beside
from bot.platforms.in_order import InOrder
from bot.platforms.slack_installs import Installs
from bot.platforms.slack_manifest import ASK_ABOUT
from bot.platforms.slack_replies import OPEN_FORM, marked
from bot.platforms.slack_workspaces import FAULTS, Workspaces, cause

_log = logging.getLogger("privacy_assistant")

#: An event waits so long for its person to be told that it could not be kept; Slack waits three seconds for us.
_TELL_SECONDS: Final = 1.5

#: So much of what is wrong is shown beside a field.
_PROBLEM: Final = 300

Take = Callable[[Incoming], Awaitable[tuple[Say, ...]]]
Handle = Callable[[Incoming, Callable[[tuple[Say, ...]], bool]], Awaitable[tuple[Say, ...]]]

#: What people begin with, for the suggested prompts: topics' titles are their words.
_PROMPTS: Final = ("data_collected", "rights_overview", "cookies_used", "retention")


@dataclass(frozen=True, slots=True)
class _Filled:
    """What came of an event of a form: what it asks next, None where that goes on in the messages; or a trouble."""

    say: Say | None
    language: Language
    trouble: str = ""


@dataclass(frozen=True)
class Listeners:
    """``take`` stores an event and its answer; ``handle`` gives the answer back, for forms; ``tell`` tells at once."""

    world: World
    clock: Callable[[], datetime]
    take: Take
    handle: Handle
    tell: Callable[[Reply], Awaitable[None]]
    workspaces: Workspaces
    installs: Installs
    _order: InOrder = field(default_factory=InOrder)
    _beside: Beside = field(default_factory=Beside)

    def attach(self, app: AsyncApp) -> None:
        """Have Bolt call us."""
        app.event("message")(self._on_message)
        app.event("app_mention")(self._on_mention)
        app.event("app_home_opened")(self._on_home)
        app.event("app_uninstalled")(self._on_uninstalled)
        app.event("tokens_revoked")(self._on_uninstalled)
        app.action(OPEN_FORM)(self._on_form)
        app.action(re.compile(r"^(press_\d+|vote)$"))(self._on_press)
        app.view(slack_forms.FORM)(self._on_submitted)
        app.view_closed(slack_forms.FORM)(self._on_closed)
        app.command(re.compile(".+"))(self._on_command)
        app.shortcut(ASK_ABOUT)(self._on_shortcut)
        app.error(self._on_error)

    async def settle(self) -> None:
        """Finish what is done beside, or leave it."""
        await self._beside.settle()

    async def _on_message(self, body: Any, client: AsyncWebClient) -> None:
        if incoming := slack_events.message(body, self.clock()):
            await self._taken(client, incoming)

    async def _on_mention(self, body: Any, client: AsyncWebClient) -> None:
        if incoming := slack_events.mention(body, self.clock()):
            await self._taken(client, incoming, body["event"]["user"])

    async def _on_home(self, body: Any, client: AsyncWebClient) -> None:
        incoming = slack_events.opened(body, self.clock())
        if incoming is None:
            return
        if not isinstance(incoming.event, HomeOpened):
            self._beside.do(self._suggest(client, body["event"]["user"], body["event"]["channel"]))
        await self._taken(client, incoming)

    async def _on_press(self, ack: Any, body: Any, client: AsyncWebClient) -> None:
        found = slack_events.press(body, self.clock())
        if found is not None:
            incoming, at_home = found
            await self._taken(client, incoming, body["user"]["id"])
            if at_home:
                await self._taken(client, replace(incoming, id=f"{incoming.id}:home", event=HomeOpened()))
            self._beside.do(self._mark_pressed(client, body, incoming))
        await ack()

    async def _on_command(self, ack: Any, body: Any, client: AsyncWebClient) -> None:
        incoming = slack_events.command(body, self.clock())
        await self._taken(client, incoming)
        if str(body.get("channel_id", "")).startswith("D"):
            await ack()
            return
        language = await self.workspaces.locale(client, body["user_id"]) or "en"
        await ack(self.world.say(language, "I have answered you in our direct messages."))

    async def _on_shortcut(self, ack: Any, body: Any, client: AsyncWebClient) -> None:
        await self._taken(client, slack_events.shortcut(body, self.clock()))
        await ack()

    async def _on_error(self, error: Exception) -> None:
        """A fault of ours or of Slack's: it is no acknowledgement, and the log holds nothing of what was brought."""
        _log.error("Slack: an event was not taken: %s", type(error).__name__)

    async def _on_uninstalled(self, body: Any) -> None:
        revoked = body["event"].get("tokens")
        if revoked is not None and not revoked.get("bot"):
            return  # only somebody's own token, of which we keep none
        await self.installs.drop(body["team_id"])
        _log.info("Slack: a workspace has removed the app; its token is erased")

    async def _taken(self, client: AsyncWebClient, incoming: Incoming, user: str = "") -> None:
        """Have an event stored with its answer, in the order of its conversation."""
        async with self._order.turn(incoming.chat):
            hint = await self.workspaces.locale(client, user or incoming.chat.rpartition(":")[2])
            lost = await self.take(replace(incoming, locale_hint=hint))
        for say in lost:  # told at once, or else it was not taken: then Slack brings it again
            async with asyncio.timeout(_TELL_SECONDS):
                await self.tell(Reply(incoming.chat, say, incoming.message))

    async def _on_form(self, ack: Any, body: Any, client: AsyncWebClient) -> None:
        """Open the present step as a form; its draft may be over by now, then the conversation says so."""
        draft = body["actions"][0].get("value", "")
        incoming = self._of(body, f"form:{body['trigger_id']}", Walk(draft, "resume"))
        filled = await self._filled(client, incoming, draft)
        if say := filled.say:
            await self._opened(client, body["trigger_id"], say, incoming)
        elif filled.trouble:
            await self._taken(client, replace(incoming, id=f"{incoming.id}:over"))
        await ack()

    async def _on_submitted(self, ack: Any, body: Any, view: Any, client: AsyncWebClient) -> None:
        """An answer in a form: what is wrong stands beside the field, else the next step comes; the last is sent."""
        then = slack_forms.kept(view["private_metadata"])
        # After an error the view stays the same: only the trigger tells one try from the next.
        incoming = self._of(body, f"view:{body['trigger_id']}", Walk(then.draft, "resume"))
        now = await self._filled(client, incoming, then.draft)
        if now.say is None:
            await ack(**self._answered(now, then))
            return
        events = slack_forms.events(view["state"], then, now.say)
        if now.say.asked is None or now.say.asked.step != then.step or not events:  # it has gone on elsewhere
            changed = self.world.say(now.language, "Something has changed since that page. Please look once more.")
            say = replace(now.say, blocks=(Paragraph(changed), *now.say.blocks))
            await ack(response_action="update", view=slack_forms.view(self.world, say))
            return
        named = [replace(incoming, id=f"{incoming.id}:{n}", event=event) for n, event in enumerate(events)]
        if then.last:
            for one in named:
                await self._taken(client, one)
            await ack(response_action="clear")
            return
        for one in named:
            now = await self._filled(client, one, then.draft)
            if now.trouble:
                break
        await ack(**self._answered(now, then))

    def _answered(self, done: _Filled, then: slack_forms.Kept) -> dict[str, Any]:
        """What comes of an answer: the next step, what is wrong with it, or that it goes on in the messages."""
        say, problem = done.say, done.trouble
        if say and say.asked and say.asked.step == then.step:
            problem = say.asked.before or self.world.say(done.language, "Please answer this, or close the form.")
        if problem and not then.last:
            return {"response_action": "errors", "errors": {slack_forms.block_of(then.step): problem[:_PROBLEM]}}
        if say:
            return {"response_action": "update", "view": slack_forms.view(self.world, say)}
        return {"response_action": "update", "view": slack_forms.closing(self.world, done.language, problem)}

    async def _on_closed(self, ack: Any, body: Any, view: Any, client: AsyncWebClient) -> None:
        """A form was closed: its answers are kept, and the conversation shows where it stands."""
        if view.get("private_metadata"):
            draft = slack_forms.kept(view["private_metadata"]).draft
            await self._taken(client, self._of(body, f"closed:{view['id']}:{view['hash']}", Walk(draft, "resume")))
        await ack()

    def _of(self, body: Any, id_: str, press: Walk) -> Incoming:
        chat = slack_events.private(body["team"]["id"], body["user"]["id"])
        return Incoming(id_, chat, self.clock(), Pressed(press))

    async def _opened(self, client: AsyncWebClient, trigger: str, say: Say, incoming: Incoming) -> None:
        """Open a form; where Slack does not, the conversation shows where it stands."""
        try:
            await client.views_open(trigger_id=trigger, view=slack_forms.view(self.world, say))
        except FAULTS as fault:
            _log.warning("Slack: a form was not opened: %s", cause(fault))
            await self._taken(client, replace(incoming, id=f"{incoming.id}:closed"))

    async def _filled(self, client: AsyncWebClient, incoming: Incoming, draft: str) -> _Filled:
        """Have an event of a form stored; what the form can show stays there, the rest goes to the messages."""
        kept = False

        def shown(says: tuple[Say, ...]) -> bool:
            nonlocal kept
            kept = True  # nobody asks where nothing could be kept
            asked = says[0].asked if len(says) == 1 else None
            return asked is not None and asked.draft == draft and slack_forms.askable(says[0])

        async with self._order.turn(incoming.chat):
            hint = await self.workspaces.locale(client, incoming.chat.rpartition(":")[2])
            says = await self.handle(replace(incoming, locale_hint=hint), shown)
        language = says[-1].language if says else hint or "en"
        if not kept:
            much = self.world.say(language, "That was a lot at once. Please wait a moment, then write again.")
            return _Filled(None, language, plain(says[0].blocks) if says else much)
        return _Filled(says[0] if shown(says) else None, language)

    async def _mark_pressed(self, client: AsyncWebClient, body: Any, incoming: Incoming) -> None:
        """Put what was pressed in the place of the buttons; not where others may press, nor for ticks and votes."""
        action, container = body["actions"][0], body.get("container", {})
        pressed = decode(action.get("value") or "")
        ticked = isinstance(pressed, Walk) and pressed.act == "toggle"
        if incoming.public or ticked or isinstance(pressed, Vote) or "message" not in body or pressed is None:
            return
        if not str(container.get("channel_id", "")).startswith("D"):
            return
        button = Button(str(action.get("text", {}).get("text", "")), pressed)
        message = body["message"]
        with suppress(*FAULTS):
            await client.chat_update(
                channel=container["channel_id"],
                ts=container["message_ts"],
                text=message.get("text") or "…",
                blocks=marked(message, button),
            )

    async def _suggest(self, client: AsyncWebClient, user: str, channel: str) -> None:
        """Suggest what to begin with, in the language of somebody's Slack."""
        language = await self.workspaces.locale(client, user) or "en"
        titles = [self.world.topic_title(topic, language) for topic in _PROMPTS]
        prompts = [{"title": title, "message": title} for title in titles]
        with suppress(*FAULTS):
            await client.api_call(
                "assistant.threads.setSuggestedPrompts", json={"channel_id": channel, "prompts": prompts}
            )
