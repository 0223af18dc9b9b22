"""The greeting: who answers, about what, and which company is asked about."""

from dataclasses import replace

from bot.core import replies
from bot.core.here import Here, Turn
from bot.core.session import ChoosingController, Idle


def greet(here: Here) -> Turn:
    """Say that a machine answers, what it knows, and ask for the company where several are served."""
    hello = here.phrase("Hello! I am an automated assistant, not a person.")
    what = here.phrase(
        "I answer questions about how a company handles personal data, from its own privacy document,"
        " and always show where it says so."
    )
    session = replace(here.session, place=Idle(), recent=(), answered=())
    if here.session.controller is None:
        session = replace(session, place=ChoosingController())
        buttons = replies.controller_buttons(here.world, here.language)
        say = replies.line(here.language, f"{hello} {what}", which(here), buttons=buttons)
    else:
        company = here.world.controller_name(here.session.controller, here.language)
        about = here.phrase("Company: {company}", company=company)
        buttons = replies.starters(here.world, here.language, here.session.controller)
        say = replies.line(here.language, f"{hello} {what}", about, buttons=buttons)
    return Turn(session, (replace(say, buttons=say.buttons + replies.language_buttons(here.language)),))


def which(here: Here) -> str:
    """The question for the company."""
    count = len(here.world.controllers)
    return here.world.say_n(
        here.language,
        "I know {n} company. Which one do you want to ask about?",
        "I know {n} companies. Which one do you want to ask about?",
        count,
    )
