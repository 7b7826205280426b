"""The right number of a reading, typed: in answer to the question that ✗ opens, or to the reading itself.

As in `corrections`, all state is in the store.
"""

import logging
import unicodedata
from functools import partial

from telegram import Message, Update
from telegram.constants import ChatType, ParseMode
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot import words
from bot.api.ephemeral import EphemeralMessages, number_in_chat
from bot.buttons.keyboards import judged_reading
from bot.handlers.people import is_chat, sender_of
from bot.store import MARK, Remembered, Store, StoreUnavailable

_log = logging.getLogger(__name__)

# What people type between digits: the signs that are read, and their other spellings.
_SIGNS = frozenset(".,-+×÷=/:()%^*·xX−–—'_")


class RightNumberHandlers:
    """Takes numbers from whoever may judge the reading; those of `admins` count at once."""

    def __init__(self, store: Store, admins: frozenset[int], aside: EphemeralMessages) -> None:
        self._store = store
        self._admins = admins
        self._aside = aside

    async def number(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Take a text that answers an open question for the right number; leave any other to the next handlers."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        asked = message.reply_to_message
        is_reply = asked is not None and asked.from_user is not None and asked.from_user.id == context.bot.id
        has_digits = any(letter.isdecimal() for letter in message.text or "")
        if not is_reply and not (message.chat.type == ChatType.PRIVATE and has_digits):
            return
        try:
            reply = await self._take(message, asked if is_reply else None)
        except StoreUnavailable as error:
            _log.debug("a number could not be kept: %s", error)
            reply = words.corrections.NOT_KEPT()
        if reply is not None:
            otherwise = partial(message.reply_text, do_quote=True, allow_sending_without_reply=True)
            await self._aside.reply(message, otherwise, reply, parse_mode=ParseMode.HTML)
            raise ApplicationHandlerStop

    async def _take(self, message: Message, asked: Message | None) -> str | None:
        """What to say to a text that replies to the bot's message `asked`, or to none; None when it answers nothing."""
        text = message.text or ""
        number, sender = _digits(text), sender_of(message)
        has_digits = any(letter.isdecimal() for letter in text)
        reading = await self._asked_for(message, asked, has_digits=has_digits)
        if reading is None and number and asked is not None and is_chat(sender):
            reading = await self._own_answered(asked, sender)
        if reading is None:
            return None
        if not number:  # under a keypad a text without a digit may be about anything
            return words.corrections.NUMBER_ONLY() if has_digits or len(reading.digits) != 1 else None
        return await self._correct_number(reading, text, sender)

    async def _asked_for(self, message: Message, asked: Message | None, *, has_digits: bool) -> Remembered | None:
        """The reading of the open question that a text answers, if its sender may."""
        sender, question = sender_of(message), None
        if asked is not None:
            question = await self._store.readings.question(message.chat.id, message_id=number_in_chat(asked))
            judged = judged_reading(asked.reply_markup)
            # An ephemeral question may have vanished: then the reading itself is there to reply to.
            if question is None and judged is not None and _digits(message.text or ""):
                question = await self._store.readings.question(message.chat.id, user_id=sender, reading_id=judged)
        if question is None and has_digits and message.chat.type == ChatType.PRIVATE:
            question = await self._store.readings.question(message.chat.id, user_id=sender)
        if question is None or not (sender in (question.user_id, question.reading.user_id) or sender in self._admins):
            return None
        return question.reading

    async def _own_answered(self, asked: Message, sender: int) -> Remembered | None:
        """The reading in the bot's message `asked`, if it was asked for in this chat's name; of an album, none."""
        judged = judged_reading(asked.reply_markup)
        reading = await self._store.readings.recall(judged) if judged is not None else None
        is_own = reading is not None and (reading.user_id, reading.chat_id) == (sender, asked.chat.id)
        return reading if is_own and reading is not None and not reading.album else None

    async def _correct_number(self, reading: Remembered, text: str, sender: int) -> str:
        """Keep the right number of a reading; what to say to it."""
        number, said, is_trusted = _digits(text), reading.digits, sender in self._admins
        if not said and not reading.doubtful:
            await self._store.judgements.judge(reading.id, is_right=False)
            return words.corrections.MISS_NOTED()
        typed = [int(each) if each.isdecimal() else MARK for each in text if each.isdecimal() or each in _SIGNS]
        outcome = await self._store.judgements.correct_number(reading.id, typed, giver_id=sender, is_trusted=is_trusted)
        if outcome is None:
            return words.corrections.READING_FORGOTTEN()
        if outcome.changed is None:
            declined = words.corrections.other_length if said else words.corrections.other_length_than_doubted
            return declined(outcome.found, len(number))
        if outcome.changed == len(number) and not said:
            return words.corrections.missed_number(number, is_trusted=is_trusted)
        if outcome.is_plain:
            return words.corrections.number_corrected(said, number, changed=outcome.changed, is_trusted=is_trusted)
        return words.corrections.number_aligned(said, number, outcome, is_trusted=is_trusted)


def _digits(text: str) -> str:
    """The digits of a text that holds nothing else but signs and white space, like 314 of 3.14; empty for any other.

    Any script's digits do, and so do the marks of direction that keyboards put around them unseen.
    """
    written = [each for each in text if not (each.isspace() or each in _SIGNS or unicodedata.category(each) == "Cf")]
    return "".join(str(int(letter)) for letter in written) if all(map(str.isdecimal, written)) else ""
