"""Floods from one chat: more messages than a person writes are not taken, and nothing of them is kept."""

from typing import Final

from limits import RateLimitItemPerHour, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

#: Quick fingers write two messages a second for a while; nobody writes six hundred in an hour.
_BURST: Final = RateLimitItemPerSecond(20, 10)
_HOUR: Final = RateLimitItemPerHour(600)


#: A chat that is not heard just now is told so once in this time, and not once more for every message.
_TOLD: Final = RateLimitItemPerMinute(1)


class Floods:
    """Counts in memory, by this process alone."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def allow(self, chat: str) -> bool:
        """Whether one more message of a chat is taken now."""
        return self._limiter.hit(_BURST, chat) and self._limiter.hit(_HOUR, chat)

    def warn(self, chat: str) -> bool:
        """Whether a chat is told now that it was too much."""
        return self._limiter.hit(_TOLD, chat)
