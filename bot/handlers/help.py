"""/start, /help, the list of commands, and a friendly line for what is no picture."""

import logging
from collections.abc import Mapping

from telegram import Bot, BotCommand, BotCommandScopeChat, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.handlers.presses import answer
from bot.words.language import Text

_log = logging.getLogger(__name__)


class HelpHandlers:
    """Explains the bot; `admins` also see the commands that are theirs."""

    def __init__(self, admins: frozenset[int]) -> None:
        self._admins = admins

    async def start(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Greet and say what to send."""
        assert update.effective_message is not None  # the filter guarantees it
        await update.effective_message.reply_text(words.replies.START())

    async def help(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Say all there is."""
        assert update.effective_message is not None  # the filter guarantees it
        is_admin = update.effective_user is not None and update.effective_user.id in self._admins
        await update.effective_message.reply_text(words.replies.help_text(is_admin=is_admin), ParseMode.HTML)

    async def other(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Answer text, video, voice, a location … with what the bot is for."""
        assert update.effective_message is not None  # the filter guarantees it
        await update.effective_message.reply_text(words.replies.NOT_A_PICTURE())

    async def unknown_button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Say that a button is none of this bot's any more."""
        assert update.callback_query is not None  # the filter guarantees it
        await answer(update.callback_query, words.replies.UNKNOWN_BUTTON(), alert=True)


async def publish_commands(bot: Bot, admins: frozenset[int]) -> None:
    """Tell Telegram the commands, for people and for each of `admins`. Failing is logged: the bot works without."""
    try:
        await bot.set_my_commands(_listed(words.commands.FOR_ALL))
    except TelegramError as error:
        _log.warning("the list of commands could not be set: %s", error)
    for admin in admins:
        try:
            await bot.set_my_commands(_listed(words.commands.FOR_ADMINS), BotCommandScopeChat(admin))
        except TelegramError as error:  # an admin who never wrote to the bot has no chat yet
            _log.info("admin %s has no list of commands yet: %s", admin, error)


def _listed(commands: Mapping[str, Text]) -> list[BotCommand]:
    return [BotCommand(command, what()) for command, what in commands.items()]
