"""Small talk: a friendly line, then back to what the assistant is for."""

from bot.core import replies
from bot.core.chat import Say
from bot.core.language import Language
from bot.core.world import World


def small_talk(world: World, language: Language, kind: str, controller: str | None) -> Say:
    """The reply to a greeting, thanks and the like; an unknown kind gets the reply to a greeting."""
    buttons = (
        ()
        if kind in ("thanks", "goodbye", "acknowledgement", "declining")
        else replies.starters(world, language, controller)
    )
    if kind == "scolding":
        buttons = (replies.flow_button(world, language, "escalate", controller), *buttons)
    return replies.line(language, _text(world, language, kind), buttons=buttons)


def _text(world: World, language: Language, kind: str) -> str:
    match kind:
        case "thanks":
            return world.say(language, "You are welcome! Ask away if something else comes to mind.")
        case "goodbye":
            return world.say(language, "Goodbye! You are welcome back any time.")
        case "how_are_you":
            return world.say(language, "All well here, thank you. What would you like to know about privacy?")
        case "who_are_you":
            return world.say(
                language,
                "I am an automated assistant, not a person. I answer questions about privacy from the company's"
                " own document.",
            )
        case "scolding":
            return world.say(
                language,
                "I am sorry that I was no help. I am a machine and only know about privacy: put it in other words, or"
                " write to a person.",
            )
        case "acknowledgement" | "go_ahead" | "declining":
            return world.say(language, "Good. Is there anything else you would like to know?")
        case _:
            return world.say(language, "Hello! What would you like to know about your personal data?")
