"""What a button means, and how that is written in the few bytes a chat platform gives back when it is pressed."""

from dataclasses import dataclass
from typing import TypeAlias, assert_never

from bot.core.language import Language, is_language

#: Telegram returns at most 64 bytes with a press (Bot API, ``callback_data``); Slack allows more.
LIMIT_BYTES = 64


@dataclass(frozen=True, slots=True)
class AskTopic:
    """Answer a topic, for the company whose reply carried the button (None: the company of the chat)."""

    topic: str
    controller: str | None = None


@dataclass(frozen=True, slots=True)
class StartFlow:
    """Begin a guided flow."""

    flow: str
    controller: str | None = None


@dataclass(frozen=True, slots=True)
class ShowPlace:
    """Show where exactly the document says what the answer says."""

    topic: str
    controller: str


@dataclass(frozen=True, slots=True)
class Vote:
    """Say whether an answer helped."""

    up: bool
    topic: str
    controller: str


@dataclass(frozen=True, slots=True)
class ChooseController:
    """Choose the company that is asked about."""

    controller: str


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """Choose the language of the conversation."""

    language: Language


Press: TypeAlias = AskTopic | StartFlow | ShowPlace | Vote | ChooseController | ChooseLanguage


def encode(press: Press) -> str:
    """Write a press as text for the platform to keep, for example ``t:retention:kaltiot``."""
    match press:
        case AskTopic(topic, controller):
            return f"t:{topic}:{controller or ''}"
        case StartFlow(flow, controller):
            return f"f:{flow}:{controller or ''}"
        case ShowPlace(topic, controller):
            return f"p:{topic}:{controller}"
        case Vote(up, topic, controller):
            return f"{'u' if up else 'd'}:{topic}:{controller}"
        case ChooseController(controller):
            return f"c:{controller}"
        case ChooseLanguage(language):
            return f"l:{language}"
        case _:
            assert_never(press)


def decode(text: str) -> Press | None:
    """Read what ``encode`` wrote; None for anything else, since a platform may return an old or forged press."""
    match text.split(":"):
        case ["t", topic, controller]:
            return AskTopic(topic, controller or None)
        case ["f", flow, controller]:
            return StartFlow(flow, controller or None)
        case ["p", topic, controller]:
            return ShowPlace(topic, controller)
        case ["u" | "d" as vote, topic, controller]:
            return Vote(vote == "u", topic, controller)
        case ["c", controller]:
            return ChooseController(controller)
        case ["l", language] if is_language(language):
            return ChooseLanguage(language)
        case _:
            return None
