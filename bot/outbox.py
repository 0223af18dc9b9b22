"""What waits in the outbox, carried out: mails handed over, replies brought, failures tried again or given up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol

from bot.core.chat import Say
from bot.core.job import Job, Reply
from bot.core.mail import DeliveryError, Mail
from bot.core.world import World


class Courier(Protocol):
    """Who takes mails."""

    async def send(self, mail: Mail) -> None:
        """Hand a mail over; raises DeliveryError."""


class Teller(Protocol):
    """Who brings replies to chats in which nobody waits for the return of a call."""

    async def tell(self, chat: str, say: Say) -> None:
        """Bring a reply to a chat; raises DeliveryError."""


@dataclass(frozen=True, slots=True)
class Carriers:
    """Who carries what; without a carrier of its kind, an effect waits."""

    courier: Courier | None = None
    teller: Teller | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of effects that can be carried out."""
        return (*(("mail",) if self.courier else ()), *(("say",) if self.teller else ()))


async def deliver(store: Any, world: World, carriers: Carriers, now: datetime) -> int:
    """Carry out what is due, one after the other; returns how much was carried out.

    Each is leased when its turn comes, not before: a lease that others' sendings have used up protects nothing.
    """
    done, began = 0, monotonic()
    while carriers.kinds:
        at = now + timedelta(seconds=monotonic() - began)
        jobs: list[Job] = await store.tx(lambda tx, at=at: tx.lease(at, carriers.kinds, 1))
        if not jobs:
            break
        done += await _carry(store, world, carriers, jobs[0], at)
    return done


async def _carry(store: Any, world: World, carriers: Carriers, job: Job, now: datetime) -> bool:
    try:
        match job.load:
            case Mail() if carriers.courier:
                await carriers.courier.send(marked(world, job.load, again=job.again))
            case Reply(chat, say) if carriers.teller:
                await carriers.teller.tell(chat, say)
    except DeliveryError as failure:
        told = failure
        await store.tx(lambda tx: _failed(tx, job, now, told))
        return False
    await store.tx(lambda tx: _delivered(tx, job, now))
    return True


def marked(world: World, mail: Mail, *, again: bool) -> Mail:
    """A mail that may have been sent before says so."""
    if not again:
        return mail
    told = world.say(mail.language, "This message may have been sent to you before; it is the same one.")
    return replace(mail, repeat=told)


def _failed(tx: Any, job: Job, now: datetime, failure: DeliveryError) -> None:
    # That this try failed for certain says nothing of the one before.
    unclear = failure.unclear or job.again
    given_up = tx.failed(job, now, str(failure), permanent=failure.permanent, unclear=unclear)
    if given_up and job.case:
        tx.note(job.case, now, "assistant", "a mail was given up")


def _delivered(tx: Any, job: Job, now: datetime) -> None:
    tx.sent(job)
    if job.case and isinstance(job.load, Mail) and job.load.id.endswith(".request"):
        case = tx.case_by_id(job.case)
        if case:
            what = "shown as practice, not sent" if case.practice else "delivered to the company"
            tx.change_case(replace(case, delivered=now), now, "assistant", what)
