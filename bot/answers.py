"""Answering a picture with its reading, wherever the picture came from: a chat, an album, the draw page.

Between handlers.reading or web.sent before, and pool, store and replies after.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telegram import Message
from telegram.constants import MessageLimit, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.buttons.keyboards import verdict_buttons
from bot.learning.shadow import ShadowReader
from bot.limits import ReadingLimit
from bot.pool import ReadingPool
from bot.store import Remembered, Store, StoreUnavailable
from model import Reading

_log = logging.getLogger(__name__)

Send = Callable[..., Awaitable[Message]]
"""`reply_photo`, `send_message` …: all but what is said is settled already."""


class PictureAnswers:
    """Answers pictures for everybody; `unlimited` people (admins) may ask as often as they like."""

    def __init__(
        self,
        pool: ReadingPool,
        store: Store,
        limit: ReadingLimit,
        unlimited: frozenset[int],
        shadow: ShadowReader | None = None,
    ) -> None:
        """`shadow` reads the crops of what was answered too, if a candidate reads beside the served version."""
        self.pool = pool
        self._store = store
        self._limit = limit
        self._unlimited = unlimited
        self._shadow = shadow

    @property
    def per_minute(self) -> int:
        """How many pictures a person may have read in a minute."""
        return self._limit.per_minute

    def wait_s(self, person: int) -> float:
        """Count one picture for `person` and return 0, or return the seconds to wait and count nothing."""
        return 0.0 if person in self._unlimited else self._limit.take(person)

    async def answer(
        self,
        text: str,
        reads: Sequence[Reading],
        *,
        chat_id: int,
        person: int,
        send_text: Send,
        send_photo: Send,
        drawing: bytes | None = None,
    ) -> Message:
        """Say `text`, on the drawing if there is one, with the buttons to judge what was read.

        What was read, of a picture or an album, is remembered first. Raises TelegramError: then nobody has seen the
        answer, as far as can be told, and nothing is remembered or counted.
        """
        remembered = await self._remembered(reads, chat_id, person)
        written = [line for read in reads for line in read.as_written]
        buttons = verdict_buttons(remembered[0], written) if remembered else None
        how: dict[str, Any] = {"parse_mode": ParseMode.HTML, "reply_markup": buttons}
        try:
            with self.pool.vitals.stage("answer"):
                message = await _said(
                    text, how, chat_id=chat_id, drawing=drawing, send_text=send_text, send_photo=send_photo
                )
        except (TelegramError, asyncio.CancelledError):  # it may come again, and is remembered then
            await self._discard(remembered)
            raise
        if self._shadow is not None:
            self._shadow.offer(remembered, reads)
        return message

    async def _remembered(self, reads: Sequence[Reading], chat_id: int, person: int) -> tuple[Remembered, ...]:
        if not reads:
            return ()
        try:
            return await self._store.readings.remember(reads, chat_id=chat_id, user_id=person)
        except StoreUnavailable as error:  # the reading itself is good: it goes out, and can't be judged
            _log.debug("chat %s: a reading could not be remembered: %s", chat_id, error)
            return ()

    async def _discard(self, remembered: Sequence[Remembered]) -> None:
        try:
            await self._store.readings.discard([reading.id for reading in remembered])
        except StoreUnavailable as error:  # it goes by itself in a week
            _log.debug("a reading that nobody saw could not be forgotten: %s", error)


async def _said(
    text: str, how: dict[str, Any], *, chat_id: int, drawing: bytes | None, send_text: Send, send_photo: Send
) -> Message:
    if drawing is not None and len(text) <= MessageLimit.CAPTION_LENGTH:
        try:
            return await send_photo(drawing, text, **how)
        except BadRequest as error:  # a chat without photos, say: the digits matter more
            _log.warning("chat %s: the drawn photo could not be sent: %s", chat_id, error)
    return await send_text(text, **how)
