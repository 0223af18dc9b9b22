"""The conversation: ``turn`` takes a session and an event and gives the next session and what is to be done."""

from dataclasses import replace
from typing import assert_never

from bot.core import commands, guide, idle, own, pressing, replies, saying, starting
from bot.core.asking import ask, resume_button
from bot.core.buttons import (
    Press,
    Walk,
)
from bot.core.chat import (
    Close,
    Effect,
    Export,
    Exported,
    HomeOpened,
    Incoming,
    Left,
    MailRefused,
    Opened,
    Pressed,
    Said,
    Say,
    TimerFired,
    Unsupported,
)
from bot.core.flow import InFlow
from bot.core.greeting import greet
from bot.core.here import Here, Turn
from bot.core.home import home
from bot.core.meaning import (
    Context,
    Known,
    SmallTalk,
    Understood,
    Wish,
)
from bot.core.meanings import begin, choose_controller, press_of, read, start_at
from bot.core.public import in_public
from bot.core.refusals import unsupported
from bot.core.session import ChoosingController, Idle, Lost, Session
from bot.core.world import World

#: No button has a longer label.
_LABEL = 75

#: Inside a flow a message of so few words is a question only where that is clear; most are names and slips.
_FEW_WORDS = 2
_CLEAR = 0.8

#: Small talk that inside a flow is neither an answer nor worth one.
_NO_ANSWER = ("acknowledgement", "go_ahead", "declining")


def turn(world: World, session: Session, incoming: Incoming) -> Turn:
    """Answer one event. Pure: the same arguments always give the same turn."""
    return pressing.remembered(_turned(_here(world, session, incoming), incoming))


def _turned(here: Here, incoming: Incoming) -> Turn:
    if isinstance(here.session.place, Lost):
        return _begin_again(here)
    if incoming.public:
        return in_public(here)
    match incoming.event:
        case Opened(once):
            return _opened(here, once=once)
        case Said(text):
            text = text.encode(errors="ignore").decode()  # half an emoji could not be kept
            return _written(here, incoming.event, text)
        case Pressed(press):
            return _pressed(here, press)
        case Unsupported(what):
            return _unsupported(here, what)
        case HomeOpened():
            return Turn(here.session, (home(here),))
        case Left():
            return Turn(here.session, (Close(),))
        case TimerFired() | MailRefused() | Exported():
            return _brought(here, incoming.event)
        case _:
            assert_never(incoming.event)


def _opened(here: Here, *, once: bool) -> Turn:
    session = here.session
    if once and session != Session(session.chat, controller=session.controller):
        return Turn(session, ())
    return starting.resumed(here, session.place) if isinstance(session.place, InFlow) else greet(here)


def _written(here: Here, event: Said, text: str) -> Turn:
    if event.corrects:
        return _edited(here, text)
    if not event.quoted:
        return _said(here, text)
    draft = here.session.place  # what another has written answers no question and agrees to nothing
    return _inside(here, draft, _outside(here, draft), text) if isinstance(draft, InFlow) else idle.message(here, text)


def _brought(here: Here, event: TimerFired | MailRefused | Exported) -> Turn:
    """What time or an effect brings, without the person."""
    match event:
        case TimerFired(timer):
            return _timer(here, timer)
        case MailRefused(what):
            return _mail_refused(here, what)
        case Exported():
            done, place = own.exported(here, event), here.session.place
            return replace(done, effects=(*done.effects, ask(here, place))) if isinstance(place, InFlow) else done
        case _:
            assert_never(event)


def _here(world: World, session: Session, incoming: Incoming) -> Here:
    """The turn's surroundings, with drafts and what was talked about brought to the content of today."""
    known = session.controller if session.controller in world.controllers else None
    only = world.controllers[0] if len(world.controllers) == 1 else None
    answered = tuple(id_ for id_ in session.answered if _known(world, id_))
    recent = tuple(candidate for candidate in session.recent if _known(world, candidate.id))
    session = replace(session, controller=known or only, answered=answered, recent=recent)
    here = Here(world, session, incoming, session.language or incoming.locale_hint or "en")
    parked = tuple(starting.replayed(here, draft) for draft in session.parked if _possible(world, draft))
    place = session.place
    if isinstance(place, InFlow):
        place = starting.replayed(here, place) if _possible(world, place) else Idle()
    elif isinstance(place, ChoosingController):
        place = replace(place, waiting=tuple(id_ for id_ in place.waiting if _known(world, id_)))
    return here.at(replace(session, place=place, parked=parked))


def _known(world: World, id_: str) -> bool:
    """Whether a topic (``retention``) or a flow (``flow:erasure``) still exists."""
    if not id_.startswith("flow:"):
        return world.topic(id_) is not None
    try:
        world.flow(id_.removeprefix("flow:"))
    except KeyError:
        return False
    return True


def _possible(world: World, draft: InFlow) -> bool:
    """Whether a draft's flows and company still exist."""
    served = draft.controller is None or draft.controller in world.controllers
    return served and all(_known(world, f"flow:{flow}") for flow in draft.flows)


def _begin_again(here: Here) -> Turn:
    lost = here.phrase(
        "I could not read what was kept of our conversation, so we start again."
        " Requests that were sent are not affected."
    )
    begun = greet(here)
    return replace(begun, effects=(replies.line(here.language, lost), *begun.effects))


def _said(here: Here, text: str) -> Turn:
    place = here.session.place
    draft = place if isinstance(place, InFlow) else None
    outside = _outside(here, draft) if draft else here
    if command := commands.split(text):
        done = commands.in_draft(here, draft, *command) if draft else None
        return done or _around(here, draft, _command(outside, *command))
    if draft is None:
        return idle.message(here, text)
    return (
        _labelled(here, draft, text)
        or pressing.agreed(here, draft, text)
        or saying.said(here, draft, text)
        or _inside(here, draft, outside, text)
    )


def _edited(here: Here, text: str) -> Turn:
    """A message that was edited: it corrects the answer that it was, or is answered like a new one."""
    draft = here.session.place
    if not isinstance(draft, InFlow) or commands.split(text):
        return _said(here, text)
    if corrected := saying.corrected(here, draft):
        return _said(here.at(replace(here.session, place=corrected)), text)
    return _inside(here, draft, _outside(here, draft), text)  # what was no answer then is none now


def _unsupported(here: Here, what: str) -> Turn:
    """What cannot be read here: say what can, and go on where things stood."""
    place = here.session.place
    said = replies.line(here.language, unsupported(here, what))
    return here.turn(place, said, ask(here, place)) if isinstance(place, InFlow) else Turn(here.session, (said,))


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
        return begin(here, Wish(commands.FLOWS[word]), None, "")
    if word == "/start" and argument:
        return start_at(here, argument)
    done = commands.outside(here, word, argument)
    return choose_controller(here, done) if isinstance(done, str) else done


def _outside(here: Here, draft: InFlow) -> Here:
    """The same turn as if no draft were under way; it is only set aside."""
    return replace(here, session=replace(here.session, place=Idle()), aside=draft)


def _inside(here: Here, draft: InFlow, outside: Here, text: str) -> Turn:
    """A message in the middle of a flow that is no answer: a question is answered, a wish begun, the rest is a miss."""
    control = here.world.control(here.language, text)
    if control in ("yes", "no"):  # to nothing that was asked
        return saying.missed(here, draft)
    if control in ("person", "forget"):
        flow = "escalate" if control == "person" else "assistant_forget"
        return _around(here, draft, begin(outside, Wish(flow), None, text))
    context = Context(here.session.language or here.incoming.locale_hint, here.session.recent)
    understood = here.world.understand(text, context)
    if understood.someone_else and (asked := saying.whose_else(here, draft)):
        return replace(asked, understood=understood)
    if not _meant_amid(understood, text):
        return replace(saying.missed(here, draft), understood=understood)
    return _around(here, draft, read(outside, understood, text))


def _meant_amid(understood: Understood, text: str) -> bool:
    """Whether a message inside a flow is clearly something beside it."""
    match understood.meaning:
        case Known() | Wish():
            best = understood.candidates[0].score if understood.candidates else 0.0
            return len(text.split()) > _FEW_WORDS or text.rstrip().endswith("?") or best >= _CLEAR
        case SmallTalk(kind):
            return kind not in _NO_ANSWER
        case _:
            return False


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


def _pressed(here: Here, press: Press) -> Turn:
    place = here.session.place
    draft = place if isinstance(place, InFlow) else None
    outside = _outside(here, draft) if draft else here
    try:
        if isinstance(press, Walk):
            return pressing.pressed(here, press)
        return _around(here, draft, press_of(outside, press))
    except KeyError:
        # A button of an earlier version, or of a company that is no longer served.
        gone = replies.line(here.language, unsupported(here, "button"))
        return _around(here, draft, Turn(outside.session, (gone,)))


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
        "The receipt was not mailed, because too many mails went to that address recently. Please copy it from here;"
        " your request has been sent all the same."
    )
    effects: tuple[Effect, ...] = (replies.line(here.language, text),)
    return Turn(here.session, effects)
