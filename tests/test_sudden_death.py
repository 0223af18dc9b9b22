"""Sudden death: processes under load are killed again and again, and nothing that was promised to anybody is lost."""

import asyncio
import json
import os
import re
import secrets
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from bot.content.assistant import ContentWorld
from bot.core.language import LANGUAGES
from bot.core.mail import Mail
from bot.core.request import Case
from bot.service import Service
from bot.storage.sqlite import SqliteStore
from tests.conftest import ROOT
from tests.doomed import ROUNDS
from tests.visiting import KEYS

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


def _told_again(world: ContentWorld, file: Path) -> tuple[str, ...]:
    """How a mail begins that may have been sent before, in each language."""
    store = SqliteStore(file, lambda _new: KEYS)
    service = Service(world, store)
    mails = (Mail("id", "aino@example.com", "", (), language) for language in LANGUAGES)
    lines = tuple(service._marked(mail, again=True).repeat for mail in mails)  # noqa: SLF001 - there is no other way to it
    store.close()
    assert all(lines)
    return lines


def _run(folder: Path, arrivals: Arrivals, seed: int) -> int:
    """Let ``tests.doomed`` do its work beside a mail server; returns how many processes were killed."""
    server = _Server(SimpleNamespace(handle_DATA=arrivals.take), hostname="127.0.0.1", port=0)
    server.start()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.doomed", str(folder), f"smtp://127.0.0.1:{server.port}", str(seed)],
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    finally:
        server.stop()
    assert done.returncode == 0, f"seed {seed}\n{done.stderr}"
    assert not done.stderr, f"seed {seed}\n{done.stderr}"
    return int(json.loads(done.stdout)["kills"])


def test_nothing_is_lost_by_sudden_death(tmp_path: Path, world: ContentWorld) -> None:
    """Killed 50 times under load: no confirmed request lost, none made twice, no mail but the one repeat that says so.

    In every second round two processes share the database, and in half of these the chats as well.
    """
    seed = secrets.randbits(32)
    (tmp_path / "codes").mkdir()
    arrivals = Arrivals(tmp_path / "codes", Random(seed))
    kills = _run(tmp_path, arrivals, seed)
    left, told = _left(tmp_path / "a.db"), _told_again(world, tmp_path / "a.db")
    journal: dict[str, set[str]] = {"press": set(), "cancel": set(), "sent": set()}
    for line in (tmp_path / "journal").read_text().splitlines():
        word, what = line.split()
        journal[word].add(what)
    mails = [_read(content) for content in arrivals.mails]
    arrived = Counter(mail.id for mail in mails)
    seen: set[str] = set()
    first, again = [], []
    for mail in mails:
        (again if mail.id in seen else first).append(mail)
        seen.add(mail.id)
    print(
        f"\nseed {seed}: {kills} processes killed, {len(left.cases)} requests ({len(journal['sent'])} receipts shown),"
        f" {len(first)} mails, {len(again)} repeats, {sum(m.text.startswith(told) for m in first)} said so in vain"
    )

    why = f"seed {seed}"
    assert kills >= ROUNDS, why
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
    assert len(again) <= kills * IN_FLIGHT, why
