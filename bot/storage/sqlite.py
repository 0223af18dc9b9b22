"""The embedded store: SQLite through sqlite-utils, one connection on one thread, every transaction IMMEDIATE."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection, DatabaseError, OperationalError, connect
from time import sleep
from typing import Any, TypeVar

from sqlite_utils import Database, Migrations

from bot.core.feedback import Feedback, StoreError

T = TypeVar("T")

#: Five seconds in all, for processes that start on a new database at once.
_TRIES = 100
_PAUSE = 0.05

_migrations = Migrations("assistant")


@_migrations()
def feedback(db: Database) -> None:
    """Feedback knows no chat and no person."""
    columns = {"id": int, "at": str, "kind": str, "language": str, "controller": str, "topic": str, "text": str}
    db.table("feedback").create(columns, pk="id", not_null={"at", "kind", "language", "text"})
    db.table("feedback").create_index(["at"])


@dataclass(frozen=True)
class Transaction:
    """What can be done inside one transaction."""

    db: Database

    def add_feedback(self, row: Feedback) -> None:
        """Keep one row of feedback."""
        self.db.execute(
            "insert into feedback (at, kind, language, controller, topic, text) values (?, ?, ?, ?, ?, ?)",
            [row.at.astimezone(UTC).isoformat(), row.kind, row.language, row.controller, row.topic, row.text],
        )

    def list_feedback(self, since: datetime) -> list[Feedback]:
        """All feedback since a time, by likely topic, oldest first."""
        rows = self.db.query(
            "select at, kind, language, controller, topic, text from feedback where at >= ? order by topic, at",
            [since.astimezone(UTC).isoformat()],
        )
        return [Feedback(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in rows]

    def purge_feedback(self, before: datetime) -> int:
        """Erase feedback older than a time; returns how many rows."""
        old = [before.astimezone(UTC).isoformat()]
        return int(self.db.execute("delete from feedback where at < ?", old).rowcount)


class SqliteStore:
    """Runs whole transactions on the one thread that owns the connection."""

    def __init__(self, file: Path) -> None:
        """Open or create the database ``file``; raises StoreError where that cannot be done."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        try:
            self._db = self._thread.submit(_open, file).result()
        except (OSError, DatabaseError) as failure:
            self._thread.shutdown()
            raise StoreError(f"{file}: the database cannot be opened: {failure}") from None

    async def tx(self, fn: Callable[[Transaction], T]) -> T:
        """Run ``fn`` in one transaction: all of it is written, or nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, fn)

    def close(self) -> None:
        """Finish what runs, and close."""
        self._thread.submit(self._db.close).result()
        self._thread.shutdown()

    def _run(self, fn: Callable[[Transaction], T]) -> T:
        with immediate(self._db.conn):
            return fn(Transaction(self._db))


def _open(file: Path) -> Database:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(file, timeout=10, isolation_level=None)
    _patiently(lambda: connection.execute("pragma journal_mode=WAL"))
    for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
        connection.execute(f"pragma {pragma}")
    db = Database(connection)
    with immediate(connection):
        _migrations.apply(db)
    return db


def _patiently(act: Callable[[], object]) -> None:
    """Try again for a while: SQLite does not wait for a lock when it changes the journal's mode."""
    for _ in range(_TRIES):
        try:
            act()
        except OperationalError:
            sleep(_PAUSE)
        else:
            return
    act()


@contextmanager
def immediate(connection: Any) -> Iterator[Connection]:
    """A write transaction from its first statement: a deferred one fails under two processes (see decisions/0003)."""
    connection.execute("begin immediate")
    try:
        yield connection
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
