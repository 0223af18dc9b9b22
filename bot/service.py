"""One message through the house: the core's turn, its session kept, its effects carried out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar, assert_never

from bot.core.chat import Effect, Incoming, KeepFeedback, Say
from bot.core.conversation import turn
from bot.core.feedback import Feedback, StoreError
from bot.core.language import Language
from bot.core.session import Session
from bot.core.world import World

__all__ = ["Service", "Store", "StoreError"]

T = TypeVar("T")


class Transaction(Protocol):
    """What the service does inside one transaction."""

    def add_feedback(self, row: Feedback) -> None:
        """Keep one row of feedback."""


class Store(Protocol):
    """Where things are kept. Whoever opens one may get a StoreError, and closes it."""

    async def tx(self, fn: Callable[[Any], T]) -> T:
        """Run ``fn(transaction)`` in one transaction: all of it is written, or nothing."""

    def close(self) -> None:
        """Finish what runs, and close."""


@dataclass
class Service:
    """Owns the sessions of the chats that are open; they are kept in memory only."""

    world: World
    store: Store
    sessions: dict[str, Session] = field(default_factory=dict)

    def begin(self, chat: str, controller: str | None, language: Language | None) -> None:
        """Open a chat about a company, or in a language, that is known beforehand."""
        self.sessions[chat] = Session(chat, language, controller)

    async def handle(self, incoming: Incoming) -> tuple[Say, ...]:
        """Answer one event: the replies to send, in order; everything else is done when this returns."""
        session = self.sessions.get(incoming.chat) or Session(incoming.chat)
        done = turn(self.world, session, incoming)
        await self._carry_out(done.effects)
        self.sessions[incoming.chat] = done.session
        return tuple(effect for effect in done.effects if isinstance(effect, Say))

    async def _carry_out(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case KeepFeedback():
                    await self.store.tx(partial(_keep, effect))
                case Say():
                    pass  # the platform sends what handle() returns
                case _:
                    assert_never(effect)


def _keep(effect: KeepFeedback, tx: Transaction) -> None:
    row = Feedback(effect.at, effect.kind, effect.language, effect.controller, effect.topic, effect.text)
    tx.add_feedback(row)
