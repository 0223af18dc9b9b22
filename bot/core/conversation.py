"""The conversation: ``turn`` takes a session and an event and gives the next session and what is to be done."""

from dataclasses import replace
from typing import assert_never

from bot.core import refusals, replies
from bot.core.buttons import AskTopic, ChooseController, ChooseLanguage, Press, ShowPlace, StartFlow, Vote
from bot.core.chat import Effect, Incoming, KeepFeedback, Opened, Pressed, Said
from bot.core.greeting import greet, which
from bot.core.here import Here, Turn
from bot.core.language import OWN_NAMES, Language, is_language
from bot.core.meaning import (
    Candidate,
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
from bot.core.session import ChoosingController, Idle, Session
from bot.core.small import small_talk
from bot.core.world import World

#: A message of so few words that names a company, where one was asked for, is the answer to that.
_NAME_WORDS = 3


def turn(world: World, session: Session, incoming: Incoming) -> Turn:
    """Answer one event. Pure: the same arguments always give the same turn."""
    session = _with_only_controller(world, session)
    here = Here(world, session, incoming, session.language or incoming.locale_hint or "en")
    match incoming.event:
        case Opened():
            return greet(here)
        case Said(text):
            return _command(here, text) or _said(here, text)
        case Pressed(press):
            return _pressed(here, press)
        case _:
            assert_never(incoming.event)


def _with_only_controller(world: World, session: Session) -> Session:
    known = session.controller if session.controller in world.controllers else None
    return replace(session, controller=known or (world.controllers[0] if len(world.controllers) == 1 else None))


def _command(here: Here, text: str) -> Turn | None:
    """Commands that chat platforms offer in their menus; anything else is read as a message."""
    command, _, argument = text.strip().casefold().partition(" ")
    match command:
        case "/start":
            return greet(here)
        case "/help":
            return _answer(here, ("assistant_help",))
        case "/privacy":
            return _answer(here, ("assistant_data",))
        case "/language":
            return _choose_language(here, argument) if is_language(argument) else _offer_languages(here)
        case "/company":
            known = argument in here.world.controllers
            return _choose_controller(here, argument) if known else _ask_controller(here, ())
    if command[:1] == "/" and command[1:].isalpha():
        commands = "/help, /language, /company, /privacy, /start"
        unknown = here.phrase("I do not know that command. These I know: {commands}", commands=commands)
        return _turn(here, replies.line(here.language, unknown))
    return None


def _said(here: Here, text: str) -> Turn:
    session = here.session
    understood = here.world.understand(
        text, Context(here.session.language or here.incoming.locale_hint, session.recent)
    )
    if not isinstance(understood.meaning, Foreign | Unreadable):
        session = replace(session, language=understood.language)
    session = replace(session, controller=understood.controller or session.controller)
    result = _meant(replace(here, session=session, language=understood.language), understood, text)
    return replace(result, understood=understood)


def _meant(here: Here, understood: Understood, text: str) -> Turn:
    waiting = here.session.place
    if isinstance(waiting, ChoosingController) and understood.controller and len(text.split()) <= _NAME_WORDS:
        return _choose_controller(here, understood.controller)
    match understood.meaning:
        case Known(topics, wish):
            return _answer(here, topics, understood, wish)
        case Wish(flow):
            return _wish(here, flow, understood)
        case Unsure(candidates):
            buttons = [
                replies.candidate_button(here.world, here.language, c, here.session.controller) for c in candidates
            ]
            say = replies.line(here.language, here.phrase("Which of these do you mean?"), buttons=buttons)
            return _turn(here, say, _feedback(here, "unsure", text, candidates[0].id), understood=understood)
        case SmallTalk(kind):
            if kind == "declining":  # what was offered is off the table: a later yes is no wish for it
                here = here.at(replace(here.session, recent=()))
            return _turn(here, small_talk(here.world, here.language, kind, here.session.controller))
        case OutOfScope(kind):
            guess = understood.candidates[0].id if understood.candidates else None
            return _turn(
                here,
                refusals.decline(here.world, here.language, here.session.controller, kind),
                _feedback(here, "refused", text, guess),
            )
        case Foreign():
            return _turn(here, refusals.foreign(here.world, here.language))
        case Unreadable(too_long):
            return _turn(
                here, refusals.unreadable(here.world, here.language, here.session.controller, too_long=too_long)
            )
        case _:
            assert_never(understood.meaning)


def _turn(here: Here, *effects: Effect, understood: Understood | None = None) -> Turn:
    session = here.session
    if understood:
        session = replace(session, recent=understood.candidates[:5])
    return Turn(session, effects)


def _feedback(here: Here, kind: str, text: str, guess: str | None) -> KeepFeedback:
    redacted = here.world.redact(here.language, text)
    return KeepFeedback(kind, here.incoming.at, here.language, here.session.controller, guess, redacted)


def _answer(here: Here, topics: tuple[str, ...], understood: Understood | None = None, wish: str | None = None) -> Turn:
    world, session = here.world, here.session
    controller = session.controller
    ready = tuple(t for t in topics if controller or world.is_general(t))
    if not ready:
        return _ask_controller(here, topics, understood)
    found = tuple(world.answer(controller, topic, here.language) for topic in ready)
    say = replies.answers(
        world, here.language, found, remarks(here.world, here.language, here.session.controller, understood)
    )
    if wish:
        say = replace(say, buttons=(replies.flow_button(world, here.language, wish, controller), *say.buttons))
    waiting = tuple(t for t in topics if t not in ready)
    place = ChoosingController(waiting) if waiting else Idle()
    recent = understood.candidates[:5] if understood else tuple(Candidate(topic, 1.0) for topic in topics)
    effects: tuple[Effect, ...] = (say,)
    if waiting:
        effects += (replies.line(here.language, which(here), buttons=replies.controller_buttons(world, here.language)),)
    return Turn(replace(session, place=place, recent=recent, answered=ready), effects)


def _wish(here: Here, flow: str, understood: Understood | None = None) -> Turn:
    world, language = here.world, here.language
    if flow == "language":
        target = understood.target if understood else None
        return _choose_language(here, target) if target else _offer_languages(here)
    if flow == "controller":
        named = understood.controller if understood else None
        return _choose_controller(here, named) if named else _ask_controller(here, ())
    controller = here.session.controller
    if controller is None and not flow.startswith("assistant_"):
        return _ask_controller(here, (f"flow:{flow}",), understood)
    soon = here.phrase("This guided request is not open in the chat yet, so nothing has been sent.")
    texts = [*remarks(world, language, controller, understood), soon]
    if controller and not flow.startswith("assistant_"):
        texts.append(world.whom_to_ask(controller, language))
    texts.append(world.flow_text(flow, language))
    topic = world.flow_topic(flow)
    buttons = [replies.topic_button(world, language, topic, controller)] if topic else []
    return _turn(here, replies.line(language, *texts, buttons=buttons), understood=understood)


def _offer_languages(here: Here) -> Turn:
    question = here.phrase("Which language shall we use?")
    return _turn(here, replies.line(here.language, question, buttons=replies.language_buttons(None)))


def _choose_language(here: Here, language: Language) -> Turn:
    """Go on in another language, and say again in it what was answered last."""
    here = here.at(replace(here.session, language=language))
    done = replies.line(language, here.phrase("Language: {language}", language=OWN_NAMES[language]))
    if not here.session.answered:
        if here.session.controller is None:
            asked = _ask_controller(here, ())
            return replace(asked, effects=(done, *asked.effects))
        return _turn(here, replace(done, buttons=replies.starters(here.world, language, here.session.controller)))
    again = _answer(here, here.session.answered)
    return replace(again, effects=(done, *again.effects))


def _ask_controller(here: Here, waiting: tuple[str, ...], understood: Understood | None = None) -> Turn:
    if len(here.world.controllers) == 1:
        alone = refusals.decline(here.world, here.language, here.session.controller, "other_company")
        return _turn(here, alone)
    buttons = replies.controller_buttons(here.world, here.language)
    recent = understood.candidates[:5] if understood else here.session.recent
    session = replace(here.session, place=ChoosingController(waiting), recent=recent)
    return Turn(session, (replies.line(here.language, which(here), buttons=buttons),))


def _choose_controller(here: Here, controller: str) -> Turn:
    """Ask about another company from now on; answer what waited for the choice, or the last question again."""
    place = here.session.place
    waiting = place.waiting if isinstance(place, ChoosingController) else ()
    waiting = waiting or here.session.answered
    here = here.at(replace(here.session, controller=controller, place=Idle(), answered=()))
    company = here.world.controller_name(controller, here.language)
    done = replies.line(here.language, here.phrase("Company: {company}", company=company))
    if not waiting:
        buttons = replies.starters(here.world, here.language, controller)
        return _turn(here, replace(done, buttons=buttons))
    flow = waiting[0].removeprefix("flow:")
    then = _wish(here, flow) if waiting[0] != flow else _answer(here, waiting)
    return replace(then, effects=(done, *then.effects))


def _pressed(here: Here, press: Press) -> Turn:
    try:
        return _press(here, press)
    except KeyError:
        # A button of an earlier version, or of a company that is no longer served.
        gone = here.phrase("That button no longer works. Please write what you would like to know.")
        return _turn(here, replies.line(here.language, gone))


def _press(here: Here, press: Press) -> Turn:
    match press:
        case AskTopic(topic, controller):
            return _answer(_for(here, controller), (topic,))
        case StartFlow(flow, controller):
            here.world.flow_topic(flow)
            return _wish(_for(here, controller), flow)
        case ShowPlace(topic, controller):
            answer = here.world.answer(controller, topic, here.language)
            company = here.world.controller_name(controller, here.language)
            place = replies.place(here.world, here.language, answer, company)
            return _turn(here, replace(place, buttons=replies.answer_buttons(here.world, here.language, (answer,))))
        case Vote(up, topic, controller):
            thanks = here.phrase("Thank you! That helps to make the answers better. Nothing about you was kept.")
            keep = KeepFeedback("up" if up else "down", here.incoming.at, here.language, controller or None, topic)
            return _turn(here, replies.line(here.language, thanks), keep)
        case ChooseController(controller):
            here.world.controller_name(controller, here.language)
            return _choose_controller(here, controller)
        case ChooseLanguage(language):
            return _choose_language(here, language)
        case _:
            assert_never(press)


def _for(here: Here, controller: str | None) -> Here:
    if controller is None or controller == here.session.controller:
        return here
    here.world.controller_name(controller, here.language)
    return here.at(replace(here.session, controller=controller))
