"""A step of a guided flow as a modal, made from the same reply as the conversation; what is filled in as its events."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from bot.core.buttons import Walk, decode, encode
from bot.core.chat import Asked, Button, Event, Pressed, Said, Say
from bot.core.language import Language
from bot.core.text import Paragraph
from bot.core.world import World
from bot.platforms.slack_text import block_kit

Json: TypeAlias = dict[str, Any]

#: The one element to fill in of a view, and the name of the view.
FIELD: Final = "answer"
FORM: Final = "form"

#: What can be done with all kinds of cookies at once.
_WHOLE: Final = ("only", "all")

#: What a text field takes (Slack's limit), and how many options can be seen at once.
_LONGEST: Final = 3_000
_RADIO: Final = 10

#: Steps that a form can ask; at others the conversation goes on.
_ASKABLE: Final = ("choose_one", "choose_several", "cookies", "text", "email", "date", "code", "review", "confirm")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a view remembers: the draft, the step, its kind; of a last page what its button means."""

    draft: str
    step: str
    kind: str
    button: tuple[str, ...] = ()

    @property
    def last(self) -> bool:
        """Whether it is a page to send, with nothing to fill in."""
        return self.kind in ("review", "confirm")

    def dump(self) -> str:
        """As the view's private metadata."""
        return json.dumps([self.draft, self.step, self.kind, *self.button])


def kept(text: str) -> Kept:
    """Read what ``dump`` wrote."""
    draft, step, kind, *button = json.loads(text)
    return Kept(draft, step, kind, tuple(button))


def block_of(step: str) -> str:
    """The block to fill in at a step: one of its own, since Slack keeps in a block what was entered there before."""
    return f"{FIELD}:{step}"


def askable(say: Say) -> bool:
    """Whether a form can ask what a reply asks."""
    return say.asked is not None and say.asked.kind in _ASKABLE


def view(world: World, say: Say) -> Json:
    """The modal that asks what a reply asks."""
    asked = say.asked
    if asked is None or not askable(say):
        raise ValueError("this reply asks for nothing that a form could ask")
    language = say.language
    last = asked.kind in ("review", "confirm")
    submit = _label(say, "send", "yes") if last else None
    blocks = block_kit(say.blocks)[:90]
    options = _options(say, asked)
    field = None if last else _field(world, language, asked, options)
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": Kept(asked.draft, asked.step, asked.kind, _shown(say) if last else ()).dump(),
        "notify_on_close": True,
        "title": _plain(world.say(language, "Form")),
        "submit": _plain((submit or world.say(language, "Next"))[:24]),
        "close": _plain(world.say(language, "Close")),
        "blocks": [*blocks, *([field] if field else [])],
    }


def closing(world: World, language: Language, problem: str = "") -> Json:
    """The view after which the conversation goes on in the messages; ``problem``: what is said instead."""
    text = problem or world.say(language, "We go on in the messages.")
    return {
        "type": "modal",
        "title": _plain(world.say(language, "Form")),
        "close": _plain(world.say(language, "Close")),
        "blocks": block_kit((Paragraph(text),)),
    }


def _shown(say: Say) -> tuple[str, ...]:
    """What the button of a last page means: it confirms exactly what that page shows, and no later one."""
    presses = (button.press for button in say.buttons)
    return tuple(encode(press) for press in presses if isinstance(press, Walk) and press.act in ("send", "yes"))[:1]


def _label(say: Say, *acts: str) -> str | None:
    found = (b.label for b in say.buttons if isinstance(b.press, Walk) and b.press.act in acts)
    return next(found, None)


def _options(say: Say, asked: Asked) -> list[Button]:
    """The options among a reply's buttons: what can be picked or ticked at this step."""
    walks = [(b, b.press) for b in say.buttons if isinstance(b.press, Walk) and b.press.step == asked.step]
    options = [button for button, press in walks if press.act in ("pick", "toggle")]
    if asked.kind == "cookies":  # to refuse all is to tick none; of a single kind all and none are the whole choice
        return options or [button for button, press in walks if press.act in _WHOLE]
    return [*(button for button, press in walks if press.act == "only"), *options]


def _value(button: Button) -> str:
    return (button.press.value or button.press.act) if isinstance(button.press, Walk) else ""


def _ticked(options: list[Button]) -> tuple[str, ...]:
    return tuple(_value(button) for button in options if button.label.startswith("☑"))


def _alone(options: list[Button]) -> tuple[str, ...]:
    """What stands for all of a choice by itself."""
    return tuple(_value(b) for b in options if isinstance(b.press, Walk) and b.press.act == "only")


def _field(world: World, language: Language, asked: Asked, options: list[Button]) -> Json:
    ticks = any(isinstance(button.press, Walk) and button.press.act == "toggle" for button in options)
    optional = asked.optional or ticks
    return {
        "type": "input",
        "block_id": block_of(asked.step),
        "optional": optional,
        "label": _plain(world.say(language, "Your answer")),
        "element": _element(asked, options),
    }


def _element(asked: Asked, options: list[Button]) -> Json:
    choices = [{"text": _plain(button.label.lstrip("☐☑ ")[:75]), "value": _value(button)} for button in options]
    match asked.kind:
        case "choose_one" | "cookies" if choices and not any(button.label[:1] in "☐☑" for button in options):
            kind = "radio_buttons" if len(choices) <= _RADIO else "static_select"
            return {"type": kind, "action_id": FIELD, "options": choices}
        case "choose_several" | "cookies" if choices:
            ticked = [choice for choice in choices if choice["value"] in _ticked(options)]
            initial = {"initial_options": ticked} if ticked else {}
            return {"type": "checkboxes", "action_id": FIELD, "options": choices, **initial}
        case "email":
            return {"type": "email_text_input", "action_id": FIELD}
        case kind:
            return {
                "type": "plain_text_input",
                "action_id": FIELD,
                "max_length": _LONGEST,
                "multiline": kind == "text",
            }


def events(state: Mapping[str, Any], then: Kept, now: Say) -> list[Event]:
    """What a submitted view says, as the events of the conversation, where that reply is what is asked ``now``."""
    element: Mapping[str, Any] = state.get("values", {}).get(block_of(then.step), {}).get(FIELD, {})
    draft, step = then.draft, then.step
    match then.kind:
        case "review" | "confirm":
            return [Pressed(press) for press in map(decode, then.button) if press]
        case "choose_one" if element.get("selected_option"):
            return [Pressed(Walk(draft, "pick", step, element["selected_option"]["value"]))]
        case "cookies" if element.get("selected_option"):
            return [Pressed(Walk(draft, act, step)) for act in _WHOLE if act == element["selected_option"]["value"]]
        case "choose_several" | "cookies":
            wanted = [option["value"] for option in element.get("selected_options") or []]
            options = _options(now, now.asked) if now.asked else []
            if whole := [value for value in _alone(options) if value in wanted]:
                return [Pressed(Walk(draft, "only", step, whole[0]))]
            ticked = _ticked(options)
            changed = [value for value in dict.fromkeys((*wanted, *ticked)) if (value in wanted) != (value in ticked)]
            ticks: list[Event] = [Pressed(Walk(draft, "toggle", step, value)) for value in changed]
            nothing = Walk(draft, "only" if then.kind == "cookies" else "skip", step)
            return [*ticks, Pressed(Walk(draft, "done", step) if wanted else nothing)]
        case _:
            text = (element.get("value") or "").strip()
            return [Said(text)] if text else [Pressed(Walk(draft, "skip", step))]


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}
