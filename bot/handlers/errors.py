"""The last resort: whatever no handler could answer is logged first, then apologised for, and the admins told."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from telegram import Bot, Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.handlers.guest import answer_guest
from bot.handlers.language import Languages
from bot.store import StoreUnavailable
from bot.vitals import Vitals
from bot.words.language import speak, speaking

_log = logging.getLogger(__name__)

_BURST_S: Final = 600.0  # errors that follow each other within this are one burst, of which the admins are told once


class GivenUpError(Exception):
    """The bot died of an update again and again."""


class ErrorHandlers:
    """Counts errors in `vitals`, and tells `admins` of the first of a burst; `clock` gives seconds."""

    def __init__(
        self, vitals: Vitals, languages: Languages, admins: frozenset[int], clock: Callable[[], float]
    ) -> None:
        self._vitals = vitals
        self._languages = languages
        self._admins = admins
        self._clock = clock
        self._last = float("-inf")

    async def failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Log what went wrong, and apologise where there is somebody to apologise to."""
        error = context.error
        self._vitals.error(error)
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
        if not is_of_the_network(error):
            await self._alert(context.bot, update.update_id, error)
        if type(error) is NetworkError:  # Telegram is out of reach, and the apology would fail as well
            return
        if update.callback_query is not None:
            with suppress(TelegramError):  # it may have been answered before the trouble
                await update.callback_query.answer()
        await _apologise(
            update, words.replies.STORE_TROUBLE() if isinstance(error, StoreUnavailable) else words.replies.APOLOGY()
        )

    async def given_up(self, update: Update) -> None:
        """Tell the admins, and whoever waits for an answer, of an update that the bot dies of."""
        self._vitals.error(GivenUpError())
        speak(await self._languages.of_update(update))  # no handler did, and none will: this is its own task
        await self._alert(update.get_bot(), update.update_id, GivenUpError())
        await _apologise(update, words.replies.APOLOGY())

    async def _alert(self, bot: Bot, update_id: int, error: Exception | None) -> None:
        """Tell the admins where to look, in a line without anything of anybody's."""
        is_first, self._last = self._clock() - self._last > _BURST_S, self._clock()
        if not is_first:
            return
        for admin in self._admins:
            with speaking(await self._languages.of(admin)):
                alert = words.replies.alert(update_id, type(error).__name__)
            try:
                await bot.send_message(admin, alert)
            except TelegramError as sending:  # an admin who never wrote to the bot can't be written to
                _log.warning("admin %s could not be told of an error: %s", admin, type(sending).__name__)


async def _apologise(update: Update, words: str) -> None:
    """Say sorry to whoever waits for an answer: an edit asked for nothing."""
    message = update.effective_message
    if message is None or update.edited_message is not None:
        return
    try:
        if message.guest_query_id is not None:
            await answer_guest(message, words)
        else:
            await message.reply_text(words)
    except TelegramError as sending:
        _log.warning("update %s: the apology could not be sent: %s", update.update_id, type(sending).__name__)


def is_of_the_network(error: Exception | None) -> bool:
    """Whether Telegram or the way to it is the trouble: it will pass, and a message would not get through."""
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)
