"""Commands that chat platforms offer in their menus, such as ``/help``."""

from typing import Final

from bot.core import guide, questions, replies, starting
from bot.core.asking import ask
from bot.core.flow import InFlow
from bot.core.greeting import greet
from bot.core.here import Here, Turn
from bot.core.language import Language, is_language
from bot.core.world import World

#: Commands that begin a flow.
FLOWS: Final = {
    "/human": "escalate",
    "/mydata": "assistant_export",
    "/forget": "assistant_forget",
    "/status": "request_status",
    "/cookies": "cookie_preferences",
}
_LISTED: Final = "/help, /status, /human, /cancel, /language, /company, /privacy, /mydata, /forget, /start"


def split(text: str) -> tuple[str, str] | None:
    """A command and what follows it; None for anything else, which is read as a message."""
    word, _, argument = text.strip().casefold().partition(" ")
    return (word, argument.strip()) if word[:1] == "/" and word[1:].isalpha() else None


def in_draft(here: Here, draft: InFlow, word: str, argument: str) -> Turn | None:
    """What a command does to a draft; None where it does the same as outside of it."""
    match word:
        case "/cancel":
            return guide.cancel(here, draft)
        case "/back":
            return guide.back(here, draft)
        case "/help":
            return here.turn(draft, ask(here, draft, again=True))
        case "/start" if not argument:
            return starting.resumed(here, draft)
        case _:
            return None


def menu(world: World, language: Language, *, public: bool) -> dict[str, str]:
    """The commands for a platform's menu, with what each does; ``public``: where others read along."""
    everywhere = {
        "help": world.say(language, "What I can do"),
        "privacy": world.say(language, "What is kept about this chat"),
        "language": world.say(language, "Change the language"),
        "company": world.say(language, "Ask about another company"),
    }
    if public:
        return everywhere
    return {
        "start": world.say(language, "Begin"),
        **everywhere,
        "status": world.say(language, "Where my request stands"),
        "human": world.say(language, "Talk to a person"),
        "cancel": world.say(language, "Cancel what is under way"),
        "mydata": world.say(language, "Get everything that is kept about me here"),
        "forget": world.say(language, "Erase everything that is kept about me here"),
    }


def outside(here: Here, word: str, argument: str) -> Turn | str:
    """What a command does outside of a draft; the name of a company stands for wanting to choose it."""
    match word:
        case "/start":
            return greet(here)
        case "/help":
            return questions.answer(here, ("assistant_help",))
        case "/privacy":
            return questions.answer(here, ("assistant_data",))
        case "/language":
            return (
                questions.choose_language(here, argument) if is_language(argument) else questions.offer_languages(here)
            )
        case "/company":
            return argument if argument in here.world.controllers else questions.ask_controller(here, ())
        case "/cancel" | "/back":
            nothing = here.phrase("There is nothing to cancel just now.")
            return Turn(here.session, (replies.line(here.language, nothing),))
        case _:
            unknown = here.phrase("I do not know that command. These I know: {commands}", commands=_LISTED)
            return Turn(here.session, (replies.line(here.language, unknown),))
