"""The conversation: ``turn`` takes a session and an event and gives the next session and what is to be done."""

from dataclasses import replace
from typing import assert_never

from bot.core import commands, guide, own, pressing, questions, refusals, replies, starting
from bot.core.asking import ask, resume_button
from bot.core.buttons import (
    AskTopic,
    ChooseController,
    ChooseLanguage,
    OwnCase,
    Press,
    ShowPlace,
    StartFlow,
    Vote,
    Walk,
)
from bot.core.chat import (
    Effect,
    Export,
    Exported,
    Incoming,
    KeepFeedback,
    MailRefused,
    Opened,
    Pressed,
    Said,
    Say,
    TimerFired,
)
from bot.core.flow import InFlow, Value
from bot.core.greeting import greet
from bot.core.here import Here, Turn
from bot.core.meaning import (
    Context,
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
from bot.core.session import ChoosingController, Idle, Lost, Session
from bot.core.small import small_talk
from bot.core.world import World

#: A message of so few words that names a company, where one was asked for, is the answer to that.
_NAME_WORDS = 3

#: No button has a longer label.
_LABEL = 75

#: So many seconds after a request was sent, a mere "cancel" is about that request.
_JUST_NOW = 3_600


def turn(world: World, session: Session, incoming: Incoming) -> Turn:
    """Answer one event. Pure: the same arguments always give the same turn."""
    return pressing.remembered(_turned(_here(world, session, incoming), incoming))


def _turned(here: Here, incoming: Incoming) -> Turn:
    if isinstance(here.session.place, Lost):
        return _begin_again(here)
    match incoming.event:
        case Opened():
            place = here.session.place
            return starting.resumed(here, place) if isinstance(place, InFlow) else greet(here)
        case Said(text):
            return _said(here, text.encode(errors="ignore").decode())  # half an emoji could not be kept
        case Pressed(press):
            return _pressed(here, press)
        case TimerFired(timer):
            return _timer(here, timer)
        case MailRefused(what):
            return _mail_refused(here, what)
        case Exported():
            done, place = own.exported(here, incoming.event), here.session.place
            return replace(done, effects=(*done.effects, ask(here, place))) if isinstance(place, InFlow) else done
        case _:
            assert_never(incoming.event)


def _here(world: World, session: Session, incoming: Incoming) -> Here:
    """The turn's surroundings, with drafts brought to the flows and companies of today."""
    known = session.controller if session.controller in world.controllers else None
    only = world.controllers[0] if len(world.controllers) == 1 else None
    session = replace(session, controller=known or only)
    here = Here(world, session, incoming, session.language or incoming.locale_hint or "en")
    parked = tuple(starting.replayed(here, draft) for draft in session.parked if _possible(world, draft))
    place = session.place
    if isinstance(place, InFlow):
        place = starting.replayed(here, place) if _possible(world, place) else Idle()
    return here.at(replace(session, place=place, parked=parked))


def _possible(world: World, draft: InFlow) -> bool:
    """Whether a draft's flows and company still exist."""
    try:
        _ = [world.flow(flow) for flow in draft.flows]
    except KeyError:
        return False
    return draft.controller is None or draft.controller in world.controllers


def _begin_again(here: Here) -> Turn:
    lost = here.phrase(
        "I could not read what was kept of our conversation, so we begin anew."
        " Requests that were sent are not affected."
    )
    begun = greet(here)
    return replace(begun, effects=(replies.line(here.language, lost), *begun.effects))


def _said(here: Here, text: str) -> Turn:
    place = here.session.place
    draft = place if isinstance(place, InFlow) else None
    outside = _outside(here, draft) if draft else here
    if command := commands.split(text):
        done = commands.in_draft(here, draft, command[0]) if draft else None
        return done or _around(here, draft, _command(outside, *command))
    if draft is None:
        return _message(here, text)
    return (
        _labelled(here, draft, text)
        or pressing.agreed(here, draft, text)
        or guide.said(here, draft, text)
        or _inside(here, draft, outside, text)
    )


def _labelled(here: Here, draft: InFlow, text: str) -> Turn | None:
    """A button's own words, typed: the press of it."""
    if len(text) > _LABEL:
        return None
    buttons = ask(here, draft).buttons
    labels = {str(number): (button.label,) for number, button in enumerate(buttons)}
    chosen = here.world.choose(here.language, text, labels)
    return _pressed(here, pressing.shown(draft, buttons[int(chosen)].press)) if chosen else None


def _command(here: Here, word: str, argument: str) -> Turn:
    if word in commands.FLOWS:
        return _wish(here, Wish(commands.FLOWS[word]), None, "")
    done = commands.outside(here, word, argument)
    return _choose_controller(here, done) if isinstance(done, str) else done


def _outside(here: Here, draft: InFlow) -> Here:
    """The same turn as if no draft were under way; it is only set aside."""
    return replace(here, session=replace(here.session, place=Idle()), aside=draft)


def _inside(here: Here, draft: InFlow, outside: Here, text: str) -> Turn:
    """A message in the middle of a flow that is no answer: a question is answered, a wish begun, the rest is a miss."""
    control = here.world.control(here.language, text)
    if control in ("person", "forget"):
        flow = "escalate" if control == "person" else "assistant_forget"
        return _around(here, draft, _wish(outside, Wish(flow), None, text))
    context = Context(here.session.language or here.incoming.locale_hint, here.session.recent)
    understood = here.world.understand(text, context)
    if understood.someone_else and (asked := guide.whose_else(here, draft)):
        return replace(asked, understood=understood)
    if not isinstance(understood.meaning, Known | Wish | SmallTalk):
        return replace(guide.missed(here, draft), understood=understood)
    return _around(here, draft, _read(outside, understood, text))


def _around(here: Here, draft: InFlow | None, done: Turn) -> Turn:
    """What was done in the middle of a draft, and then the draft again, or put aside for what has begun."""
    if draft is None:
        return done
    place = done.session.place
    if isinstance(place, InFlow) and place.id == draft.id:
        return done
    session, then = done.session, here.at(done.session)
    changed = draft.controller is not None and session.controller != draft.controller
    if isinstance(place, Idle) and not changed:
        # The step's own buttons are the ones that count here; those of an answer would lead away from it.
        said = tuple(replace(effect, buttons=()) if isinstance(effect, Say) else effect for effect in done.effects)
        on = then.phrase("Back to what we were doing:")
        again = () if Export() in said else (ask(then, draft, on),)  # what is exported comes first
        return replace(done, session=replace(session, place=draft), effects=(*said, *again))
    if draft.empty:
        return done
    parked = (*(other for other in session.parked if other.id != draft.id), draft)
    kept = then.phrase("What you had begun is kept with its answers.")
    buttons = () if isinstance(place, InFlow) else (resume_button(then, draft),)  # a new flow offers it when it is over
    aside = replies.line(then.language, kept, buttons=buttons)
    return replace(done, session=replace(session, parked=parked), effects=(aside, *done.effects))


def _message(here: Here, text: str) -> Turn:
    session = here.session
    if (session.parked or here.incoming.cases) and (steered := _about_own(here, text)):
        return steered
    understood = here.world.understand(text, Context(session.language or here.incoming.locale_hint, session.recent))
    done = _read(here, understood, text)
    today = here.world.today(session.controller, here.incoming.at)
    if here.world.values(here.language, text, today).identity_number:
        then = here.at(done.session)  # in the language of the message
        refused = replies.line(then.language, guide.number_refused(then))
        return replace(done, effects=(refused, *done.effects))
    return done


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
        return _press(here, OwnCase(last.reference, "withdraw"))
    return _press(here, OwnCase(last.reference, "show")) if chosen else None


def _read(here: Here, understood: Understood, text: str) -> Turn:
    session = here.session
    if not isinstance(understood.meaning, Foreign | Unreadable):
        session = replace(session, language=understood.language)
    session = replace(session, controller=understood.controller or session.controller)
    result = _meant(replace(here, session=session, language=understood.language), understood, text)
    return replace(result, understood=understood)


def _meant(here: Here, understood: Understood, text: str) -> Turn:
    waiting = here.session.place
    if isinstance(waiting, ChoosingController) and understood.controller and len(text.split()) <= _NAME_WORDS:
        return _choose_controller(here, understood.controller)
    world, language, controller = here.world, here.language, here.session.controller
    match understood.meaning:
        case Known(topics, wish):
            return questions.answer(here, topics, understood, wish)
        case Wish():
            return _wish(here, understood.meaning, understood, text)
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


def _feedback(here: Here, kind: str, text: str, guess: str | None) -> KeepFeedback:
    redacted = here.world.redact(here.language, text)
    return KeepFeedback(kind, here.incoming.at, here.language, here.session.controller, guess, redacted)


def _wish(here: Here, wish: Wish, understood: Understood | None, text: str) -> Turn:
    """Begin what is wished for; ask for the company first where one is needed and none is chosen."""
    if wish.flow == "language":
        target = understood.target if understood else None
        return questions.choose_language(here, target) if target else questions.offer_languages(here)
    if wish.flow == "controller":
        named = understood.controller if understood else None
        return _choose_controller(here, named) if named else questions.ask_controller(here, ())
    if understood and (both := starting.either(here, wish.flow, understood)):
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


def _choose_controller(here: Here, controller: str) -> Turn:
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


def _pressed(here: Here, press: Press) -> Turn:
    place = here.session.place
    draft = place if isinstance(place, InFlow) else None
    outside = _outside(here, draft) if draft else here
    try:
        if isinstance(press, Walk):
            return pressing.pressed(here, press)
        return _around(here, draft, _press(outside, press))
    except KeyError:
        # A button of an earlier version, or of a company that is no longer served.
        gone = here.phrase("That button no longer works. Please write what you would like to know.")
        return _around(here, draft, Turn(outside.session, (replies.line(here.language, gone),)))


def _press(here: Here, press: Press) -> Turn:
    match press:
        case AskTopic(topic, controller):
            return questions.answer(_for(here, controller), (topic,))
        case StartFlow(flow, controller):
            here.world.flow(flow)
            return _wish(_for(here, controller), Wish(flow), None, "")
        case ShowPlace(topic, controller):
            answer = here.world.answer(controller, topic, here.language)
            company = here.world.controller_name(controller, here.language)
            place = replies.place(here.world, here.language, answer, company)
            buttons = replies.answer_buttons(here.world, here.language, (answer,))
            return Turn(here.session, (replace(place, buttons=buttons),))
        case Vote(up, topic, controller):
            thanks = here.phrase("Thank you! That helps to make the answers better. Nothing about you was kept.")
            keep = KeepFeedback("up" if up else "down", here.incoming.at, here.language, controller or None, topic)
            return Turn(here.session, (replies.line(here.language, thanks), keep))
        case ChooseController(controller):
            here.world.controller_name(controller, here.language)
            return _choose_controller(here, controller)
        case ChooseLanguage(language):
            return questions.choose_language(here, language)
        case OwnCase(reference, "show"):
            return Turn(here.session, own.show_case(here, reference))
        case OwnCase(reference, _):
            return starting.start(here, "request_cancel", {"request_cancel.case": (reference,)})
        case Walk():
            return pressing.pressed(here, press)
        case _:
            assert_never(press)


def _for(here: Here, controller: str | None) -> Here:
    if controller is None or controller == here.session.controller:
        return here
    here.world.controller_name(controller, here.language)
    return here.at(replace(here.session, controller=controller))


def _timer(here: Here, timer: str) -> Turn:
    """Remind once of what is unfinished; later erase it and say so."""
    place = here.session.place
    drafts = (*here.session.parked, *([place] if isinstance(place, InFlow) else []))
    if not drafts:
        return Turn(here.session, ())
    if timer == "remind":
        return Turn(here.session, guide.reminded(here, drafts[-1]))
    gone = here.phrase("The unfinished request was erased with its answers, as its time was over. Nothing was sent.")
    session = replace(here.session, place=Idle() if isinstance(place, InFlow) else place, parked=())
    return Turn(session, (replies.line(here.language, gone),))


def _mail_refused(here: Here, what: str) -> Turn:
    place = here.session.place
    if what == "code" and isinstance(place, InFlow):
        return guide.code_refused(here, place)
    text = here.phrase(
        "The receipt was not mailed, because too many mails went to that address of late. Please copy it from here;"
        " your request has been sent all the same."
    )
    effects: tuple[Effect, ...] = (replies.line(here.language, text),)
    return Turn(here.session, effects)
