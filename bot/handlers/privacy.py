"""/privacy says what is kept; /forget deletes it."""

from telegram import Update
from telegram.constants import ParseMode
from telegram.ext import ContextTypes

from bot import words
from bot.handlers.people import sender_of
from bot.store import ANSWERED_AGE_S, MAX_AGE_S, MAX_READINGS, Store

_DAY_S = 24 * 3600


class PrivacyHandlers:
    """What people may know and undo."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def privacy(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Say what is kept, and for how long."""
        assert update.effective_message is not None  # the filter guarantees it
        text = words.replies.privacy(MAX_AGE_S // _DAY_S, MAX_READINGS, ANSWERED_AGE_S // _DAY_S)
        await update.effective_message.reply_text(text, ParseMode.HTML)

    async def forget(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Delete everything that came from whoever asks."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        person = sender_of(message)
        gone = await self._store.corrections.forget(person)
        said = [words.languages.FORGOTTEN()] if gone.had_language else []
        if gone.readings or gone.corrections or not said:
            said.insert(0, words.replies.forgotten(gone.readings, gone.corrections))
        await message.reply_text("\n".join(said))
        await self._store.sends.forget(str(person))  # when their chat may be written to: the answer has noted it anew
