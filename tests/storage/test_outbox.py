"""The outbox: in order, once, again after a failure, and never for ever in the way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.chat import Say
from bot.core.job import Job, Load, Reply
from bot.core.mail import DeliveryError, Mail
from bot.core.text import Paragraph
from bot.storage.sqlite import SqliteStore
from bot.storage.sqlite_outbox import BACKOFF, LEASE
from bot.storage.sqlite_transaction import Transaction
from tests.storage.conftest import Open, run
from tests.storage.values import AT, CASE, CHAT, IDLE, MAIL, SAY

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
ALL = ("mail", "say")


def _chat(store: SqliteStore, name: str = CHAT) -> str:
    """A chat that is known; its mark."""

    def save(tx: Transaction) -> str:
        chat = tx.chat(name, AT)
        tx.save(chat, replace(IDLE, chat=name), AT)
        return chat.mark

    return run(store, save)


def _mail(number: int, to: str = "aino@example.com") -> Mail:
    return replace(MAIL, id=f"mail-{number}", to=to)


def _say(text: str, chat: str = CHAT) -> Reply:
    return Reply(chat, Say("fi", (Paragraph(text),)))


def _put(store: SqliteStore, mark: str, *loads: Load, at: datetime = AT, case: str | None = None) -> None:
    def put(tx: Transaction) -> None:
        for load in loads:
            key = load.id if isinstance(load, Mail) else repr(load.say)
            tx.put(key, load, at, mark, case)

    run(store, put)


def _lease(store: SqliteStore, at: datetime = AT, kinds: tuple[str, ...] = ALL, limit: int = 20) -> list[Job]:
    return run(store, lambda tx: tx.lease(at, kinds, limit))


def _loads(jobs: Sequence[Job]) -> list[Load]:
    return [job.load for job in jobs]


def _fail(store: SqliteStore, job: Job, at: datetime = AT, *, permanent: bool = False, unclear: bool = False) -> bool:
    return run(store, lambda tx: tx.failed(job, at, DeliveryError("busy", permanent=permanent, unclear=unclear)))


def _state(store: SqliteStore) -> list[tuple[str, bool]]:
    """Each effect's state, and whether it still has a body."""
    rows = run(store, lambda tx: tx.db.execute("select state, body is not null from outbox order by id").fetchall())
    return [(state, bool(body)) for state, body in rows]


# What goes out


def test_what_is_put_in_comes_out_whole(opened: Open) -> None:
    """A mail of a request, a mail of a chat and a reply, after a restart; with what they belong to."""
    store = opened()
    mark = _chat(store)
    run(store, lambda tx: tx.add_case(CASE, mark))
    _put(store, mark, MAIL, case=CASE.id)
    _put(store, mark, _mail(1, "eino@example.com"), Reply(CHAT, SAY))
    store.close()
    jobs = _lease(opened())
    assert _loads(jobs) == [MAIL, _mail(1, "eino@example.com"), Reply(CHAT, SAY)]
    assert [(job.case, job.chat, job.tries, job.again) for job in jobs] == [
        (CASE.id, mark, 1, False),
        (None, mark, 1, False),
        (None, mark, 1, False),
    ]


def test_a_last_reply_needs_no_chat(store: SqliteStore) -> None:
    """What is told to a chat that was forgotten in the same turn is sealed all the same, and goes out."""
    run(store, lambda tx: tx.put("bye", _say("bye"), AT, None, None))
    assert _loads(_lease(store)) == [_say("bye")]


def test_nothing_of_a_mail_stands_in_a_row(store: SqliteStore) -> None:
    """Neither the address nor the words, and not the id of the mail either."""
    _put(store, _chat(store), MAIL)
    row = run(store, lambda tx: tx.db.execute("select * from outbox").fetchone())
    assert not any(word in repr(row) for word in ("example", "Kuitti", "PR-7K4M", MAIL.to))


def test_a_key_is_put_in_once(store: SqliteStore) -> None:
    """The same effect again is not done again, neither while it waits nor after it was sent."""
    mark = _chat(store)
    _put(store, mark, _mail(1))
    _put(store, mark, replace(_mail(1), subject="other words"))
    (job,) = _lease(store)
    assert job.load == _mail(1)
    run(store, lambda tx: tx.sent(job))
    _put(store, mark, _mail(1))
    assert _lease(store, AT + DAY) == []
    assert run(store, lambda tx: tx.waiting()) == 0


def test_what_was_sent_loses_its_body(store: SqliteStore) -> None:
    """Only the key stays, so that it is not sent twice."""
    _put(store, _chat(store), _mail(1), _mail(2))
    run(store, lambda tx: tx.sent(_only(tx.lease(AT, ALL))))
    assert _state(store) == [("sent", False), ("waiting", True)]
    assert run(store, lambda tx: tx.waiting()) == 1


def _only(jobs: list[Job]) -> Job:
    (job,) = jobs
    return job


def test_only_the_kinds_asked_for_are_taken(store: SqliteStore) -> None:
    """Where there is no mail server, mails wait while replies go."""
    _put(store, _chat(store), _mail(1), _say("hello"))
    assert _loads(_lease(store, kinds=("say",))) == [_say("hello")]
    assert _loads(_lease(store, kinds=("mail",))) == [_mail(1)]


# Order


def test_a_lane_goes_in_order(store: SqliteStore) -> None:
    """To one address, or to one chat, the next goes only when the one before is done."""
    mark = _chat(store)
    _put(store, mark, _mail(1), _mail(2), _say("one"), _say("two"))
    jobs = _lease(store)
    assert _loads(jobs) == [_mail(1), _say("one")]
    assert _lease(store) == []
    run(store, lambda tx: tx.sent(jobs[0]))
    assert _loads(_lease(store)) == [_mail(2)]
    run(store, lambda tx: tx.sent(jobs[1]))
    assert _loads(_lease(store)) == [_say("two")]


def test_a_failing_head_holds_up_its_own_lane_only(store: SqliteStore) -> None:
    """While a mail is tried again later, the next to the same address waits, and others go."""
    mark = _chat(store)
    _put(store, mark, _mail(1), _mail(2), _mail(3, "eino@example.com"))
    first, other = _lease(store)
    _fail(store, first)
    run(store, lambda tx: tx.sent(other))
    assert _lease(store, AT + SECOND) == []
    assert _loads(_lease(store, AT + timedelta(seconds=BACKOFF["mail"][0]))) == [_mail(1)]


def test_no_more_is_taken_than_asked_for(store: SqliteStore) -> None:
    """The oldest first; the rest is left to others."""
    mark = _chat(store)
    _put(store, mark, *(_mail(number, f"a{number}@example.com") for number in range(5)))
    assert [load.id for load in _loads(_lease(store, limit=2)) if isinstance(load, Mail)] == ["mail-0", "mail-1"]
    assert len(_lease(store)) == 3


# Leases


def test_nobody_else_gets_what_is_leased(opened: Open) -> None:
    """As long as the lease runs, neither this process nor another one takes the same effect."""
    one, other = opened(), opened()
    _put(one, _chat(one), _mail(1))
    assert len(_lease(one)) == 1
    for store in (one, other):
        assert _lease(store) == []
        assert _lease(store, AT + LEASE - SECOND) == []


def test_after_the_lease_ran_out_it_comes_again(opened: Open) -> None:
    """Whoever had it may have stopped before or after it was sent: it comes again, and says so."""
    one, other = opened(), opened()
    _put(one, _chat(one), _mail(1))
    (first,) = _lease(one)
    (again,) = _lease(other, AT + LEASE)
    assert (first.again, first.tries) == (False, 1)
    assert (again.again, again.tries, again.load) == (True, 2, _mail(1))
    assert _lease(one, AT + LEASE) == []


@pytest.mark.parametrize("unclear", [False, True])
def test_a_try_that_failed_is_again_only_where_it_is_unclear(store: SqliteStore, *, unclear: bool) -> None:
    """Where the server surely refused it, the next try is the first that can arrive."""
    _put(store, _chat(store), _mail(1))
    assert _fail(store, _only(_lease(store)), unclear=unclear) is False
    (job,) = _lease(store, AT + timedelta(seconds=BACKOFF["mail"][0]))
    assert (job.again, job.tries) == (unclear, 2)


# Failures


def test_it_is_tried_again_later_and_later_and_then_given_up(store: SqliteStore) -> None:
    """After each failure the next pause, not a second less; after the last one it is a dead letter."""
    _put(store, _chat(store), _mail(1))
    at = AT
    for pause in BACKOFF["mail"]:
        assert _fail(store, _only(_lease(store, at)), at) is False
        at += timedelta(seconds=pause)
        assert _lease(store, at - SECOND) == []
    assert run(store, lambda tx: tx.dead_letters()) == []
    job = _only(_lease(store, at))
    assert _fail(store, job, at) is True
    assert _lease(store, at + 30 * DAY) == []
    (letter,) = run(store, lambda tx: tx.dead_letters())
    assert (letter.id, letter.kind, letter.tries, letter.reason, letter.case) == (
        job.id,
        "mail",
        len(BACKOFF["mail"]) + 1,
        "busy",
        None,
    )


def test_what_cannot_succeed_is_given_up_at_once(store: SqliteStore) -> None:
    """A refused address is not tried for three days."""
    _put(store, _chat(store), _mail(1))
    assert _fail(store, _only(_lease(store)), permanent=True) is True
    assert len(run(store, lambda tx: tx.dead_letters())) == 1
    assert run(store, lambda tx: tx.waiting()) == 0


def test_a_dead_letter_shows_no_words_and_no_address(store: SqliteStore) -> None:
    """An operator sees what kind it is, why it was given up and for which request."""
    mark = _chat(store)
    run(store, lambda tx: tx.add_case(CASE, mark))
    _put(store, mark, MAIL, case=CASE.id)
    _fail(store, _only(_lease(store)), permanent=True)
    (letter,) = run(store, lambda tx: tx.dead_letters())
    assert letter.case == CASE.id
    assert not any(word in repr(letter) for word in ("example", "Kuitti"))


def test_a_dead_letter_can_be_sent_again(store: SqliteStore) -> None:
    """From the beginning, with all its tries; what is not dead is left alone, and so are the others."""
    mark = _chat(store)
    _put(store, mark, _mail(1), _mail(2, "eino@example.com"), _mail(3, "arvo@example.com"))
    jobs = _lease(store)
    for job in jobs[:2]:
        _fail(store, job, permanent=True)
    run(store, lambda tx: tx.sent(jobs[2]))
    later = AT + DAY
    assert run(store, lambda tx: tx.redeliver([jobs[0].id, jobs[2].id, 999], later)) == 1
    (job,) = _lease(store, later)
    assert (job.load, job.tries) == (_mail(1), 1)
    assert _fail(store, job, later) is False
    assert [letter.id for letter in run(store, lambda tx: tx.dead_letters())] == [jobs[1].id]


@pytest.mark.parametrize("unclear", [False, True])
def test_a_dead_letter_sent_again_says_so_only_where_it_may_have_arrived(store: SqliteStore, *, unclear: bool) -> None:
    """Nobody is told that they may have got a mail which was surely refused."""
    _put(store, _chat(store), _mail(1))
    _fail(store, _only(_lease(store)), permanent=True, unclear=unclear)
    run(store, lambda tx: tx.redeliver([1], AT))
    assert _only(_lease(store)).again is unclear


def test_a_dead_head_lets_the_rest_of_its_lane_go(store: SqliteStore) -> None:
    """What was given up is not waited for."""
    mark = _chat(store)
    _put(store, mark, _mail(1), _mail(2))
    _fail(store, _only(_lease(store)), permanent=True)
    assert _loads(_lease(store)) == [_mail(2)]


@pytest.mark.parametrize(
    "spoil",
    [
        "update outbox set body = x'00' where id = 1",
        "update outbox set body = null where id = 1",
        "update outbox set body = (select body from outbox where id = 2) where id = 1",
        "update outbox set chat = 'gone' where id = 1",
        "update outbox set kind = 'say' where id = 1",
    ],
)
def test_a_poisoned_head_is_given_up_and_lets_the_rest_go(store: SqliteStore, spoil: str) -> None:
    """What cannot be read is a dead letter, not an error at every look into the outbox."""
    mark = _chat(store)
    _put(store, mark, _mail(1), _mail(2), _mail(3, "eino@example.com"))
    run(store, lambda tx: tx.db.execute(spoil).rowcount)
    assert _loads(_lease(store)) == [_mail(2), _mail(3, "eino@example.com")]
    (letter,) = run(store, lambda tx: tx.dead_letters())
    assert (letter.id, letter.reason) == (1, "unreadable")
    run(store, lambda tx: tx.redeliver([1], AT))
    assert _lease(store, AT) == []
    assert len(run(store, lambda tx: tx.dead_letters())) == 1


# A clock that was set back


def test_a_clock_set_back_does_not_hold_up_what_waits(store: SqliteStore) -> None:
    """What was put in by tomorrow's clock goes out by today's."""
    _put(store, _chat(store), _mail(1), at=AT + DAY)
    assert _loads(_lease(store, AT)) == [_mail(1)]


def test_a_clock_set_back_does_not_hold_up_what_is_leased(store: SqliteStore) -> None:
    """A lease until tomorrow binds nobody; a lease of just now does."""
    _put(store, _chat(store), _mail(1), at=AT + DAY)
    _lease(store, AT + DAY)
    (job,) = _lease(store, AT)
    assert job.again
    assert _lease(store, AT + SECOND) == []
    assert len(_lease(store, AT + LEASE)) == 1


@pytest.mark.parametrize("failures", range(1, len(BACKOFF["mail"]) + 1))
def test_a_clock_set_back_does_not_lengthen_a_pause(store: SqliteStore, failures: int) -> None:
    """A pause until the day after tomorrow cannot be: it is over; one that can be is waited for."""
    _put(store, _chat(store), _mail(1))
    at = AT
    for pause in BACKOFF["mail"][:failures]:
        _fail(store, _only(_lease(store, at)), at)
        failed, at = at, at + timedelta(seconds=pause)
    assert _lease(store, failed - SECOND) == []
    assert _loads(_lease(store, failed - DAY)) == [_mail(1)]


# How many mails


def _may(store: SqliteStore, address: str, chat: str, at: datetime = AT, what: str = "code") -> bool:
    return run(store, lambda tx: tx.may_mail(what, address, chat, at))


def test_an_address_gets_three_codes_an_hour(store: SqliteStore) -> None:
    """Whoever asks, however the address is spelt; an hour later it gets one again; others are not touched."""
    spelt = ("aino@example.com", "Aino@Example.com", "AINO@EXAMPLE.COM", "aino@example.com")
    assert [_may(store, address, f"chat {n}") for n, address in enumerate(spelt)] == [True, True, True, False]
    assert _may(store, "eino@example.com", "chat 9")
    assert _may(store, "aino@example.com", "chat 9", AT + timedelta(hours=1) - SECOND) is False
    assert _may(store, "aino@example.com", "chat 9", AT + timedelta(hours=1))


def test_a_chat_sends_ten_codes_a_day(store: SqliteStore) -> None:
    """To however many addresses; a day later it may again; other chats are not touched."""
    asked = [_may(store, f"a{n}@example.com", "one", AT + n * timedelta(hours=1)) for n in range(12)]
    assert asked == [True] * 10 + [False] * 2
    assert _may(store, "b@example.com", "two", AT + timedelta(hours=11))
    assert _may(store, "b@example.com", "one", AT + DAY - SECOND) is False
    assert _may(store, "b@example.com", "one", AT + DAY)


def test_there_is_a_cap_in_all(store: SqliteStore) -> None:
    """Five hundred codes an hour, whoever asks; then the next hour's."""

    def ask(tx: Transaction) -> list[bool]:
        return [tx.may_mail("code", f"a{n}@example.com", f"chat {n}", AT) for n in range(502)]

    assert run(store, ask) == [True] * 500 + [False] * 2
    assert _may(store, "b@example.com", "b", AT + timedelta(hours=1))


def test_receipts_are_counted_apart(store: SqliteStore) -> None:
    """Who has had all their codes still gets the receipts: five an hour for an address, ten a day for a chat."""
    for number in range(10):
        assert _may(store, f"a{number % 5}@example.com", "one")
    assert _may(store, "aino@example.com", "one") is False
    assert [_may(store, "aino@example.com", "one", what="receipt") for _ in range(6)] == [True] * 5 + [False]
    later = AT + timedelta(hours=2)
    assert [_may(store, f"a{n}@example.com", "one", later, "receipt") for n in range(6)] == [True] * 5 + [False]


def test_what_was_refused_does_not_count(store: SqliteStore) -> None:
    """Who keeps asking does not wait longer for it."""
    for _ in range(20):
        _may(store, "aino@example.com", "one")
    assert _may(store, "aino@example.com", "one", AT + timedelta(hours=1))


def test_addresses_are_counted_by_marks(store: SqliteStore) -> None:
    """Whom a mail went to does not stand in the table."""
    _may(store, "aino@example.com", "one")
    assert "aino" not in repr(run(store, lambda tx: tx.db.execute("select * from mailed").fetchall()))
