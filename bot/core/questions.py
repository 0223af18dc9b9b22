"""Questions answered, and the two choices that questions depend on: the company and the language."""

from dataclasses import replace

from bot.core import refusals, replies
from bot.core.chat import Effect
from bot.core.flow import Value
from bot.core.greeting import which
from bot.core.here import Here, Turn
from bot.core.language import OWN_NAMES, Language
from bot.core.meaning import Candidate, Understood
from bot.core.remarks import remarks
from bot.core.session import ChoosingController, Idle


def answer(here: Here, topics: tuple[str, ...], understood: Understood | None = None, wish: str | None = None) -> Turn:
    """Answer topics; ask for the company first where one is needed and none is chosen."""
    world, session = here.world, here.session
    controller = session.controller
    ready = tuple(t for t in topics if controller or world.is_general(t))
    if not ready:
        return ask_controller(here, topics, understood)
    found = tuple(world.answer(controller, topic, here.language) for topic in ready)
    say = replies.answers(world, here.language, found, remarks(world, here.language, controller, understood))
    if wish:
        say = replace(say, buttons=(replies.flow_button(world, here.language, wish, controller), *say.buttons))
    waiting = tuple(t for t in topics if t not in ready)
    place = ChoosingController(waiting) if waiting else Idle()
    recent = understood.candidates[:5] if understood else tuple(Candidate(topic, 1.0) for topic in topics)
    effects: tuple[Effect, ...] = (say,)
    if waiting:
        effects += (replies.line(here.language, which(here), buttons=replies.controller_buttons(world, here.language)),)
    return Turn(replace(session, place=place, recent=recent, answered=ready), effects)


def offer_languages(here: Here) -> Turn:
    """Ask for the language."""
    question = here.phrase("Which language shall we use?")
    return Turn(here.session, (replies.line(here.language, question, buttons=replies.language_buttons(None)),))


def choose_language(here: Here, language: Language) -> Turn:
    """Go on in another language, and say again in it what was answered last."""
    here = here.at(replace(here.session, language=language))
    done = replies.line(language, here.phrase("Language: {language}", language=OWN_NAMES[language]))
    if here.aside:
        return Turn(here.session, (done,))
    if not here.session.answered:
        if here.session.controller is None:
            asked = ask_controller(here, ())
            return replace(asked, effects=(done, *asked.effects))
        buttons = replies.starters(here.world, language, here.session.controller)
        return Turn(here.session, (replace(done, buttons=buttons),))
    again = answer(here, here.session.answered)
    return replace(again, effects=(done, *again.effects))


def ask_controller(
    here: Here,
    waiting: tuple[str, ...],
    understood: Understood | None = None,
    given: tuple[tuple[str, Value], ...] = (),
) -> Turn:
    """Ask for the company; ``waiting`` and ``given`` are kept for when it is known."""
    if len(here.world.controllers) == 1:
        alone = refusals.decline(here.world, here.language, here.session.controller, "other_company")
        return Turn(here.session, (alone,))
    buttons = replies.controller_buttons(here.world, here.language)
    recent = understood.candidates[:5] if understood else here.session.recent
    session = replace(here.session, place=ChoosingController(waiting, given), recent=recent)
    return Turn(session, (replies.line(here.language, which(here), buttons=buttons),))
