"""Processes that are killed: visitors walk to the receipt of a request in each, until SIGKILL; the last one may finish.

It learns once and forks, so that a process is there in milliseconds. Whatever a person was told is written into a
journal that the killing does not touch: ``press DRAFT`` before *send* is pressed, ``cancel DRAFT`` before *cancel* is,
``sent REFERENCE`` once the receipt was shown.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from select import select
from time import monotonic, sleep
from typing import Final, Literal, TypeAlias

from bot.content.assistant import ContentWorld
from bot.core.buttons import OwnCase, Walk
from bot.core.chat import Button, Event, Incoming, Opened, Pressed, Said, Say
from bot.core.code import MINUTES
from bot.core.flow import Code, InFlow
from bot.core.language import LANGUAGES, Language
from bot.core.mail import Mail
from bot.core.meaning import Context
from bot.core.session import Lost, Place
from bot.core.text import Paragraph
from bot.delivery.email import SmtpCourier, message
from bot.service import Service
from bot.storage.sqlite import SqliteStore
from tests.visiting import KEYS, NOW, assistant_settings, open_assistant, world_with

ROUNDS: Final = 50

#: Where the machine is busy, less is confirmed before death comes; then there are some more rounds.
_MOST_ROUNDS, _ENOUGH = 60, 40

#: In a round, so many chats at a time of so many; every round the oldest leave and as many new ones come. A chat thus
#: lives for six rounds, which have nine processes, and makes fewer requests than a chat may make in a day.
_AT_ONCE, _CHATS, _NEW = 6, 12, 2

#: When death comes: at any instant, mostly; while the database is opened; just after somebody has pressed *send*.
When: TypeAlias = Literal["any", "opening", "confirming"]
_WHEN: Final[tuple[When, ...]] = ("opening", "any", "any", "confirming", "any")

_WISHES: Final[dict[Language, str]] = {
    "en": "delete my data",
    "fi": "poistakaa tietoni",
    "sv": "radera mina uppgifter",
}
_SENDER = "bot@example.com"
#: More than any way to the receipt has; two processes that walk one chat can hinder each other.
_STEPS = 40
#: No process lives longer, in seconds, whatever becomes of who should kill it.
_LONGEST_DOOMED_LIFE, _LONGEST_LIFE = 20, 200


@dataclass(frozen=True)
class Life:
    """What a process is born with; ``first``: the time when the monotonic clock of the machine shows ``since``."""

    name: str
    folder: Path
    url: str
    chats: tuple[int, ...]
    first: datetime
    since: float
    seed: int
    doomed: bool = True

    def now(self) -> datetime:
        """The time: the same for processes that live at the same time."""
        return self.first + timedelta(seconds=monotonic() - self.since)


@dataclass
class Process:
    """One process while it lives."""

    life: Life
    store: SqliteStore
    service: Service
    chance: Random
    journal: int
    signs: int
    events: "count[int]" = field(default_factory=count)
    over: bool = False

    async def live(self) -> None:
        """Walk all chats, some at a time, and send mails meanwhile; a doomed process does so until it is killed."""
        sending = asyncio.create_task(self._send_mails())
        chats = list(self.life.chats)
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._walk(chats))
        self.over = not self.life.doomed
        await sending

    async def _send_mails(self) -> None:
        """One mail after the other, as the product does."""
        while not self.over:
            await self.service.deliver(self.life.now())
            await asyncio.sleep(0.005)

    async def _walk(self, chats: list[int]) -> None:
        while chats:
            number = chats.pop(0)
            visit = Visit(self, number)
            if not await visit.walk() and not self.life.doomed:
                raise AssertionError(f"chat {number} does not come to an end: {await visit.place()}, {visit.says}")

    def note(self, word: str, what: str) -> None:
        """Write a line that stays."""
        os.write(self.journal, f"{word} {what}\n".encode())
        os.fsync(self.journal)


@dataclass
class Visit:
    """One person in one chat, who goes on from wherever it stands."""

    process: Process
    number: int
    says: tuple[Say, ...] = ()
    tried: set[str] = field(default_factory=set)

    @property
    def _chat(self) -> str:
        return f"sudden:death:{self.number}"

    async def walk(self) -> bool:
        """Walk to a receipt; whether there is one now (or the person has given up the request)."""
        life, service = self.process.life, self.process.service
        companies = service.world.controllers
        language = LANGUAGES[self.number % len(LANGUAGES)]
        await service.begin(self._chat, companies[self.number % len(companies)], language, life.now())
        await self._send(Opened())
        for _ in range(_STEPS):
            place = await self.place()
            if not isinstance(place, InFlow):
                await self._send(Said(_WISHES[language]))
            elif await self._go_on(place):
                return True
        return False

    async def place(self) -> Place:
        """Where the chat stands, as it is stored."""
        at = self.process.life.now()
        stored = await self.process.store.tx(lambda tx: tx.chat(self._chat, at))
        place: Place = stored.session.place
        if isinstance(place, Lost):
            raise AssertionError(f"chat {self.number} cannot be read")  # noqa: TRY004 - no matter of types
        return place

    async def _go_on(self, draft: InFlow) -> bool:
        """One step; whether it was the last."""
        chance = self.process.chance
        presses = [p for p in (b.press for b in self._buttons) if isinstance(p, Walk) and p.draft == draft.id]
        acts: dict[str, Walk] = {press.act: press for press in presses}
        # Whose data it is may be asked where something was typed at a step that another process had left meanwhile.
        picks = [press for press in presses if press.act == "pick" and (press.step != "whose" or press.value == "me")]
        # A name that is typed just after another process has finished the request can be taken for another wish.
        strange = draft.flows != ("erasure",)
        if strange or (self.process.life.doomed and chance.random() < 0.02):
            self.process.note("cancel", draft.id)
            await self._send(Pressed(Walk(draft.id, "cancel")))
            return not strange
        if "send" in acts:
            return await self._confirm(acts["send"])
        if one := acts.get("anew") or acts.get("keep"):
            await self._send(Pressed(one))
        elif "resend" in acts:
            await self._prove(draft.code, acts)
        elif "skip" in acts and acts["skip"].step == "known_as":
            await self._send(Said("Aino Esimerkki") if chance.random() < 0.5 else Pressed(acts["skip"]))
        elif picks:
            await self._send(Pressed(chance.choice(picks)))
        elif draft.value("erasure.scope") == ("some",) and draft.value("erasure.what") is None:
            await self._send(Said("the orders of last winter"))
        elif draft.value("erasure.scope") and draft.value("email") is None:
            await self._send(Said(self._address))
        else:
            await self._send(Opened())  # what was said last is no longer true: somebody else went on in this chat
        return False

    async def _prove(self, sent: Code | None, acts: dict[str, Walk]) -> None:
        """Type the newest code that has come, ask for another if it is too old by now, or go on without one."""
        doomed = self.process.life.doomed
        if sent is None or self.process.chance.random() < 0.4:
            return await self._send(Pressed(acts["unverified"]))
        if self.process.life.now() - sent.at > timedelta(minutes=MINUTES):
            return await self._send(Pressed(acts["resend"]))
        patience = monotonic() + (0.3 if doomed else 10)
        while monotonic() < patience:
            if (code := self._newest_code()) not in self.tried | {""}:
                self.tried.add(code)
                return await self._send(Said(code))
            await asyncio.sleep(0.005)
        return await self._send(Pressed(acts[self.process.chance.choice(("resend", "unverified"))]))

    def _newest_code(self) -> str:
        file = self.process.life.folder / "codes" / self._address
        codes = file.read_text().split() if file.exists() else []
        return codes[-1] if codes else ""

    async def _confirm(self, send: Walk) -> bool:
        """Press *send*. The platform may bring the same press again, or the person may press again."""
        self.process.note("press", send.draft)
        os.write(self.process.signs, b"!")
        if self.process.chance.random() < 0.5:
            await self._send(Pressed(send))
        else:
            self.says = await self._handled(Pressed(send), f"send:{send.draft}:{send.value}")
        shown = [b.press for b in self._buttons if isinstance(b.press, OwnCase) and b.press.act == "show"]
        if shown:
            self.process.note("sent", shown[0].reference)
        elif not self.says:  # the very same press has been taken before
            await self._send(Opened())
        return bool(shown) or not isinstance(await self.place(), InFlow)

    async def _send(self, event: Event) -> None:
        self.says = await self._handled(event, f"{self.process.life.name}:{next(self.process.events)}")

    async def _handled(self, event: Event, id_: str) -> tuple[Say, ...]:
        return await self.process.service.handle(Incoming(id_, self._chat, self.process.life.now(), event))

    @property
    def _buttons(self) -> list[Button]:
        return [button for say in self.says for button in say.buttons]

    @property
    def _address(self) -> str:
        return f"visitor{self.number}@example.com"


async def _live(world: ContentWorld, life: Life, signs: int) -> None:
    """A whole life: the store is opened after the fork, because no connection may be shared between processes."""
    store = SqliteStore(life.folder / "a.db", lambda _new: KEYS)
    service = Service(world, store, courier=SmtpCourier(life.url, _SENDER))
    os.write(signs, b"!")
    journal = os.open(life.folder / "journal", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    await Process(life, store, service, Random(life.seed), journal, signs).live()
    later = life.now()
    for _ in range(4):  # past every lease and every pause before another try
        later += timedelta(hours=30)
        await service.deliver(later)
    store.close()


def _fork(world: ContentWorld, life: Life) -> tuple[int, int]:
    """Begin a process; its id, and where it gives a sign when it is ready, and at each press of *send*."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.alarm(_LONGEST_DOOMED_LIFE if life.doomed else _LONGEST_LIFE)
            asyncio.run(_live(world, life, writing))
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may come back from here into the parent's code
            traceback.print_exc()
        os._exit(code)
    os.close(writing)
    return pid, reading


def _kill(world: ContentWorld, lives: list[Life], chance: Random, when: When) -> None:
    """Begin processes and kill each at an instant of its own."""
    born = [_fork(world, life) for life in lives]
    if when != "opening":
        for _, signs in born:
            os.read(signs, 1)
    began, ends = monotonic(), []
    shortest, longest = (0, 0.03) if when == "opening" else (0.05, 0.6)
    for instant, pid, signs in sorted((chance.uniform(shortest, longest), *child) for child in born):
        sleep(max(0.0, began + instant - monotonic()))
        if when == "confirming":
            _await_press(signs)
            sleep(chance.uniform(0, 0.02))
        os.kill(pid, signal.SIGKILL)
        ends.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        os.close(signs)
    if set(ends) != {-signal.SIGKILL}:
        sys.exit(f"{[life.name for life in lives]}: a process ended before it was killed: {ends}")


def _await_press(signs: int) -> None:
    """Wait for the next press of *send*, but not for long."""
    if select([signs], [], [], 0)[0]:
        os.read(signs, 65_536)  # presses of before
    select([signs], [], [], 0.4)


def _world() -> ContentWorld:
    """The world with a mail server; what is made at the first use is made before the forks."""
    world = world_with(open_assistant(assistant_settings()).world, inboxes=True)
    for language, wish in _WISHES.items():
        world.understand(wish, Context(language, ()))
    for company in world.controllers:
        world.deadline(company, NOW)
    message(Mail("warm.up", "aino@example.com", "ä", (Paragraph("ä"),), "fi"), _SENDER, NOW).as_bytes()
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        sys.exit("a thread is alive, and would be missing after the fork")
    return world


def main(folder: Path, url: str, seed: int) -> None:
    """Kill processes, let one live, and print how many were killed, and how many requests these had confirmed."""
    world, chance, journal = _world(), Random(seed), folder / "journal"
    journal.touch()
    at, number, kills, confirmed = NOW, 0, 0, 0
    while number < ROUNDS or (number < _MOST_ROUNDS and confirmed < _ENOUGH):
        at += timedelta(minutes=chance.choice((3, 3, 25)))  # leases of the dead are over; their codes not always
        since, lives = monotonic(), []
        chats = [*range(number * _NEW, number * _NEW + _CHATS)]
        for name in ("a", "b")[: 1 + number % 2]:
            if name == "a" or number % 4 == 1:  # of the pairs, half walk other chats, half the same at the same time
                chance.shuffle(chats)
            lives.append(Life(f"{number}{name}", folder, url, tuple(chats), at, since, chance.getrandbits(32)))
        _kill(world, lives, chance, _WHEN[number % len(_WHEN)])
        number, kills, confirmed = number + 1, kills + len(lives), journal.read_text().count("sent ")
    everyone = tuple(range((number - 1) * _NEW + _CHATS))
    last = Life("last", folder, url, everyone, at + timedelta(days=2), monotonic(), seed, doomed=False)
    pid, _ = _fork(world, last)
    if os.waitpid(pid, 0)[1]:
        sys.exit("the last process did not come to a good end")
    print(json.dumps({"kills": kills, "confirmed": confirmed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
