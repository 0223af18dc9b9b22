"""For how long what is kept, and the erasing of what is too old."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long what is kept; cases from the day they were closed."""

    sessions: timedelta = timedelta(days=30)
    drafts: timedelta = timedelta(days=14)
    cases: timedelta = timedelta(days=3 * 365)
    feedback: timedelta = timedelta(days=180)


def purge(tx: Any, retention: Retention, now: datetime) -> None:
    """Erase what is too old, inside a transaction."""
    tx.purge_traces(now)
    tx.purge_feedback(now - retention.feedback)
    tx.purge_cases(now - retention.cases, now - retention.sessions)
    tx.purge_chats(now - retention.sessions)
