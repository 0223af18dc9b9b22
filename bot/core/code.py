"""One-time codes: six digits that prove control of a mailbox, kept as an HMAC, for ten minutes and five tries."""

import hmac
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from bot.core.flow import Code

#: reference/requests.md, case model 3: ten minutes, three to five tries.
MINUTES: Final = 10
TRIES: Final = 5

_RANDOM_BYTES: Final = 8

Verdict: TypeAlias = Literal["right", "wrong", "too_late", "too_many"]


def digits(random: bytes) -> str:
    """Six digits from random bytes; raises ValueError for too few of them, since such a code could be guessed."""
    if len(random) < _RANDOM_BYTES:
        raise ValueError("a code needs eight random bytes")
    return f"{int.from_bytes(random[:_RANDOM_BYTES], 'big') % 1_000_000:06}"


def kept(pepper: bytes, draft: str, to: str, code: str, at: datetime) -> Code:
    """A code as it is kept: not the digits, only a mark of them that fits this draft and address alone."""
    return Code(_mark(pepper, draft, to, code), to, at)


def judge(pepper: bytes, draft: str, sent: Code, typed: str, at: datetime) -> Verdict:
    """What a typed code is worth. A clock that was set back makes no code too late."""
    if sent.tries >= TRIES:
        return "too_many"
    if at - sent.at > timedelta(minutes=MINUTES):
        return "too_late"
    right = hmac.compare_digest(sent.mark, _mark(pepper, draft, sent.to, typed))
    return "right" if right else "wrong"


def _mark(pepper: bytes, draft: str, to: str, code: str) -> str:
    return hmac.new(pepper, f"{draft}\n{to}\n{code}".encode(), "sha256").hexdigest()
