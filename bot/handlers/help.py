"""/start, /help, and a friendly line for what is no picture."""

from telegram import Update
from telegram.constants import ChatType, ParseMode
from telegram.ext import ContextTypes

from bot import words
from bot.handlers.examples import Examples
from bot.handlers.presses import answer


class HelpHandlers:
    """Explains the bot; `admins` also see the commands that are theirs."""

    def __init__(self, admins: frozenset[int]) -> None:
        self._admins = admins
        self._examples = Examples()

    async def start(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Greet and say what to send."""
        assert update.effective_message is not None  # the filter guarantees it
        await update.effective_message.reply_text(words.introduction.START())

    async def help(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Say all there is, and show in private what photos come to."""
        assert update.effective_message is not None  # the filter guarantees it
        is_admin = update.effective_user is not None and update.effective_user.id in self._admins
        me = context.bot.bot
        text = words.introduction.help_text(
            is_admin=is_admin, guest_name=me.username if me.supports_guest_queries else None
        )
        await update.effective_message.reply_text(text, ParseMode.HTML)
        if update.effective_message.chat.type == ChatType.PRIVATE:  # a group has not asked for pictures
            await self._examples.send(update.effective_message)

    async def other(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Answer text, video, voice, a location … with what the bot is for."""
        assert update.effective_message is not None  # the filter guarantees it
        await update.effective_message.reply_text(words.replies.NOT_A_PICTURE())

    async def unknown_button(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Say that a button is none of this bot's any more."""
        assert update.callback_query is not None  # the filter guarantees it
        await answer(update.callback_query, words.replies.UNKNOWN_BUTTON(), alert=True)
