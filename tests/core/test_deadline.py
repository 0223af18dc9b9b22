"""A month is a calendar month, and no limit falls on a free day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deadline import Deadline, deadline, extended, months_after

RULE: Final = "by hand"
SATURDAY: Final = 5

#: Finland's public holidays on working days, 2026 to early 2029, as the almanac has them.
ALMANAC: Final = """
2026-01-01 2026-01-06 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-12-25
2027-01-01 2027-01-06 2027-03-26 2027-03-29 2027-05-06 2027-12-06
2028-01-06 2028-04-14 2028-04-17 2028-05-01 2028-05-25 2028-12-06 2028-12-25 2028-12-26
2029-01-01
"""
HOLIDAYS: Final = frozenset(date.fromisoformat(text) for text in ALMANAC.split())

days = st.dates(date(2020, 1, 1), date(2090, 12, 31))
near = st.dates(date(2026, 1, 1), date(2028, 12, 31))
counts = st.integers(0, 36)


def by_hand(day: date) -> bool:
    """Weekends, and the almanac's holidays."""
    return day.weekday() >= SATURDAY or day in HOLIDAYS


def written(received: str, month: str, limit: str, rule: str) -> Deadline:
    """A deadline as a table has it."""
    return Deadline(date.fromisoformat(received), date.fromisoformat(month), date.fromisoformat(limit), rule)


def never(_: date) -> bool:
    """No day is free."""
    return False


def calendar(holidays: frozenset[date]) -> Callable[[date], bool]:
    """Weekends, and whatever holidays a country might have."""
    return lambda day: day.weekday() >= SATURDAY or day in holidays


calendars = st.frozensets(near, max_size=60).map(calendar)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-05-15", 0, "2026-05-15"),
        ("2026-05-15", 1, "2026-06-15"),
        ("2026-01-28", 1, "2026-02-28"),
        ("2026-01-29", 1, "2026-02-28"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-28", 1, "2028-02-28"),
        ("2028-01-29", 1, "2028-02-29"),
        ("2028-01-30", 1, "2028-02-29"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2028-02-29", 1, "2028-03-29"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-04-30", 1, "2026-05-30"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-12-01", 1, "2027-01-01"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-10-31", 3, "2027-01-31"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-12-15", 25, "2029-01-15"),
        ("2100-01-31", 1, "2100-02-28"),
    ],
)
def test_months_keep_the_date_or_end_with_the_month(day: str, months: int, expected: str) -> None:
    """31 January has its month on 28 or 29 February; 28 February has it on 28 March, not on the 31st."""
    assert months_after(date.fromisoformat(day), months).isoformat() == expected


@pytest.mark.parametrize(
    ("received", "month", "limit"),
    [
        # Ordinary days, and weekends.
        ("2026-11-22", "2026-12-22", "2026-12-22"),
        ("2026-10-07", "2026-11-07", "2026-11-09"),
        ("2026-10-08", "2026-11-08", "2026-11-09"),
        # Month ends, and a limit that passes into the next month.
        ("2026-01-31", "2026-02-28", "2026-03-02"),
        ("2027-01-29", "2027-02-28", "2027-03-01"),
        ("2028-01-31", "2028-02-29", "2028-02-29"),
        ("2026-08-31", "2026-09-30", "2026-09-30"),
        ("2026-09-30", "2026-10-30", "2026-10-30"),
        # New Year and Epiphany.
        ("2026-12-01", "2027-01-01", "2027-01-04"),
        ("2027-12-01", "2028-01-01", "2028-01-03"),
        ("2026-12-06", "2027-01-06", "2027-01-07"),
        # Easter: from Good Friday to Tuesday.
        ("2026-03-03", "2026-04-03", "2026-04-07"),
        ("2026-03-06", "2026-04-06", "2026-04-07"),
        ("2027-02-25", "2027-03-25", "2027-03-25"),
        ("2027-02-26", "2027-03-26", "2027-03-30"),
        ("2027-02-28", "2027-03-28", "2027-03-30"),
        ("2028-03-14", "2028-04-14", "2028-04-18"),
        # May Day on a Friday, on a Saturday, and on a Monday after a Sunday; Ascension Day.
        ("2026-04-01", "2026-05-01", "2026-05-04"),
        ("2027-04-01", "2027-05-01", "2027-05-03"),
        ("2028-03-30", "2028-04-30", "2028-05-02"),
        ("2027-04-06", "2027-05-06", "2027-05-07"),
        # Midsummer: the Friday is a working day by law, the Saturday is free anyway.
        ("2026-05-19", "2026-06-19", "2026-06-19"),
        ("2026-05-20", "2026-06-20", "2026-06-22"),
        ("2028-05-23", "2028-06-23", "2028-06-23"),
        # 6 December on a Sunday, a Monday and a Wednesday.
        ("2026-11-06", "2026-12-06", "2026-12-07"),
        ("2027-11-06", "2027-12-06", "2027-12-07"),
        ("2027-11-04", "2027-12-04", "2027-12-07"),
        ("2028-11-06", "2028-12-06", "2028-12-07"),
        # Christmas on a Friday, a Saturday and a Monday.
        ("2026-11-24", "2026-12-24", "2026-12-24"),
        ("2026-11-25", "2026-12-25", "2026-12-28"),
        ("2027-11-25", "2027-12-25", "2027-12-27"),
        ("2028-11-23", "2028-12-23", "2028-12-27"),
    ],
)
def test_a_limit_moves_past_free_days(received: str, month: str, limit: str) -> None:
    """Weekends and holidays in Finland, 2026 to 2028."""
    made = deadline(date.fromisoformat(received), by_hand, RULE)
    assert made == written(received, month, limit, RULE)


@pytest.mark.parametrize(
    ("received", "month", "limit"),
    [
        # From the shifted limit of the first month, 2 March, it would be 2 May; from its date, 28 April.
        ("2026-01-31", "2026-04-30", "2026-04-30"),
        ("2026-09-25", "2026-12-25", "2026-12-28"),
        ("2026-11-30", "2027-02-28", "2027-03-01"),
        ("2027-11-30", "2028-02-29", "2028-02-29"),
        ("2026-12-26", "2027-03-26", "2027-03-30"),
        ("2027-03-31", "2027-06-30", "2027-06-30"),
        ("2028-09-30", "2028-12-30", "2029-01-02"),
    ],
)
def test_an_extension_is_counted_from_the_receipt(received: str, month: str, limit: str) -> None:
    """Three months in all, whatever days the first month was moved past."""
    first = deadline(date.fromisoformat(received), by_hand, RULE)
    assert extended(first, by_hand, "extended") == written(received, month, limit, "extended")


@given(days, counts)
def test_no_month_is_skipped(day: date, months: int) -> None:
    """The month is the one that was meant, and the date differs only where the month is too short for it."""
    after = months_after(day, months)
    assert (after.year - day.year) * 12 + after.month - day.month == months
    assert after.day == day.day or (after.day < day.day and (after + timedelta(days=1)).day == 1)


@given(days, days, counts)
def test_months_keep_the_order(one: date, other: date, months: int) -> None:
    """Who asked first is answered no later."""
    first, second = sorted((one, other))
    assert months_after(first, months) <= months_after(second, months)


@given(near, calendars)
def test_a_limit_is_the_first_working_day(received: date, is_free: Callable[[date], bool]) -> None:
    """Never before the month is over, never on a free day, and never a working day too late."""
    made = deadline(received, is_free, RULE)
    assert made.received == received < made.month <= made.limit
    assert not is_free(made.limit)
    assert all(is_free(made.month + timedelta(days=passed)) for passed in range((made.limit - made.month).days))


@given(near, near, calendars)
def test_limits_keep_the_order(one: date, other: date, is_free: Callable[[date], bool]) -> None:
    """A later receipt never has an earlier limit, with or without an extension."""
    first, second = (deadline(received, is_free, RULE) for received in sorted((one, other)))
    assert first.limit <= second.limit
    assert extended(first, is_free, RULE).limit <= extended(second, is_free, RULE).limit


@given(near)
def test_a_limit_is_few_days_after_the_month(received: date) -> None:
    """The longest run of free days is Easter's, or Christmas beside a weekend."""
    first = deadline(received, by_hand, RULE)
    assert first.limit - first.month <= timedelta(days=4)


@given(near, calendars)
def test_an_extension_changes_only_the_end(received: date, is_free: Callable[[date], bool]) -> None:
    """The receipt stays, the end is later, and extending twice is extending once."""
    first = deadline(received, is_free, RULE)
    longer = extended(first, is_free, RULE)
    assert longer.received == received
    assert longer.month == months_after(received, 3) > first.month
    assert extended(longer, is_free, RULE) == longer


@given(days)
def test_without_free_days_the_month_is_the_limit(received: date) -> None:
    """Nothing but free days moves a limit."""
    made = deadline(received, never, RULE)
    assert made.limit == made.month == months_after(received, 1)
