"""The last resort: whatever no handler could answer is logged first, then apologised for."""

import logging
from contextlib import suppress

from telegram import Update
from telegram.error import Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import ContextTypes

from bot import replies
from bot.store import StoreUnavailable
from bot.vitals import Vitals

_log = logging.getLogger(__name__)


class ErrorHandlers:
    """Counts errors in `vitals`."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    async def failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Log what went wrong, and apologise where there is somebody to apologise to."""
        self._vitals.errors += 1
        error = context.error
        if not isinstance(update, Update):  # trouble with polling is said where polling is started
            _log.error("outside any update", exc_info=error)
            return
        if isinstance(error, StoreUnavailable):  # its message says it all
            _log.error("update %s failed: %s", update.update_id, error)
        elif isinstance(error, Forbidden | RetryAfter):  # blocked, thrown out, or too much said: an apology fails too
            chat = update.effective_chat
            _log.warning("update %s: chat %s can't be answered: %s", update.update_id, chat and chat.id, error)
            return
        else:
            _log.error("update %s failed", update.update_id, exc_info=error)
        message = update.effective_message
        # An edit asked for nothing, and Telegram being out of reach would make the apology fail as well.
        if message is None or update.edited_message is not None or type(error) is NetworkError:
            return
        if update.callback_query is not None:
            with suppress(TelegramError):  # it may have been answered before the trouble
                await update.callback_query.answer()
        try:
            await message.reply_text(replies.STORE_TROUBLE if isinstance(error, StoreUnavailable) else replies.APOLOGY)
        except TelegramError as sending:
            _log.warning("update %s: the apology could not be sent: %s", update.update_id, type(sending).__name__)
