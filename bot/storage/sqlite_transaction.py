"""What can be done inside one transaction of the embedded store: chats, choices, feedback, and the parts beside."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlite_utils import Database

from bot.core.feedback import Feedback
from bot.core.language import is_language
from bot.core.request import Case, CookieChoice
from bot.core.session import Lost, Session
from bot.storage import codec
from bot.storage.keys import Lookup, MasterKeys, WrongKeyError, new_key, seal, unseal
from bot.storage.sqlite_cases import Cases
from bot.storage.sqlite_installs import Installations
from bot.storage.sqlite_outbox import Outbox

#: A timer that moves by less, in seconds, is not written again: it moves with every message, and stands for days.
_SAME_TIME: Final = 600


@dataclass(frozen=True)
class Chat:
    """A chat as it is stored: its mark, its key, since when it is known.

    ``wrapped``: the key as it is kept; ``closed``: its visitor takes no replies for now.
    """

    mark: str
    key: bytes = field(repr=False)
    session: Session
    first_seen: datetime
    wrapped: bytes = field(default=b"", repr=False)
    closed: bool = False


@dataclass(frozen=True)
class Transaction(Outbox, Installations, Cases):
    """One transaction; ``masters`` wrap the keys, ``lookup`` finds rows by what they are about."""

    db: Database
    masters: MasterKeys
    lookup: Lookup

    # Chats

    def first(self, event: str, chat: str, at: datetime) -> bool:
        """Whether an event is seen for the first time; platforms deliver some of them twice."""
        mark = self.lookup.mark("chat", chat)
        row = [self.lookup.mark("event", f"{chat}\n{event}"), mark, _seconds(at)]
        return int(self.db.execute("insert or ignore into events (id, chat, at) values (?, ?, ?)", row).rowcount) == 1

    def chat(self, chat: str, at: datetime) -> Chat:
        """A chat with its session; a new one is begun, one that cannot be read is said to be lost."""
        mark = self.lookup.mark("chat", chat)
        row = self._row("select wrapped, language, session, first_seen, closed from chats where mark = ?", [mark])
        if row is None:
            return Chat(mark, new_key(), Session(chat), at)
        wrapped, language, sealed, first_seen, closed = row
        lost = Session(chat, language if is_language(language) else None, place=Lost())
        try:
            key = self.masters.unwrap(wrapped, f"chats/{mark}/wrapped")
        except WrongKeyError:
            return Chat(mark, new_key(), lost, _time(first_seen))
        try:
            session = codec.SESSION.load(unseal(key, sealed, f"chats/{mark}/session"))
        except (codec.UnreadableError, WrongKeyError):
            session = lost
        return Chat(mark, key, session, _time(first_seen), wrapped, closed is not None)

    def save(self, chat: Chat, session: Session, at: datetime, *, heard: bool = True) -> None:
        """Keep a chat's session; ``heard``: its person was heard of, from when on its time runs anew."""
        sealed = seal(chat.key, codec.SESSION.dump(session), f"chats/{chat.mark}/session")
        wrapped = chat.wrapped or self.masters.wrap(chat.key, f"chats/{chat.mark}/wrapped")
        first = _seconds(chat.first_seen)
        self.db.execute(
            "insert into chats (mark, wrapped, language, session, first_seen, seen) values (?, ?, ?, ?, ?, ?)"
            " on conflict (mark) do update set wrapped = excluded.wrapped, language = excluded.language,"
            " session = excluded.session, seen = case when ? then excluded.seen else seen end",
            [chat.mark, wrapped, session.language, sealed, first, _seconds(at), heard],
        )

    def reopen(self, mark: str) -> None:
        """The person of a closed chat has been heard of again."""
        self.db.execute("update chats set closed = null where mark = ?", [mark])

    def forget(self, mark: str) -> None:
        """Erase everything about a chat; its requests stay, under their own keys and without the way back to it."""
        self.db.execute("update cases set chat = null where chat = ?", [mark])
        # What was mailed to an address still counts, without the chat: who forgets may not mail the more.
        self.db.execute("update mailed set chat = '' where chat = ?", [mark])
        self._erase(mark)

    def _erase(self, mark: str) -> None:
        for table in ("events", "timers", "choices"):
            self.db.execute(f"delete from {table} where chat = ?", [mark])  # noqa: S608 - names of our own
        self.keep_handoffs(mark)
        self.db.execute("delete from outbox where chat = ? and case_id is null", [mark])
        self.db.execute("update outbox set chat = null where chat = ?", [mark])
        self.db.execute("delete from chats where mark = ?", [mark])

    def set_timers(self, mark: str, timers: Mapping[str, datetime]) -> None:
        """The times at which a chat wants to be woken; others are dropped. A few minutes later is the same time."""
        names = ", ".join("?" * len(timers))
        self.db.execute(f"delete from timers where chat = ? and timer not in ({names})", [mark, *timers])  # noqa: S608
        for timer, due in timers.items():
            self.db.execute(
                "insert into timers (chat, timer, due) values (?, ?, ?) on conflict (chat, timer)"
                " do update set due = excluded.due where abs(due - excluded.due) >= ?",
                [mark, timer, _seconds(due), _SAME_TIME],
            )

    def due_timers(self, now: datetime, limit: int = 100) -> list[tuple[str, str]]:
        """Chats (as platforms name them) whose time has come, with which; their turn sets what comes next."""
        rows = self.db.execute(
            "select t.chat, t.timer, c.wrapped, c.session from timers t join chats c on c.mark = t.chat"
            " where t.due <= ? order by t.due limit ?",
            [_seconds(now), limit],
        ).fetchall()
        due = []
        for mark, timer, wrapped, sealed in rows:
            try:
                key = self.masters.unwrap(wrapped, f"chats/{mark}/wrapped")
                session = codec.SESSION.load(unseal(key, sealed, f"chats/{mark}/session"))
            except (codec.UnreadableError, WrongKeyError):
                self.db.execute("delete from timers where chat = ?", [mark])
                continue
            due.append((session.chat, timer))
        return due

    # Cookie choices, and everything about a chat

    def add_choice(self, choice: CookieChoice, chat: Chat) -> None:
        """Keep a cookie choice under the chat's key."""
        sealed = seal(chat.key, codec.CHOICE.dump(choice), f"choices/{choice.reference}/choice")
        row = [choice.reference, chat.mark, _seconds(choice.at), sealed]
        self.db.execute("insert into choices (id, chat, at, choice) values (?, ?, ?, ?)", row)

    def choices(self, chat: Chat) -> tuple[CookieChoice, ...]:
        """A chat's cookie choices, newest first."""
        rows = self.db.execute("select id, choice from choices where chat = ? order by at desc", [chat.mark]).fetchall()
        return tuple(codec.CHOICE.load(unseal(chat.key, row, f"choices/{id_}/choice")) for id_, row in rows)

    def everything(self, chat: Chat, session: Session, cases: tuple[Case, ...]) -> str:
        """All that is kept about a chat, as JSON."""
        counts = {
            name: self.db.execute(f"select count(*) from {table} where chat = ?", [chat.mark]).fetchone()[0]  # noqa: S608
            for name, table in (("messages_seen", "events"), ("waiting", "outbox"), ("mails_counted", "mailed"))
        }
        timers = self.db.execute("select timer, due from timers where chat = ?", [chat.mark]).fetchall()
        whole = {
            "known_since": chat.first_seen.isoformat(),
            "session": codec.SESSION.plain(session),
            "requests": [codec.CASE.plain(case) | {"history": self._told(case.id)} for case in cases],
            "cookie_choices": [codec.CHOICE.plain(choice) for choice in self.choices(chat)],
            "reminders": [{"what": timer, "at": _time(due).isoformat()} for timer, due in timers],
            "counts": counts,
        }
        return json.dumps(whole, ensure_ascii=False, indent=1)

    def _told(self, case: str) -> list[dict[str, str]]:
        return [{"at": at.isoformat(), "actor": actor, "what": what} for at, actor, what in self.history(case)]

    # Feedback, and what is too old

    def add_feedback(self, row: Feedback) -> None:
        """Keep one row of feedback, with its day only: by its time it could be told whose it is."""
        day = row.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.db.execute(
            "insert into feedback (at, kind, language, controller, topic, text) values (?, ?, ?, ?, ?, ?)",
            [day.isoformat(), row.kind, row.language, row.controller, row.topic, row.text],
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

    def purge_chats(self, before: datetime) -> int:
        """Erase chats that nobody has written in since a time; returns how many.

        Their requests can still be asked about from there: the mark that leads to them goes with the request.
        """
        old = self.db.execute("select mark from chats where seen < ?", [_seconds(before)]).fetchall()
        for (mark,) in old:
            self._erase(mark)
        return len(old)

    def purge_traces(self, now: datetime) -> None:
        """Erase what is only needed for a while: ids of events, counts of mails, keys of what was sent."""
        for table, days in (("events", 7), ("mailed", 2)):
            before = [_seconds(now - timedelta(days=days))]
            self.db.execute(f"delete from {table} where at < ?", before)  # noqa: S608
        sent = [_seconds(now - timedelta(days=30))]
        self.db.execute("delete from outbox where state = 'sent' and at < ?", sent)
        dead = [_seconds(now - timedelta(days=7))]
        self.db.execute("delete from outbox where state = 'dead' and kind = 'say' and at < ?", dead)

    def _row(self, query: str, values: list[Any]) -> Any:
        return self.db.execute(query, values).fetchone()


def _seconds(at: datetime) -> float:
    return at.timestamp()


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
