"""What Slack's Web API refuses, found before it is sent: shapes, lengths, counts, ids.

The numbers are the platform's documentation, as gathered in ``platforms.md`` of the shared reference (limits and traps
of Slack) and in the validators of slack_sdk 3.48, which repeat that documentation; the names of the fields are those of
the same library. That the blocks of a message have 13,200 characters together stands in an issue of bolt-js alone; they
are counted here as compact JSON, which fits what was measured there.

Stricter than Slack, as rules of the house: a message with blocks has a ``text`` too, no text is longer than the 4000
characters that Slack advises, ``chat.postMessage`` says no to both kinds of unfurling, ids are unique in the whole
message or view (Slack asks it of an ``action_id`` in its block only), and suggested prompts name no thread, because
Slack lets them fail in silence there.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

Params: TypeAlias = Mapping[str, Any]

MESSAGES: Final = frozenset({"chat.postMessage", "chat.update", "chat.postEphemeral", "response_url"})
VIEWS: Final = frozenset({"views.open", "views.push", "views.update", "views.publish"})
_REQUIRED: Final[Mapping[str, str]] = {
    "chat.postMessage": "channel",
    "chat.update": "channel ts",
    "chat.delete": "channel ts",
    "chat.postEphemeral": "channel user",
    "views.open": "trigger_id view",
    "views.push": "trigger_id view",
    "views.update": "view",
    "views.publish": "user_id view",
    "users.info": "user",
    "reactions.add": "channel name timestamp",
    "assistant.threads.setSuggestedPrompts": "channel_id prompts",
    "assistant.threads.setStatus": "channel_id thread_ts status",
    "assistant.threads.setTitle": "channel_id thread_ts title",
    "files.getUploadURLExternal": "filename length",
    "files.completeUploadExternal": "files",
    "apps.uninstall": "client_id client_secret",
}
_MENU: Final = "placeholder? confirm? focus_on_load?"
_TYPED: Final = "placeholder? initial_value? dispatch_action_config? focus_on_load?"
# The fields of what people see; ``?`` marks what may be left out. None: known, and not looked into.
_SHAPES: Final[Mapping[str, str | None]] = {
    "section": "text? fields? accessory? expand?",
    "divider": "",
    "header": "text",
    "context": "elements",
    "actions": "elements",
    "context_actions": "elements",
    "input": "label element hint? dispatch_action? optional?",
    "image": "alt_text image_url? slack_file? title?",
    "markdown": "text",
    "alert": "text level?",
    **dict.fromkeys(("rich_text", "video", "file", "table", "card", "carousel", "container", "plan", "task_card")),
    "button": "text url? value? style? confirm? accessibility_label?",
    "overflow": "options confirm?",
    "static_select": f"options? option_groups? initial_option? {_MENU}",
    "multi_static_select": f"options? option_groups? initial_options? max_selected_items? {_MENU}",
    "radio_buttons": "options initial_option? confirm? focus_on_load?",
    "checkboxes": "options initial_options? confirm? focus_on_load?",
    "datepicker": f"initial_date? {_MENU}",
    "timepicker": f"initial_time? timezone? {_MENU}",
    "datetimepicker": "initial_date_time? confirm? focus_on_load?",
    "plain_text_input": f"multiline? min_length? max_length? {_TYPED}",
    "email_text_input": _TYPED,
    "url_text_input": _TYPED,
    "number_input": f"is_decimal_allowed min_value? max_value? {_TYPED}",
    "feedback_buttons": "positive_button negative_button",
    "icon_button": "icon text accessibility_label? value? visible_to_user_ids? confirm?",
    **dict.fromkeys(
        f"{many}{kind}_select" for many in ("", "multi_") for kind in ("users", "conversations", "channels", "external")
    ),
    **dict.fromkeys(("workflow_button", "rich_text_input", "file_input")),
    "plain_text": "text emoji?",
    "mrkdwn": "text verbatim?",
    "option": "text value description? url?",
    "option_group": "label options",
    "confirm": "title text confirm deny style?",
    "feedback": "text value accessibility_label?",
    "modal": "title blocks submit? close? private_metadata? callback_id? clear_on_close? notify_on_close? "
    "external_id? submit_disabled?",
    "home": "blocks private_metadata? callback_id? external_id?",
}
_MESSAGE_ONLY: Final = {"context_actions", "markdown", "table", "card", "carousel", "plan", "task_card"}
_BLOCKS: Final = _MESSAGE_ONLY | {
    *("section", "divider", "header", "context", "actions", "input"),
    *("image", "rich_text", "video", "file", "alert", "container"),
}
_CHOICES: Final = {kind for kind in _SHAPES if kind.endswith("_select")} | {"radio_buttons", "checkboxes"}
_DATES: Final = {"datepicker", "timepicker", "datetimepicker"}
_PRESSED: Final = {"button", "overflow", "workflow_button"} | _CHOICES | _DATES
_FILLED: Final = {kind for kind in _SHAPES if kind.endswith("_input")} | _CHOICES | _DATES
_HOLDS: Final[Mapping[str, tuple[int, set[str]]]] = {
    "actions": (25, _PRESSED),
    "context": (10, {"image", "plain_text", "mrkdwn"}),
    "context_actions": (5, {"feedback_buttons", "icon_button"}),
}
# How long texts are; a kind of its own for text that may be marked up.
_PLAIN: Final[Mapping[str, Mapping[str, int]]] = {
    "header": {"text": 150},
    "input": {"label": 2000, "hint": 2000},
    "image": {"title": 2000},
    "button": {"text": 75},
    "icon_button": {"text": 75},
    "feedback": {"text": 75},
    "option_group": {"label": 75},
    "confirm": {"title": 100, "confirm": 30, "deny": 30},
    "modal": {"title": 24, "submit": 24, "close": 24},
}
_MARKED: Final[Mapping[str, Mapping[str, int]]] = {
    "section": {"text": 3000},
    "confirm": {"text": 300},
    "option": {"text": 75, "description": 75},
    "alert": {"text": 200},
}
_VIEW: Final = {"callback_id": 255, "private_metadata": 3000, "external_id": 255}
_STRINGS: Final[Mapping[str, Mapping[str, int]]] = {
    "button": {"value": 2000, "url": 3000, "accessibility_label": 75},
    "icon_button": {"value": 2000, "accessibility_label": 75},
    "feedback": {"value": 2000, "accessibility_label": 75},
    "option": {"value": 150, "url": 3000},
    "image": {"alt_text": 2000, "image_url": 3000},
    "markdown": {"text": 12000},
    "plain_text_input": {"initial_value": 3000},
    "modal": _VIEW,
    "home": _VIEW,
}
_OPTIONS: Final[Mapping[str, tuple[int, int]]] = {"overflow": (2, 5), "radio_buttons": (1, 10), "checkboxes": (1, 10)}


def problems(method: str, params: Mapping[str, Any]) -> list[str]:
    """Every way in which a call breaks Slack's limits or the house's rules; the parameters are decoded values."""
    missing = [f"{name} is missing" for name in _REQUIRED.get(method, "").split() if params.get(name) in (None, "")]
    try:
        found = list(_RULES.get(method, _nothing)(params))
    except (AttributeError, KeyError, TypeError) as error:
        found = [f"something is of a wrong type: {error}"]
    if method == "chat.postMessage":
        found += [f"{name} is not false" for name in ("unfurl_links", "unfurl_media") if params.get(name) is not False]
    if method == "views.update" and not params.get("view_id") and not params.get("external_id"):
        missing.append("view_id or external_id is missing")
    return missing + found


def _nothing(_: Params) -> Iterator[str]:
    yield from ()


# Messages, views and prompts


def _message(params: Params) -> Iterator[str]:
    text, blocks = params.get("text"), params.get("blocks")
    if params.get("delete_original") and not text and not blocks:
        return
    if text is not None and not isinstance(text, str):
        yield "text is not a string"
    elif len(text or "") > 4000:
        yield f"text has {len(text or '')} characters, over 4000"
    elif not (text or "").strip():
        yield "text is missing beside the blocks" if blocks else "text or blocks is missing"
    if blocks is not None:
        yield from _blocks(blocks, "message", 50)
        size = len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"), default=str))
        if size > 13200:
            yield f"the blocks have {size} characters together, over 13200"


def _shown(params: Params) -> Iterator[str]:
    view = params.get("view")
    if view is None:
        return
    if not isinstance(view, Mapping) or view.get("type") not in ("modal", "home"):
        yield "view is neither a modal nor a home"
        return
    kind = view["type"]
    if ("user_id" in params) != (kind == "home") and "view_id" not in params:
        yield f"a {kind} cannot be shown so"
    yield from _fields(view, kind, "view")
    yield from _blocks(view.get("blocks", []), kind, 100)
    if view.get("blocks") == []:
        yield "view.blocks are none"
    inputs = any(isinstance(one, Mapping) and one.get("type") == "input" for one in view.get("blocks") or ())
    if kind == "modal" and inputs and not view.get("submit"):
        yield "view.submit is missing beside an input"
    size = len(json.dumps(view, default=str).encode())
    if size > 250_000:
        yield f"the view has {size} bytes, over 250000"


def _prompts(params: Params) -> Iterator[str]:
    if params.get("thread_ts"):
        yield "suggested prompts with a thread_ts are not shown"
    prompts = params.get("prompts") or []
    if not isinstance(prompts, list):
        yield "prompts is not a list"
        return
    if len(prompts) > 4:
        yield f"{len(prompts)} prompts, over 4"
    for place, prompt in enumerate(prompts):
        known = prompt if isinstance(prompt, Mapping) else {}
        yield from (f"prompts[{place}].{name} is missing" for name in ("title", "message") if not known.get(name))


def _waiting(params: Params) -> Iterator[str]:
    if len(params.get("loading_messages") or ()) > 10:
        yield "over 10 loading_messages"


def _uploaded(params: Params) -> Iterator[str]:
    files = params.get("files")
    if not isinstance(files, list) or not all(isinstance(one, Mapping) and one.get("id") for one in files):
        yield "files is not a list of files with ids"


_RULES: Final[Mapping[str, Callable[[Params], Iterator[str]]]] = {
    **dict.fromkeys(MESSAGES, _message),
    **dict.fromkeys(VIEWS, _shown),
    "assistant.threads.setSuggestedPrompts": _prompts,
    "assistant.threads.setStatus": _waiting,
    "files.completeUploadExternal": _uploaded,
}


# Blocks


def _blocks(blocks: Any, surface: str, most: int) -> Iterator[str]:
    if not isinstance(blocks, list):
        yield "blocks is not a list"
        return
    if len(blocks) > most:
        yield f"{len(blocks)} blocks, over {most}"
    for place, block in enumerate(blocks):
        at = f"blocks[{place}]"
        kind = block.get("type") if isinstance(block, Mapping) else None
        if kind not in _BLOCKS:
            yield f"{at}: unknown block {kind}"
        elif kind in _MESSAGE_ONLY and surface != "message":
            yield f"{at}: {kind} cannot stand in a {surface}"
        else:
            yield from _block(block, at)
    counts = Counter(_ids(blocks))
    yield from (f"{name} {value} stands {count} times" for (name, value), count in counts.items() if count > 1)


def _ids(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        yield from ((name, str(node[name])) for name in ("block_id", "action_id") if node.get(name))
        for inner in node.values():
            yield from _ids(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _ids(inner)


def _block(block: Params, at: str) -> Iterator[str]:
    kind = block["type"]
    yield from _fields(block, kind, at, "block_id")
    if kind in _HOLDS:
        yield from _elements(block.get("elements"), *_HOLDS[kind], f"{at}.elements")
    if kind == "input" and "element" in block:
        yield from _element(block["element"], _FILLED, f"{at}.element")
    if "accessory" in block:
        yield from _element(block["accessory"], _PRESSED | {"image"}, f"{at}.accessory")
    if kind == "section" and not block.get("text") and not block.get("fields"):
        yield f"{at}: text or fields is missing"
    yield from _many(block, "fields", 10, at)
    for place, one in enumerate(block.get("fields") or ()):
        yield from _text(one, 2000, f"{at}.fields[{place}]")


def _elements(elements: Any, most: int, kinds: set[str], at: str) -> Iterator[str]:
    if not isinstance(elements, list) or not 1 <= len(elements) <= most:
        yield f"{at} are not 1 to {most}"
    for place, element in enumerate(elements if isinstance(elements, list) else ()):
        yield from _element(element, kinds, f"{at}[{place}]")


def _element(element: Any, kinds: set[str], at: str) -> Iterator[str]:
    kind = str(element.get("type")) if isinstance(element, Mapping) else "nothing"
    if kind not in _SHAPES:
        yield f"{at}: unknown element {kind}"
        return
    if kind not in kinds:
        yield f"{at}: {kind} cannot stand here"
    if kind in ("plain_text", "mrkdwn"):
        yield from _text(element, 3000, at)
        return
    yield from _fields(element, kind, at, *(() if kind == "image" else ("action_id",)))
    if kind in _OPTIONS or kind.endswith("static_select"):
        yield from _choices(element, kind, at)
    if "confirm" in element:
        yield from _fields(element["confirm"], "confirm", f"{at}.confirm")
    yield from _filled(element, kind, at)


def _filled(element: Params, kind: str, at: str) -> Iterator[str]:
    """What is asked of typed input, of feedback, of placeholders."""
    if "placeholder" in element:
        yield from _text(element["placeholder"], 150, f"{at}.placeholder", plain=True)
    if kind == "button" and element.get("style") not in (None, "primary", "danger"):
        yield f"{at}.style is unknown"
    if kind == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if not 0 <= least <= 3000 or not 1 <= most <= 3000 or least > most:
            yield f"{at}: from {least} to {most} characters are not within 0 to 3000"
    if kind == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            if isinstance(element.get(name), Mapping):
                yield from _fields(element[name], "feedback", f"{at}.{name}")


def _choices(element: Params, kind: str, at: str) -> Iterator[str]:
    groups, options = element.get("option_groups"), element.get("options")
    if kind.endswith("static_select") and (groups is None) == (options is None):
        yield f"{at} has not either options or option_groups"
    if groups is not None and not 1 <= len(groups) <= 100:
        yield f"{at}: {len(groups)} option_groups are not 1 to 100"
    least, most = _OPTIONS.get(kind, (1, 100))
    plain = kind not in ("radio_buttons", "checkboxes")
    lists = [("options", options)] if options is not None else []
    for place, group in enumerate(groups or ()):
        yield from _fields(group, "option_group", f"{at}.option_groups[{place}]")
        lists.append((f"option_groups[{place}].options", group.get("options", [])))
    for name, known in lists:
        if not least <= len(known) <= most:
            yield f"{at}: {len(known)} {name} are not {least} to {most}"
        for place, option in enumerate(known):
            yield from _fields(option, "option", f"{at}.{name}[{place}]")
            if plain and option.get("text", {}).get("type") == "mrkdwn":
                yield f"{at}.{name}[{place}].text is not plain_text"
    every = [option for _, known in lists for option in known]
    initial = [*element.get("initial_options", ()), *(element[name] for name in ("initial_option",) if name in element)]
    yield from (f"{at}: an initial option is none of the options" for option in initial if option not in every)


# Fields and texts


def _fields(node: Any, kind: str, at: str, *own: str) -> Iterator[str]:
    """Which fields are there, and how long they are."""
    shape = _SHAPES[kind]
    if not isinstance(node, Mapping):
        yield f"{at} is not an object"
        return
    yield from _lengths(node, dict.fromkeys(own, 255), at)
    if shape is None:
        return
    names = shape.split()
    known = {"type", *own, *(name.rstrip("?") for name in names)}
    yield from (f"{at}: {name} is unknown in {kind}" for name in node if name not in known)
    yield from (f"{at}: {name} is missing" for name in names if not name.endswith("?") and node.get(name) in (None, ""))
    yield from _lengths(node, _STRINGS.get(kind, {}), at)
    for texts, plain in ((_PLAIN, True), (_MARKED, False)):
        for name, most in texts.get(kind, {}).items():
            if node.get(name) is not None:
                yield from _text(node[name], most, f"{at}.{name}", plain=plain)
    if kind == "image" and ("image_url" in node) == ("slack_file" in node):
        yield f"{at} has not either image_url or slack_file"


def _lengths(node: Params, most: Mapping[str, int], at: str) -> Iterator[str]:
    for name, length in most.items():
        value = node.get(name, "")
        if not isinstance(value, str):
            yield f"{at}.{name} is not a string"
        elif len(value) > length:
            yield f"{at}.{name} has {len(value)} characters, over {length}"


def _many(node: Params, name: str, most: int, at: str) -> Iterator[str]:
    known: Sequence[Any] = node.get(name) or ()
    if len(known) > most:
        yield f"{at}: {len(known)} {name}, over {most}"


def _text(text: Any, most: int, at: str, *, plain: bool = False) -> Iterator[str]:
    kind = text.get("type") if isinstance(text, Mapping) else None
    if kind not in ("plain_text", "mrkdwn") or (plain and kind == "mrkdwn"):
        yield f"{at} is not {'plain_text' if plain else 'a text object'}"
        return
    yield from _fields(text, kind, at)
    length = len(text["text"]) if isinstance(text.get("text"), str) else 0
    if length > most:
        yield f"{at} has {length} characters, over {most}"
