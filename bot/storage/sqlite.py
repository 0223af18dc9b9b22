"""The embedded store: SQLite through sqlite-utils, one connection on one thread, every transaction IMMEDIATE."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection, DatabaseError, OperationalError, connect
from time import sleep
from typing import Any, Final, TypeVar

from sqlite_utils import Database

from bot.core.feedback import StoreError
from bot.storage.codec import UnreadableError
from bot.storage.keys import Lookup, MasterKeys, WrongKeyError, new_key
from bot.storage.sqlite_schema import MIGRATIONS
from bot.storage.sqlite_transaction import Transaction

__all__ = ["SqliteStore", "StoreError"]

T = TypeVar("T")

#: Ten seconds in all, for processes that start on a new database at once.
_TRIES: Final = 200
_PAUSE: Final = 0.05

#: At most so many transactions share one commit, so that the first need not wait long for the last.
_TOGETHER: Final = 16

#: The name and place of the secret that rows are looked up by.
_LOOKUP: Final = "secrets/lookup/wrapped"

#: Gives the master keys; told whether the database is new, so that a key may be made for it.
Masters = Callable[[bool], MasterKeys]


@dataclass(frozen=True)
class _Work:
    """A transaction that waits for its turn, and where its outcome goes."""

    fn: Callable[[Transaction], Any]
    outcome: Future[Any] = field(default_factory=Future)


class SqliteStore:
    """Runs whole transactions on the one thread that owns the connection."""

    def __init__(self, file: Path, masters: Masters) -> None:
        """Open or create the database ``file``; raises StoreError where that cannot be done or the key does not fit."""
        self._file = file
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._waiting: deque[_Work] = deque()
        try:
            self._db, self._masters, self._lookup = self._thread.submit(_open, file, masters).result()
        except BaseException as failure:
            self._thread.shutdown()
            if isinstance(failure, OSError | DatabaseError):
                raise StoreError(f"{file}: the database cannot be opened: {failure}") from None
            if isinstance(failure, WrongKeyError):
                hint = "set the key that it was made with (new,old while it is being changed)"
                raise StoreError(f"{file}: MASTER_KEY does not fit this database; {hint}") from None
            raise

    @property
    def pepper(self) -> bytes:
        """The secret that one-time codes are marked with."""
        return self._lookup.pepper

    async def tx(self, fn: Callable[[Transaction], T]) -> T:
        """Run ``fn`` in one transaction: all of it is written, or nothing; raises StoreError where it cannot be.

        What waits meanwhile shares a commit, since that is what takes time: so ``fn`` may be run again, and has no
        effect but in the transaction and by what it returns.
        """
        work = _Work(fn)
        self._waiting.append(work)
        self._thread.submit(self._work)
        outcome: T = await asyncio.wrap_future(work.outcome)
        return outcome

    async def scrub(self) -> None:
        """Take deleted bytes out of the journal too, so that nothing of them is left in any file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._checkpoint)

    def close(self) -> None:
        """Finish what runs, and close."""
        self._thread.submit(self._db.close).result()
        self._thread.shutdown()

    def run(self, fn: Callable[[Transaction], T]) -> T:
        """``tx`` on the thread of the caller, which must be the store's own."""
        return self._all([fn])[0]

    def _all(self, fns: list[Callable[[Transaction], T]]) -> list[T]:
        """Run one or several in one transaction."""
        try:
            with immediate(self._db.conn):
                return [fn(Transaction(self._db, self._masters, self._lookup)) for fn in fns]
        except DatabaseError as failure:
            raise StoreError(f"{self._file}: the database cannot be written: {failure}") from None
        except (WrongKeyError, UnreadableError) as failure:
            raise StoreError(f"{self._file}: {failure}") from None

    def _work(self) -> None:
        """Do what waits, with one commit for all; where that fails each by itself: none suffers for another."""
        waiting = [self._waiting.popleft() for _ in range(min(len(self._waiting), _TOGETHER))]
        works = [work for work in waiting if work.outcome.set_running_or_notify_cancel()]
        if len(works) > 1:
            with suppress(Exception):
                outcomes = self._all([work.fn for work in works])
                for work, outcome in zip(works, outcomes, strict=True):
                    work.outcome.set_result(outcome)
                return
        for work in works:
            try:
                work.outcome.set_result(self.run(work.fn))
            except BaseException as failure:  # noqa: BLE001 - it is raised where the outcome is waited for
                work.outcome.set_exception(failure)

    def _checkpoint(self) -> None:
        try:
            self._db.conn.execute("pragma wal_checkpoint(TRUNCATE)")
        except DatabaseError as failure:
            raise StoreError(f"{self._file}: the journal cannot be emptied: {failure}") from None


def _open(file: Path, masters: Masters) -> tuple[Database, MasterKeys, Lookup]:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = connect(file, timeout=10, isolation_level=None)
    try:
        return _prepared(Database(connection), file, masters)
    except BaseException:
        connection.close()
        raise


def _prepared(db: Database, file: Path, masters: Masters) -> tuple[Database, MasterKeys, Lookup]:
    _patiently(lambda: db.conn.execute("pragma journal_mode=WAL"))
    for pragma in ("synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
        db.conn.execute(f"pragma {pragma}")
    with immediate(db.conn):
        _refuse_newer(db, file)
        MIGRATIONS.apply(db)
        keys, lookup = _secrets(db, masters)
        _rewrap(db, keys)
    return db, keys, lookup


def _refuse_newer(db: Database, file: Path) -> None:
    known = {migration.name for migration in MIGRATIONS.pending(Database(memory=True))}
    if {migration.name for migration in MIGRATIONS.applied(db)} - known:
        raise StoreError(f"{file}: the database was written by a newer version of the assistant; use that version")


def _secrets(db: Database, masters: Masters) -> tuple[MasterKeys, Lookup]:
    """The master keys, and the database's own secret, made where there is none yet."""
    row = db.execute("select wrapped from secrets where name = 'lookup'").fetchone()
    keys = masters(row is None)
    if row is not None:
        return keys, Lookup(keys.unwrap(row[0], _LOOKUP))
    secret = new_key()
    db.execute("insert into secrets (name, wrapped) values ('lookup', ?)", [keys.wrap(secret, _LOOKUP)])
    return keys, Lookup(secret)


def _rewrap(db: Database, keys: MasterKeys) -> None:
    """While the master key is being changed: wrap by the new one what the old one still wraps."""
    if len(keys.keys) == 1:
        return
    for table, id_ in (("secrets", "name"), ("chats", "mark"), ("cases", "id"), ("installs", "mark")):
        for name, wrapped in db.execute(f"select {id_}, wrapped from {table}").fetchall():  # noqa: S608 - our own names
            place = f"{table}/{name}/wrapped"
            if not keys.is_newest(wrapped):
                with suppress(WrongKeyError):  # one broken row: it stays as it is, and hinders no other
                    fresh = keys.wrap(keys.unwrap(wrapped, place), place)
                    db.execute(f"update {table} set wrapped = ? where {id_} = ?", [fresh, name])  # noqa: S608


def _patiently(act: Callable[[], object]) -> None:
    """Try again for a while: SQLite does not wait for a lock when it changes the journal's mode."""
    for _ in range(_TRIES):
        try:
            act()
        except OperationalError as failure:
            if "lock" not in str(failure):
                raise
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
        if connection.in_transaction:  # a full disk may have ended it already
            connection.execute("rollback")
        raise
    connection.execute("commit")
