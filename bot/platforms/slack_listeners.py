"""What Slack tells, taken: each event is stored with its answer before it is acknowledged."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.buttons import Vote, Walk, decode
from bot.core.chat import Button, HomeOpened, Incoming, Pressed, Say
from bot.core.job import Reply
from bot.core.mail import DeliveryError
from bot.core.world import World
from bot.platforms import slack_events, slack_forms
from bot.platforms.in_order import InOrder
from bot.platforms.slack_installs import Installs
from bot.platforms.slack_manifest import ASK_ABOUT
from bot.platforms.slack_replies import OPEN_FORM, marked
from bot.platforms.slack_workspaces import FAULTS, Workspaces

_log = logging.getLogger("privacy_assistant")

Take = Callable[[Incoming], Awaitable[tuple[Say, ...]]]

#: What people begin with, for the suggested prompts: topics' titles are their words.
_PROMPTS: Final = ("data_collected", "rights_overview", "cookies_used", "retention")


@dataclass(frozen=True)
class Listeners:
    """``take`` stores an event and its answer; ``handle`` gives the answer back, for forms; ``tell`` tells at once."""

    world: World
    clock: Callable[[], datetime]
    take: Take
    handle: Take
    tell: Callable[[Reply], Awaitable[None]]
    workspaces: Workspaces
    installs: Installs
    _order: InOrder = field(default_factory=InOrder)
    _soon: set[asyncio.Task[None]] = field(default_factory=set)

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

    async def settle(self) -> None:
        """Finish what is done beside, or leave it."""
        if self._soon:
            _, late = await asyncio.wait(self._soon, timeout=1)
            for task in late:
                task.cancel()

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
            self._later(self._suggest(client, body["event"]["user"], body["event"]["channel"]))
        await self._taken(client, incoming)

    async def _on_press(self, ack: Any, body: Any, client: AsyncWebClient) -> None:
        found = slack_events.press(body, self.clock())
        if found is not None:
            incoming, at_home = found
            await self._taken(client, incoming, body["user"]["id"])
            if at_home:
                await self._taken(client, replace(incoming, id=f"{incoming.id}:home", event=HomeOpened()))
            self._later(self._mark_pressed(client, body, incoming))
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

    async def _on_uninstalled(self, body: Any) -> None:
        await self.installs.drop(body["team_id"])
        _log.info("Slack: a workspace has removed the app; its token is erased")

    async def _taken(self, client: AsyncWebClient, incoming: Incoming, user: str = "") -> None:
        """Have an event stored with its answer, in the order of its conversation."""
        hint = await self.workspaces.locale(client, user or incoming.chat.rpartition(":")[2])
        async with self._order.turn(incoming.chat):
            for say in await self.take(replace(incoming, locale_hint=hint)):
                self._later(self._tell_once(Reply(incoming.chat, say, incoming.message)))

    async def _on_form(self, ack: Any, body: Any, client: AsyncWebClient) -> None:
        """Open the present step as a form; its draft may be over by now, then the conversation says so."""
        draft = body["actions"][0].get("value", "")
        incoming = self._of(body, f"form:{body['trigger_id']}", Walk(draft, "resume"))
        say = await self._asked_now(incoming)
        if say is None:
            await self._taken(client, replace(incoming, id=f"{incoming.id}:over"))
        else:
            await client.views_open(trigger_id=body["trigger_id"], view=slack_forms.view(self.world, say))
        await ack()

    async def _on_submitted(self, ack: Any, body: Any, view: Any, client: AsyncWebClient) -> None:
        """An answer in a form: what is wrong stands beside the field, else the next step comes; the last is sent."""
        then = slack_forms.kept(view["private_metadata"])
        id_ = f"view:{view['id']}:{view['hash']}"
        resume = Walk(then.draft, "resume")
        now = await self._asked_now(self._of(body, f"{id_}:now", resume))
        events = slack_forms.events(view["state"], then)
        if now is None or now.asked is None or now.asked.step != then.step or not events:
            await ack(response_action="update", view=self._next(now))  # it has gone on somewhere else meanwhile
            return
        if then.kind in ("review", "confirm"):
            for number, event in enumerate(events):
                await self._taken(client, replace(self._of(body, f"{id_}:{number}", resume), event=event))
            await ack(response_action="clear")
            return
        said: Say | None = now
        for number, event in enumerate(events):
            said = await self._asked_now(replace(self._of(body, f"{id_}:{number}", resume), event=event))
        if said and said.asked and said.asked.step == then.step:
            problem = said.asked.before or self.world.say(said.language, "Please answer this, or close the form.")
            await ack(response_action="errors", errors={slack_forms.FIELD: problem[:150]})
            return
        await ack(response_action="update", view=self._next(said))

    def _next(self, say: Say | None) -> Any:
        if say is None or not slack_forms.askable(say):
            return slack_forms.closing(self.world, say.language if say else "en")
        return slack_forms.view(self.world, say)

    async def _on_closed(self, ack: Any, body: Any, view: Any, client: AsyncWebClient) -> None:
        """A form was closed: its answers are kept, and the conversation shows where it stands."""
        if view.get("private_metadata"):
            draft = slack_forms.kept(view["private_metadata"]).draft
            await self._taken(client, self._of(body, f"closed:{view['id']}:{view['hash']}", Walk(draft, "resume")))
        await ack()

    def _of(self, body: Any, id_: str, press: Walk) -> Incoming:
        chat = slack_events.private(body["team"]["id"], body["user"]["id"])
        return Incoming(id_, chat, self.clock(), Pressed(press))

    async def _asked_now(self, incoming: Incoming) -> Say | None:
        """What a turn asks in the end, for a form; None where it asks nothing."""
        async with self._order.turn(incoming.chat):
            says = await self.handle(incoming)
        return next((say for say in reversed(says) if say.asked), None)

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

    async def _tell_once(self, reply: Reply) -> None:
        """Tell what could not be kept: at once, once, and without the outbox."""
        with suppress(DeliveryError):
            await self.tell(reply)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside what is waited for."""
        task = asyncio.create_task(work)
        self._soon.add(task)
        task.add_done_callback(self._soon.discard)
