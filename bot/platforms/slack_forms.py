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

#: The one field of a view, and the name of the view.
FIELD: Final = "answer"
FORM: Final = "form"

#: What a text field takes (Slack's limit), and how many options can be seen at once.
_LONGEST: Final = 3_000
_RADIO: Final = 10

#: Steps that a form can ask; at others the conversation goes on.
_ASKABLE: Final = ("choose_one", "choose_several", "cookies", "text", "email", "date", "code", "review", "confirm")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a view remembers: the draft, the step, its kind, which options were ticked; of a last page its button."""

    draft: str
    step: str
    kind: str
    ticked: tuple[str, ...] = ()

    def dump(self) -> str:
        """As the view's private metadata."""
        return json.dumps([self.draft, self.step, self.kind, *self.ticked])


def kept(text: str) -> Kept:
    """Read what ``dump`` wrote."""
    draft, step, kind, *ticked = json.loads(text)
    return Kept(draft, step, kind, tuple(ticked))


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
        "private_metadata": Kept(asked.draft, asked.step, asked.kind, _shown(say) if last else _ticked(options)).dump(),
        "notify_on_close": True,
        "title": _plain(world.say(language, "Form")),
        "submit": _plain((submit or world.say(language, "Next"))[:24]),
        "close": _plain(world.say(language, "Close")),
        "blocks": [*blocks, *([field] if field else [])],
    }


def closing(world: World, language: Language) -> Json:
    """The view after which the conversation goes on in the messages."""
    text = world.say(language, "We go on in the messages.")
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
    acts = ("pick", "toggle")
    return [
        button
        for button in say.buttons
        if isinstance(button.press, Walk) and button.press.act in acts and button.press.step == asked.step
    ]


def _value(button: Button) -> str:
    return button.press.value if isinstance(button.press, Walk) else ""


def _ticked(options: list[Button]) -> tuple[str, ...]:
    return tuple(_value(button) for button in options if button.label.startswith("☑"))


def _field(world: World, language: Language, asked: Asked, options: list[Button]) -> Json:
    optional = asked.optional or asked.kind in ("cookies", "choose_several")
    return {
        "type": "input",
        "block_id": FIELD,
        "optional": optional,
        "label": _plain(world.say(language, "Your answer")),
        "element": _element(asked, options),
    }


def _element(asked: Asked, options: list[Button]) -> Json:
    choices = [{"text": _plain(button.label.lstrip("☐☑ ")[:75]), "value": _value(button)} for button in options]
    match asked.kind:
        case "choose_one" if choices:
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


def events(state: Mapping[str, Any], then: Kept) -> list[Event]:
    """What a submitted view says, as the events of the conversation."""
    element: Mapping[str, Any] = state.get("values", {}).get(FIELD, {}).get(FIELD, {})
    draft, step = then.draft, then.step
    match then.kind:
        case "review" | "confirm":
            return [Pressed(press) for press in map(decode, then.ticked) if press]
        case "choose_one" if element.get("selected_option"):
            return [Pressed(Walk(draft, "pick", step, element["selected_option"]["value"]))]
        case "choose_several" | "cookies":
            wanted = [option["value"] for option in element.get("selected_options") or []]
            changed = [
                value for value in dict.fromkeys((*wanted, *then.ticked)) if (value in wanted) != (value in then.ticked)
            ]
            ticks: list[Event] = [Pressed(Walk(draft, "toggle", step, value)) for value in changed]
            nothing = Walk(draft, "only" if then.kind == "cookies" else "skip", step)
            return [*ticks, Pressed(Walk(draft, "done", step) if wanted else nothing)]
        case _:
            text = (element.get("value") or "").strip()
            return [Said(text)] if text else [Pressed(Walk(draft, "skip", step))]


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}
