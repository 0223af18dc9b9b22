"""The outbox of the embedded store: lanes in order, leases, retries, dead letters, and the limits on mails."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlite_utils import Database

from bot.core.job import DeadLetter, Job, Load, Reply
from bot.core.letters import HANDOFF
from bot.core.mail import DeliveryError, Mail
from bot.storage import codec
from bot.storage.keys import Lookup, MasterKeys, WrongKeyError, seal, unseal

#: Longer than any sending may take, so that nobody else sends the same meanwhile.
LEASE: Final = timedelta(minutes=2)

#: When the next try is made, in seconds after each failure; after the last one it is a dead letter. A mail is tried for
#: three days; who is in a chat waits for the reply now, and hardly tomorrow.
BACKOFF: Final = {
    "mail": (30, 120, 600, 3_600, 4 * 3_600, 12 * 3_600, 24 * 3_600, 24 * 3_600),
    "say": (1, 2, 5, 15, 60, 300, 1_800, 3 * 3_600),
}

#: The pause that a mail is in after each try; a reply may be in any, since its receiver may ask for one.
_PAUSES: Final = {"mail": (0, *BACKOFF["mail"], 0), "say": (max(BACKOFF["say"]),) * (len(BACKOFF["say"]) + 2)}

#: The same as SQL.
_PAUSE: Final = (
    f"case when kind = 'say' then {_PAUSES['say'][0]} else case tries"
    f" {' '.join(f'when {n} then {pause}' for n, pause in enumerate(_PAUSES['mail']))} else 0 end end"
)

#: How far ahead a time may be beyond its pause, in seconds.
_AHEAD: Final = 2 * LEASE.total_seconds()

#: At most so many mails of a kind to addresses that somebody typed: for an address in an hour, for a chat in a day, for
#: all in an hour. Three codes, and as many receipts as there can be requests that need no code.
LIMITS: Final = {"code": (3, 10, 500), "receipt": (5, 10, 500)}


@dataclass(frozen=True)
class Outbox:
    """The part of a transaction that is about effects on their way out."""

    db: Database
    masters: MasterKeys
    lookup: Lookup

    def put(
        self, key: str, load: Load, at: datetime, chat: str | None, case: str | None, lane: str | None = None
    ) -> str:
        """Put an effect into the outbox, once for a key; returns its lane, by default the address or the chat.

        It is sealed with the request's key, or else the chat's.
        """
        match load:
            case Mail():
                kind, lane = "mail", "mail:" + self.lookup.mark("address", load.to)[:32]
                text = codec.MAIL.dump(load)
            case Reply():
                kind, lane = "say", lane or f"chat:{chat}"
                text = codec.dump_reply(load)
        key = self.lookup.mark("effect", key)
        body = seal(self._key_of(chat, case), text, f"outbox/{key}/body")
        self.db.execute(
            "insert or ignore into outbox (key, lane, kind, chat, case_id, at, due, tries, unclear, state, body)"
            " values (?, ?, ?, ?, ?, ?, ?, 0, 0, 'waiting', ?)",
            [key, lane, kind, chat, case, at.timestamp(), at.timestamp(), body],
        )
        return lane

    def _key_of(self, chat: str | None, case: str | None) -> bytes:
        if case is None and chat is None:  # the last reply to a chat that has just been forgotten
            return self.lookup.outbox
        if case is not None:
            wrapped = self.db.execute("select wrapped from cases where id = ?", [case]).fetchone()[0]
            return self.masters.unwrap(wrapped, f"cases/{case}/wrapped")
        wrapped = self.db.execute("select wrapped from chats where mark = ?", [chat]).fetchone()[0]
        return self.masters.unwrap(wrapped, f"chats/{chat}/wrapped")

    def lease(self, now: datetime, kinds: tuple[str, ...], limit: int = 20, only: str | None = None) -> list[Job]:
        """Take effects that are due: the first of each lane, for a while, so that nobody else does them too."""
        jobs = (self.lease_in(lane, now, kinds) for lane in self.due_lanes(now, kinds, limit, only))
        return [job for job in jobs if job]

    def due_lanes(self, now: datetime, kinds: tuple[str, ...], limit: int = 200, only: str | None = None) -> list[str]:
        """The lanes whose first effect is due, oldest first; ``only``: those of the chat with this name, and practice.

        A time further ahead than any could be set was set by a clock that has been set back since: it does not count.
        """
        seconds, places = now.timestamp(), ", ".join("?" * len(kinds))
        mark = self.lookup.mark("chat", only) if only else None
        rows = self.db.execute(
            f"""select lane from outbox o where state = 'waiting' and (due <= ? or due > ? + {_PAUSE})
            and (leased is null or leased <= ? or leased > ?) and kind in ({places})
            and (? is null or o.chat = ? or o.case_id in (select id from cases where practice = 1))
            and not exists (select 1 from outbox e where e.lane = o.lane and e.state = 'waiting' and e.id < o.id)
            order by id limit ?""",  # noqa: S608 - only question marks and our own pauses are put in
            [seconds, seconds + _AHEAD, seconds, seconds + _AHEAD, *kinds, mark, mark, limit],
        ).fetchall()
        return [lane for (lane,) in rows]

    def lease_in(self, lane: str, now: datetime, kinds: tuple[str, ...]) -> Job | None:
        """Take the first effect of a lane, for a while; None where it is not due, of another kind, or taken.

        What cannot be read is given up, and the next one taken.
        """
        while row := self.db.execute(
            "select id, key, kind, chat, case_id, tries, unclear, body, due, leased from outbox"
            " where lane = ? and state = 'waiting' order by id limit 1",
            [lane],
        ).fetchone():
            id_, key, kind, chat, case, tries, unclear, body, due, leased = row
            if kind not in kinds:
                return None
            seconds = now.timestamp()
            pause = _PAUSES[kind][min(tries, len(BACKOFF[kind]) + 1)]
            if seconds < due <= seconds + _AHEAD + pause or (leased and seconds < leased <= seconds + _AHEAD):
                return None
            if (load := self._load(key, kind, chat, case, body)) is None:
                self._bury(id_, "unreadable", unclear=unclear)
                continue
            until = seconds + LEASE.total_seconds()
            self.db.execute("update outbox set leased = ?, unclear = 1, tries = tries + 1 where id = ?", [until, id_])
            return Job(id_, key, load, tries + 1, bool(unclear), case, chat, lane)
        return None

    def more_in(self, lane: str) -> bool:
        """Whether anything waits in a lane."""
        query = "select exists (select 1 from outbox where lane = ? and state = 'waiting')"
        return bool(self.db.execute(query, [lane]).fetchone()[0])

    def _load(self, key: str, kind: str, chat: str | None, case: str | None, body: bytes) -> Load | None:
        try:
            text = unseal(self._key_of(chat, case), body, f"outbox/{key}/body")
            return codec.MAIL.load(text) if kind == "mail" else codec.load_reply(text)
        except (WrongKeyError, codec.UnreadableError, TypeError):
            return None

    def keep_handoffs(self, mark: str) -> None:
        """Before a chat is erased: what it has handed to customer support still goes there, no longer under its key."""
        rows = self.db.execute(
            "select id, key, body from outbox"
            " where chat = ? and case_id is null and kind = 'mail' and state = 'waiting'",
            [mark],
        ).fetchall()
        for id_, key, body in rows:
            mail = self._load(key, "mail", mark, None, body)
            if isinstance(mail, Mail) and mail.id.endswith(HANDOFF):
                sealed = seal(self.lookup.outbox, codec.MAIL.dump(mail), f"outbox/{key}/body")
                self.db.execute("update outbox set chat = null, body = ? where id = ?", [sealed, id_])

    def sent(self, job: Job) -> None:
        """An effect was carried out: of a mail the key stays and the body goes, of a reply nothing stays."""
        if isinstance(job.load, Reply):
            self.db.execute("delete from outbox where id = ?", [job.id])
            return
        self.db.execute(
            "update outbox set state = 'sent', body = null, leased = null, unclear = 0 where id = ?", [job.id]
        )

    def failed(self, job: Job, now: datetime, failure: DeliveryError) -> bool:
        """An effect failed: it is tried again later, or given up. Returns whether it was given up."""
        # That this try failed for certain says nothing of the one before.
        unclear = failure.unclear or job.again
        pauses = BACKOFF["say" if isinstance(job.load, Reply) else "mail"]
        if failure.permanent or (failure.after is None and job.tries > len(pauses)):
            self._bury(job.id, str(failure), unclear=unclear)
            return True
        # To be asked to wait is no failure: it counts as no try.
        pause, tries = (
            (pauses[job.tries - 1], job.tries)
            if failure.after is None
            else (
                min(failure.after, max(pauses)),
                job.tries - 1,
            )
        )
        self.db.execute(
            "update outbox set due = ?, leased = null, tries = ?, unclear = ?, reason = ? where id = ?",
            [now.timestamp() + pause, tries, int(unclear), str(failure), job.id],
        )
        return False

    def close_chat(self, mark: str, now: datetime) -> int:
        """Bring nothing more to a chat until its person is heard of again; returns how many replies are dropped."""
        self.db.execute("update chats set closed = ? where mark = ?", [now.timestamp(), mark])
        dropped = self.db.execute("delete from outbox where lane = ? and state = 'waiting'", [f"chat:{mark}"])
        return int(dropped.rowcount)

    def _bury(self, id_: int, reason: str, *, unclear: bool) -> None:
        """Give an effect up; for a reply nobody waits any more, so its words go."""
        values: list[Any] = [int(unclear), reason, id_]
        self.db.execute("update outbox set state = 'dead', leased = null, unclear = ?, reason = ? where id = ?", values)
        self.db.execute("update outbox set body = null where id = ? and kind = 'say'", [id_])

    def dead_letters(self) -> list[DeadLetter]:
        """What was given up, oldest first."""
        rows = self.db.execute(
            "select id, key, kind, tries, reason, case_id from outbox where state = 'dead' order by id"
        ).fetchall()
        return [DeadLetter(*row) for row in rows]

    def waiting(self) -> int:
        """How many effects are still to be carried out."""
        return int(self.db.execute("select count(*) from outbox where state = 'waiting'").fetchone()[0])

    def redeliver(self, ids: list[int], now: datetime) -> int:
        """Try mails that were given up again from the beginning; returns how many there were."""
        done = 0
        for id_ in ids:
            values: list[Any] = [now.timestamp(), id_]
            again = "update outbox set state = 'waiting', due = ?, tries = 0"
            query = f"{again} where id = ? and state = 'dead' and kind = 'mail'"
            done += int(self.db.execute(query, values).rowcount)
        return done

    def may_mail(self, what: str, address: str, chat: str, at: datetime) -> bool:
        """Whether one more mail of a kind may go to an address that somebody typed; if so, it is counted."""
        mark, now = self.lookup.mark(what, address.casefold()), at.timestamp()
        per_address, per_chat, in_all = LIMITS[what]
        hour, day = now - 3_600, now - 24 * 3_600
        counts = (
            ("select count(*) from mailed where address = ? and at > ?", [mark, hour], per_address),
            ("select count(*) from mailed where chat = ? and what = ? and at > ?", [chat, what, day], per_chat),
            ("select count(*) from mailed where what = ? and at > ?", [what, hour], in_all),
        )
        if any(self.db.execute(query, values).fetchone()[0] >= most for query, values, most in counts):
            return False
        self.db.execute("insert into mailed (what, address, chat, at) values (?, ?, ?, ?)", [what, mark, chat, now])
        return True
