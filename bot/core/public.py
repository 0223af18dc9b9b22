"""Where others read along, only general questions are answered; everything personal leads to the private chat."""

from dataclasses import replace

from bot.core import commands, replies
from bot.core.buttons import AskTopic, ChooseController, ChooseLanguage, InPrivate, Press, ShowPlace, StartFlow, Vote
from bot.core.chat import Button, Close, Effect, HomeOpened, Left, Opened, Pressed, Said, Say, Unsupported
from bot.core.greeting import greet
from bot.core.here import Here, Turn
from bot.core.meaning import Context, Wish
from bot.core.meanings import choose_controller, press_of, read
from bot.core.refusals import unsupported
from bot.core.session import ChoosingController, Idle

#: Flows that are no more than a choice of what all of them talk about.
_FOR_ALL = ("language", "controller")

_COMMANDS = ("/start", "/help", "/privacy", "/language", "/company")


def in_public(here: Here) -> Turn:
    """Answer one event where others read along."""
    done = _turned(here)
    session = replace(done.session, place=Idle()) if _personal(done) else done.session
    return replace(done, session=session, effects=tuple(_shown(effect) for effect in done.effects))


def _turned(here: Here) -> Turn:
    match here.incoming.event:
        case Opened():
            return greet(here)
        case Said(text):
            return _said(here, text)
        case Pressed(press):
            return _pressed(here, press)
        case Unsupported(what):
            return Turn(here.session, (replies.line(here.language, unsupported(here, what)),))
        case HomeOpened():  # a page of one's own, whatever the platform says
            return Turn(here.session, ())
        case Left():
            return Turn(here.session, (Close(),))
        case _:
            return Turn(here.session, ())


def _said(here: Here, text: str) -> Turn:
    if command := commands.split(text):
        word, argument = command
        if word not in _COMMANDS:
            return _lead_away(here, StartFlow(commands.FLOWS[word]) if word in commands.FLOWS else None)
        done = commands.outside(here, word, argument)
        return choose_controller(here, done) if isinstance(done, str) else done
    today = here.world.today(here.session.controller, here.incoming.at)
    values = here.world.values(here.language, text, today)
    understood = here.world.understand(text, Context(here.session.language or here.incoming.locale_hint))
    here = here.at(replace(here.session, language=understood.language))
    if values.identity_number or values.emails:
        return _lead_away(here, None)
    if isinstance(understood.meaning, Wish) and understood.meaning.flow not in _FOR_ALL:
        controller = understood.controller or here.session.controller
        return _lead_away(here, StartFlow(understood.meaning.flow, controller))
    return read(here, understood, text)


def _pressed(here: Here, press: Press) -> Turn:
    if not isinstance(press, AskTopic | ShowPlace | Vote | ChooseController | ChooseLanguage):
        return _lead_away(here, press)
    try:
        return press_of(here, press)
    except KeyError:
        return Turn(here.session, (replies.line(here.language, unsupported(here, "button")),))


def _lead_away(here: Here, wish: Press | None) -> Turn:
    """Say that this belongs into the private chat, with the way there."""
    text = here.phrase("Others can read along here, so let us talk about that in our private chat.")
    button = Button(here.phrase("Open the private chat"), InPrivate(payload(wish)))
    return Turn(here.session, (replies.line(here.language, text, buttons=[button]),))


def payload(wish: Press | None) -> str:
    """What ``/start`` is followed by, for the same wish in the private chat; letters, digits, ``_`` and ``-`` only."""
    match wish:
        case StartFlow(flow, None):
            return flow
        case StartFlow(flow, controller):
            return f"{flow}--{controller}"
        case _:
            return ""


def _personal(done: Turn) -> bool:
    return not isinstance(done.session.place, Idle | ChoosingController)


def _shown(effect: Effect) -> Effect:
    """A reply whose buttons for flows lead to the private chat."""
    if not isinstance(effect, Say):
        return effect
    return replace(effect, buttons=tuple(map(_button, effect.buttons)), files=())


def _button(button: Button) -> Button:
    return replace(button, press=InPrivate(payload(button.press))) if isinstance(button.press, StartFlow) else button
