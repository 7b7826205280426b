"""✓ and ✗ under a reading, the keypad: what people say to a reading with buttons, and the thanks for it.

All state is in the store: a press finds its reading there, in whichever process it arrives. What people type instead
is in `right_numbers`.
"""

import logging
import re
from collections.abc import Sequence

from telegram import (
    Bot,
    CallbackQuery,
    InlineKeyboardMarkup,
    Message,
    Update,
    User,
)
from telegram.constants import ChatType
from telegram.ext import ContextTypes

from bot import correction_replies, why_replies
from bot.handlers.people import administers, is_chat
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

    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Do what the pressed button says, and answer the query whatever comes of it."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        match = PRESSES.match(query.data or "")
        assert match is not None  # likewise
        try:
            reading = await self._store.readings.recall(int(match[1]))
            if reading is None or query.message is None or query.message.chat.id != reading.chat_id:
                await answer(query, correction_replies.READING_FORGOTTEN, alert=True)
            elif not await self._may_press(query.from_user.id, reading.user_id, context.bot):
                by_chat = is_chat(reading.user_id)
                refusal = correction_replies.NOT_YOURS_AS_CHAT if by_chat else correction_replies.NOT_YOURS
                await answer(query, refusal, alert=True)
            else:
                await self._judge(query, reading, match[2])
        except StoreUnavailable as error:
            _log.debug("a judgement could not be kept: %s", error)
            await answer(query, correction_replies.NOT_KEPT, alert=True)

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

    async def _may_press(self, user_id: int, owner: int, bot: Bot) -> bool:
        return (
            user_id == owner or user_id in self._admins or (is_chat(owner) and await administers(bot, user_id, owner))
        )


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
