"""Pictures in, digits out: photos, files, stickers, albums, /read, and edits that bring a new picture.

The first stage of the road: here ▸ pool ▸ model ▸ replies ▸ answers.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any

from telegram import ExternalReplyInfo, Message, Update
from telegram.constants import ChatAction
from telegram.error import BadRequest, NetworkError, TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.answers import PictureAnswers
from bot.api.connection import ProxyRefuses
from bot.api.ephemeral import EphemeralMessages, ephemeral_id
from bot.handlers.people import sender_of
from bot.handlers.pictures import asked_about, fetched, is_too_big, mentions, picture_of
from bot.store import EDITABLE_S, Answered, StoreUnavailable
from bot.updates.albums import Albums
from bot.updates.once import Postponed
from bot.words.replies import Unread
from model import Reading, UnreadablePhoto

_log = logging.getLogger(__name__)

# Telegram shows a chat action for 5 s.
_ACTION_EVERY_S = 4.0
_EDITABLE = timedelta(seconds=EDITABLE_S)


class ReadingHandlers:
    """Reads the pictures that people send."""

    def __init__(self, answers: PictureAnswers, albums: Albums, answered: Answered, aside: EphemeralMessages) -> None:
        self._answers = answers
        self._albums = albums
        self._answered = answered
        self._aside = aside

    async def picture(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer a message that holds a picture; the pictures of an album are answered together."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        if not await self._is_new(message, update):
            return
        if message.media_group_id and update.edited_message is None:
            answer_album = self._albums.add(message, self._answer_album)
            if answer_album is not None:
                context.application.create_task(answer_album(), update, name="album")
            return
        await self._answer(message, message, asker=message)

    async def read(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Read the picture that /read, or a mention in a group, answers."""
        message = update.effective_message
        assert message is not None  # the filter guarantees it
        target = asked_about(message)
        if target is not None:
            # What is quoted from another chat can't be replied to here: the answer goes to who quotes it.
            await self._answer(target if isinstance(target, Message) else message, target, asker=message)
        elif message.text and (message.text.startswith("/") or mentions(message)):
            await self._aside.reply(message, message.reply_text, words.replies.READ_WHAT())

    async def _answer(self, message: Message, shown: Message | ExternalReplyInfo, *, asker: Message) -> None:
        """Read the picture that is `shown`, and say in reply to `message` what is in it."""
        async with _chat_action(message):
            read, drawing = await self.reading_of(shown, asker, is_drawn=True)
        text = read.why if isinstance(read, Unread) else words.replies.reading(read)
        is_hidden = bool(shown.has_media_spoiler)
        with or_later():
            await self._reply(message, asker, text, [read], drawing, is_hidden=is_hidden)

    async def _answer_album(self, messages: list[Message]) -> None:
        first = messages[0]
        if not any(message.animation or picture_of(message) for message in messages):
            await first.reply_text(words.replies.NOT_A_PICTURE())
            return
        async with _chat_action(first):
            reads = [
                read
                for read, _ in await asyncio.gather(
                    *(self.reading_of(message, message, is_drawn=False) for message in messages)
                )
            ]
        with or_later():
            await self._reply(first, first, words.replies.album(reads), reads)

    async def _reply(
        self,
        message: Message,
        asker: Message,
        text: str,
        reads: list[Reading | Unread],
        drawing: bytes | None = None,
        *,
        is_hidden: bool = False,
    ) -> None:
        how: dict[str, Any] = {"do_quote": True, "allow_sending_without_reply": True}
        kept = [read for read in reads if isinstance(read, Reading)]
        if message.business_connection_id is not None:  # in its owner's name: digits alone, and nothing is kept of them
            if not any(read.lines for read in kept):
                return
            kept = []
        send_text = partial(message.reply_text, **how)
        if not kept or ephemeral_id(asker) is not None:  # what stood in the way concerns whoever asked, and nobody else
            drawing, send_text = None, partial(self._aside.reply, asker, send_text)
        await self._answers.answer(
            text,
            kept,
            chat_id=message.chat_id,
            person=sender_of(asker),
            send_text=send_text,
            send_photo=partial(message.reply_photo, has_spoiler=is_hidden or None, **how),
            drawing=drawing,
        )

    async def reading_of(
        self, shown: Message | ExternalReplyInfo, asker: Message, *, is_drawn: bool
    ) -> tuple[Reading | Unread, bytes | None]:
        """Fetch and read the picture that is `shown`; or say why it was not read.

        With several digits, and when `is_drawn`, the picture with the digits drawn on it comes too.
        """
        picture = picture_of(shown)
        if picture is None:
            return Unread(words.replies.NO_THUMBNAIL() if shown.animation else words.replies.NO_PICTURE()), None
        if picture.size is not None and picture.size > words.replies.MAX_PICTURE_MB * 1024 * 1024:
            return Unread(words.replies.too_big()), None
        wait_s = self._answers.wait_s(sender_of(asker))
        vitals = self._answers.pool.vitals
        if wait_s:
            vitals.picture("too many")
            return Unread(words.replies.too_many_readings(self._answers.per_minute, wait_s)), None
        start = time.monotonic()
        pool = self._answers.pool
        async with pool.turn():
            try:
                with vitals.stage("download"):
                    photo = await fetched(asker.get_bot(), picture)
                with vitals.stage("read"):
                    read = await pool.read(photo)
                drawing = await pool.draw(photo, read) if is_drawn and len(read.digits) > 1 else None
            except UnreadablePhoto as error:
                _log.info("chat %s: unreadable file of %s bytes: %s", asker.chat_id, picture.size, error)
                vitals.picture(error.reason)
                return Unread(words.replies.unreadable(error.reason)), None
            except TelegramError as error:
                _log.warning("chat %s: download failed: %s", asker.chat_id, type(error).__name__)
                vitals.picture("download failed")
                return Unread(words.replies.too_big() if is_too_big(error) else words.replies.DOWNLOAD_FAILED()), None
        took_ms = 1000 * (time.monotonic() - start)
        vitals.picture("read" if read.lines else "no digit")
        _log.info("chat %s: read %d digits in %.0f ms", asker.chat_id, len(read.digits), took_ms)
        return read, drawing

    async def _is_new(self, message: Message, update: Update) -> bool:
        """Whether the picture is one that was not answered: an edit of the caption alone brings nothing new."""
        if message.business_connection_id is not None:  # never an edit, and nothing is kept of it
            return True
        is_edit = update.edited_message is not None
        if is_edit and message.edit_date is not None and message.edit_date - message.date > _EDITABLE:
            return False  # what was answered is forgotten by then
        picture = picture_of(message)
        file = picture.unique_id if picture else ""
        try:
            is_new = await self._answered.note(
                message.chat_id,
                message.message_id,
                file,
                update_id=update.update_id,
                user_id=sender_of(message),
            )
        except StoreUnavailable as error:
            # Whether an edit was answered nobody knows then, and most mend a caption: silence is the better error.
            _log.debug("chat %s: which picture is answered can't be noted: %s", message.chat_id, error)
            is_new = False
        return is_new or not is_edit


@contextmanager
def or_later() -> Iterator[None]:
    """Have the picture handled anew later when Telegram can't be told its answer now."""
    try:
        yield
    except (BadRequest, ProxyRefuses):  # network errors to the library, but later is no better
        raise
    except NetworkError as error:
        raise Postponed from error


@asynccontextmanager
async def _chat_action(message: Message) -> AsyncIterator[None]:
    """Show "typing …" in the chat while the body runs."""

    async def show() -> None:
        with suppress(TelegramError):  # an ornament: the answer itself will tell of real trouble
            while True:
                await message.reply_chat_action(ChatAction.TYPING)
                await asyncio.sleep(_ACTION_EVERY_S)

    shown = asyncio.create_task(show())
    try:
        yield
    finally:
        shown.cancel()
        with suppress(asyncio.CancelledError):
            await shown
