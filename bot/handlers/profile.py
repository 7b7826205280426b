"""What Telegram shows of the bot, in every language: its commands, its description. Told in the background at a start.

Telegram is asked what it shows already, for that may be asked often and set only now and then: of all that is told, a
start mostly changes nothing. Nothing has to be remembered so, and what was changed elsewhere is put right.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import BadRequest, Forbidden, TelegramError

from bot import words
from bot.words.language import ENGLISH, LANGUAGES, Text, speaking

_log = logging.getLogger(__name__)

_PAUSE_S: Final = 0.1  # after each: what people send comes first, here and in Telegram's limits

_Part = Callable[[str | None], Awaitable[None]]
"""Something to tell in the language that is spoken now; by its code, or None: to all whose language is no other."""


async def publish_profile(bot: Bot, admins: frozenset[int]) -> None:
    """Tell Telegram the commands, for people and for each of `admins`, and what the bot is, where it shows otherwise.

    Failing is logged: the bot works without, and the next start tells it.
    """
    parts: dict[str, _Part] = {
        "commands": partial(_commands, bot, words.commands.FOR_ALL, BotCommandScopeDefault()),
        **{
            f"commands of admin {admin}": partial(_commands, bot, words.commands.FOR_ADMINS, BotCommandScopeChat(admin))
            for admin in admins
        },
        "description": partial(_description, bot),
        "short description": partial(_short_description, bot),
    }
    for language in LANGUAGES.values():  # English first, which all fall back to
        code = None if language is ENGLISH else language.code
        for name, tell in list(parts.items()):
            try:
                with speaking(language):
                    await tell(code)
            except (BadRequest, Forbidden) as error:  # an admin who never wrote to the bot has no chat yet
                _log.info("the %s can't be set in %s: %s", name, language.name, error)
                if language is ENGLISH:
                    del parts[name]  # nor in any other
            except TelegramError as error:
                _log.warning("the %s could not be set in %s, and the rest is left: %s", name, language.name, error)
                return
            await asyncio.sleep(_PAUSE_S)


async def _commands(bot: Bot, commands: Mapping[str, Text], scope: BotCommandScope, code: str | None) -> None:
    listed = tuple(BotCommand(command, what()) for command, what in commands.items())
    if await bot.get_my_commands(scope, code) != listed:
        await bot.set_my_commands(listed, scope, code)


async def _description(bot: Bot, code: str | None) -> None:
    text = words.profile.DESCRIPTION()
    if (await bot.get_my_description(code)).description != text:
        await bot.set_my_description(text, code)


async def _short_description(bot: Bot, code: str | None) -> None:
    text = words.profile.SHORT_DESCRIPTION()
    if (await bot.get_my_short_description(code)).short_description != text:
        await bot.set_my_short_description(text, code)
