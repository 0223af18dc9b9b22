"""What the Bot API refuses, found before it is sent: shapes, lengths, markup, keyboards.

The shapes are those of ``telegram_methods.json`` (an extract of the Bot API's own description). The numbers are the
platform's documentation: those in the descriptions there, and those gathered from it in the project's table of
Telegram's limits (entities, buttons, profile texts, uploads). Where the documentation is stricter than the server,
which lets a lone ``&`` or code inside bold pass, the documentation is followed. One number is the house's own:
a button's label has at most 64 characters.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

Params: TypeAlias = Mapping[str, Any]
Entity: TypeAlias = dict[str, Any]

_SPEC: Final = json.loads(Path(__file__).with_name("telegram_methods.json").read_text(encoding="utf-8"))
UPDATES: Final = frozenset(_SPEC["updates"])
_SCALARS: Final[Mapping[str, tuple[type, ...]]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "InputFile": (bytes,),
}
_TAGS: Final = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("span", "tg-spoiler"), "spoiler"),
    "a": "text_link",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ATTRIBUTE: Final = re.compile(r"\s+([a-z-]+)(?:=(?:\"([^\"<>]*)\"|'([^'<>]*)'))?")
_TOKEN: Final = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-z][a-z0-9-]*)(?P<rest>(?:\s+[a-z-]+(?:=(?:\"[^\"<>]*\"|'[^'<>]*'))?)*)\s*>"
    r"|&(?P<entity>#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]+);|(?P<plain>[^<>&]+)|(?P<bare>[<>&])",
    re.IGNORECASE,
)
_WEB: Final = re.compile(r"https?://(?:(?:[\w-]+\.)+[^\W\d_]{2,}|\d+(?:\.\d+){3})(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_LINK: Final = re.compile(r"(?:tg://|mailto:|tel:)\S+", re.IGNORECASE)
_LOOPBACK: Final = re.compile(r"https?://(?:127\.0\.0\.1|localhost)(?::\d+)?/\S*")
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE: Final = re.compile(r"(?:[a-z]{2})?")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NO_ACTION: Final = {"text", "style", "icon_custom_emoji_id"}
_STYLES: Final = {None, "danger", "success", "primary"}
_CHAT_ACTIONS: Final = re.compile(
    r"typing|upload_(photo|document)|(record|upload)_(video|voice|video_note)|choose_sticker|find_location"
)
_UPLOAD: Final = 50_000_000


class Upload(bytes):
    """A file as it was uploaded, which knows the name it came with."""

    name: str = ""


def units(text: str) -> int:
    """How long Telegram finds a text: its UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def decoded(method: str, params: Params) -> dict[str, Any]:
    """The parameters as values: what is no text was written as JSON, in a form as well as inside a JSON body."""
    shape = _SPEC["methods"].get(method, {"required": {}, "optional": {}})
    kinds = shape["required"] | shape["optional"]
    return {name: _value(value, kinds.get(name, ("String",))) for name, value in params.items()}


def _value(value: Any, kinds: Sequence[str]) -> Any:
    if not isinstance(value, str) or ("String" in kinds and "Integer" not in kinds):
        return value
    if "String" in kinds:
        return int(value) if re.fullmatch(r"-?\d+", value) else value
    try:
        return json.loads(value)
    except ValueError:
        return value


def problems(method: str, params: Mapping[str, Any], files: Mapping[str, bytes]) -> list[str]:
    """Every way in which a call breaks the Bot API; a call of the wrong shape is not looked at further."""
    shape = _SPEC["methods"].get(method)
    if shape is None:
        return [f"unknown method {method}"]
    attached = {value for value in params.values() if isinstance(value, str) and value.startswith("attach://")}
    uploads = {name: content for name, content in files.items() if f"attach://{name}" not in attached}
    found = list(_fields({**uploads, **params}, shape, ""))
    found += [f"{name} is not uploaded" for name in attached if name.removeprefix("attach://") not in files]
    return found or [*_RULES.get(method, _nothing)(params), *_common(params), *_files(files)]


# Shapes


def _fields(value: Params, shape: Params, at: str) -> Iterator[str]:
    kinds = {**shape["required"], **shape["optional"]}
    yield from (f"{at}{name} is missing" for name in shape["required"] if name not in value)
    for name, inner in value.items():
        if name not in kinds:
            yield f"{at}{name} is unknown"
        else:
            kind = next((kind for kind in kinds[name] if _fits(inner, kind)), kinds[name][0])
            yield from _typed(inner, kind, at + name)


def _fits(value: Any, kind: str) -> bool:
    """Whether a value is meant as this kind; its fields are not looked at yet."""
    if kind in _SCALARS:
        return isinstance(value, _SCALARS[kind]) and (kind == "Boolean" or not isinstance(value, bool))
    if kind.startswith("Array of "):
        return isinstance(value, list)
    shape = _SPEC["types"].get(kind, {"required": {}})
    return isinstance(value, dict) and shape["required"].keys() <= value.keys()


def _typed(value: Any, kind: str, at: str) -> Iterator[str]:
    if kind.startswith("Array of ") and isinstance(value, list):
        inner = kind.removeprefix("Array of ")
        for place, item in enumerate(value):
            yield from _typed(item, inner, f"{at}[{place}]")
    elif kind in _SPEC["kinds"] and isinstance(value, dict):
        known = _SPEC["kinds"][kind].get(str(value.get("type")))
        yield from _typed(value, known, at) if known else [f"{at}.type is unknown"]
    elif kind in _SPEC["types"] and isinstance(value, dict):
        yield from _fields(value, _SPEC["types"][kind], f"{at}.")
    elif not _fits(value, kind):
        yield f"{at} is {type(value).__name__}, not {kind}"


# Markup


class MarkupError(ValueError):
    """Why a text's HTML cannot be read."""


def parsed(source: str, parse_mode: str | None) -> tuple[str, list[Entity]]:
    """A text as it is shown, trimmed as Telegram does, and its entities; ``MarkupError`` for what cannot be read."""
    if not parse_mode:
        return _trimmed(source, [])
    if parse_mode.upper() != "HTML":
        raise MarkupError(f"unsupported parse_mode {parse_mode}")
    reader = _Reader()
    for token in _TOKEN.finditer(source):
        reader.take(token)
    if reader.open:
        raise MarkupError(f"<{reader.open[-1][0]}> is never closed")
    return _trimmed("".join(reader.text), sorted(reader.entities, key=lambda one: (one["offset"], -one["length"])))


def _trimmed(text: str, entities: Iterable[Entity]) -> tuple[str, list[Entity]]:
    lead, shown = units(text) - units(text.lstrip()), text.strip()
    end = units(shown)
    spans = [(max(one["offset"] - lead, 0), min(one["offset"] + one["length"] - lead, end), one) for one in entities]
    return shown, [one | {"offset": start, "length": stop - start} for start, stop, one in spans if stop > start]


class _Reader:
    """Reads Telegram's HTML token by token: the text so far, and the tags that are open around its end."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.length = 0
        self.open: list[tuple[str, Entity]] = []
        self.entities: list[Entity] = []

    def take(self, token: re.Match[str]) -> None:
        """Take the next token."""
        if token["plain"]:
            self._write(token["plain"])
        elif token["entity"]:
            self._write(_character(token["entity"]))
        elif token["bare"]:
            raise MarkupError(f"bare {token['bare']} at {token.start()}")
        elif token["end"]:
            self._close(token["tag"].lower(), token["rest"])
        else:
            self._begin(token["tag"].lower(), _attributes(token["rest"]))

    def _write(self, text: str) -> None:
        self.text.append(text)
        self.length += units(text)

    def _begin(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        entity = _entity(tag, attributes)
        around = [one["type"] for _, one in self.open]
        if tag == "code" and around[-1:] == ["pre"]:
            self.open[-1][1].update({name: entity[name] for name in ("language",) if name in entity})
            entity = {"type": ""}
        elif "language" in entity:
            raise MarkupError("a language stands in <pre><code> only")
        elif _misplaced(entity["type"], around):
            raise MarkupError(f"<{tag}> cannot stand inside {', '.join(around)}")
        self.open.append((tag, entity | {"offset": self.length}))

    def _close(self, tag: str, rest: str) -> None:
        if rest or not self.open or self.open[-1][0] != tag:
            raise MarkupError(f"unexpected </{tag}{rest}>")
        _, entity = self.open.pop()
        if entity["type"] and self.length > entity["offset"]:
            self.entities.append(entity | {"length": self.length - entity["offset"]})


def _character(entity: str) -> str:
    if not entity.startswith("#"):
        if entity not in _NAMED:
            raise MarkupError(f"unknown entity &{entity};")
        return _NAMED[entity]
    code = int(f"0{entity[1:]}", 0) if entity[1] in "xX" else int(entity[1:])
    if not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise MarkupError(f"unknown entity &{entity};")
    return chr(code)


def _attributes(rest: str) -> dict[str, str | None]:
    return {one[1].lower(): one[2] if one[3] is None else one[3] for one in _ATTRIBUTE.finditer(rest)}


def _entity(tag: str, attributes: Mapping[str, str | None]) -> Entity:
    """What a tag means; every attribute that is not Telegram's is refused."""
    match tag, dict(attributes):
        case "a", {"href": str(url), **rest} if not rest:
            return {"type": "text_link", "url": _unescaped(url)}
        case "blockquote", {"expandable": None, **rest} if not rest:
            return {"type": "expandable_blockquote"}
        case "span", {"class": "tg-spoiler", **rest} if not rest:
            return {"type": "spoiler"}
        case "code", {"class": str(name), **rest} if not rest and name.startswith("language-"):
            return {"type": "code", "language": name.removeprefix("language-")}
        case _, {} if tag in _TAGS and not attributes and tag not in {"a", "span"}:
            return {"type": _TAGS[tag]}
    raise MarkupError(f"unsupported <{' '.join([tag, *attributes])}>")


def _unescaped(value: str) -> str:
    tokens = list(_TOKEN.finditer(value))
    if any(token["bare"] for token in tokens):
        raise MarkupError(f"bare & in {value}")
    return "".join(token["plain"] or _character(token["entity"]) for token in tokens)


def _misplaced(kind: str, around: Sequence[str]) -> bool:
    """Whether the documentation forbids this kind of entity inside those that are open."""
    quotes = {"blockquote", "expandable_blockquote"}
    if {"code", "pre"} & set(around) or (kind in {"code", "pre"} and set(around) - quotes):
        return True
    return bool(kind in quotes and quotes & set(around)) or (kind == "text_link" and kind in around)


# Numbers


def _nothing(_params: Params) -> Iterator[str]:
    return iter(())


def _between(name: str, text: str, least: int, most: int) -> Iterator[str]:
    if not least <= units(text) <= most:
        yield f"{name} is {units(text)} long, not {least} to {most}"


def _written(params: Params, name: str, entities: str, most: int) -> Iterator[str]:
    """What is wrong with a text or caption."""
    source, mode, given = params.get(name, ""), params.get("parse_mode"), params.get(entities, [])
    if mode and given:
        yield f"parse_mode and {entities} exclude each other"
    try:
        text, found = parsed(source, mode)
    except MarkupError as error:
        yield f"can't parse entities: {error}"
        return
    if not text and name == "text":
        yield "message text is empty"
    if units(text) > most:
        yield f"message {name} is too long: {units(text)} of {most}"
    if len(found or given) > 100:
        yield f"{len(found or given)} entities of 100"
    if any(one["offset"] < 0 or one["offset"] + one["length"] > units(source) for one in given):
        yield f"{entities} reach beyond the text"
    yield from (f"link {one['url']} is not valid" for one in found if "url" in one and not _linkable(one["url"]))


def _linkable(url: str) -> bool:
    return bool(_WEB.fullmatch(url) or _LINK.fullmatch(url))


def _common(params: Params) -> Iterator[str]:
    """What is wrong with parameters that mean the same in every method."""
    if not _LANGUAGE.fullmatch(params.get("language_code", "")):
        yield f"language_code {params['language_code']} is not two letters"
    yield from (f"allowed_updates: {name} is unknown" for name in set(params.get("allowed_updates", ())) - UPDATES)
    markup = params.get("reply_markup", {})
    yield from _between("input_field_placeholder", markup.get("input_field_placeholder", "none"), 1, 64)
    rows = markup.get("inline_keyboard", [])
    if sum(map(len, rows)) > 100:
        yield f"{sum(map(len, rows))} buttons of 100"
    yield from (f"{len(row)} buttons in a row of 8" for row in rows if len(row) > 8)
    for row in rows:
        for button in row:
            yield from _button(button)


def _button(button: Params) -> Iterator[str]:
    actions = button.keys() - _NO_ACTION
    if len(actions) != 1:
        yield f"button has {len(actions)} actions: {', '.join(sorted(actions))}"
    if not button["text"].strip() or units(button["text"]) > 64:
        yield f"button text is {units(button['text'])} long, not 1 to 64"
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode(errors="replace")) <= 64:
        yield f"BUTTON_DATA_INVALID: {len(button['callback_data'].encode(errors='replace'))} bytes, not 1 to 64"
    if "url" in button and not (_WEB.fullmatch(button["url"]) or button["url"].startswith("tg://")):
        yield f"button URL {button['url']} is not valid"
    if "copy_text" in button:
        yield from _between("copy_text", button["copy_text"]["text"], 1, 256)
    if button.get("style") not in _STYLES:
        yield f"button style {button['style']} is unknown"


def _files(files: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in files.items():
        if isinstance(content, Upload) and not content.name.strip():
            yield f"{name} has no file name"
        if len(content) > _UPLOAD:
            yield f"{name} has {len(content)} bytes of {_UPLOAD}"
        if not content:
            yield f"{name} is empty"


# Methods


def _edit(params: Params) -> Iterator[str]:
    if not {"chat_id", "message_id"} <= params.keys() and "inline_message_id" not in params:
        yield "chat_id and message_id are missing"


def _edit_text(params: Params) -> Iterator[str]:
    yield from _edit(params)
    if "rich_message" not in params:
        yield from _message(params)


def _message(params: Params) -> Iterator[str]:
    return _written(params, "text", "entities", 4096)


def _document(params: Params) -> Iterator[str]:
    return _written(params, "caption", "caption_entities", 1024)


def _poll(params: Params) -> Iterator[str]:
    if not 1 <= params.get("limit", 100) <= 100 or params.get("timeout", 0) < 0:
        yield "limit is 1 to 100, timeout not negative"


def _webhook(params: Params) -> Iterator[str]:
    if not _SECRET.fullmatch(params.get("secret_token", "none")):
        yield "secret_token is 1 to 256 of A-Z, a-z, 0-9, _ and -"
    if not 1 <= params.get("max_connections", 40) <= 100:
        yield "max_connections is 1 to 100"
    url = params["url"]
    if url and not _LOOPBACK.fullmatch(url) and not (url.startswith("https://") and _WEB.fullmatch(url)):
        yield f"bad webhook: {url} is no HTTPS URL"


def _commands(params: Params) -> Iterator[str]:
    if len(params["commands"]) > 100:
        yield f"{len(params['commands'])} commands of 100"
    for one in params["commands"]:
        if not _COMMAND.fullmatch(one["command"]):
            yield f"command {one['command']} is not 1 to 32 of a-z, 0-9 and _"
        yield from _between(f"description of {one['command']}", one["description"], 1, 256)


def _action(params: Params) -> Iterator[str]:
    if not _CHAT_ACTIONS.fullmatch(params["action"]):
        yield f"action {params['action']} is unknown"


def _limited(name: str, most: int) -> Callable[[Params], Iterator[str]]:
    return lambda params: _between(name, params.get(name, ""), 0, most)


_RULES: Final[Mapping[str, Callable[[Params], Iterator[str]]]] = {
    "answerCallbackQuery": _limited("text", 200),
    "editMessageReplyMarkup": _edit,
    "editMessageText": _edit_text,
    "getUpdates": _poll,
    "sendChatAction": _action,
    "sendDocument": _document,
    "sendMessage": _message,
    "setMyCommands": _commands,
    "setMyDescription": _limited("description", 512),
    "setMyName": _limited("name", 64),
    "setMyShortDescription": _limited("short_description", 120),
    "setWebhook": _webhook,
}
