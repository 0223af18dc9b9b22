"""One event inside a transaction: turned, and kept with its effects; all of it is written, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core.chat import (
    Close,
    Effect,
    Event,
    Export,
    Exported,
    Forget,
    Hand,
    HomeOpened,
    Incoming,
    KeepChoice,
    KeepFeedback,
    Left,
    MailRefused,
    Say,
    SendMail,
    Submit,
    TimerFired,
    Withdraw,
)
from bot.core.conversation import turn
from bot.core.feedback import Feedback
from bot.core.flow import InFlow
from bot.core.job import Reply
from bot.core.letters import handoff_mail
from bot.core.replies import joined
from bot.core.session import Session
from bot.core.world import World
from bot.retention import Retention

#: A reply in the pieces that a chat's platform can take.
Split = Callable[[str, Say], tuple[Say, ...]]

#: Whether whoever handed over an event shows these replies itself.
Shows = Callable[[tuple[Say, ...]], bool]


@dataclass(frozen=True, slots=True)
class Done:
    """What a transaction brought: the replies, whether something was erased for good, the lanes that wait now.

    ``dropped``: so many replies of a chat that its visitor has just closed.
    """

    says: tuple[Say, ...]
    forgot: bool = False
    lanes: tuple[str, ...] = ()
    dropped: int | None = None


@dataclass(frozen=True)
class Turning:
    """What is needed beside the transaction."""

    world: World
    retention: Retention
    split: Split

    def turn(self, incoming: Incoming, shows: Shows | None, tx: Any) -> Done:
        """One event inside a transaction; what effects bring back at once is turned in it too."""
        if not tx.first(incoming.id, incoming.chat, incoming.at):
            return Done(())
        chat = tx.chat(incoming.chat, incoming.at)
        session, effects = self._effects(incoming, chat, tx)
        forgot = any(isinstance(effect, Forget) for effect in effects)
        if not forgot:
            heard = not isinstance(incoming.event, TimerFired | Left)
            tx.save(chat, session, incoming.at, heard=heard)
            if _answers(session) != _answers(chat.session) or isinstance(incoming.event, TimerFired):
                tx.set_timers(chat.mark, self._timers(session, incoming))
            if heard and chat.closed:
                tx.reopen(chat.mark)
        lanes = [self._carry_out(tx, chat, incoming, effect) for effect in effects]
        says = tuple(effect for effect in effects if isinstance(effect, Say))
        if not (shows and shows(says)):
            lanes += self._send(tx, chat, incoming, says, forgot=forgot)
        closed = any(isinstance(effect, Close) for effect in effects)
        dropped = tx.close_chat(chat.mark, incoming.at) if closed else None
        return Done(says, forgot, tuple(lane for lane in lanes if lane), dropped)

    def _effects(self, incoming: Incoming, chat: Any, tx: Any) -> tuple[Session, list[Effect]]:
        """Turn an event, and what its effects bring back at once: the session then, and what is to be done."""
        session, cases = chat.session, tx.cases(chat.mark)
        events: list[Event] = [incoming.event]
        effects: list[Effect] = []
        while events:
            now = replace(incoming, event=events.pop(0), cases=cases)
            if isinstance(now.event, HomeOpened):
                now = replace(now, choices=tx.choices(chat))
            done = turn(self.world, session, now)
            session = done.session
            for effect in done.effects:
                match effect:
                    case SendMail(mail, _, limited) if limited and not tx.may_mail(
                        limited, mail.to, chat.mark, incoming.at
                    ):
                        events.append(MailRefused(limited))
                    case Export():
                        whole = tx.everything(chat, session, cases)
                        events.append(Exported(whole, tx.choices(chat), chat.first_seen))
                    case _:
                        effects.append(effect)
        return session, effects

    def _timers(self, session: Session, incoming: Incoming) -> dict[str, datetime]:
        """An unfinished request is reminded of once, after half of its time, and then erased."""
        if not (isinstance(session.place, InFlow) or session.parked):
            return {}
        half = self.retention.drafts / 2
        if isinstance(incoming.event, TimerFired):  # reminded just now
            return {"expire": incoming.at + half}
        return {"remind": incoming.at + half, "expire": incoming.at + half * 2}

    def _send(self, tx: Any, chat: Any, incoming: Incoming, says: tuple[Say, ...], *, forgot: bool) -> list[str]:
        """Put the turn's replies, as one, into the outbox; of a chat that was just forgotten only the last stays."""
        if chat.closed and isinstance(incoming.event, TimerFired):
            return []
        pieces = [piece for say in joined(says) for piece in self.split(incoming.chat, say)]
        owner, lane = None if forgot else chat.mark, f"chat:{chat.mark}"
        for number, piece in enumerate(pieces):
            reply = Reply(incoming.chat, piece, incoming.message)
            tx.put(f"{incoming.chat}:{incoming.id}:say{number}", reply, incoming.at, owner, None, lane)
        return [lane] if pieces else []

    def _carry_out(self, tx: Any, chat: Any, incoming: Incoming, effect: Effect) -> str | None:
        """Write down what an effect asks for; returns the lane that has work by it."""
        match effect:
            case KeepFeedback():
                row = Feedback(effect.at, effect.kind, effect.language, effect.controller, effect.topic, effect.text)
                tx.add_feedback(row)
            case SendMail(mail, case, _):
                return str(tx.put(mail.id, mail, incoming.at, chat.mark, case))
            case Submit(case):
                tx.add_case(case, chat.mark)
            case Withdraw(case):
                tx.change_case(case, incoming.at, "subject", "withdrawn")
            case KeepChoice(choice):
                tx.add_choice(choice, chat)
            case Hand(over):
                mail = handoff_mail(self.world, over)
                return str(tx.put(mail.id, mail, incoming.at, chat.mark, None))
            case Forget():
                tx.forget(chat.mark)
            case _:
                pass  # a Say is returned or sent; an Export has been answered; closing comes last
        return None


def _answers(session: Session) -> tuple[object, ...]:
    """The answers of everything unfinished: their age counts, not that of the last message."""
    place = session.place
    drafts = (*session.parked, *([place] if isinstance(place, InFlow) else []))
    return tuple((draft.id, draft.answers, draft.unfit) for draft in drafts)
