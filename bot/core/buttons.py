"""What a button means, and how that is written in the few bytes a chat platform gives back when it is pressed."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never, get_args

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


#: What can be done to a draft. pick, toggle, only (a choice of several as a whole), all, done: choices; anew: make
#: the same request again; add, drop: a right more or less in one request; resend, unverified: the code.
Act: TypeAlias = Literal[
    "pick", "toggle", "only", "all", "done", "skip", "keep", "back", "cancel", "help", "change", "send", "yes", "no",
    "resume", "anew", "add", "drop", "resend", "unverified", "more",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Walk:
    """Do something in the draft with this id: the step and the value it is about, where it is about one.

    ``value`` of ``send`` is the digest of what the review page showed: nothing else can be submitted by it.
    """

    draft: str
    act: Act
    step: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class OwnCase:
    """Do something with a request that was made in this chat."""

    reference: str
    act: Literal["show", "withdraw"]


@dataclass(frozen=True, slots=True)
class InPrivate:
    """Go to the private chat, where ``payload`` is what ``/start`` is followed by; nobody presses it: it is a link."""

    payload: str = ""


Press: TypeAlias = (
    AskTopic | StartFlow | ShowPlace | Vote | ChooseController | ChooseLanguage | Walk | OwnCase | InPrivate
)

_ACTS: Final[dict[str, Act]] = {act: act for act in get_args(Act)}


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
        case Walk(draft, act, step, value):
            return f"w:{draft}:{act}:{step}:{value}"
        case OwnCase(reference, act):
            return f"k:{reference}:{act}"
        case InPrivate(payload):
            return f"i:{payload}"
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
        case ["w", draft, act, step, value] if act in _ACTS:
            return Walk(draft, _ACTS[act], step, value)
        case ["k", reference, "show" | "withdraw" as act]:
            return OwnCase(reference, "show" if act == "show" else "withdraw")
        case ["i", payload]:
            return InPrivate(payload)
        case _:
            return None
