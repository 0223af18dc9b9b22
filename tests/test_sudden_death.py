"""Sudden death: processes under load are killed again and again, and nothing that was promised to anybody is lost."""

import asyncio
import json
import os
import re
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from bot.content.assistant import ContentWorld
from bot.core.language import LANGUAGES
from bot.core.mail import DeliveryError, Mail
from bot.core.request import Case
from bot.core.text import Paragraph
from bot.delivery.email import SmtpCourier
from bot.outbox import marked
from bot.service import Service, now
from bot.storage.sqlite import SqliteStore
from tests.conftest import ROOT
from tests.doomed import ROUNDS
from tests.visiting import KEYS, NOW, Postbox

#: A process sends one mail after the other. So there is at most one of which the server may have heard, and which the
#: database does not know to be sent, when it is killed: only that one is ever sent again.
IN_FLIGHT = 1


@dataclass
class Arrivals:
    """What a mail server was given, in order; codes also go to files, where the people of ``tests.doomed`` read them.

    Now and then it takes its time, before and after a mail counts as taken: then is a bad moment to die.
    """

    codes: Path
    chance: Random
    mails: list[bytes] = field(default_factory=list)

    async def take(self, _server: object, _session: object, envelope: Envelope) -> str:
        """Take a mail."""
        assert isinstance(envelope.content, bytes)
        await self._dawdle()
        self.mails.append(envelope.content)
        if code := re.search(rb"^Subject: .*\b(\d{6})\r$", envelope.content, re.MULTILINE):
            with (self.codes / envelope.rcpt_tos[0]).open("ab") as stream:
                stream.write(code[1] + b"\n")
        await self._dawdle()
        return "250 OK"

    async def _dawdle(self) -> None:
        if self.chance.random() < 0.2:
            await asyncio.sleep(self.chance.uniform(0, 0.03))


@dataclass(frozen=True)
class Arrival:
    """A mail as it is read: its Message-ID up to the @, and its text."""

    id: str
    text: str


def _read(content: bytes) -> Arrival:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return Arrival(mail["Message-ID"].strip("<>").partition("@")[0], body.get_content())


class Hanging(Arrivals):
    """Breaks off after the first mail, before it says that it has taken it."""

    async def take(self, server: Any, session: object, envelope: Envelope) -> str:
        """Take a mail."""
        answer = await super().take(server, session, envelope)
        if len(self.mails) == 1:
            server.transport.abort()
        return answer


class _Server(Controller):
    """A mail server on the port that the system gives it."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's


@dataclass(frozen=True)
class Left:
    """What is left in the database."""

    cases: list[Case]
    owners: list[tuple[str, str]]
    outbox: Counter[str]
    sound: str


def _left(file: Path) -> Left:
    store = SqliteStore(file, lambda _new: KEYS)

    def read(tx: Any) -> Left:
        rows = tx.db.execute("select chat, id from cases").fetchall()
        states = tx.db.execute("select state from outbox").fetchall()
        (sound,) = tx.db.execute("pragma integrity_check").fetchone()
        return Left(tx.all_cases(only_open=False), rows, Counter(state for (state,) in states), sound)

    left = asyncio.run(store.tx(read))
    store.close()
    return left


def _told_again(world: ContentWorld) -> tuple[str, ...]:
    """How a mail begins that may have been sent before, in each language."""
    mails = (Mail("id", "aino@example.com", "", (), language) for language in LANGUAGES)
    lines = tuple(marked(world, mail, again=True).repeat for mail in mails)
    assert all(lines)
    return lines


@contextmanager
def _post(arrivals: Arrivals) -> Iterator[str]:
    """Run a mail server; gives its url."""
    server = _Server(SimpleNamespace(handle_DATA=arrivals.take), hostname="127.0.0.1", port=0)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{server.port}"
    finally:
        server.stop()


def _run(folder: Path, url: str, seed: int) -> tuple[int, int]:
    """Let ``tests.doomed`` do its work; how many processes were killed, how many requests these had confirmed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.doomed", str(folder), url, str(seed)],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}\n{done.stderr}"
    assert not done.stderr, f"seed {seed}\n{done.stderr}"
    figures = json.loads(done.stdout)
    return figures["kills"], figures["confirmed"]


def test_nothing_is_lost_by_sudden_death(tmp_path: Path, world: ContentWorld) -> None:
    """Killed 50 times under load: no confirmed request lost, none made twice, no mail but the one repeat that says so.

    In every second round two processes share the database, and in half of these the chats as well.
    """
    seed = secrets.randbits(32)
    (tmp_path / "codes").mkdir()
    arrivals = Arrivals(tmp_path / "codes", Random(seed))
    with _post(arrivals) as url:
        kills, confirmed = _run(tmp_path, url, seed)
    left, told = _left(tmp_path / "a.db"), _told_again(world)
    journal: dict[str, set[str]] = {"press": set(), "cancel": set(), "sent": set()}
    for line in (tmp_path / "journal").read_text().splitlines():
        word, what = line.split()
        journal[word].add(what)
    mails = [_read(content) for content in arrivals.mails]
    arrived = Counter(mail.id for mail in mails)
    seen: set[str] = set()
    first: list[Arrival] = []
    again: list[Arrival] = []
    for mail in mails:
        (again if mail.id in seen else first).append(mail)
        seen.add(mail.id)
    print(
        f"\nseed {seed}: {kills} processes killed that had confirmed {confirmed} requests; {len(left.cases)} requests"
        f" in all, {len(first)} mails, {len(again)} repeats; {sum(m.text.startswith(told) for m in first)} mails said"
        " to be a repeat were none"
    )

    why = f"seed {seed}"
    assert kills >= ROUNDS, why
    assert confirmed, why
    assert left.sound == "ok", why

    references = Counter(case.reference for case in left.cases)
    assert {reference: references[reference] for reference in journal["sent"]} == dict.fromkeys(journal["sent"], 1), why
    # Drafts of two chats may have one number, since nobody else's buttons lead to them.
    drafts = Counter((chat, id_.rpartition(".")[2]) for chat, id_ in left.owners)
    assert not [draft for draft, times in drafts.items() if times > 1], why
    # A press that nobody was answered is either done or undone: the request is made, or it was gone on with later.
    assert journal["press"] <= {case.draft for case in left.cases} | journal["cancel"], why

    assert set(left.outbox) == {"sent"}, f"{why}: {left.outbox}"
    assert len(arrived) == left.outbox["sent"], f"{why}: mails that were never sent, or that nobody asked for"
    assert not [case for case in left.cases if not arrived[f"{case.id}.request"] or not case.delivered], why
    assert not [mail for mail in again if not mail.text.startswith(told)], f"{why}: a repeat that does not say so"
    # Nor does any mail say so in vain but for a death: what was leased to the dead, and was not sent after all.
    assert len(again) <= sum(mail.text.startswith(told) for mail in mails) <= kills * IN_FLIGHT, why


def _mail(number: int) -> Mail:
    return Mail(f"{number}.request", f"aino{number}@example.com", "Request", (Paragraph("Please"),), "en")


async def _put(store: SqliteStore, *mails: Mail) -> None:
    for mail in mails:
        await store.tx(partial(_put_one, mail))


def _put_one(mail: Mail, tx: Any) -> None:
    tx.put(mail.id, mail, NOW, None, None)


@dataclass
class Slow(Postbox):
    """A mail server that takes a tenth of a second for each mail."""

    async def send(self, mail: Mail) -> None:
        """Take a mail."""
        await asyncio.sleep(0.1)
        await super().send(mail)


def test_nobody_sends_what_another_still_sends(
    tmp_path: Path, world: ContentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes and a queue that takes longer than a lease: each mail goes out once."""
    monkeypatch.setattr("bot.storage.sqlite_outbox.LEASE", timedelta(seconds=1))
    stores = [SqliteStore(tmp_path / "a.db", lambda _new: KEYS) for _ in range(2)]
    post = Slow()

    async def both() -> None:
        await _put(stores[0], *map(_mail, range(32)))
        services = [Service(world, store, courier=post) for store in stores]
        # The second comes to it when the leases of the first would be over, had it taken them all at once.
        early = asyncio.create_task(services[0].deliver(now()))
        await asyncio.sleep(1.1)
        await services[1].deliver(now())
        await early

    asyncio.run(both())
    for store in stores:
        store.close()
    assert sorted(mail.id for mail in post.mails) == sorted(_mail(number).id for number in range(32))


def test_a_doubt_outlives_a_failure(tmp_path: Path, world: ContentWorld) -> None:
    """Killed while it sent, then no server to be reached, then sent: that mail says that it may be a repeat."""
    store = SqliteStore(tmp_path / "a.db", lambda _new: KEYS)
    post = Postbox(broken=DeliveryError("the server cannot be reached", permanent=False))
    service = Service(world, store, courier=post)

    async def three_tries() -> None:
        await _put(store, _mail(1))
        await store.tx(lambda tx: tx.lease(NOW, ("mail",)))
        assert await service.deliver(NOW + timedelta(hours=1)) == 0
        post.broken = None
        assert await service.deliver(NOW + timedelta(hours=9)) == 1

    asyncio.run(three_tries())
    store.close()
    assert post.mails[0].repeat


def test_a_mail_whose_answer_never_came_says_so(tmp_path: Path, world: ContentWorld) -> None:
    """The server takes a mail and breaks off before it says so: the next try says that it may be a repeat."""
    arrivals = Hanging(tmp_path, Random(1))
    store = SqliteStore(tmp_path / "a.db", lambda _new: KEYS)

    async def two_tries(url: str) -> list[int]:
        service = Service(world, store, courier=SmtpCourier(url, "bot@example.com"))
        await _put(store, _mail(1))
        return [await service.deliver(NOW), await service.deliver(NOW + timedelta(hours=1))]

    with _post(arrivals) as url:
        assert asyncio.run(two_tries(url)) == [0, 1]
    store.close()
    told = _told_again(world)
    assert [_read(content).text.startswith(told) for content in arrivals.mails] == [False, True]
