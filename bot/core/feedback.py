"""Feedback as it is kept and listed: what was not understood or did not help, without who said it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    """One row: ``kind`` is up, down, refused or unsure; ``text`` is redacted."""

    at: datetime
    kind: str
    language: str
    controller: str | None
    topic: str | None
    text: str = field(repr=False)


class StoreError(Exception):
    """What is to be kept cannot be; the message says what to do."""
