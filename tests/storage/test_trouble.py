"""When the disk, the file or another process makes trouble: one clear line, and the store goes on where it can."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from subprocess import PIPE

import pytest
from sqlite_utils import Database

from bot.content.assistant import ContentWorld
from bot.core.feedback import Feedback, StoreError
from bot.core.session import Session
from bot.storage.sqlite import SqliteStore
from bot.storage.sqlite_schema import MIGRATIONS
from bot.storage.sqlite_transaction import Transaction
from tests.conftest import ROOT
from tests.storage.conftest import Open, run
from tests.storage.values import AT, CHAT, IDLE, IN_FLOW
from tests.visiting import KEYS, Visitor, world_with

#: Begins every program that is run here: what it needs, and a gate at which it waits for the others.
HEAD = """
import asyncio, os, sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from bot.storage.keys import MasterKeys
from bot.storage.sqlite import SqliteStore, StoreError

file, at = Path(sys.argv[1]), datetime(2026, 1, 7, 12, tzinfo=UTC)

def gate():
    print("ready", flush=True)
    sys.stdin.readline()

def opened():
    return SqliteStore(file, lambda _new: MasterKeys((bytes.fromhex(sys.argv[2]),)))

def add(word):
    def turn(tx):
        chat = tx.chat("c", at)
        tx.save(chat, replace(chat.session, answered=(*chat.session.answered, word)), at)
    return turn

def answered():
    return asyncio.run(store.tx(lambda tx: tx.chat("c", at))).session.answered
"""


def _start(code: str, file: Path, *words: str) -> "subprocess.Popen[bytes]":
    """Another process, with the same master key."""
    command = [sys.executable, "-c", HEAD + code, str(file), KEYS.keys[0].hex(), *words]
    return subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE)


def _run_at_once(runs: "list[subprocess.Popen[bytes]]") -> list[bytes]:
    """Lets them all through the gate when the last has come to it; what each printed after it, and none fails."""
    for process in runs:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
    for process in runs:
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
    done = [process.communicate() for process in runs]
    assert [(errors, process.returncode) for (_, errors), process in zip(done, runs, strict=True)] == [(b"", 0)] * len(
        runs
    )
    return [out for out, _ in done]


def _save(session: Session) -> Callable[[Transaction], None]:
    def save(tx: Transaction) -> None:
        tx.save(tx.chat(session.chat, AT), session, AT)

    return save


def _session(store: SqliteStore, chat: str = CHAT) -> Session:
    return run(store, lambda tx: tx.chat(chat, AT)).session


def _pragma(store: SqliteStore, words: str) -> int:
    """Sets something on the store's own connection."""
    return int(run(store, lambda tx: tx.db.execute(f"pragma {words}").fetchone()[0]))


def _execute(tx: Transaction, words: str, values: list[str]) -> None:
    tx.db.execute(words, values)


def _is_refused(opened: Open, file: Path, why: str) -> None:
    """One line that names the file and says why."""
    with pytest.raises(StoreError, match=why) as told:
        opened()
    assert str(told.value).startswith(f"{file}: ")
    assert "\n" not in str(told.value)


# Files that are not as they should be


@pytest.mark.parametrize("content", [b"Dear diary, today I have learned how databases work.\n" * 40, b"\x00" * 5000])
def test_a_file_that_is_no_database_is_left_alone(opened: Open, file: Path, content: bytes) -> None:
    """It is said to be none, and not a byte of it is changed."""
    file.parent.mkdir()
    file.write_bytes(content)
    _is_refused(opened, file, "cannot be opened: file is not a database")
    assert file.read_bytes() == content


@pytest.mark.parametrize("left", [0.9, 0.5, 0.1, 0.001])
def test_a_truncated_database_is_refused(opened: Open, file: Path, left: float) -> None:
    """Where the end is missing, nothing is read from the rest, and nothing new is begun in its place."""
    store = opened()
    run(store, _save(replace(IN_FLOW, answered=("x" * 50_000,))))
    store.close()
    os.truncate(file, int(file.stat().st_size * left))
    before = file.read_bytes()
    _is_refused(opened, file, "cannot be opened: (database disk image is malformed|file is not a database)")
    assert file.read_bytes() == before


def test_a_damaged_page_is_told_and_the_rest_is_kept(opened: Open, file: Path) -> None:
    """What stands on whole pages is still read and written; what touches the broken one is one clear line."""
    store = opened()
    run(store, _save(IDLE))
    root = run(store, lambda tx: tx.db.execute("select rootpage from sqlite_master where name = 'feedback'").fetchone())
    size = _pragma(store, "page_size")
    store.close()
    with file.open("r+b") as raw:
        raw.seek((root[0] - 1) * size)
        raw.write(b"\xaa" * size)
    store = opened()
    with pytest.raises(StoreError, match="malformed") as told:
        run(store, lambda tx: tx.add_feedback(Feedback(AT, "refused", "fi", "kotopro", "retention", "…")))
    assert "\n" not in str(told.value)
    run(store, _save(IN_FLOW))
    assert _session(store) == IN_FLOW


def test_a_newer_version_of_the_database_is_refused(opened: Open, file: Path) -> None:
    """An old program does not write into what a newer one has changed; other sets of migrations are no matter."""
    note = "insert into _sqlite_migrations (migration_set, name, applied_at) values (?, 'telepathy', '2031-01-01')"
    for set_ in ("plugin", "assistant"):
        store = opened()
        run(store, _save(IN_FLOW))
        run(store, partial(_execute, words=note, values=[set_]))
        store.close()
    _is_refused(opened, file, "written by a newer version of the assistant; use that version")


def test_a_database_of_the_first_version_is_brought_up(opened: Open, file: Path) -> None:
    """Feedback of the time when there was nothing else is still there."""
    file.parent.mkdir()
    connection = sqlite3.connect(file, isolation_level=None)
    MIGRATIONS.apply(Database(connection), stop_before="secrets")
    row = Feedback(AT, "refused", "fi", "kotopro", "retention", "…")
    values = [row.at.isoformat(), row.kind, row.language, row.controller, row.topic, row.text]
    connection.execute("insert into feedback values (null, ?, ?, ?, ?, ?, ?)", values)
    connection.close()
    store = opened()
    assert run(store, lambda tx: tx.list_feedback(AT)) == [row]
    run(store, _save(IN_FLOW))
    assert _session(store) == IN_FLOW


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("there", [False, True])
def test_a_read_only_folder_is_told(opened: Open, file: Path, *, there: bool) -> None:
    """Whether the database is there already or not; once the folder may be written in, it opens."""
    if there:
        opened().close()
        file.chmod(0o400)
    else:
        file.parent.mkdir()
    file.parent.chmod(0o500)
    try:
        _is_refused(opened, file, "cannot be opened: (unable to open database file|attempt to write a readonly)")
    finally:
        file.parent.chmod(0o700)
    if there:
        file.chmod(0o600)
    assert _session(opened()) == Session(CHAT)


def test_a_path_through_a_file_is_told(opened: Open, file: Path) -> None:
    """Where a folder of the path is no folder, the line says so."""
    file.parent.write_text("no folder")
    _is_refused(opened, file, "cannot be opened")


def test_refused_openings_leave_nothing_open(opened: Open, file: Path) -> None:
    """Whoever tries every second until the file is put right does not run out of files or threads."""
    file.parent.mkdir()
    file.write_bytes(b"no database" * 100)
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0
    for _ in range(20):
        _is_refused(opened, file, "not a database")
    after = len(list(Path("/proc/self/fd").iterdir())) if before else 0
    assert after <= before


# A full disk


def test_a_full_disk_loses_the_turn_and_nothing_else(store: SqliteStore) -> None:
    """The turn is refused with one line and taken back whole; what was there is read; with room again it goes on."""
    run(store, _save(IN_FLOW))
    _pragma(store, f"max_page_count={_pragma(store, 'page_count')}")
    large = replace(IN_FLOW, answered=("x" * 100_000,))

    def turn(tx: Transaction) -> None:
        tx.first("e1", CHAT, AT)
        _save(large)(tx)

    for _ in range(3):
        with pytest.raises(
            StoreError, match=r"a\.db: the database cannot be written: database or disk is full"
        ) as told:
            run(store, turn)
        assert "\n" not in str(told.value)
        assert _session(store) == IN_FLOW
    run(store, _save(replace(IN_FLOW, language="sv")))  # what fits is still kept
    _pragma(store, "max_page_count=1000000")
    assert run(store, lambda tx: tx.first("e1", CHAT, AT))
    run(store, _save(large))
    assert _session(store) == large


def test_a_disk_that_is_full_only_at_the_commit_does_no_harm(file: Path) -> None:
    """Even when the journal cannot grow any more, the store is as before, and goes on when it can."""
    code = """
import resource
store = opened()
asyncio.run(store.tx(add("before")))
unlimited = resource.RLIM_INFINITY
resource.setrlimit(resource.RLIMIT_FSIZE, (max(p.stat().st_size for p in file.parent.iterdir()), unlimited))
for _ in range(3):
    try:
        asyncio.run(store.tx(add("lost")))
    except StoreError as failure:
        print(failure)
    print(answered())
resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
asyncio.run(store.tx(add("after")))
print(answered())
store.close()
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    out, errors = _start(code, file).communicate()
    failed = [f"{file}: the database cannot be written: disk I/O error", "('before',)"] * 3
    assert (errors.decode(), out.decode().splitlines()) == ("", [*failed, "('before', 'after')"])


def test_half_a_sign_is_no_trouble(world: ContentWorld, tmp_path: Path) -> None:
    """What a broken input makes of a byte that is no text is stored as a question mark, not a crash."""
    visitor = Visitor(world_with(world, inboxes=True), tmp_path / "a.db", hint="en")
    visitor.open()
    visitor.press("Kaltiot")
    visitor.say("correct my data")
    assert "How should it be instead?" in visitor.say("my name is \udcff, not \ud83d")
    place = visitor.session.place
    assert place.kind == "in_flow"
    assert place.value("rectification.wrong") == ("my name is ?, not ?",)
    visitor.close()


def test_a_person_is_told_that_nothing_could_be_kept(world: ContentWorld, tmp_path: Path) -> None:
    """On a full disk the same message is asked for again; sent again when there is room, it is acted on."""
    visitor = Visitor(world_with(world, inboxes=True), tmp_path / "a.db", hint="en")
    visitor.open()
    visitor.press("Kaltiot")
    visitor.say("correct my data")
    before = visitor.session
    _pragma(visitor.store, f"max_page_count={_pragma(visitor.store, 'page_count')}")
    words = "the price is €€€€€€€€€€€€€€€€€€€€€€€€ " * 45  # more than a page
    assert "could not keep that" in visitor.say(words)
    assert visitor.session == before
    _pragma(visitor.store, "max_page_count=1000000")
    assert "How should it be instead?" in visitor.say(words)
    visitor.close()


# Other processes


def test_a_locked_database_is_told_and_waited_for_no_longer_than_set(store: SqliteStore, file: Path) -> None:
    """Somebody else's transaction that does not end is one clear line; when it ends, the store goes on."""
    run(store, _save(IDLE))
    _pragma(store, "busy_timeout=1")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StoreError, match="cannot be written: database is locked"):
        run(store, _save(IN_FLOW))
    other.execute("rollback")
    other.close()
    run(store, _save(IN_FLOW))
    assert _session(store) == IN_FLOW


def test_several_processes_may_start_at_once(file: Path) -> None:
    """Four first starts on one new database: none fails, and all hold the same secret."""
    code = "gate(); store = opened(); print(store.pepper.hex()); store.close()"
    secrets = _run_at_once([_start(code, file) for _ in range(4)])
    assert len(set(secrets)) == 1


def test_two_processes_in_one_chat_lose_nothing(opened: Open, file: Path) -> None:
    """Fifty turns each, at the same time, each built on what is there: a hundred in the end, each's own in order."""
    code = """
store = opened()
gate()
for number in range(50):
    asyncio.run(store.tx(add(f"{sys.argv[3]}{number}")))
store.close()
"""
    _run_at_once([_start(code, file, who) for who in ("a", "b")])
    answered = _session(opened(), "c").answered
    assert len(answered) == 100
    for who in ("a", "b"):
        assert [word for word in answered if word[0] == who] == [f"{who}{number}" for number in range(50)]


def test_a_process_that_dies_loses_only_the_turn_it_was_in(opened: Open, file: Path) -> None:
    """Killed in the middle of a transaction: what was answered before is there, the half turn is not."""
    code = """
import signal
store = opened()
asyncio.run(store.tx(add("whole")))
def half(tx):
    add("half")(tx)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(store.tx(half))
"""
    killed = _start(code, file)
    assert killed.communicate() == (b"", b"")
    assert killed.returncode == -signal.SIGKILL
    store = opened()
    assert _session(store, "c").answered == ("whole",)
    assert run(store, lambda tx: tx.first("e1", "c", datetime(2026, 1, 7, tzinfo=UTC)))
