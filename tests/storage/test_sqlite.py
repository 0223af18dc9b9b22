"""The embedded store: everything that one transaction promises, on real files."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.core.deadline import Deadline
from bot.core.feedback import Feedback, StoreError
from bot.core.job import Job
from bot.core.mail import Mail
from bot.core.request import Case, CookieChoice, ReferenceTakenError
from bot.core.session import Idle, Lost, Session
from bot.storage.keys import MasterKeys, new_key
from bot.storage.sqlite import SqliteStore
from bot.storage.sqlite_transaction import Transaction
from tests.storage.conftest import Open, run
from tests.storage.values import AT, CASE, CHAT, CHOICE, IDLE, IN_FLOW, MAIL, SESSIONS

OTHER = "console:2"
OLD = datetime(2020, 1, 1, tzinfo=UTC)
NEW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def _keep(session: Session, at: datetime = AT) -> Callable[[Transaction], str]:
    """Keeps a session; gives the chat's mark."""

    def save(tx: Transaction) -> str:
        chat = tx.chat(session.chat, at)
        tx.save(chat, session, at)
        return chat.mark

    return save


def _session(store: SqliteStore, chat: str = CHAT) -> Session:
    return run(store, lambda tx: tx.chat(chat, AT)).session


def _count(tx: Transaction, table: str) -> int:
    return int(tx.db.execute(f"select count(*) from {table}").fetchone()[0])  # noqa: S608 - names of our own


def _request(letter: str, **changed: Any) -> Case:
    case = replace(CASE, id=f"case-{letter}", reference=f"PR-AAAA-AAA{letter}", closed=None, practice=False)
    return replace(case, **changed)


# Transactions


def test_what_waits_shares_a_commit_and_nobody_suffers_for_another(store: SqliteStore) -> None:
    """Fifty at once: the three that fail are told so and leave nothing; all others are written, each once."""

    def write(number: int, tx: Transaction) -> int:
        tx.add_feedback(Feedback(AT, "up", "en", None, None, str(number)))
        if number % 20 == 7:
            raise ReferenceTakenError(str(number))
        return number

    async def at_once() -> list[Any]:
        return await asyncio.gather(*(store.tx(partial(write, n)) for n in range(50)), return_exceptions=True)

    done = asyncio.run(at_once())
    assert [n for n, outcome in enumerate(done) if isinstance(outcome, ReferenceTakenError)] == [7, 27, 47]
    kept = [row.text for row in run(store, lambda tx: tx.list_feedback(OLD))]
    assert sorted(kept) == sorted(str(n) for n, outcome in enumerate(done) if outcome == n)


def test_who_stops_waiting_takes_no_other_transaction_along(store: SqliteStore) -> None:
    """A transaction whose caller is gone before it began is left out; those beside it are written."""

    async def at_once() -> None:
        tasks = [asyncio.create_task(store.tx(_keep(replace(IDLE, chat=f"console:{n}")))) for n in range(20)]
        await asyncio.sleep(0)
        tasks[10].cancel()
        await asyncio.gather(*(task for n, task in enumerate(tasks) if n != 10))

    asyncio.run(at_once())
    assert run(store, lambda tx: _count(tx, "chats")) >= 19


def test_a_transaction_is_whole_or_nothing(store: SqliteStore) -> None:
    """An error takes everything back, and reaches who asked for it; the next transaction goes through."""

    def fail(tx: Transaction) -> None:
        _keep(IN_FLOW)(tx)
        tx.add_feedback(_row(NEW))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(store, fail)
    assert run(store, lambda tx: (_count(tx, "chats"), tx.list_feedback(OLD))) == (0, [])
    run(store, _keep(IN_FLOW))
    assert _session(store) == IN_FLOW


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A clear error names the file."""
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path, lambda _new: MasterKeys((new_key(),)))


# Chats


def test_an_event_is_acted_on_once(opened: Open) -> None:
    """The same event of the same chat is new only the first time, after a restart too; other chats may use its id."""
    store = opened()
    assert run(store, lambda tx: [tx.first("e1", CHAT, AT), tx.first("e1", CHAT, AT)]) == [True, False]
    assert run(store, lambda tx: [tx.first("e1", OTHER, AT), tx.first("e2", CHAT, AT)]) == [True, True]
    store.close()
    assert run(opened(), lambda tx: tx.first("e1", CHAT, AT + DAY)) is False


def test_an_event_whose_turn_failed_is_not_spent(store: SqliteStore) -> None:
    """Where the turn was taken back, the platform's second delivery is the first."""

    def fail(tx: Transaction) -> None:
        assert tx.first("e1", CHAT, AT)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(store, fail)
    assert run(store, lambda tx: tx.first("e1", CHAT, AT))


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_is_read_back_whole(opened: Open, name: str) -> None:
    """Answers, a code, drafts that were put aside: all is there after a restart, to the last sign."""
    store = opened()
    run(store, _keep(SESSIONS[name]))
    store.close()
    assert _session(opened()) == SESSIONS[name]


def test_the_last_session_counts(store: SqliteStore) -> None:
    """What is kept later takes the place of what was kept before; since when a chat is known does not change."""
    run(store, _keep(IN_FLOW, AT))
    run(store, _keep(IDLE, AT + DAY))
    chat = run(store, lambda tx: tx.chat(CHAT, AT + 2 * DAY))
    assert (chat.session, chat.first_seen) == (IDLE, AT)
    assert run(store, lambda tx: _count(tx, "chats")) == 1


def test_looking_at_an_unknown_chat_keeps_nothing(store: SqliteStore) -> None:
    """A chat that nobody has written in is empty, known from now on, and leaves no row by being looked at."""
    chat = run(store, lambda tx: tx.chat("nobody", AT))
    assert (chat.session, chat.first_seen) == (Session("nobody"), AT)
    assert run(store, lambda tx: (tx.cases(chat.mark), tx.choices(chat), _count(tx, "chats"))) == ((), (), 0)


def test_chats_do_not_see_each_other(store: SqliteStore) -> None:
    """Each chat has a session and a key of its own."""
    run(store, _keep(IN_FLOW))
    run(store, _keep(replace(IDLE, chat=OTHER)))
    one, other = run(store, lambda tx: (tx.chat(CHAT, AT), tx.chat(OTHER, AT)))
    assert (one.session, other.session) == (IN_FLOW, replace(IDLE, chat=OTHER))
    assert one.key != other.key
    assert one.mark != other.mark


SPOILT = {
    "a byte more": "update chats set session = cast(session || x'00' as blob) where mark = ?",
    "cut off": "update chats set session = substr(session, 1, 10) where mark = ?",
    "nothing": "update chats set session = x'' where mark = ?",
    "another chat's": "update chats set session = (select session from chats where mark <> ?1) where mark = ?1",
    "another chat's with its key": (
        "update chats set (wrapped, session) = (select wrapped, session from chats where mark <> ?1) where mark = ?1"
    ),
    "no key": "update chats set wrapped = x'00' where mark = ?",
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_session_that_cannot_be_opened_is_lost(store: SqliteStore, how: str) -> None:
    """It is said to be lost, in the person's language; others are untouched, and what is kept next is read again."""
    run(store, _keep(replace(IDLE, chat=OTHER)))
    mark = run(store, _keep(IN_FLOW))
    run(store, lambda tx: tx.db.execute(SPOILT[how], [mark]).rowcount)
    chat = run(store, lambda tx: tx.chat(CHAT, AT + DAY))
    assert chat.session == Session(CHAT, "fi", place=Lost())
    assert chat.first_seen == AT
    assert _session(store, OTHER) == replace(IDLE, chat=OTHER)
    run(store, _keep(replace(IN_FLOW, place=Idle())))
    assert _session(store) == replace(IN_FLOW, place=Idle())


def test_a_session_of_another_version_is_lost(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a newer program wrote is not guessed at; a language that this one does not speak is not spoken."""
    with monkeypatch.context() as newer:
        newer.setattr("bot.storage.codec.SESSION._version", 2)
        mark = run(store, _keep(IN_FLOW))
    assert _session(store) == Session(CHAT, "fi", place=Lost())
    run(store, lambda tx: tx.db.execute("update chats set language = 'de' where mark = ?", [mark]).rowcount)
    assert _session(store) == Session(CHAT, None, place=Lost())


def test_choices_outlive_a_broken_session(store: SqliteStore) -> None:
    """A session that is lost takes nothing else with it, as long as the chat's key is whole."""
    mark = run(store, _keep(IN_FLOW))
    run(store, lambda tx: tx.add_choice(CHOICE, tx.chat(CHAT, AT)))
    run(store, lambda tx: tx.db.execute(SPOILT["a byte more"], [mark]).rowcount)
    run(store, _keep(IDLE))
    assert run(store, lambda tx: tx.choices(tx.chat(CHAT, AT))) == (CHOICE,)


def _fill(tx: Transaction, name: str, case: Case) -> str:
    """Something about a chat in every table."""
    mark = _keep(replace(IN_FLOW, chat=name))(tx)
    chat = tx.chat(name, AT)
    tx.first("e1", name, AT)
    tx.set_timers(mark, {"remind": AT, "expire": AT + DAY})
    tx.add_choice(replace(CHOICE, reference=f"{CHOICE.reference}{case.id}"), chat)
    tx.add_case(case, mark)
    tx.may_mail("code", "aino@example.com", mark, AT)
    tx.put(f"code {name}", replace(MAIL, id=f"{name}.code"), AT, mark, None)
    tx.put(f"receipt {name}", replace(MAIL, id=f"{case.id}.receipt", to=f"{case.id}@example.com"), AT, mark, case.id)
    return mark


def _rows(tx: Transaction, mark: str) -> dict[str, int]:
    """In how many rows of each table a chat's mark stands, in whatever column."""
    found = {}
    for table in tx.db.table_names():
        rows = tx.db.execute(f"select * from [{table}]").fetchall()  # noqa: S608 - names of our own
        found[table] = sum(mark in row for row in rows)
    return found


def test_a_forgotten_chat_is_in_no_table(store: SqliteStore) -> None:
    """Its rows are gone everywhere; other chats keep all of theirs."""
    mark = run(store, lambda tx: _fill(tx, CHAT, _request("A")))
    other = run(store, lambda tx: _fill(tx, OTHER, _request("B")))
    before, untouched = run(store, lambda tx: (_rows(tx, mark), _rows(tx, other)))
    assert {table for table, count in before.items() if count} == {
        "chats",
        "events",
        "timers",
        "choices",
        "cases",
        "outbox",
        "mailed",
    }
    run(store, lambda tx: tx.forget(mark))
    after = run(store, lambda tx: _rows(tx, mark))
    assert not any(after.values())
    assert run(store, lambda tx: _rows(tx, other)) == untouched
    assert _session(store) == Session(CHAT)
    assert _session(store, OTHER) == replace(IN_FLOW, chat=OTHER)


def test_the_requests_of_a_forgotten_chat_stay_without_the_way_back(store: SqliteStore) -> None:
    """A request is still found by its reference, still changed, and its mails still go; the chat finds it no more."""
    case = _request("A")
    mark = run(store, lambda tx: _fill(tx, CHAT, case))
    run(store, lambda tx: tx.forget(mark))
    kept = replace(case, chat="")
    assert run(store, lambda tx: (tx.case(case.reference), tx.case_by_id(case.id))) == (kept, kept)
    assert run(store, lambda tx: tx.all_cases(only_open=False)) == [kept]
    assert run(store, lambda tx: tx.cases(mark)) == ()
    run(store, lambda tx: tx.change_case(replace(kept, state="no_data", closed=AT), AT, "operator", "closed"))
    assert [what for _, _, what in run(store, lambda tx: tx.history(case.id))] == ["received", "closed"]
    jobs = run(store, lambda tx: tx.lease(AT, ("mail", "say")))
    assert [(job.load, job.case, job.chat) for job in jobs] == [
        (replace(MAIL, id=f"{case.id}.receipt", to=f"{case.id}@example.com"), case.id, None)
    ]


def test_a_chat_that_comes_back_after_forgetting_is_new(store: SqliteStore) -> None:
    """It has another key, nothing of before, and is known from now on."""
    mark = run(store, lambda tx: _fill(tx, CHAT, _request("A")))
    before = run(store, lambda tx: tx.chat(CHAT, AT))
    run(store, lambda tx: tx.forget(mark))
    run(store, _keep(IDLE, AT + DAY))
    chat = run(store, lambda tx: tx.chat(CHAT, AT + DAY))
    assert (chat.session, chat.first_seen) == (IDLE, AT + DAY)
    assert chat.key != before.key
    assert run(store, lambda tx: (tx.cases(mark), tx.choices(chat))) == ((), ())


# Timers


def test_a_timer_comes_when_it_is_due(store: SqliteStore) -> None:
    """Not a second before; the earliest first; with the name that the platform knows the chat by."""
    for number, name in enumerate((CHAT, OTHER)):
        mark = run(store, _keep(replace(IDLE, chat=name)))
        timers = {"remind": AT + number * DAY, "expire": AT + 9 * DAY}
        run(store, partial(Transaction.set_timers, mark=mark, timers=timers))
    assert run(store, lambda tx: tx.due_timers(AT - timedelta(seconds=1))) == []
    assert run(store, lambda tx: tx.due_timers(AT)) == [(CHAT, "remind")]
    assert run(store, lambda tx: tx.due_timers(AT + DAY)) == [(CHAT, "remind"), (OTHER, "remind")]
    assert run(store, lambda tx: tx.due_timers(AT + DAY, limit=1)) == [(CHAT, "remind")]


def test_new_timers_take_the_place_of_old_ones(store: SqliteStore) -> None:
    """What a chat no longer waits for does not wake it."""
    mark = run(store, _keep(IDLE))
    run(store, lambda tx: tx.set_timers(mark, {"remind": AT, "expire": AT}))
    run(store, lambda tx: tx.set_timers(mark, {"expire": AT + DAY}))
    assert run(store, lambda tx: tx.due_timers(AT)) == []
    assert run(store, lambda tx: tx.due_timers(AT + DAY)) == [(CHAT, "expire")]
    run(store, lambda tx: tx.set_timers(mark, {}))
    assert run(store, lambda tx: tx.due_timers(AT + DAY)) == []


def test_a_chat_that_cannot_be_opened_is_not_woken(store: SqliteStore) -> None:
    """Nobody knows its name any more; it holds up nobody else."""
    marks = [run(store, _keep(replace(IDLE, chat=name))) for name in (CHAT, OTHER)]
    for mark in marks:
        run(store, partial(Transaction.set_timers, mark=mark, timers={"remind": AT}))
    run(store, lambda tx: tx.db.execute(SPOILT["nothing"], [marks[0]]).rowcount)
    assert run(store, lambda tx: tx.due_timers(AT)) == [(OTHER, "remind")]
    assert run(store, lambda tx: _count(tx, "timers")) == 1


# Cookie choices


def test_choices_come_newest_first(store: SqliteStore) -> None:
    """Each whole, and only the chat's own."""
    older: CookieChoice = replace(CHOICE, reference="PR-AAAA-AAAA", at=AT - DAY, allowed=(), refused=())
    for name in (CHAT, OTHER):
        run(store, _keep(replace(IDLE, chat=name)))
    for choice in (older, CHOICE):
        run(store, partial(_choose, choice=choice))
    assert run(store, lambda tx: tx.choices(tx.chat(CHAT, AT))) == (CHOICE, older)
    assert run(store, lambda tx: tx.choices(tx.chat(OTHER, AT))) == ()


def _choose(tx: Transaction, choice: CookieChoice) -> None:
    tx.add_choice(choice, tx.chat(CHAT, AT))


# Requests


def test_a_request_is_found_by_its_chat_its_reference_and_its_id(store: SqliteStore) -> None:
    """Whole each time, but without the chat's name, which whoever answers it has no need of; newest first."""
    first, second = _request("A", chat=CHAT), _request("C", chat=CHAT, received=AT + DAY, deadline=None, answers=())
    for case in (first, second):
        run(store, partial(Transaction.add_case, case=case, mark="mark"))
    one, two = replace(first, chat=""), replace(second, chat="")
    assert run(store, lambda tx: tx.cases("mark")) == (two, one)
    assert run(store, lambda tx: (tx.case(first.reference), tx.case_by_id(first.id))) == (one, one)
    assert run(store, lambda tx: (tx.case("PR-XXXX-XXXX"), tx.case_by_id("x"), tx.cases("x"))) == (None, None, ())


@pytest.mark.parametrize("same", ["reference", "id"])
def test_a_taken_reference_leaves_nothing_half_done(store: SqliteStore, same: str) -> None:
    """The whole turn is taken back, to be made again with another reference; the earlier request stays as it was."""
    first = _request("A")
    run(store, lambda tx: tx.add_case(first, "mark"))
    again = replace(_request("C"), **{same: getattr(first, same)}, copy="other words")

    def turn(tx: Transaction) -> None:
        mark = _keep(IN_FLOW)(tx)
        tx.first("e1", CHAT, AT)
        tx.set_timers(mark, {"remind": AT})
        tx.add_case(again, mark)

    with pytest.raises(ReferenceTakenError):
        run(store, turn)
    assert run(store, lambda tx: tx.all_cases(only_open=False)) == [first]
    tables = ("chats", "events", "timers", "outbox")
    assert run(store, lambda tx: [_count(tx, table) for table in tables]) == [0] * len(tables)
    assert len(run(store, lambda tx: tx.history(first.id))) == 1
    assert run(store, lambda tx: tx.first("e1", CHAT, AT))


def test_what_happened_to_a_request_is_written_down(store: SqliteStore) -> None:
    """Every change with its time and who made it, in order; the request is kept as it now is."""
    case = _request("A", delivered=None, state="received")
    run(store, lambda tx: tx.add_case(case, "mark"))
    delivered = replace(case, delivered=AT + DAY)
    closed = replace(delivered, state="fulfilled", closed=AT + 2 * DAY)
    run(store, lambda tx: tx.change_case(delivered, AT + DAY, "assistant", "delivered to the company"))
    run(store, lambda tx: tx.note(case.id, AT + DAY, "operator", "looked at"))
    run(store, lambda tx: tx.change_case(closed, AT + 2 * DAY, "operator", "fulfilled"))
    assert run(store, lambda tx: tx.case(case.reference)) == closed
    assert run(store, lambda tx: tx.history(case.id)) == [
        (AT, "subject", "received"),
        (AT + DAY, "assistant", "delivered to the company"),
        (AT + DAY, "operator", "looked at"),
        (AT + 2 * DAY, "operator", "fulfilled"),
    ]
    assert run(store, lambda tx: tx.history("x")) == []


def test_changing_a_request_that_is_gone_does_nothing(store: SqliteStore) -> None:
    """It is not brought back, and nothing is written down about it."""
    run(store, lambda tx: tx.change_case(CASE, AT, "operator", "closed"))
    assert run(store, lambda tx: (tx.all_cases(only_open=False), tx.history(CASE.id))) == ([], [])


def test_requests_are_listed_by_urgency(store: SqliteStore) -> None:
    """The nearest deadline first, then the oldest; those without a deadline last; closed ones only where wished."""

    def until(day: int) -> Deadline:
        return replace(CASE.deadline or Deadline(date.min, date.min, date.min, ""), limit=date(2026, 2, day))

    cases = [
        _request("A", deadline=None, received=AT - DAY),
        _request("C", deadline=until(20)),
        _request("D", deadline=until(9), received=AT + DAY),
        _request("E", deadline=until(9)),
    ]
    for case in cases:
        run(store, partial(Transaction.add_case, case=case, mark="mark"))
    closed = replace(cases[3], closed=AT, state="no_data")
    run(store, lambda tx: tx.change_case(closed, AT, "operator", "closed"))
    letters = [case.reference[-1] for case in run(store, lambda tx: tx.all_cases(only_open=False))]
    assert letters == ["E", "D", "C", "A"]
    assert [case.reference[-1] for case in run(store, lambda tx: tx.all_cases(only_open=True))] == ["D", "C", "A"]


@pytest.mark.parametrize("column", ["wrapped", "body"])
def test_a_request_that_cannot_be_opened_is_told_in_one_line(store: SqliteStore, column: str) -> None:
    """Which row it is, and nothing of what stands in it; other requests are read."""
    cases = [_request("A"), _request("C")]
    for case in cases:
        run(store, partial(Transaction.add_case, case=case, mark="mark"))
    spoil = f"update cases set {column} = x'00' where id = ?"  # noqa: S608 - a name of our own
    run(store, lambda tx: tx.db.execute(spoil, [cases[0].id]).rowcount)
    with pytest.raises(StoreError, match=f"a.db: cases/{cases[0].id}/{column}") as told:
        run(store, lambda tx: tx.case(cases[0].reference))
    assert "\n" not in str(told.value)
    assert run(store, lambda tx: tx.case(cases[1].reference)) == cases[1]


# Everything about a chat


def test_everything_about_a_chat_is_handed_out(store: SqliteStore) -> None:
    """One JSON with all that is kept, and nothing of anybody else."""
    case = _request("A")
    mark = run(store, lambda tx: _fill(tx, CHAT, case))
    run(store, lambda tx: _fill(tx, OTHER, _request("C", email="other@example.com")))

    def export(tx: Transaction) -> str:
        chat = tx.chat(CHAT, AT)
        return tx.everything(chat, chat.session, tx.cases(mark))

    whole = json.loads(run(store, export))
    assert whole["known_since"] == AT.isoformat()
    assert whole["session"]["place"]["answers"] == [[key, list(value)] for key, value in _draft_answers()]
    assert [row["reference"] for row in whole["requests"]] == [case.reference]
    assert whole["requests"][0]["history"] == [{"at": AT.isoformat(), "actor": "subject", "what": "received"}]
    assert [row["text"] for row in whole["cookie_choices"]] == [CHOICE.text]
    assert whole["reminders"] == [
        {"what": "expire", "at": (AT + DAY).isoformat()},
        {"what": "remind", "at": AT.isoformat()},
    ]
    assert whole["counts"] == {"messages_seen": 1, "waiting": 2, "mails_counted": 1}
    assert "other@example.com" not in json.dumps(whole)


def _draft_answers() -> tuple[tuple[str, tuple[str, ...]], ...]:
    assert IN_FLOW.place.kind == "in_flow"
    return IN_FLOW.place.answers


# What is too old


def test_chats_that_nobody_writes_in_are_erased(store: SqliteStore) -> None:
    """By when they were last heard of, not by when they began; only their requests stay, to be asked about there."""
    case = _request("A")
    mark = run(store, lambda tx: _fill(tx, CHAT, case))
    run(store, _keep(replace(IDLE, chat=OTHER), AT - 9 * DAY))
    run(store, _keep(replace(IDLE, chat=OTHER), AT + DAY))
    assert run(store, lambda tx: tx.purge_chats(AT)) == 0
    assert run(store, lambda tx: tx.purge_chats(AT + DAY)) == 1
    assert {table for table, count in run(store, lambda tx: _rows(tx, mark)).items() if count} == {"cases", "mailed"}
    assert _session(store) == Session(CHAT)
    assert run(store, lambda tx: tx.cases(mark)) == (replace(case, chat=""),)
    assert _loads(run(store, lambda tx: tx.lease(AT, ("mail",)))) == [f"{case.id}.receipt"]
    assert _session(store, OTHER).language == "sv"


def _loads(jobs: list[Job]) -> list[str]:
    return [job.load.id for job in jobs if isinstance(job.load, Mail)]


def test_requests_are_erased_their_time_after_they_were_closed(store: SqliteStore) -> None:
    """With their history and their mails; open ones stay, however old."""
    cases = [_request("A"), _request("C"), _request("D", received=OLD)]
    for case in cases:
        run(store, partial(_fill, name=f"chat of {case.id}", case=case))
    for case, closed in zip(cases[:2], (AT, AT + DAY), strict=True):
        change = replace(case, state="fulfilled", closed=closed)
        run(store, partial(Transaction.change_case, case=change, at=AT, actor="operator", what="fulfilled"))
    assert run(store, lambda tx: tx.purge_cases(AT, AT + 9 * DAY)) == 0
    assert run(store, lambda tx: tx.purge_cases(AT + DAY, AT + 9 * DAY)) == 1
    assert run(store, lambda tx: tx.case(cases[0].reference)) is None
    assert run(store, lambda tx: tx.history(cases[0].id)) == []
    gone = "select count(*) from outbox where case_id = ?"
    assert run(store, lambda tx: tx.db.execute(gone, [cases[0].id]).fetchone()[0]) == 0
    assert [case.reference[-1] for case in run(store, lambda tx: tx.all_cases(only_open=False))] == ["D", "C"]


def test_practice_is_erased_sooner(store: SqliteStore) -> None:
    """What nobody has received need not be kept for years: it goes by the day it was made, open or closed."""
    cases = [_request("A", practice=True), _request("C", practice=True, received=AT + DAY), _request("D")]
    for case in cases:
        run(store, partial(_fill, name=f"chat of {case.id}", case=case))
    assert run(store, lambda tx: tx.purge_cases(OLD, AT)) == 0
    assert run(store, lambda tx: tx.purge_cases(OLD, AT + DAY)) == 1
    assert [case.reference[-1] for case in run(store, lambda tx: tx.all_cases(only_open=False))] == ["D", "C"]


def test_traces_are_erased_when_they_are_no_longer_needed(store: SqliteStore) -> None:
    """Ids of events after a week, counts of mails after two days, keys of what was sent after thirty."""
    mark = run(store, _keep(IDLE))
    run(store, lambda tx: tx.first("e1", CHAT, AT) and tx.may_mail("code", "aino@example.com", mark, AT))
    for key in "ab":
        mail = replace(MAIL, to=f"{key}@example.com")
        run(store, partial(Transaction.put, key=key, load=mail, at=AT, chat=mark, case=None))
    run(store, lambda tx: tx.sent(tx.lease(AT, ("mail",))[0]))

    def left(after: timedelta) -> list[int]:
        run(store, lambda tx: tx.purge_traces(AT + after))
        return run(store, lambda tx: [_count(tx, table) for table in ("events", "mailed", "outbox")])

    second = timedelta(seconds=1)
    assert left(2 * DAY) == [1, 1, 2]
    assert left(2 * DAY + second) == [1, 0, 2]
    assert left(7 * DAY + second) == [0, 0, 2]
    assert left(30 * DAY) == [0, 0, 2]
    assert left(30 * DAY + second) == [0, 0, 1]  # what was never sent still waits


# Feedback


def _row(at: datetime, text: str = "…", topic: str | None = "retention") -> Feedback:
    return Feedback(at, "refused", "fi", "kotopro", topic, text)


def _add(store: SqliteStore, *rows: Feedback) -> None:
    for row in rows:
        run(store, partial(Transaction.add_feedback, row=row))


def test_feedback_comes_back(store: SqliteStore) -> None:
    """What is kept is listed, since a time, as it was; by topic, oldest first."""
    later, topicless = _row(NEW + DAY), _row(NEW, topic=None)
    _add(store, _row(OLD), later, _row(NEW), topicless)
    assert run(store, lambda tx: tx.list_feedback(NEW)) == [topicless, _row(NEW), later]


def test_old_feedback_is_erased_for_real(opened: Open, file: Path) -> None:
    """Purged words are gone from the file, not just from the table."""
    store = opened()
    _add(store, _row(OLD, "wordthatgoes"), _row(NEW, "stays"))
    assert run(store, lambda tx: tx.purge_feedback(NEW)) == 1
    store.close()
    assert b"wordthatgoes" not in b"".join(part.read_bytes() for part in file.parent.iterdir())
