"""A message where no flow is under way: about one's own requests, at a loss, or anything else that is understood."""

from dataclasses import replace

from bot.core import guide, pressing, questions, replies, saying
from bot.core.buttons import OwnCase, Walk
from bot.core.here import Here, Turn
from bot.core.meaning import Context
from bot.core.meanings import press_of, read

#: So many seconds after a request was sent, a mere "cancel" is about that request.
_JUST_NOW = 3_600


def message(here: Here, text: str) -> Turn:
    """Do what a message means."""
    session = here.session
    if (session.parked or here.incoming.cases) and (steered := _about_own(here, text)):
        return steered
    if (lost := _at_a_loss(here, text)) is not None:
        return lost
    understood = here.world.understand(text, Context(session.language or here.incoming.locale_hint, session.recent))
    done = read(here, understood, text)
    today = here.world.today(session.controller, here.incoming.at)
    if here.world.values(here.language, text, today).identity_number:
        then = here.at(done.session)  # in the language of the message
        refused = replies.line(then.language, saying.number_refused(then))
        return replace(done, effects=(refused, *done.effects))
    return done


def _at_a_loss(here: Here, text: str) -> Turn | None:
    """Words for a step where none is asked: nothing to send; ``I do not understand`` gets other ways to go on."""
    control = here.world.control(here.language, text)
    buttons = list(replies.starters(here.world, here.language, here.session.controller))
    match control:
        case "send" | "done" | "unverified" | "resend" | "no_email":
            nothing = here.phrase("There is nothing to send just now. What would you like to do?")
            return Turn(here.session, (replies.line(here.language, nothing, buttons=buttons),))
        case "lost" if here.session.answered:
            sorry = here.phrase(
                "I am sorry that this did not help. Please put it in other words, or choose one of these:"
            )
            buttons.append(replies.flow_button(here.world, here.language, "escalate", here.session.controller))
            return Turn(here.session, (replies.line(here.language, sorry, buttons=buttons),))
        case "lost":
            return questions.answer(here, ("assistant_help",))
        case _:
            return None


def _about_own(here: Here, text: str) -> Turn | None:
    """Short words about what was put aside, or about the request that was just made."""
    control = here.world.control(here.language, text)
    if here.session.parked and control == "resume":
        return pressing.pressed(here, Walk(here.session.parked[-1].id, "resume"))
    if here.session.parked and control == "cancel":
        return Turn(here.session, guide.reminded(here, here.session.parked[-1]))
    last = next(iter(here.incoming.cases), None)
    if last is None:
        return None
    ways = {"show": (here.phrase("Show this request"),), "withdraw": (here.phrase("Withdraw this request"),)}
    chosen = here.world.choose(here.language, text, ways)
    just_now = (here.incoming.at - last.received).total_seconds() < _JUST_NOW
    if chosen == "withdraw" or (control == "cancel" and just_now and last.undoable):
        return press_of(here, OwnCase(last.reference, "withdraw"))
    return press_of(here, OwnCase(last.reference, "show")) if chosen else None
