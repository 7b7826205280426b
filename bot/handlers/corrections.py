"""✓ and ✗ under a reading, the keypad, the right number: what people say to a reading, and the thanks for it.

All state is in the store: a press or a number finds its reading there, in whichever process it arrives.
"""

import logging
import re
from collections.abc import Sequence

from telegram import (
    CallbackQuery,
    InlineKeyboardMarkup,
    Message,
    Update,
    User,
)
from telegram.constants import ChatType, ParseMode
from telegram.ext import ApplicationHandlerStop, ContextTypes

from bot import correction_replies, why_replies
from bot.handlers.presses import answer, edit, keyboard, pressed_message, say
from bot.store import Remembered, Store, StoreUnavailable

_log = logging.getLogger(__name__)

PRESSES = re.compile(r"reading:(\d{1,18}):(right|wrong|pick|missed|nothing|is:\d|is:none)$")
"""The callback data of this module's buttons: a reading's number, and what is said of it."""


def verdict_buttons(reading: Remembered) -> InlineKeyboardMarkup:
    """The buttons under a reading's answer; under an album's they stand for all its pictures."""
    if not reading.digits and not reading.album:
        return keyboard([(correction_replies.THERE_IS_ONE, f"reading:{reading.id}:missed")])
    first = reading.album[0] if reading.album else reading.id
    return keyboard(
        [(correction_replies.RIGHT, f"reading:{first}:right"), (correction_replies.WRONG, f"reading:{first}:wrong")],
        [(why_replies.WHY, f"why:{first}")],
    )


class CorrectionHandlers:
    """Takes judgements from whoever asked for the reading, and from `admins`, whose corrections count at once."""

    def __init__(self, store: Store, admins: frozenset[int]) -> None:
        self._store = store
        self._admins = admins

    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Do what the pressed button says, and answer the query whatever comes of it."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        match = PRESSES.match(query.data or "")
        assert match is not None  # likewise
        try:
            reading = await self._store.readings.recall(int(match[1]))
            if reading is None or query.message is None or query.message.chat.id != reading.chat_id:
                await answer(query, correction_replies.READING_FORGOTTEN, alert=True)
            elif not self._may_judge(reading.user_id, query.from_user):
                await answer(query, correction_replies.NOT_YOURS, alert=True)
            else:
                await self._judge(query, reading, match[2])
        except StoreUnavailable as error:
            _log.error("a judgement could not be kept: %s", error)
            await answer(query, correction_replies.NOT_KEPT, alert=True)

    async def number(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Take a text that answers an open question for the right number; leave any other to the next handlers."""
        message, user = update.effective_message, update.effective_user
        assert message is not None  # the filter guarantees it
        if user is None:
            return
        asked = message.reply_to_message
        is_reply = asked is not None and asked.from_user is not None and asked.from_user.id == context.bot.id
        is_private = message.chat.type == ChatType.PRIVATE
        number = _digits(message.text or "")
        if not is_reply and not (is_private and number):
            return
        try:
            reply = await self._take(message, user, number, asked.message_id if asked and is_reply else None)
        except StoreUnavailable as error:
            _log.error("a number could not be kept: %s", error)
            reply = correction_replies.NOT_KEPT
        if reply is not None:
            await message.reply_text(reply, ParseMode.HTML, do_quote=True, allow_sending_without_reply=True)
            raise ApplicationHandlerStop

    async def _take(self, message: Message, user: User, number: str, asked: int | None) -> str | None:
        """What to say to a number (empty: a text that is none); None when it answers no question."""
        question = None
        if asked is not None:
            question = await self._store.readings.question(message.chat.id, message_id=asked)
        if question is None and number and message.chat.type == ChatType.PRIVATE:
            question = await self._store.readings.question(message.chat.id, user_id=user.id)
        if question is None or not self._may_judge(question.user_id, user):
            return None
        if not number:  # under a keypad a text may be about anything
            return correction_replies.DIGITS_ONLY if len(question.reading.digits) != 1 else None
        is_trusted = user.id in self._admins
        outcome = await self._store.corrections.correct(
            question.reading.id, [int(digit) for digit in number], giver_id=user.id, is_trusted=is_trusted
        )
        if outcome is None:
            return correction_replies.READING_FORGOTTEN
        if outcome.changed is None:
            other_length = (
                correction_replies.other_length
                if question.reading.digits
                else correction_replies.other_length_than_doubted
            )
            return other_length(outcome.found, len(number))
        said = question.reading.digits
        if not said:
            return correction_replies.missed_number(number, is_trusted=is_trusted)
        return correction_replies.number_corrected(said, number, changed=outcome.changed, is_trusted=is_trusted)

    async def _judge(self, query: CallbackQuery, reading: Remembered, word: str) -> None:
        match word:
            case "right":
                await self._right(query, reading)
            case "wrong" if reading.album:
                await answer(query)
                await _show(query, correction_replies.WHICH_PICTURE, await self._album_choice(reading))
            case "wrong" | "pick" if len(reading.digits) == 1:
                await self._store.readings.judge(reading.id, is_right=False)
                await answer(query)
                keypad = await _show(query, correction_replies.WHICH_DIGIT, _keypad(reading.id))
                if keypad is not None:  # whoever sends the digit instead of pressing it means this one
                    await self._note_question(reading, keypad, query.from_user)
            case "missed" | "wrong" | "pick" if reading.digits or reading.doubtful:
                await self._ask(query, reading)
            case "missed" | "wrong" | "pick":  # of a picture without digits, and without anything that might be one
                await self._missed(query, reading)
            case "nothing":
                await self._correct(query, reading, [None] * (len(reading.digits) or reading.doubtful))
            case _:
                label = word.removeprefix("is:")
                await self._correct(query, reading, [None if label == "none" else int(label)])

    async def _right(self, query: CallbackQuery, reading: Remembered) -> None:
        if not reading.album:
            is_news = not reading.is_right
            await self._store.readings.judge(reading.id, is_right=True)
        else:  # all that nobody has called wrong
            mates = [await self._store.readings.recall(mate) for mate in reading.album]
            unjudged = [mate for mate in mates if mate is not None and mate.is_right is None]
            is_news = bool(unjudged)
            for mate in unjudged:
                await self._store.readings.judge(mate.id, is_right=True)
        await answer(query, correction_replies.RIGHT_NOTED if is_news else correction_replies.NOTED_BEFORE)
        if is_news:
            await _show(query, correction_replies.RIGHT_NOTED, verdict_buttons(reading))

    async def _ask(self, query: CallbackQuery, reading: Remembered) -> None:
        """Ask for the right number, in a message that a reply can name."""
        await self._store.readings.judge(reading.id, is_right=False)
        open_one = await self._store.readings.question(reading.chat_id, reading_id=reading.id)
        if open_one is not None:
            await answer(query, correction_replies.QUESTION_OPEN, alert=True)
            return
        await answer(query)
        if reading.album:
            await _show(query, "", verdict_buttons(reading))
        assert query.message is not None  # the caller looked at its chat
        in_group = query.message.chat.type != ChatType.PRIVATE
        question = await say(
            query,
            correction_replies.which_number(" ".join(reading.lines), in_group=in_group),
            keyboard([(correction_replies.NO_DIGITS_THERE, f"reading:{reading.id}:nothing")]),
        )
        await self._note_question(reading, question, query.from_user)

    async def _note_question(self, reading: Remembered, question: Message, asked: User) -> None:
        await self._store.readings.ask(
            reading.id, chat_id=reading.chat_id, message_id=question.message_id, user_id=asked.id
        )

    async def _missed(self, query: CallbackQuery, reading: Remembered) -> None:
        is_news = reading.is_right is not False
        await self._store.readings.judge(reading.id, is_right=False)
        await answer(
            query, correction_replies.MISS_NOTED if is_news else correction_replies.NOTED_BEFORE, alert=is_news
        )
        if reading.album:
            await _show(query, "", verdict_buttons(reading))

    async def _correct(self, query: CallbackQuery, reading: Remembered, labels: Sequence[int | None]) -> None:
        is_trusted = query.from_user.id in self._admins
        outcome = await self._store.corrections.correct(
            reading.id, labels, giver_id=query.from_user.id, is_trusted=is_trusted
        )
        if outcome is None or outcome.changed is None:
            await answer(query, correction_replies.READING_FORGOTTEN, alert=True)
            return
        if not reading.digits and not outcome.changed:
            await answer(query, correction_replies.NONE_AFTER_ALL)
            await _show(query, correction_replies.NONE_AFTER_ALL, None)
        elif len(labels) == 1:
            thanks = correction_replies.corrected(
                reading.digits, labels[0], changed=outcome.changed, is_trusted=is_trusted
            )
            await answer(query, thanks)
            await _show(query, thanks, verdict_buttons(reading))
        else:
            await answer(query, correction_replies.NOTHING_THERE)
            await _show(query, correction_replies.NOTHING_THERE, None)

    async def _album_choice(self, reading: Remembered) -> InlineKeyboardMarkup:
        mates = [await self._store.readings.recall(mate) for mate in reading.album]
        return keyboard(
            *(
                [(correction_replies.album_choice(place, " / ".join(mate.lines)), f"reading:{mate.id}:pick")]
                for place, mate in enumerate(mates, 1)
                if mate is not None
            )
        )

    def _may_judge(self, owner: int, user: User) -> bool:
        return user.id == owner or user.id in self._admins


def _digits(text: str) -> str:
    """A text of nothing but digits and white space as plain digits; empty when it is none."""
    joined = "".join(text.split())
    return "".join(str(int(digit)) for digit in joined) if joined.isdecimal() else ""


def _keypad(reading_id: int) -> InlineKeyboardMarkup:
    rows = [[(digit, f"reading:{reading_id}:is:{digit}") for digit in row] for row in ("123", "456", "789", "0")]
    return keyboard(*rows, [(correction_replies.NOT_A_DIGIT, f"reading:{reading_id}:is:none")])


async def _show(query: CallbackQuery, note: str, buttons: InlineKeyboardMarkup | None) -> Message | None:
    """Put a note (empty: none) under what the pressed message says, and these buttons below; where they are now."""
    message = pressed_message(query)
    if message is None:
        return await edit(query, note, buttons) if note else None
    said = message.caption_html if message.photo else message.text_html
    return await edit(query, correction_replies.with_note(said, note), buttons)
