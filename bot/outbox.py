"""What waits in the outbox, carried out: mails handed over, replies brought, failures tried again or given up."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, Protocol

from bot.core.feedback import StoreError
from bot.core.job import Job, Reply
from bot.core.mail import DeliveryError, Mail
from bot.core.world import World

_log = logging.getLogger("privacy_assistant")

#: No sending may take longer, in seconds: less than an effect is leased for, so that nobody else sends the same.
_LONGEST: Final = 90.0

#: How often what is due is looked for, in seconds, beside what is rung for.
_SWEEP: Final = 1.0

#: So many effects are on their way out at once; each lane is in strict order all the same.
_AT_ONCE: Final = 64


class Courier(Protocol):
    """Who takes mails."""

    async def send(self, mail: Mail) -> None:
        """Hand a mail over; raises DeliveryError."""


class Teller(Protocol):
    """Who brings replies to chats in which nobody waits for the return of a call."""

    async def tell(self, reply: Reply) -> None:
        """Bring a reply to its chat; raises DeliveryError."""


@dataclass(frozen=True, slots=True)
class Carriers:
    """Who carries what; without a carrier of its kind, an effect waits."""

    courier: Courier | None = None
    teller: Teller | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of effects that can be carried out."""
        return (*(("mail",) if self.courier else ()), *(("say",) if self.teller else ()))


async def deliver(store: Any, world: World, carriers: Carriers, now: datetime, only: str | None = None) -> int:
    """Carry out what is due, one after the other; returns how much was carried out.

    ``only``: what belongs to the chat with this name, and practice: nothing that another process has to send.

    Each is leased when its turn comes, not before: a lease that others' sendings have used up protects nothing.
    """
    done, began = 0, monotonic()
    while carriers.kinds:
        at = now + timedelta(seconds=monotonic() - began)
        jobs: list[Job] = await store.tx(lambda tx, at=at: tx.lease(at, carriers.kinds, 1, only))
        if not jobs:
            break
        done += (await _carry(store, world, carriers, jobs[0], at)) is not None
    return done


class Sender:
    """Carries out what waits, many lanes at once; a lane that is rung for begins at once, others within a second.

    ``gap``: so many seconds stay between two replies to one chat.
    """

    def __init__(
        self, store: Any, world: World, carriers: Carriers, clock: Callable[[], datetime], gap: float = 1.0
    ) -> None:
        self._store, self._world, self._carriers, self._clock, self._gap = store, world, carriers, clock, gap
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._rung: set[str] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._ended = asyncio.Event()

    def ring(self, lanes: Iterable[str]) -> None:
        """Say that lanes have work."""
        for lane in lanes:
            self._rung.add(lane)
            if not self._ended.is_set() and lane not in self._lanes:
                self._lanes[lane] = asyncio.create_task(self._work(lane))

    async def run(self) -> None:
        """Look for what is due, again and again, until cancelled: what failed, and what another process left."""
        while True:
            try:
                self.ring(await self._store.tx(lambda tx: tx.due_lanes(self._clock(), self._carriers.kinds)))
            except StoreError:
                pass  # the next look may go better; readiness tells of the store
            except Exception as fault:  # noqa: BLE001 - whatever it is, what waits must go on being looked for
                _log.error("the outbox could not be looked through: %s", type(fault).__name__)
            await asyncio.sleep(_SWEEP)

    async def stop(self, seconds: float) -> None:
        """Begin nothing more; give what is on its way so many seconds, then take it back for the next start."""
        self._ended.set()
        self._rung.clear()
        tasks = list(self._lanes.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _work(self, lane: str) -> None:
        try:
            while lane in self._rung:
                self._rung.discard(lane)
                while not self._ended.is_set() and await self._next(lane):
                    pass
        except StoreError:
            pass  # the lane's work is found again
        finally:
            del self._lanes[lane]

    async def _next(self, lane: str) -> bool:
        """Carry out the first effect of a lane; False where none is left, or none that is due."""
        async with self._slots:
            if self._ended.is_set():
                return False
            now = self._clock()
            job: Job | None = await self._store.tx(lambda tx: tx.lease_in(lane, now, self._carriers.kinds))
            if job is None:
                return False
            began = monotonic()
            try:
                more = await _carry(self._store, self._world, self._carriers, job, now)
            except asyncio.CancelledError:
                taken_back = DeliveryError("stopped", permanent=False, unclear=True, after=0)
                await self._store.tx(lambda tx: tx.failed(job, now, taken_back))
                raise
        if isinstance(job.load, Reply):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), max(0.0, self._gap - (monotonic() - began)))
        return more is not False


async def _carry(store: Any, world: World, carriers: Carriers, job: Job, now: datetime) -> bool | None:
    """Carry out an effect; whether more waits in its lane, None where it failed."""
    began = monotonic()
    try:
        async with asyncio.timeout(_LONGEST):
            match job.load:
                case Mail() if carriers.courier:
                    await carriers.courier.send(marked(world, job.load, again=job.again))
                case Reply() if carriers.teller:
                    await carriers.teller.tell(job.load)
                case _:
                    raise DeliveryError("nobody here carries this", permanent=False, after=0)
    except TimeoutError:
        failure = DeliveryError("the receiver took too long", permanent=False, unclear=True)
    except DeliveryError as told:
        failure = told
    except Exception as fault:  # noqa: BLE001 - a fault of ours must not leave its lane leased
        _log.error("an effect could not be carried out: %s", type(fault).__name__)
        failure = DeliveryError("a fault of the program", permanent=False, unclear=True)
    else:
        more: bool = await store.tx(lambda tx: _delivered(tx, job, now))
        return more
    then = now + timedelta(seconds=monotonic() - began)  # a pause begins where the sending failed
    await store.tx(lambda tx: _failed(tx, job, then, failure))
    return None


def marked(world: World, mail: Mail, *, again: bool) -> Mail:
    """A mail that may have been sent before says so."""
    if not again:
        return mail
    told = world.say(mail.language, "This message may have been sent to you before; it is the same one.")
    return replace(mail, repeat=told)


def _failed(tx: Any, job: Job, now: datetime, failure: DeliveryError) -> None:
    if failure.closed and job.chat:
        dropped = tx.close_chat(job.chat, now)
        _log.info("a chat was closed by its visitor: %s replies dropped", dropped)
        return
    given_up = tx.failed(job, now, failure)
    if given_up:
        _log.warning("%s %s was given up: %s", job.load.__class__.__name__.lower(), job.id, failure)
    if given_up and job.case:
        tx.note(job.case, now, "assistant", "a mail was given up")


def _delivered(tx: Any, job: Job, now: datetime) -> bool:
    tx.sent(job)
    if job.case and isinstance(job.load, Mail) and job.load.id.endswith(".request"):
        case = tx.case_by_id(job.case)
        if case:
            what = "shown as practice, not sent" if case.practice else "delivered to the company"
            tx.change_case(replace(case, delivered=now), now, "assistant", what)
    return bool(tx.more_in(job.lane))
