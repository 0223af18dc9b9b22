"""One message through the house: turned, and kept with its effects in one transaction; then the effects carried out."""

import logging
import secrets
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.core.chat import (
    Close,
    Effect,
    Event,
    Export,
    Exported,
    Forget,
    Hand,
    HomeOpened,
    Incoming,
    KeepChoice,
    KeepFeedback,
    MailRefused,
    Opened,
    Pressed,
    Said,
    Say,
    SendMail,
    Submit,
    TimerFired,
    Withdraw,
)
from bot.core.conversation import turn
from bot.core.feedback import Feedback, StoreError
from bot.core.flow import InFlow
from bot.core.job import Reply
from bot.core.language import Language
from bot.core.letters import handoff_mail
from bot.core.replies import joined, line
from bot.core.request import ReferenceTakenError
from bot.core.session import Session
from bot.core.world import World
from bot.outbox import Carriers, Courier, Teller, deliver
from bot.retention import Retention, purge

__all__ = ["Courier", "Retention", "Service", "Store", "StoreError", "Teller"]

T = TypeVar("T")

_log = logging.getLogger("privacy_assistant")

#: A reference that is another request's is this rare that one more try is always enough; more would hide a fault.
_TRIES = 3


class Store(Protocol):
    """Where things are kept. Whoever opens one may get a StoreError, and closes it."""

    @property
    def pepper(self) -> bytes:
        """The secret that one-time codes are marked with."""

    async def tx(self, fn: Callable[[Any], T]) -> T:
        """Run ``fn(transaction)`` in one transaction: all of it is written, or nothing."""

    async def scrub(self) -> None:
        """Leave nothing of what was deleted in any file."""

    def close(self) -> None:
        """Finish what runs, and close."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What a transaction brought: the replies, whether something was erased for good, the lanes that wait now."""

    says: tuple[Say, ...]
    forgot: bool = False
    lanes: tuple[str, ...] = ()


#: A reply in the pieces that a chat's platform can take.
Split = Callable[[str, Say], tuple[Say, ...]]


@dataclass(frozen=True)
class Service:
    """Handles events, carries out effects, and tends what time brings.

    ``allow``: whether one more message of a chat is taken now, against floods. ``courier``: without one, mails wait.
    ``split``: cuts a reply for the platform of a chat; ``ring``: is told which lanes of the outbox have work now.
    """

    world: World
    store: Store
    retention: Retention = field(default_factory=Retention)
    courier: Courier | None = None
    teller: Teller | None = None
    allow: Callable[[str], bool] = field(default=lambda _chat: True)
    split: Split = field(default=lambda _chat, say: (say,))
    ring: Callable[[tuple[str, ...]], None] = field(default=lambda _lanes: None)

    async def begin(self, chat: str, controller: str | None, language: Language | None, at: datetime) -> None:
        """Open a chat about a company, or in a language, that is known beforehand; a draft under way stays."""
        await self.store.tx(partial(_begin, chat, controller, language, at))

    async def handle(self, incoming: Incoming) -> tuple[Say, ...]:
        """Answer one event: the replies to send, in order. An event that comes twice acts, and is answered, once."""
        return await self._handled(incoming, outward=False)

    async def take(self, incoming: Incoming) -> tuple[Say, ...]:
        """Answer one event by way of the outbox, for platforms on which nobody waits for the return of a call.

        What comes back is only what could not be kept, to be told at once and once.
        """
        try:
            return await self._handled(incoming, outward=True)
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not silence a chat
            _log.error("a turn failed: %s", _place(fault))
            return (self._trouble(incoming, flood=False),)

    async def _handled(self, incoming: Incoming, *, outward: bool) -> tuple[Say, ...]:
        if isinstance(incoming.event, Said):
            incoming = replace(incoming, event=replace(incoming.event, text=_storable(incoming.event.text)))
        if isinstance(incoming.event, Said | Pressed) and not self.allow(incoming.chat):
            return (self._trouble(incoming, flood=True),)
        try:
            done = await self._turned(incoming, outward=outward)
        except StoreError:
            return (self._trouble(incoming, flood=False),)
        self.ring(done.lanes)
        if done.forgot:
            with suppress(StoreError):  # the rows are gone; the journal is emptied with the next scrub
                await self.store.scrub()
        return () if outward else done.says

    async def _turned(self, incoming: Incoming, *, outward: bool) -> _Done:
        for _ in range(_TRIES - 1):
            try:
                return await self.store.tx(partial(self._turn, self._with_chance(incoming), outward))
            except ReferenceTakenError:
                continue
        return await self.store.tx(partial(self._turn, self._with_chance(incoming), outward))

    @staticmethod
    def _with_chance(incoming: Incoming) -> Incoming:
        return replace(incoming, random=secrets.token_bytes(32))

    def _trouble(self, incoming: Incoming, *, flood: bool) -> Say:
        language = incoming.locale_hint or "en"
        much = self.world.say(language, "That was a lot at once. Please wait a moment, then write again.")
        lost = self.world.say(
            language, "I could not keep that just now. Nothing is lost: please send it again in a moment."
        )
        return line(language, much if flood else lost)

    def _turn(self, incoming: Incoming, outward: bool, tx: Any) -> _Done:
        """One event inside a transaction; what effects bring back at once is turned in it too."""
        if not tx.first(incoming.id, incoming.chat, incoming.at):
            return _Done(())
        chat = tx.chat(incoming.chat, incoming.at)
        session, cases = chat.session, tx.cases(chat.mark)
        events: list[Event] = [incoming.event]
        effects: list[Effect] = []
        while events:
            now = replace(incoming, event=events.pop(0), cases=cases)
            if isinstance(now.event, HomeOpened):
                now = replace(now, choices=tx.choices(chat))
            done = turn(self.world, session, now)
            session = done.session
            for effect in done.effects:
                match effect:
                    case SendMail(mail, _, limited) if limited and not tx.may_mail(
                        limited, mail.to, chat.mark, incoming.at
                    ):
                        events.append(MailRefused(limited))
                    case Export():
                        whole = tx.everything(chat, session, cases)
                        events.append(Exported(whole, tx.choices(chat), chat.first_seen))
                    case _:
                        effects.append(effect)
        forgot = any(isinstance(effect, Forget) for effect in effects)
        if not forgot:
            tx.save(chat, session, incoming.at)
            timers = self._timers(session, incoming)
            if timers or self._timers(chat.session, incoming):
                tx.set_timers(chat.mark, timers)
        lanes = [self._carry_out(tx, chat, incoming, effect) for effect in effects]
        says = tuple(effect for effect in effects if isinstance(effect, Say))
        if outward:
            lanes += self._send(tx, chat, incoming, says, forgot=forgot)
        return _Done(says, forgot, tuple(lane for lane in lanes if lane))

    def _timers(self, session: Session, incoming: Incoming) -> dict[str, datetime]:
        """An unfinished request is reminded of once, after half of its time, and then erased."""
        if not (isinstance(session.place, InFlow) or session.parked):
            return {}
        half = self.retention.drafts / 2
        if isinstance(incoming.event, TimerFired):  # reminded just now
            return {"expire": incoming.at + half}
        return {"remind": incoming.at + half, "expire": incoming.at + half * 2}

    def _send(self, tx: Any, chat: Any, incoming: Incoming, says: tuple[Say, ...], *, forgot: bool) -> list[str]:
        """Put the turn's replies, as one, into the outbox; of a chat that was just forgotten only the last stays."""
        if chat.closed and isinstance(incoming.event, TimerFired):
            return []
        if chat.closed:
            tx.reopen(chat.mark)
        pieces = [piece for say in joined(says) for piece in self.split(incoming.chat, say)]
        owner, lane = None if forgot else chat.mark, f"chat:{chat.mark}"
        for number, piece in enumerate(pieces):
            reply = Reply(incoming.chat, piece, incoming.message)
            tx.put(f"{incoming.chat}:{incoming.id}:say{number}", reply, incoming.at, owner, None, lane)
        return [lane] if pieces else []

    def _carry_out(self, tx: Any, chat: Any, incoming: Incoming, effect: Effect) -> str | None:
        """Write down what an effect asks for; returns the lane that has work by it."""
        match effect:
            case KeepFeedback():
                row = Feedback(effect.at, effect.kind, effect.language, effect.controller, effect.topic, effect.text)
                tx.add_feedback(row)
            case SendMail(mail, case, _):
                return str(tx.put(mail.id, mail, incoming.at, chat.mark, case))
            case Submit(case):
                tx.add_case(case, chat.mark)
            case Withdraw(case):
                tx.change_case(case, incoming.at, "subject", "withdrawn")
            case KeepChoice(choice):
                tx.add_choice(choice, chat)
            case Hand(over):
                mail = handoff_mail(self.world, over)
                return str(tx.put(mail.id, mail, incoming.at, chat.mark, None))
            case Forget():
                tx.forget(chat.mark)
            case Close():
                tx.close_chat(chat.mark, incoming.at)
            case _:
                pass  # a Say is returned or sent; an Export has been answered
        return None

    async def deliver(self, now: datetime) -> int:
        """Carry out what waits in the outbox and is due; returns how much was carried out."""
        return await deliver(self.store, self.world, Carriers(self.courier, self.teller), now)

    async def tend(self, now: datetime) -> None:
        """Do what time brings: reminders, and erasing what is too old."""
        self.ring(await self.store.tx(lambda tx: self._wake(tx, now)))
        await self.store.tx(lambda tx: purge(tx, self.retention, now))
        await self.store.scrub()

    def _wake(self, tx: Any, now: datetime) -> tuple[str, ...]:
        woken: dict[str, tuple[str, ...]] = {}
        for chat, timer in tx.due_timers(now):
            if chat in woken:  # after a long stop both times have come: the reminder's turn sets the other anew
                continue
            event = TimerFired("remind" if timer == "remind" else "expire")
            incoming = Incoming(f"{timer}:{now.isoformat()}", chat, now, event)
            woken[chat] = self._turn(self._with_chance(incoming), True, tx).lanes
        return tuple(lane for lanes in woken.values() for lane in lanes)


def _place(fault: BaseException) -> str:
    """What went wrong and where, without a word of what somebody wrote: an error's own text may hold that."""
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{type(fault).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"


def _begin(chat: str, controller: str | None, language: Language | None, at: datetime, tx: Any) -> None:
    stored = tx.chat(chat, at)
    session = stored.session
    if isinstance(session.place, InFlow):
        changed = replace(session, language=language or session.language)
    else:
        changed = Session(chat, language, controller, parked=session.parked)
    tx.save(stored, changed, at)


def _storable(text: str) -> str:
    """A text whose every sign can be written down: half a sign, as a broken input brings it, becomes ``?``."""
    return text.encode(errors="replace").decode()


def now() -> datetime:
    """The time, as everything here counts it."""
    return datetime.now(UTC)


def opened(chat: str, hint: Language | None) -> Incoming:
    """That a chat was opened just now."""
    return Incoming(f"opened:{secrets.token_hex(8)}", chat, now(), Opened(), hint)
