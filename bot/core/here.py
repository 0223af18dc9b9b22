"""What came of an event, and the surroundings of one turn that are handed from function to function."""

from dataclasses import dataclass, replace

from bot.core.chat import Effect, Incoming
from bot.core.flow import InFlow, Trait
from bot.core.language import Language
from bot.core.meaning import Understood
from bot.core.request import Case
from bot.core.session import Session
from bot.core.world import World


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of an event. ``understood`` is there for programs that ask what a message was taken for."""

    session: Session
    effects: tuple[Effect, ...]
    understood: Understood | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """One turn's surroundings. ``aside``: the draft in whose middle something else was asked or wished for."""

    world: World
    session: Session
    incoming: Incoming
    language: Language
    aside: InFlow | None = None

    def phrase(self, message: str, /, **values: object) -> str:
        """A phrase of the assistant's own, in the language of the turn."""
        return self.world.say(self.language, message, **values)

    def at(self, session: Session) -> "Here":
        """The same turn with another session, in its language."""
        return replace(self, session=session, language=session.language or self.language)

    def served(self, controller: str) -> str | None:
        """A company, None where it is no longer served: requests live longer than that."""
        return controller if controller in self.world.controllers else None

    def asked_for(self, case: Case) -> list[str]:
        """What a request asks for, by name; a flow that is gone since keeps its id."""
        return [self._flow_name(item.flow) for item in case.items]

    def _flow_name(self, flow: str) -> str:
        try:
            return self.world.flow_name(flow, self.language)
        except KeyError:
            return flow

    def trait(self, draft: InFlow) -> Trait:
        """What a draft's steps may ask about its company."""
        return lambda name: self.world.trait(draft.controller, name)

    def turn(self, draft: InFlow, *effects: Effect) -> Turn:
        """A turn that ends in the draft."""
        return Turn(replace(self.session, place=draft), effects)
