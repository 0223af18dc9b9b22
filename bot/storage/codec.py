"""Core values as JSON and back: each carries a version, and what cannot be read is said to be so."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.core.buttons import decode, encode
from bot.core.chat import Asked, Button, File, Say
from bot.core.job import Reply
from bot.core.language import is_language
from bot.core.mail import Mail
from bot.core.request import Case, CookieChoice
from bot.core.session import Session
from bot.core.text import Block

T = TypeVar("T")


class UnreadableError(Exception):
    """What is stored cannot be read: broken, or written by a version that this one does not know."""


class Codec(Generic[T]):
    """One kind of value. ``upgrades``: from each earlier version to the next, on the plain data."""

    def __init__(self, kind: type[T], version: int, upgrades: Mapping[int, Callable[[Any], Any]]) -> None:
        self._adapter = TypeAdapter(kind)
        self._version = version
        self._upgrades = upgrades

    def dump(self, value: T) -> bytes:
        """The value as JSON: ``{"v": version, "value": ...}``."""
        return b'{"v":%d,"value":%b}' % (self._version, self._adapter.dump_json(value))

    def load(self, text: bytes) -> T:
        """The value again; raises UnreadableError."""
        head = b'{"v":%d,"value":' % self._version
        try:
            if text.startswith(head):  # as ``dump`` wrote it: read in one go
                return self._adapter.validate_json(text[len(head) : -1], strict=False)
            row = json.loads(text)
            version, value = row["v"], row["value"]
            while version != self._version:
                value = self._upgrades[version](value)
                version += 1
            return self._adapter.validate_python(value, strict=False)
        except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
            raise UnreadableError("stored by another version, or broken") from None

    def plain(self, value: T) -> Any:
        """The value as plain data, to be handed out."""
        return self._adapter.dump_python(value, mode="json")


SESSION: Final = Codec(Session, 1, {})
CASE: Final = Codec(Case, 1, {})
CHOICE: Final = Codec(CookieChoice, 1, {})
MAIL: Final = Codec(Mail, 1, {})
_BLOCKS: Final = TypeAdapter(tuple[Block, ...])
_FILES: Final = TypeAdapter(tuple[File, ...])


def dump_reply(reply: Reply) -> bytes:
    """A reply that waits to be sent, with the chat it goes to."""
    say = reply.say
    row = {
        "v": 2,
        "chat": reply.chat,
        "message": reply.message,
        "language": say.language,
        "blocks": _BLOCKS.dump_python(say.blocks, mode="json"),
        "buttons": [[button.label, encode(button.press)] for button in say.buttons],
        "files": _FILES.dump_python(say.files, mode="json"),
        "in_place": say.in_place,
        "asked": [say.asked.draft, say.asked.step, say.asked.kind, say.asked.optional] if say.asked else None,
        "home": say.home,
    }
    return json.dumps(row).encode()


def load_reply(text: bytes) -> Reply:
    """The reply again, one of version 1 too; raises UnreadableError."""
    try:
        row = {"message": "", "files": [], "in_place": False, "asked": None, "home": False} | json.loads(text)
        if row["v"] not in (1, 2) or not is_language(row["language"]):
            raise UnreadableError("stored by another version, or broken")
        presses = [(label, decode(press)) for label, press in row["buttons"]]
        say = Say(
            row["language"],
            _BLOCKS.validate_python(row["blocks"]),
            tuple(Button(label, press) for label, press in presses if press is not None),
            files=_FILES.validate_python(row["files"]),
            in_place=row["in_place"] is True,
            asked=Asked(*row["asked"]) if row["asked"] else None,
            home=row["home"] is True,
        )
        return Reply(row["chat"], say, row["message"])
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        raise UnreadableError("stored by another version, or broken") from None
