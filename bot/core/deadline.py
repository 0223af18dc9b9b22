"""By when a rights request must be answered: a calendar month from its receipt, never ending on a free day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

#: GDPR art. 12(3): one month, and two further months where requests are complex or many.
_MONTH: Final = 1
_EXTENDED: Final = _MONTH + 2


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a request must be answered (GDPR art. 12(3)).

    ``received``: the local day of the receipt; ``month``: a calendar month later, or three in an extended one,
    clamped to the month's end; ``limit``: ``month``, moved past weekends and public holidays; ``rule``: which rule
    made it, stored with it.
    """

    received: date
    month: date
    limit: date
    rule: str


def months_after(day: date, months: int) -> date:
    """The same date ``months`` later, or that month's last day where it has no such date (1182/71 art. 3(2)(c))."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def deadline(received: date, is_free: Callable[[date], bool], rule: str) -> Deadline:
    """When the month of GDPR art. 12(3) ends, counted by Regulation (EEC, Euratom) 1182/71.

    The day of the receipt is not counted (art. 3(1)); the last day ends with its last hour (art. 3(2)(c)); a period
    whose last day is a Saturday, a Sunday or a public holiday ends with the next working day (art. 3(4)).
    """
    return _after(received, _MONTH, is_free, rule)


def extended(deadline: Deadline, is_free: Callable[[date], bool], rule: str) -> Deadline:
    """The two further months of GDPR art. 12(3), told within the first month.

    Counted as three months from the receipt: counting on from ``month`` or ``limit`` would lose the receipt's date,
    or add the free days twice.
    """
    return _after(deadline.received, _EXTENDED, is_free, rule)


def _after(received: date, months: int, is_free: Callable[[date], bool], rule: str) -> Deadline:
    month = months_after(received, months)
    limit = month
    while is_free(limit):
        limit += timedelta(days=1)
    return Deadline(received, month, limit, rule)
