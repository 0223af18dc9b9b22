"""Telegram's updates as events of ours; in groups only what is meant for the assistant."""

import re
from datetime import datetime
from typing import Final

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from bot.core.buttons import decode
from bot.core.chat import Event, Incoming, Left, Opened, Pressed, Said, Unsupported
from bot.core.language import Language, is_language

#: The kinds of updates that are asked for; all others are of no use here.
ALLOWED: Final = ("message", "edited_message", "callback_query", "my_chat_member")

_GONE: Final = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
_COMMAND: Final = re.compile(r"(/[A-Za-z0-9_]+)(?:@(\w+))?(?=\s|$)")


def to_incoming(update: Update, me: User, at: datetime) -> Incoming | None:
    """The event that an update is; None for one that is not meant for the assistant.

    ``at``: when it was taken, which is when a request that it brings is received.
    """
    found = _event(update, me)
    chat, person = update.effective_chat, update.effective_user
    if found is None or chat is None:
        return None
    event, message = found
    public = chat.type != ChatType.PRIVATE
    return Incoming(
        str(update.update_id), chat_id(me, chat), at, event, _hint(person), message=message, public=public
    )  # fmt: skip


def chat_id(me: User, chat: Chat) -> str:
    """A chat as the assistant names it: platform, tenant (the bot), the platform's own id."""
    return f"telegram:{me.id}:{chat.id}"


def _hint(person: User | None) -> Language | None:
    """The language that a person's Telegram is set to: a first guess, where we speak it."""
    code = (person.language_code or "")[:2] if person else ""
    return code if is_language(code) else None


def _event(update: Update, me: User) -> tuple[Event, str] | None:
    """The event, and the id of the message that it is about."""
    if update.callback_query:
        return _pressed(update.callback_query)
    if update.my_chat_member:
        return _membership(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None:
        return None
    private = message.chat.type == ChatType.PRIVATE
    event = _said(message, me, edited=update.edited_message is not None, private=private)
    return (event, str(message.message_id)) if event else None


def _pressed(query: CallbackQuery) -> tuple[Event, str] | None:
    if query.message is None:
        return None
    press = decode(query.data or "")
    return (Pressed(press) if press else Unsupported("button")), str(query.message.message_id)


def _membership(change: ChatMemberUpdated) -> tuple[Event, str] | None:
    """The bot was blocked or sent away; or somebody has brought it into a group."""
    before, now = change.old_chat_member.status, change.new_chat_member.status
    if now in _GONE:
        return Left(), ""
    invited = before in _GONE and change.chat.type != ChatType.PRIVATE
    return (Opened(), "") if invited else None


def _said(message: Message, me: User, *, edited: bool, private: bool) -> Event | None:
    text = message.text
    if private and message.forward_origin:
        return None if edited else Unsupported("forwarded")
    if text is None:
        meant = private or _answers(message, me)
        return Unsupported("media") if meant and not edited and not _about_the_group(message, private) else None
    if not private:
        text = _meant_for(message, text, me)
    return Said(_without_name(text, me), corrects=edited) if text is not None else None


def _answers(message: Message, me: User) -> bool:
    """Whether a message answers one of the assistant's."""
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == me.id


def _about_the_group(message: Message, private: bool) -> bool:
    """Whether Telegram itself says something about a group: who came, a new title."""
    return not private and message.from_user is not None and message.effective_attachment is None


def _meant_for(message: Message, text: str, me: User) -> str | None:
    """What is said to the assistant in a group: a mention, a command, an answer to it; None for all else."""
    command = _COMMAND.match(text)
    if command:
        return text if (command[2] or me.username or "").casefold() == (me.username or "").casefold() else None
    mentions = message.parse_entities([MessageEntityType.MENTION])
    mine = [said for said in mentions.values() if said.casefold() == f"@{me.username}".casefold()]
    for said in mine:
        text = text.replace(said, " ")
    return " ".join(text.split()) if mine or _answers(message, me) else None


def _without_name(text: str, me: User) -> str:
    """A command without the bot's name (``/help@the_bot``)."""
    command = _COMMAND.match(text)
    if command and command[2] and command[2].casefold() == (me.username or "").casefold():
        return command[1] + text[command.end() :]
    return text
