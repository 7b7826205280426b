"""Pressed buttons: what all their handlers do alike."""

import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Protocol, TypeVar

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.constants import MessageEntityType, ParseMode
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot import words
from bot.api import ephemeral

_log = logging.getLogger(__name__)


class ForAdmins(Protocol):
    """Handlers that know who the admins are."""

    @property
    def admins(self) -> frozenset[int]:
        """Their user ids."""


_Handlers = TypeVar("_Handlers", bound=ForAdmins)
_Handler = Callable[[_Handlers, Update, ContextTypes.DEFAULT_TYPE], Awaitable[None]]


def admins_only(
    handler: _Handler[_Handlers],
) -> Callable[[_Handlers, Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]:
    """Keep a command or a button for admins; anybody else is told so politely."""

    @wraps(handler)
    async def guarded(self: _Handlers, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        user, query = update.effective_user, update.callback_query
        if user is not None and user.id in self.admins:
            await handler(self, update, context)
        elif query is not None:
            await answer(query, words.replies.ADMINS_ONLY(), alert=True)
        elif update.effective_message is not None:
            await update.effective_message.reply_text(words.replies.ADMINS_ONLY())

    return guarded


def pressed_message(query: CallbackQuery) -> Message | None:
    """The message of a pressed button; None when it is so old that Telegram gives no more than its number."""
    message = query.message
    # Of such a message the library makes one that is dated 1970 and says nothing.
    return message if isinstance(message, Message) and message.is_accessible else None


def said(message: Message) -> str:
    """What a message says, as HTML."""
    return message.caption_html if message.photo else message.text_html


def written_in(message: Message | None) -> tuple[str, ...]:
    """What was read, a line each, in a message that answers a picture: it stands there in fixed-width type."""
    if message is None or not (message.text or message.caption):
        return ()
    marked = message.parse_entities if message.text else message.parse_caption_entities
    return tuple(marked([MessageEntityType.CODE]).values())


async def answer(query: CallbackQuery, text: str = "", *, alert: bool = False) -> None:
    """Answer a press: its button turns until then."""
    try:
        await query.answer(text or None, show_alert=alert)
    except TelegramError as error:  # too old to be answered: what was pressed counts all the same
        _log.info("a press could not be answered: %s", error)


async def edit(query: CallbackQuery, text: str, buttons: InlineKeyboardMarkup | None = None) -> Message | None:
    """Say what came of a press in place of what was pressed, or anew where that is too old; the message it is in."""
    message = pressed_message(query)
    try:
        if message is None:
            return await say(query, text, buttons)
        if ephemeral.ephemeral_id(message) is not None:
            await ephemeral.edit(query, message, text, buttons)
        elif message.photo:
            await message.edit_caption(text, parse_mode=ParseMode.HTML, reply_markup=buttons)
        else:
            await message.edit_text(text, ParseMode.HTML, reply_markup=buttons)
    except TelegramError as error:  # deleted meanwhile, or it shows this already
        _log.info("what came of a press could not be shown: %s", error)
        return None
    return message


async def say(query: CallbackQuery, text: str, buttons: InlineKeyboardMarkup | None = None) -> Message:
    """Say something in a message of its own, in reply to what was pressed where it can be. Raises TelegramError."""
    message = pressed_message(query)
    if message is not None:
        return await message.reply_text(
            text, ParseMode.HTML, reply_markup=buttons, do_quote=True, allow_sending_without_reply=True
        )
    assert query.message is not None  # only a message that is sent by way of another bot has none
    return await query.message.chat.send_message(text, ParseMode.HTML, reply_markup=buttons)


async def end(query: CallbackQuery, message: Message, text: str) -> Message | None:
    """Have the ephemeral message that was pressed say a last word, or nothing: then it goes."""
    if text:
        return await edit(query, text)
    try:
        await ephemeral.delete(query, message)
    except TelegramError as error:  # gone already
        _log.info("an ephemeral message could not be deleted: %s", error)
    return None
