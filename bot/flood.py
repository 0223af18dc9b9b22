"""Floods from one chat: more messages than a person writes are not taken, and nothing of them is kept."""

from collections.abc import Callable
from typing import Final

from limits import RateLimitItemPerHour, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

#: Quick fingers write two messages a second for a while; nobody writes six hundred in an hour.
_BURST: Final = RateLimitItemPerSecond(20, 10)
_HOUR: Final = RateLimitItemPerHour(600)


def per_chat() -> Callable[[str], bool]:
    """Whether one more message of a chat is taken now; it counts in memory, by this process alone."""
    limiter = MovingWindowRateLimiter(MemoryStorage())

    def allow(chat: str) -> bool:
        return limiter.hit(_BURST, chat) and limiter.hit(_HOUR, chat)

    return allow
