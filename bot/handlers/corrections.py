"""✓ and ✗ under a reading, its digits, the keypad: what people say to a reading with buttons, and the thanks for it.

All state is in the store: a press finds its reading there, in whichever process it arrives. What people type instead
is in `right_numbers`.
"""

import logging

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

from bot import words
from bot.api.ephemeral import EphemeralMessages, ephemeral_id, number_in_chat
from bot.buttons.keyboards import are_verdict_buttons, can_choose, digit_choice, keyboard, keypad, verdict_buttons
from bot.buttons.presses import Judgement, Label, WrongDigit, pressed
from bot.handlers.people import administers, is_chat
from bot.handlers.presses import answer, edit, end, pressed_message, said, say, written_in
from bot.store import Remembered, Store, StoreUnavailable

_log = logging.getLogger(__name__)


class CorrectionHandlers:
    """Takes judgements from whoever asked for the reading, and from `admins`, whose corrections count at once."""

    def __init__(self, store: Store, admins: frozenset[int], aside: EphemeralMessages) -> None:
        self._store = store
        self._admins = admins
        self._aside = aside

    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Do what the pressed button says, and answer the query whatever comes of it."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        press = pressed(query.data)
        assert isinstance(press, Judgement | WrongDigit | Label)  # likewise
        try:
            reading = await self._store.readings.recall(press.reading_id)
            if reading is None or query.message is None or query.message.chat.id != reading.chat_id:
                await answer(query, words.corrections.READING_FORGOTTEN(), alert=True)
            elif not await self._may_press(query.from_user.id, reading.user_id, context.bot):
                by_chat = is_chat(reading.user_id)
                refusal = words.corrections.NOT_YOURS_AS_CHAT() if by_chat else words.corrections.NOT_YOURS()
                await answer(query, refusal, alert=True)
            else:
                await self._judge(query, reading, press)
        except StoreUnavailable as error:
            _log.debug("a judgement could not be kept: %s", error)
            await answer(query, words.corrections.NOT_KEPT(), alert=True)

    async def _judge(self, query: CallbackQuery, reading: Remembered, press: Judgement | WrongDigit | Label) -> None:
        if isinstance(press, Label):
            await self._correct_digit(query, reading, press)
            return
        if isinstance(press, WrongDigit):
            await self._open_keypad(query, reading, press.place)
            return
        match press.verdict:
            case "right":
                await self._right(query, reading)
            case "wrong" if reading.album:
                await self._ask_below(query, words.corrections.WHICH_PICTURE(), await self._album_choice(reading))
                await answer(query)
            case "wrong" | "pick" if len(reading.digits) == 1 or can_choose(reading):
                await self._ask_which(query, reading)
            case "missed" | "wrong" | "pick" | "length" if reading.digits or reading.doubtful:
                await self._ask(query, reading)
            case "missed" | "wrong" | "pick" | "length":  # nothing is there, nor anything that might be a digit
                await self._missed(query, reading)
            case "nothing":
                await self._nothing(query, reading)

    async def _right(self, query: CallbackQuery, reading: Remembered) -> None:
        if not reading.album:
            is_news = not reading.is_right
            await self._store.judgements.judge(reading.id, is_right=True)
        else:  # all that nobody has called wrong
            mates = [await self._store.readings.recall(mate) for mate in reading.album]
            unjudged = [mate for mate in mates if mate is not None and mate.is_right is None]
            is_news = bool(unjudged)
            for mate in unjudged:
                await self._store.judgements.judge(mate.id, is_right=True)
        await answer(query, words.corrections.RIGHT_NOTED() if is_news else words.corrections.NOTED_BEFORE())
        if is_news:
            await _show_verdicts(query, words.corrections.RIGHT_NOTED(), reading)

    async def _ask_which(self, query: CallbackQuery, reading: Remembered) -> None:
        """Ask what the digit is, or of several, which is wrong; whoever sends the number instead means this reading."""
        await self._store.judgements.judge(reading.id, is_right=False)
        if len(reading.digits) == 1:
            question, choice = words.corrections.WHICH_DIGIT(), keypad(reading.id)
        else:
            labels = await self._store.judgements.labels(reading.id)
            question, choice = words.corrections.WHICH_IS_WRONG(), digit_choice(reading, labels)
        asked = await self._ask_below(query, question, choice)
        await answer(query)
        if asked is not None:
            await self._note_question(reading, asked, query.from_user)

    async def _open_keypad(self, query: CallbackQuery, reading: Remembered, place: int) -> None:
        labels = await self._store.judgements.labels(reading.id)
        if not place < len(labels) == len(reading.digits):
            await answer(query, words.corrections.READING_FORGOTTEN(), alert=True)
            return
        await answer(query)
        question = words.corrections.which_digit_in(reading.lines, labels, place)
        await _show(query, question, keypad(reading.id, place))

    async def _ask(self, query: CallbackQuery, reading: Remembered) -> None:
        """Ask for the right number, in a message that a reply can name."""
        assert query.message is not None  # the caller looked at its chat
        await self._store.judgements.judge(reading.id, is_right=False)
        pressed = pressed_message(query)
        # The pressed message asks itself, while it shows the digits.
        here = number_in_chat(pressed) if pressed is not None else query.message.message_id
        open_one = await self._store.readings.question(reading.chat_id, reading_id=reading.id, elsewhere=here)
        if open_one is not None and not open_one.may_be_gone:
            await answer(query, words.corrections.QUESTION_OPEN(), alert=True)
            return
        if reading.album or can_choose(reading):
            await _show_verdicts(query, "", reading)
        in_group = query.message.chat.type != ChatType.PRIVATE
        text = words.corrections.which_number(" ".join(reading.lines), in_group=in_group)
        below = keyboard([(words.corrections.NO_DIGITS_THERE(), Judgement(reading.id, "nothing"))])
        question = await self._aside.respond(query, text, below) or await say(query, text, below)
        await answer(query)
        await self._note_question(reading, question, query.from_user)

    async def _ask_below(self, query: CallbackQuery, note: str, below: InlineKeyboardMarkup) -> Message | None:
        """Ask something under what the pressed message says, in a group before the eyes of who pressed alone."""
        message = pressed_message(query)
        if message is None or ephemeral_id(message) is None:
            text = note if message is None else words.corrections.with_note(said(message), note)
            question = await self._aside.respond(query, text, below)
            if question is not None:
                return question
        return await _show(query, note, below)

    async def _note_question(self, reading: Remembered, question: Message, asked: User) -> None:
        await self._store.readings.ask(
            reading.id, chat_id=reading.chat_id, message_id=number_in_chat(question), user_id=asked.id
        )

    async def _missed(self, query: CallbackQuery, reading: Remembered) -> None:
        is_news = reading.is_right is not False
        await self._store.judgements.judge(reading.id, is_right=False)
        await answer(
            query, words.corrections.MISS_NOTED() if is_news else words.corrections.NOTED_BEFORE(), alert=is_news
        )
        if reading.album:
            await _show_verdicts(query, "", reading)

    async def _correct_digit(self, query: CallbackQuery, reading: Remembered, press: Label) -> None:
        is_trusted = query.from_user.id in self._admins
        outcome = await self._store.judgements.correct_digit(
            reading.id, press.place, press.digit, giver_id=query.from_user.id, is_trusted=is_trusted
        )
        if outcome is None or outcome.changed is None:
            await answer(query, words.corrections.READING_FORGOTTEN(), alert=True)
            return
        said = reading.digits[press.place]
        thanks = words.corrections.corrected(said, press.digit, changed=outcome.changed, is_trusted=is_trusted)
        labels = await self._store.judgements.labels(reading.id) if len(reading.digits) > 1 else ()
        await answer(query, thanks)
        note = words.corrections.digit_corrected(thanks, reading.lines, labels) if labels else thanks
        await _show_verdicts(query, note, reading)

    async def _nothing(self, query: CallbackQuery, reading: Remembered) -> None:
        """Keep that no crop of a reading is a digit."""
        crops = len(reading.digits) or reading.doubtful
        is_trusted = query.from_user.id in self._admins
        outcome = await self._store.judgements.correct(
            reading.id, [None] * crops, giver_id=query.from_user.id, is_trusted=is_trusted
        )
        if outcome is None or outcome.changed is None:
            await answer(query, words.corrections.READING_FORGOTTEN(), alert=True)
            return
        thanks = words.corrections.NOTHING_THERE() if outcome.changed else words.corrections.NONE_AFTER_ALL()
        await answer(query, thanks)
        await _show(query, thanks, None)

    async def _album_choice(self, reading: Remembered) -> InlineKeyboardMarkup:
        mates = [await self._store.readings.recall(mate) for mate in reading.album]
        return keyboard(
            *(
                [(words.corrections.album_choice(place, " / ".join(mate.lines)), Judgement(mate.id, "pick"))]
                for place, mate in enumerate(mates, 1)
                if mate is not None
            )
        )

    async def _may_press(self, user_id: int, owner: int, bot: Bot) -> bool:
        return (
            user_id == owner or user_id in self._admins or (is_chat(owner) and await administers(bot, user_id, owner))
        )


async def _show_verdicts(query: CallbackQuery, note: str, reading: Remembered) -> None:
    """Put a note under what the pressed message says, and the buttons of a reading below."""
    await _show(query, note, verdict_buttons(reading, written_in(pressed_message(query))))


async def _show(query: CallbackQuery, note: str, below: InlineKeyboardMarkup | None) -> Message | None:
    """Put a note (empty: none) under what the pressed message says, and these buttons below; where they are now."""
    message = pressed_message(query)
    if message is None:
        return await edit(query, note, below) if note else None
    before, is_over = said(message), are_verdict_buttons(below)
    text = words.corrections.with_note(before, note)
    if ephemeral_id(message) is not None and is_over:  # the reading itself has these buttons
        return await end(query, message, text if note else "")
    is_reading = are_verdict_buttons(message.reply_markup)
    is_noted = words.corrections.with_note(before, "") != before
    if is_over and is_reading and not is_noted and message.chat.type != ChatType.PRIVATE:
        return None  # there is nothing to take back, and who pressed has seen the note pop up
    return await edit(query, text, below)
