"""Who the bot says that it is: its menus, its name and its descriptions, in every language."""

import logging
from typing import Final

from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bot.core import commands
from bot.core.language import Language
from bot.core.world import World
from bot.platforms.telegram_replies import trouble

_log = logging.getLogger("privacy_assistant")

#: Languages of the menus: of everybody else, then the two that have their own.
_MENUS: Final[tuple[tuple[str, Language], ...]] = (("", "en"), ("fi", "fi"), ("sv", "sv"))


async def introduce(bot: Bot, world: World) -> None:
    """Set the menus, the name and the descriptions, where they are not what they should be."""
    try:
        for code, language in _MENUS:
            await _menu(bot, world, code, language, BotCommandScopeAllPrivateChats(), public=False)
            await _menu(bot, world, code, language, BotCommandScopeAllGroupChats(), public=True)
            await _describe(bot, world, code, language)
    except TelegramError as failure:
        _log.warning("Telegram: menus and descriptions could not be set: %s", trouble(failure))


async def _menu(bot: Bot, world: World, code: str, language: Language, scope: BotCommandScope, *, public: bool) -> None:
    menu = commands.menu(world, language, public=public)
    wanted = [BotCommand(name, text) for name, text in menu.items()]
    if list(await bot.get_my_commands(scope, code or None)) != wanted:
        await bot.set_my_commands(wanted, scope=scope, language_code=code or None)


async def _describe(bot: Bot, world: World, code: str, language: Language) -> None:
    say = world.say
    name = say(language, "Privacy assistant")
    short = say(language, "Answers questions about privacy. An automated assistant, not a person.")
    long = say(
        language,
        "I am an automated assistant, not a person. I answer questions about how a company handles personal data,"
        " from its own privacy document, and help you to use your rights. I keep almost nothing about you:"
        " /privacy tells what.",
    )
    if (await bot.get_my_name(code or None)).name != name:
        await bot.set_my_name(name, language_code=code or None)
    if (await bot.get_my_short_description(code or None)).short_description != short:
        await bot.set_my_short_description(short, language_code=code or None)
    if (await bot.get_my_description(code or None)).description != long:
        await bot.set_my_description(long, language_code=code or None)
