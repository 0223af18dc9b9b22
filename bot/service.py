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
    Incoming,
    Opened,
    Pressed,
    Said,
    Say,
    TimerFired,
)
from bot.core.feedback import StoreError
from bot.core.flow import InFlow
from bot.core.language import Language
from bot.core.replies import line
from bot.core.request import ReferenceTakenError
from bot.core.session import Session
from bot.core.world import World
from bot.outbox import Carriers, Courier, Teller, deliver
from bot.retention import Retention, purge
from bot.turning import Done, Shows, Split, Turning

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


@dataclass(frozen=True)
class Service:
    """Handles events, carries out effects, and tends what time brings.

    ``allow``: whether one more message of a chat is taken now, against floods; ``warn``: whether a chat is told so now.
    ``courier``: without one, mails wait.
    ``split``: cuts a reply for the platform of a chat; ``ring``: is told which lanes of the outbox have work now.
    """

    world: World
    store: Store
    retention: Retention = field(default_factory=Retention)
    courier: Courier | None = None
    teller: Teller | None = None
    allow: Callable[[str], bool] = field(default=lambda _chat: True)
    warn: Callable[[str], bool] = field(default=lambda _chat: True)
    split: Split = field(default=lambda _chat, say: (say,))
    ring: Callable[[tuple[str, ...]], None] = field(default=lambda _lanes: None)

    @property
    def _turning(self) -> Turning:
        return Turning(self.world, self.retention, self.split)

    async def begin(self, chat: str, controller: str | None, language: Language | None, at: datetime) -> None:
        """Open a chat about a company, or in a language, that is known beforehand; a draft under way stays."""
        await self.store.tx(partial(_begin, chat, controller, language, at))

    async def handle(self, incoming: Incoming, shows: Shows = lambda _says: True) -> tuple[Say, ...]:
        """Answer one event: the replies to send, in order. An event that comes twice acts, and is answered, once.

        Replies that whoever called does not show go out by way of the outbox, too.
        """
        return await self._handled(incoming, shows)

    async def take(self, incoming: Incoming) -> tuple[Say, ...]:
        """Answer one event by way of the outbox, for platforms on which nobody waits for the return of a call.

        What comes back is only what could not be kept, to be told at once and once.
        """
        try:
            return await self._handled(incoming, None)
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not silence a chat
            _log.error("a turn failed: %s", _place(fault))
            return (self._trouble(incoming, flood=False),)

    async def _handled(self, incoming: Incoming, shows: Shows | None) -> tuple[Say, ...]:
        if isinstance(incoming.event, Said):
            incoming = replace(incoming, event=replace(incoming.event, text=_storable(incoming.event.text)))
        if isinstance(incoming.event, Said | Pressed) and not self.allow(incoming.chat):
            return (self._trouble(incoming, flood=True),) if self.warn(incoming.chat) else ()
        try:
            done = await self._turned(incoming, shows)
        except StoreError:
            return (self._trouble(incoming, flood=False),)
        self.ring(done.lanes)
        if done.dropped is not None:
            _log.info("a chat was closed by its visitor: %s replies dropped", done.dropped)
        if done.forgot:
            with suppress(StoreError):  # the rows are gone; the journal is emptied with the next scrub
                await self.store.scrub()
        return done.says if shows else ()

    async def _turned(self, incoming: Incoming, shows: Shows | None) -> Done:
        for _ in range(_TRIES - 1):
            try:
                return await self.store.tx(partial(self._turning.turn, self._with_chance(incoming), shows))
            except ReferenceTakenError:
                continue
        return await self.store.tx(partial(self._turning.turn, self._with_chance(incoming), shows))

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

    async def deliver(self, now: datetime, only: str | None = None) -> int:
        """Carry out what waits in the outbox and is due; returns how much was carried out.

        ``only``: what belongs to the chat with this name, and practice.
        """
        return await deliver(self.store, self.world, Carriers(self.courier, self.teller), now, only)

    async def tend(self, now: datetime, only: str | None = None) -> None:
        """Do what time brings: erasing what is too old, and reminders (``only``: of the chat with this name)."""
        await self.store.tx(lambda tx: purge(tx, self.retention, now))
        await self.store.scrub()
        due: list[tuple[str, str]] = await self.store.tx(lambda tx: tx.due_timers(now))
        for chat, timer in dict(reversed(due)).items():  # after a long stop both times have come: the earlier counts
            if only in (None, chat):
                await self._wake(chat, timer, now)

    async def _wake(self, chat: str, timer: str, now: datetime) -> None:
        """Turn a timer's event; one chat's fault must not keep the others from being woken."""
        event = TimerFired("remind" if timer == "remind" else "expire")
        incoming = self._with_chance(Incoming(f"{timer}:{now.isoformat()}", chat, now, event))
        try:
            self.ring((await self.store.tx(partial(self._turning.turn, incoming, None))).lanes)
        except StoreError:
            raise
        except Exception as fault:  # noqa: BLE001
            _log.error("a reminder failed: %s", _place(fault))


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
