"""The pictures below /help: what a good, a doubtful and a refused photo come to."""

import logging
from collections.abc import Sequence

from telegram import InputMediaPhoto, Message
from telegram.error import BadRequest, TelegramError

from bot import words
from bot.drawn.examples import Example, shipped_examples

_log = logging.getLogger(__name__)


class Examples:
    """The shipped examples: uploaded the first time, and then known to Telegram by their file ids."""

    def __init__(self) -> None:
        self._examples: tuple[Example, ...] = shipped_examples()
        self._file_ids: tuple[str, ...] = ()

    async def send(self, message: Message) -> None:
        """Send them as an album into a message's chat. Failing is logged: the help itself is said without."""
        try:
            if self._file_ids:
                try:
                    await self._album(message, self._file_ids)
                except BadRequest as error:
                    _log.info("the examples' file ids are not taken any more: %s", error)
                    self._file_ids = ()
                else:
                    return
            sent = await self._album(message, [example.picture for example in self._examples])
            self._file_ids = tuple(each.photo[-1].file_id for each in sent if each.photo)
        except TelegramError as error:
            _log.warning("chat %s: the examples could not be sent: %s", message.chat_id, error)

    async def _album(self, message: Message, pictures: Sequence[bytes | str]) -> tuple[Message, ...]:
        return await message.reply_media_group(
            [
                InputMediaPhoto(picture, words.examples.caption(example.name, example.written, example.confidence))
                for example, picture in zip(self._examples, pictures, strict=True)
            ]
        )
