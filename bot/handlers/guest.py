"""Guest mode: somebody names the bot in a chat where it is no member, and gets one answer there.

Telegram brings that one message and what it answers, and takes one text in return, by the query's id. The chat itself
can't be written to: its id may be that of another chat, which the bot knows (Bot API, Message.guest_query_id).
"""

import logging

from telegram import InlineQueryResultArticle, InputTextMessageContent, Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ContextTypes

from bot import words
from bot.handlers.pictures import asked_about, mentions, picture_of
from bot.handlers.reading import ReadingHandlers, or_later
from bot.vitals import Vitals
from bot.words.replies import Unread

_log = logging.getLogger(__name__)

# One result is all there is, and it is posted at once: neither its id nor its title is ever seen.
_ID = _TITLE = "reading"


class GuestHandlers:
    """Reads pictures in chats of others. Nothing is kept of them there, so that nothing can be judged either."""

    def __init__(self, reading: ReadingHandlers, vitals: Vitals) -> None:
        self._reading = reading
        self._vitals = vitals

    async def called(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:  # noqa: ARG002
        """Answer with what is read in the picture that the message holds or answers."""
        message = update.guest_message
        assert message is not None  # the filter guarantees it
        shown = message if picture_of(message) else asked_about(message)
        if shown is not None:
            read, _ = await self._reading.reading_of(shown, message, is_drawn=False)
            text = read.why if isinstance(read, Unread) else words.replies.reading(read)
        elif _is_talk(message):
            return
        else:
            text = words.replies.GUEST_WHAT()
        with or_later(), self._vitals.stage("answer"):
            await answer_guest(message, text)


async def answer_guest(message: Message, text: str) -> None:
    """Say `text` where a guest's message was written, unless Telegram waits for it no more. Raises TelegramError."""
    result = InlineQueryResultArticle(_ID, _TITLE, InputTextMessageContent(text, ParseMode.HTML))
    try:
        await message.answer_guest_query(result)
    except BadRequest as error:
        if "query is too old" not in error.message.lower():
            raise
        # It took too long, or an earlier process of this bot was ended between its answer and the note of it.
        _log.warning("chat %s: a guest's message can be answered no more: %s", message.chat_id, error)


def _is_talk(message: Message) -> bool:
    """Whether a message answers one of the bot's without naming it: Telegram brings that too, and it asks nothing."""
    author = message.reply_to_message.from_user if message.reply_to_message else None
    return author is not None and author.id == message.get_bot().id and not mentions(message)
