"""Friendly refusals: what is out of scope, unreadable or in another language; each says what can be asked."""

from bot.core import replies
from bot.core.chat import Say
from bot.core.here import Here
from bot.core.language import Language
from bot.core.world import World


def decline(world: World, language: Language, controller: str | None, kind: str) -> Say:
    """Decline what is out of scope, and say where such help may be found."""
    texts = {
        "service": world.say(
            language, "That is a matter for the company's customer service; I only know about privacy."
        ),
        "other_company": world.say(
            language, "I only know the companies I am here for, so please ask that one directly."
        ),
        "legal": world.say(
            language, "I cannot give legal advice; I can only tell you what this company's privacy document says."
        ),
    }
    other = world.say(language, "That is outside what I know: I only answer questions about privacy.")
    offer = world.say(language, "You can ask me, for example, what is stored about you, or how to have it deleted.")
    buttons = list(replies.starters(world, language, controller))
    if kind == "service":
        buttons.append(replies.flow_button(world, language, "escalate", controller))
    return replies.line(language, f"{texts.get(kind, other)} {offer}", buttons=buttons)


def unreadable(world: World, language: Language, controller: str | None, *, too_long: bool) -> Say:
    """Ask for words, or for fewer of them."""
    if too_long:
        text = world.say(language, "That was too long for me to read. Please put your question in a sentence or two.")
    else:
        text = world.say(language, "I could not make that out. Please write your question in words.")
    return replies.line(language, text, buttons=replies.starters(world, language, controller))


def unsupported(here: Here, what: str) -> str:
    """That something cannot be read here, and what can."""
    match what:
        case "button":
            return here.phrase("That button no longer works. Please write what you would like to know.")
        case "forwarded":
            return here.phrase(
                "I do not read forwarded messages, as they may be somebody else's words, and have kept nothing of"
                " it. Please write your question in your own words."
            )
        case _:
            return here.phrase(
                "I can only read text, and have kept nothing of what you sent. Please write your question, or press a"
                " button."
            )


def foreign(world: World, language: Language) -> Say:
    """Say in all three languages which ones are spoken."""
    order: tuple[Language, ...] = ("fi", "sv", "en")
    texts = [world.say(code, "I speak Finnish, Swedish and English.") for code in order]
    return replies.line(language, *texts, buttons=replies.language_buttons(None))
