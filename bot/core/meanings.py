"""What a message or a button means, done: questions answered, wishes begun, the rest declined in a friendly way."""

from dataclasses import replace
from typing import assert_never

from bot.core import own, pressing, questions, refusals, replies, starting
from bot.core.buttons import (
    AskTopic,
    ChooseController,
    ChooseLanguage,
    InPrivate,
    OwnCase,
    Press,
    ShowPlace,
    StartFlow,
    Vote,
    Walk,
)
from bot.core.chat import KeepFeedback
from bot.core.flow import Value
from bot.core.greeting import greet
from bot.core.here import Here, Turn
from bot.core.meaning import (
    Foreign,
    Known,
    OutOfScope,
    SmallTalk,
    Understood,
    Unreadable,
    Unsure,
    Wish,
)
from bot.core.remarks import remarks
from bot.core.request import read_reference
from bot.core.review import RIGHTS
from bot.core.session import ChoosingController, Idle
from bot.core.small import small_talk

#: A message of so few words that names a company, where one was asked for, is the answer to that.
_NAME_WORDS = 3


def read(here: Here, understood: Understood, text: str) -> Turn:
    """Do what a message means, in its language and about the company that it names."""
    session = here.session
    if not isinstance(understood.meaning, Foreign | Unreadable):
        session = replace(session, language=understood.language)
    session = replace(session, controller=understood.controller or session.controller)
    result = _meant(replace(here, session=session, language=understood.language), understood, text)
    return replace(result, understood=understood)


def _meant(here: Here, understood: Understood, text: str) -> Turn:
    waiting = here.session.place
    if dead := _of_the_dead(here, understood, text):
        return dead
    if isinstance(waiting, ChoosingController) and understood.controller and len(text.split()) <= _NAME_WORDS:
        return choose_controller(here, understood.controller)
    world, language, controller = here.world, here.language, here.session.controller
    match understood.meaning:
        case Known(topics, wish):
            return questions.answer(here, topics, understood, wish)
        case Wish():
            return begin(here, understood.meaning, understood, text)
        case Unsure(candidates):
            buttons = [replies.candidate_button(world, language, c, controller) for c in candidates]
            say = replies.line(language, here.phrase("Which of these do you mean?"), buttons=buttons)
            session = replace(here.session, recent=understood.candidates[:5])
            return Turn(session, (say, _feedback(here, "unsure", text, candidates[0].id)))
        case SmallTalk(kind):
            # A no takes what was offered off the table: a later yes is no wish for it.
            session = replace(here.session, recent=()) if kind == "declining" else here.session
            return Turn(session, (small_talk(world, language, kind, controller),))
        case OutOfScope(kind):
            guess = understood.candidates[0].id if understood.candidates else None
            refused = refusals.decline(world, language, controller, kind)
            return Turn(here.session, (refused, _feedback(here, "refused", text, guess)))
        case Foreign():
            return Turn(here.session, (refusals.foreign(world, language),))
        case Unreadable(too_long):
            return Turn(here.session, (refusals.unreadable(world, language, controller, too_long=too_long),))
        case _:
            assert_never(understood.meaning)


def _of_the_dead(here: Here, understood: Understood, text: str) -> Turn | None:
    """Somebody who has died: what a flow says of that; rights that they no longer have are not offered."""
    first = understood.candidates[0] if understood.candidates else None
    if not understood.someone_else or here.incoming.public or first is None or here.session.controller is None:
        return None
    flow = first.flow if first.flow in RIGHTS else "erasure"
    given = starting.given_by(here, flow, text, understood)
    return begin(here, Wish(flow), understood, text) if given.get("whose") == ("deceased",) else None


def _feedback(here: Here, kind: str, text: str, guess: str | None) -> KeepFeedback:
    redacted = here.world.redact(here.language, text)
    return KeepFeedback(kind, here.incoming.at, here.language, here.session.controller, guess, redacted)


def begin(here: Here, wish: Wish, understood: Understood | None, text: str) -> Turn:
    """Begin what is wished for; ask for the company first where one is needed and none is chosen."""
    if text and here.world.denies(here.language, text, wish.flow):
        return _not_wanted(here, wish.flow, understood)
    if wish.flow == "language":
        target = understood.target if understood else None
        return questions.choose_language(here, target) if target else questions.offer_languages(here)
    if wish.flow == "controller":
        named = understood.controller if understood else None
        return choose_controller(here, named) if named else questions.ask_controller(here, ())
    if understood and (both := starting.either(here, wish.flow, understood, text)):
        return both
    given = starting.given_by(here, wish.flow, text, understood) if text else {}
    if here.session.controller is None and wish.flow not in starting.NO_COMPANY:
        waiting = tuple(f"flow:{flow}" for flow in (wish.flow, *wish.also))
        return questions.ask_controller(here, waiting, understood, tuple(given.items()))
    recent = understood.candidates[:5] if understood else here.session.recent
    here = here.at(replace(here.session, recent=recent))
    begun = starting.start(here, wish.flow, given, wish.also)
    asked_whose = any(step.key == "whose" for step in here.world.flow(wish.flow).steps)
    about = replace(understood, someone_else=False) if understood and asked_whose else understood
    said = remarks(here.world, here.language, here.session.controller, about)
    return replace(begun, effects=(replies.line(here.language, *said), *begun.effects)) if said else begun


def _not_wanted(here: Here, flow: str, understood: Understood | None) -> Turn:
    """``I do not want to delete anything``: nothing is begun; what else it could be, as buttons."""
    if flow == "language":
        return questions.offer_languages(here)
    if here.aside:
        told = here.phrase("All right, I will not start that.")
        return Turn(here.session, (replies.line(here.language, told),))
    others = [c for c in understood.candidates if c.flow != flow] if understood else []
    buttons = [replies.candidate_button(here.world, here.language, c, here.session.controller) for c in others[:3]]
    told = here.phrase("All right, I will not start that. Is it one of these that you mean?")
    return Turn(here.session, (replies.line(here.language, told, buttons=buttons),))


def choose_controller(here: Here, controller: str) -> Turn:
    """Ask about another company from now on; do what waited for the choice, or answer the last question again."""
    place = here.session.place
    waiting = place.waiting if isinstance(place, ChoosingController) else ()
    given: dict[str, Value] = dict(place.given) if isinstance(place, ChoosingController) else {}
    waiting = waiting or here.session.answered
    here = here.at(replace(here.session, controller=controller, place=Idle(), answered=()))
    company = here.world.controller_name(controller, here.language)
    done = replies.line(here.language, here.phrase("Company: {company}", company=company))
    if not waiting:
        buttons = replies.starters(here.world, here.language, controller)
        return Turn(here.session, (replace(done, buttons=buttons),))
    flows = tuple(name.removeprefix("flow:") for name in waiting if name.startswith("flow:"))
    then = starting.start(here, flows[0], given, flows[1:]) if flows else questions.answer(here, waiting)
    return replace(then, effects=(done, *then.effects))


def press_of(here: Here, press: Press) -> Turn:
    """Do what a button outside of drafts says; raises KeyError for what no longer exists."""
    match press:
        case AskTopic(topic, controller):
            return questions.answer(_for(here, controller), (topic,))
        case StartFlow(flow, controller):
            here.world.flow(flow)
            return begin(_for(here, controller), Wish(flow), None, "")
        case ShowPlace(topic, controller):
            answer = here.world.answer(controller, topic, here.language)
            company = here.world.controller_name(controller, here.language)
            place = replies.place(here.world, here.language, answer, company)
            buttons = replies.answer_buttons(here.world, here.language, (answer,))
            return Turn(here.session, (replace(place, buttons=buttons),))
        case Vote():
            return _voted(here, press)
        case ChooseController(controller):
            here.world.controller_name(controller, here.language)
            return choose_controller(here, controller)
        case ChooseLanguage(language):
            return questions.choose_language(here, language)
        case OwnCase():
            return _own_case(here, press)
        case Walk():
            return pressing.pressed(here, press)
        case InPrivate(payload):  # typed by its number where buttons are no links
            return start_at(here, payload)
        case _:
            assert_never(press)


def _voted(here: Here, press: Vote) -> Turn:
    if here.world.topic(press.topic) is None or press.controller not in ("", *here.world.controllers):
        raise KeyError(press.topic)  # what is kept for everybody to read must not be made up by anybody
    thanks = here.phrase("Thank you! That helps to make the answers better. Nothing about you was kept.")
    kind, controller = "up" if press.up else "down", press.controller or None
    keep = KeepFeedback(kind, here.incoming.at, here.language, controller, press.topic)
    return Turn(here.session, (replies.line(here.language, thanks), keep))


def _own_case(here: Here, press: OwnCase) -> Turn:
    if press.act == "show":
        return Turn(here.session, own.show_case(here, press.reference))
    return starting.start(here, "request_cancel", {"request_cancel.case": (press.reference,)})


def start_at(here: Here, payload: str) -> Turn:
    """What a link into the chat leads to: a topic or a flow, ``--`` and a company after it; a company; a request.

    An unknown one greets. A request is shown only in the chat that made it.
    """
    subject, _, controller = payload.partition("--")
    if here.world.controllers and controller in here.world.controllers:
        here = here.at(replace(here.session, controller=controller))
    if subject in here.world.controllers:
        return greet(here.at(replace(here.session, controller=subject)))
    if here.world.topic(subject) is not None:
        return questions.answer(here, (subject,))
    try:
        here.world.flow(subject)
    except KeyError:  # only now: ``cookie_preferences`` has the form of a reference in it, too
        reference = read_reference(payload)
        return Turn(here.session, own.show_case(here, reference)) if reference else greet(here)
    return begin(here, Wish(subject), None, "")


def _for(here: Here, controller: str | None) -> Here:
    if controller is None or controller == here.session.controller:
        return here
    here.world.controller_name(controller, here.language)
    return here.at(replace(here.session, controller=controller))
