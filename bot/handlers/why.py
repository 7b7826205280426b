"""Why? under a reading: what the network saw in each digit, and what its answer hung on.

No photo is kept, so it is fetched again from the message that the reading answers, and read again for its boxes. Where
it is gone, the crops that are kept for corrections explain the reading without it.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial

from telegram import Bot, CallbackQuery, ExternalReplyInfo, MaybeInaccessibleMessage, Message, ReplyParameters, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.answers import PictureAnswers
from bot.buttons.presses import Explain, pressed
from bot.drawn.why import MOST_ROWS, explained, of_crops, of_reading
from bot.handlers.pictures import asked_about, fetched, picture_of
from bot.handlers.presses import answer, pressed_message
from bot.store import Crop, Remembered, Store, StoreUnavailable
from model import Reading, UnreadablePhoto

_log = logging.getLogger(__name__)

# Pressed again within this, it was pressed twice by accident, or by two people in a group.
_AGAIN_S = 60.0
_MAX_REMEMBERED = 1_000


class WhyHandlers:
    """Explains readings to everybody in their chat, within the limit that pictures have."""

    def __init__(self, answers: PictureAnswers, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds and never goes back."""
        self._answers = answers
        self._store = store
        self._clock = clock
        self._shown: OrderedDict[tuple[int, int, str], float] = OrderedDict()  # (chat, message, version) → when

    async def pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Send the picture that explains the reading, in reply to it; what stands in the way pops up."""
        query = update.callback_query
        assert query is not None  # the filter guarantees it
        press = pressed(query.data)
        assert isinstance(press, Explain)  # likewise
        problem = words.why.GONE()
        if query.message is not None:
            problem = await self._explain(query, query.message, press.reading_id, context.bot)
        await answer(query, problem, alert=bool(problem))

    async def _explain(self, query: CallbackQuery, pressed: MaybeInaccessibleMessage, reading_id: int, bot: Bot) -> str:
        """Send the picture; what stands in the way, else an empty text."""
        key = (pressed.chat.id, pressed.message_id, self._answers.pool.reader.version.name)
        if self._clock() - self._shown.get(key, -_AGAIN_S) < _AGAIN_S:
            return words.why.SHOWN_BEFORE()
        try:
            reading = await self._store.readings.recall(reading_id)
            crops = await self._store.readings.crops(reading.album or (reading.id,)) if reading else ()
        except StoreUnavailable as error:  # the photo may be there
            _log.debug("a reading could not be recalled: %s", error)
            reading, crops = None, ()
        if reading is not None and reading.chat_id != pressed.chat.id:
            return words.why.GONE()
        wait_s = self._answers.wait_s(query.from_user.id)
        if wait_s:
            return words.replies.too_many_readings(self._answers.per_minute, wait_s)
        message = pressed_message(query)
        async with self._answers.pool.turn():
            made = await self._made(message, reading, crops, bot)
        if made is None:
            return words.why.GONE()
        picture, caption = made
        thread = message.message_thread_id if message is not None and message.is_topic_message else None
        try:
            await bot.send_photo(
                pressed.chat.id,
                picture,
                caption,
                parse_mode=ParseMode.HTML,
                reply_parameters=ReplyParameters(pressed.message_id, allow_sending_without_reply=True),
                message_thread_id=thread,
                has_spoiler=_is_hidden(message) or None,
            )
        except TelegramError as error:
            _log.warning("chat %s: an explanation could not be sent: %s", pressed.chat.id, error)
            return words.why.NOT_SENT()
        self._shown[key] = self._clock()
        self._shown.move_to_end(key)
        if len(self._shown) > _MAX_REMEMBERED:
            self._shown.popitem(last=False)
        return ""

    async def _made(
        self, message: Message | None, reading: Remembered | None, crops: Sequence[Crop], bot: Bot
    ) -> tuple[bytes, str] | None:
        """The picture and its caption; None when neither the photo nor a crop is left."""
        pool, reader = self._answers.pool, self._answers.pool.reader
        is_album = reading is not None and bool(reading.album)
        seen = None if is_album else await self._read_again(message, reading, crops, bot)
        photo = await self._own_photo(message, bot) if seen is None and not is_album else None
        if seen is not None:
            digits = of_reading(seen[1])
            picture = await pool.run(partial(explained, reader, digits, *seen))
        elif crops:
            digits = of_crops(crops, reading.album if reading is not None else ())
            picture = await pool.run(partial(explained, reader, digits, photo))
        else:
            return None
        is_photo_there = seen is not None or photo is not None
        caption = words.why.explanation(
            shown=min(MOST_ROWS, len(digits)), digits=len(digits), is_photo_there=is_photo_there, is_album=is_album
        )
        if reading is not None and crops and crops[0].version != reader.version.name:
            caption += words.why.other_model(reading.lines, seen[1].texts if seen is not None else None)
        return picture, caption

    async def _read_again(
        self, message: Message | None, reading: Remembered | None, crops: Sequence[Crop], bot: Bot
    ) -> tuple[bytes, Reading] | None:
        """The photo that was answered, and what the model in service reads in it; None when it is gone or another."""
        answered: Message | ExternalReplyInfo | None = message.reply_to_message if message is not None else None
        if isinstance(answered, Message) and picture_of(answered) is None:  # it asked for a picture of another chat
            answered = asked_about(answered)
        elif answered is None and reading is not None and len(reading.digits) == 1:
            answered = message  # only a drawing carries its single digit itself, with nothing drawn on it
        picture = picture_of(answered) if answered is not None else None
        if picture is None:
            return None
        try:
            photo = await fetched(bot, picture)
            again = await self._answers.pool.read(photo)
        except (TelegramError, UnreadablePhoto) as error:
            _log.info("a photo can't be had again: %s", error)
            return None
        if not again.lines:
            return None
        is_same_model = bool(crops) and crops[0].version == again.version
        if reading is not None and is_same_model and again.texts != reading.lines:  # it was edited meanwhile
            return None
        return photo, again

    async def _own_photo(self, message: Message | None, bot: Bot) -> bytes | None:
        """The photo that the reading came on: a drawing, or a number with its boxes."""
        picture = picture_of(message) if message is not None else None
        if picture is None:
            return None
        try:
            return await fetched(bot, picture)
        except TelegramError as error:
            _log.info("a photo can't be had again: %s", error)
            return None


def _is_hidden(message: Message | None) -> bool:
    """Whether the picture of a reading is under a spoiler: the one that it answers, or the one that it is on."""
    if message is None:
        return False
    answered = message.reply_to_message
    quoted = answered.external_reply if answered is not None else None
    return any(one is not None and one.has_media_spoiler for one in (message, answered, quoted))
