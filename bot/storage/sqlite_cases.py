"""Requests in the embedded store: each under a key of its own, with what happened to it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from sqlite3 import IntegrityError

from sqlite_utils import Database

from bot.core.request import Case, ReferenceTakenError
from bot.storage import codec
from bot.storage.keys import Lookup, MasterKeys, WrongKeyError, new_key, seal, unseal


@dataclass(frozen=True)
class Cases:
    """The part of a transaction that is about requests."""

    db: Database
    masters: MasterKeys
    lookup: Lookup

    def cases(self, mark: str) -> tuple[Case, ...]:
        """The requests that were made in a chat, newest first."""
        rows = self.db.execute(
            "select id, wrapped, body from cases where chat = ? order by received desc", [mark]
        ).fetchall()
        return tuple(case for case in (self._case_or_none(*row) for row in rows) if case)

    def case(self, reference: str) -> Case | None:
        """A request by its reference."""
        row = self.db.execute("select id, wrapped, body from cases where reference = ?", [reference]).fetchone()
        return self._case(*row) if row else None

    def case_by_id(self, id_: str) -> Case | None:
        """A request by its id."""
        row = self.db.execute("select id, wrapped, body from cases where id = ?", [id_]).fetchone()
        return self._case(*row) if row else None

    def all_cases(self, *, only_open: bool) -> list[Case]:
        """All requests, the most urgent first."""
        wanted = "where closed is null" if only_open else ""
        rows = self.db.execute(
            f"select id, wrapped, body from cases {wanted} order by due is null, due, received"  # noqa: S608
        ).fetchall()
        return [case for case in (self._case_or_none(*row) for row in rows) if case]

    def unreadable_cases(self) -> list[str]:
        """References of requests that cannot be opened or read: an operator has to look."""
        rows = self.db.execute("select reference, id, wrapped, body from cases").fetchall()
        return [reference for reference, *row in rows if self._case_or_none(*row) is None]

    def _case_or_none(self, id_: str, wrapped: bytes, body: bytes) -> Case | None:
        """One broken row must not take the others with it."""
        try:
            return self._case(id_, wrapped, body)
        except (WrongKeyError, codec.UnreadableError):
            return None

    def _case(self, id_: str, wrapped: bytes, body: bytes) -> Case:
        key = self.masters.unwrap(wrapped, f"cases/{id_}/wrapped")
        return codec.CASE.load(unseal(key, body, f"cases/{id_}/body"))

    def add_case(self, case: Case, mark: str) -> None:
        """Keep a new request; raises ReferenceTakenError where its reference is another's."""
        key = new_key()
        columns = {
            "id": case.id,
            "reference": case.reference,
            "chat": mark,
            "controller": case.controller,
            "state": case.state,
            "practice": int(case.practice),
            "received": case.received.timestamp(),
            "due": case.deadline.limit.isoformat() if case.deadline else None,
            "wrapped": self.masters.wrap(key, f"cases/{case.id}/wrapped"),
            # The chat's name stays out of it: whoever answers the request has no need of it.
            "body": seal(key, codec.CASE.dump(replace(case, chat="")), f"cases/{case.id}/body"),
        }
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        try:
            self.db.execute(f"insert into cases ({names}) values ({marks})", list(columns.values()))  # noqa: S608
        except IntegrityError:
            raise ReferenceTakenError(case.reference) from None
        self.note(case.id, case.received, "subject", "received")

    def change_case(self, case: Case, at: datetime, actor: str, what: str) -> None:
        """Keep a request's new state, and who brought it about."""
        row = self.db.execute("select wrapped from cases where id = ?", [case.id]).fetchone()
        if row is None:
            return
        key = self.masters.unwrap(row[0], f"cases/{case.id}/wrapped")
        body = seal(key, codec.CASE.dump(replace(case, chat="")), f"cases/{case.id}/body")
        closed = case.closed.timestamp() if case.closed else None
        delivered = case.delivered.timestamp() if case.delivered else None
        self.db.execute(
            "update cases set state = ?, closed = ?, delivered = ?, body = ? where id = ?",
            [case.state, closed, delivered, body, case.id],
        )
        self.note(case.id, at, actor, what)

    def note(self, case: str, at: datetime, actor: str, what: str) -> None:
        """Write down what happened to a request: a word, no personal data."""
        self.db.execute(
            "insert into case_events (case_id, at, actor, what) values (?, ?, ?, ?)",
            [case, at.timestamp(), actor, what],
        )

    def history(self, case: str) -> list[tuple[datetime, str, str]]:
        """What happened to a request: when, by whom, what."""
        rows = self.db.execute("select at, actor, what from case_events where case_id = ? order by id", [case])
        return [(datetime.fromtimestamp(at, UTC), actor, what) for at, actor, what in rows.fetchall()]

    def purge_cases(self, before: datetime, practised_before: datetime) -> int:
        """Erase requests closed before a time, and older practice, their keys with them; returns how many."""
        times = [before.timestamp(), practised_before.timestamp()]
        query = "select id from cases where closed < ? or (practice = 1 and received < ?)"
        old = self.db.execute(query, times).fetchall()
        for (case,) in old:
            for table in ("case_events", "outbox"):
                self.db.execute(f"delete from {table} where case_id = ?", [case])  # noqa: S608
            self.db.execute("delete from cases where id = ?", [case])
        return len(old)
