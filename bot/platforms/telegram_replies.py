"""Replies of ours to Telegram's chats, and what its answers mean for the outbox."""

import warnings
from datetime import timedelta

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.core.chat import Say
from bot.core.job import Reply
from bot.core.mail import DeliveryError
from bot.platforms.telegram_order import Window
from bot.platforms.telegram_text import html, keyboard


async def tell(bot: Bot, window: Window, reply: Reply) -> None:
    """Bring one piece of a reply to its chat; raises DeliveryError."""
    try:
        await window.acquire()
        await _send(bot, int(reply.chat.rpartition(":")[2]), reply)
    except RetryAfter as failure:
        raise DeliveryError("Telegram asks to wait", permanent=False, after=_seconds(failure)) from None
    except (Forbidden, ChatMigrated):
        raise DeliveryError("the chat is closed to the bot", permanent=True, closed=True) from None
    except BadRequest:
        raise DeliveryError("Telegram refused it", permanent=True) from None
    except (TelegramError, OSError) as failure:
        never_sent = "Connect" in str(failure)
        raise DeliveryError(f"Telegram: {trouble(failure)}", permanent=False, unclear=not never_sent) from None


def _seconds(failure: RetryAfter) -> float:
    with warnings.catch_warnings():  # the library announces that it will give a timedelta one day
        warnings.simplefilter("ignore")
        wait = failure.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


async def _send(bot: Bot, chat: int, reply: Reply) -> None:
    say = reply.say
    if say.files:
        file = say.files[0]
        document = InputFile(file.text.encode(), filename=file.name)
        await bot.send_document(chat, document, protect_content=file.protected)
        return
    text, markup = html(say.blocks), _markup(say, bot.username)
    if say.in_place and reply.message and await _edited(bot, chat, int(reply.message), markup):
        return
    answered = ReplyParameters(int(reply.message), allow_sending_without_reply=True) if reply.message else None
    await bot.send_message(
        chat,
        text,
        parse_mode=ParseMode.HTML,
        reply_markup=markup,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=answered if chat < 0 else None,  # in a group it is seen to whom; and in which thread
    )


async def _edited(bot: Bot, chat: int, message: int, markup: InlineKeyboardMarkup | None) -> bool:
    """Put other buttons under a message, whose text stays; False where that message is gone or too old."""
    try:
        await bot.edit_message_reply_markup(chat, message, reply_markup=markup)
    except BadRequest as failure:
        return "not modified" in failure.message.lower()  # they stand there already
    return True


def _markup(say: Say, username: str) -> InlineKeyboardMarkup | None:
    keys = keyboard(say.buttons, username)
    rows = [
        [InlineKeyboardButton(label, url=back) if link else InlineKeyboardButton(label, callback_data=back)]
        for label, back, link in keys
    ]
    return InlineKeyboardMarkup(rows) if rows else None


def trouble(failure: Exception) -> str:
    """A failure in words that hold nothing of a message and no token."""
    match failure:
        case Conflict():
            return "another process takes this bot's updates"
        case RetryAfter():
            return "it asks to wait"
        case TimedOut():
            return "it did not answer in time"
        case NetworkError():
            return f"it cannot be reached ({cause(failure)})"
        case _:
            return type(failure).__name__


def cause(failure: Exception) -> str:
    """What kind of failure was behind one."""
    return type(failure.__cause__).__name__ if failure.__cause__ else "server error"
