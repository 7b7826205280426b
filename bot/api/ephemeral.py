"""Ephemeral messages: one person in a group sees them, and nobody else (Bot API 10.3; the client library has no part).

Telegram's rules are at https://core.telegram.org/bots/api#ephemeral-messages-and-commands. They exist in groups alone.
Any bot may send one within 15 seconds of a pressed button or of an ephemeral message, which it names; an administrator
may at any time. Whoever is away may never get it. Telegram numbers them apart from all other messages.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

from telegram import CallbackQuery, InlineKeyboardMarkup, Message
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, Forbidden

_log = logging.getLogger(__name__)

Send = Callable[..., Awaitable[Message]]
"""`reply_text`, say: all but the text and its looks is settled already."""

_GROUPS: Final = (ChatType.GROUP, ChatType.SUPERGROUP)
# Who wrote this long ago may be away. Of whoever named a button or an ephemeral message Telegram asks the same.
_THERE_S: Final = 15.0
# Rights change now and then, and a server of one's own is renewed.
_AGAIN_AFTER_S: Final = 3600.0
_MAX_REMEMBERED: Final = 1_000


class EphemeralMessages:
    """Sends them, and remembers for an hour where Telegram takes none. `now` gives Unix seconds."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._refused: OrderedDict[tuple[int, bool], float] = OrderedDict()  # (chat, with an action named) → when

    async def reply(self, asker: Message, otherwise: Send, text: str, **how: Any) -> Message:
        """Answer a message for its sender's eyes alone; by `otherwise` where that can't be. Raises TelegramError."""
        return await self._to_sender(asker, text, how) or await otherwise(text, **how)

    async def respond(
        self, query: CallbackQuery, text: str, buttons: InlineKeyboardMarkup | None = None
    ) -> Message | None:
        """Answer a press for the eyes of who pressed, with HTML; None where that can't be. Raises TelegramError.

        Whether the press may have been told of otherwise before, Telegram does not say: so this comes first.
        """
        pressed = query.message
        if pressed is None or pressed.chat.type not in _GROUPS:
            return None
        thread = _thread(pressed) if isinstance(pressed, Message) else None
        how = {"parse_mode": ParseMode.HTML, "reply_markup": buttons, "message_thread_id": thread}
        parameters = {"receiver_user_id": query.from_user.id, "callback_query_id": query.id}
        named = {"ephemeral_message_parameters": parameters}
        return await self._send(pressed.chat.send_message, text, how, named, (pressed.chat.id, True))

    async def _to_sender(self, asker: Message, text: str, how: dict[str, Any]) -> Message | None:
        person, number = asker.from_user, ephemeral_id(asker)
        if asker.chat.type not in _GROUPS or person is None or person.is_bot or asker.sender_chat is not None:
            return None
        wrote_at = (asker.edit_date or asker.date).timestamp()
        if number is None and self._now() - wrote_at > _THERE_S:
            return None
        reply_to = {"message_id": asker.message_id} if number is None else {"ephemeral_message_id": number}
        named = {"ephemeral_message_parameters": {"receiver_user_id": person.id}, "reply_parameters": reply_to}
        how = how | {"message_thread_id": _thread(asker)}
        return await self._send(asker.chat.send_message, text, how, named, (asker.chat.id, number is not None))

    async def _send(
        self, send: Send, text: str, how: dict[str, Any], named: dict[str, Any], case: tuple[int, bool]
    ) -> Message | None:
        if self._now() - self._refused.get(case, float("-inf")) < _AGAIN_AFTER_S:
            return None
        try:
            message = await send(text, api_kwargs=named, **how)
        except (BadRequest, Forbidden) as error:  # no administrator, too late, no member any more
            _log.info("chat %s takes no ephemeral message: %s", case[0], error)
            self._note(case)
            return None
        if ephemeral_id(message) is None:  # a server that does not know them shows it to all
            self._note(case)
        return message

    def _note(self, case: tuple[int, bool]) -> None:
        self._refused[case] = self._now()
        self._refused.move_to_end(case)
        if len(self._refused) > _MAX_REMEMBERED:
            self._refused.popitem(last=False)


def ephemeral_id(message: Message) -> int | None:
    """Give an ephemeral message's number; None for any other message."""
    number = message.api_kwargs.get("ephemeral_message_id")
    return number if isinstance(number, int) else None


def number_in_chat(message: Message) -> int:
    """Give a number that no other message of the chat has now: an ephemeral one's is below 0."""
    number = ephemeral_id(message)
    return message.message_id if number is None else -number


async def edit(query: CallbackQuery, message: Message, text: str, buttons: InlineKeyboardMarkup | None) -> None:
    """Replace the text (HTML) and the buttons of the ephemeral message that was pressed. Raises TelegramError."""
    how = {"text": text, "parse_mode": ParseMode.HTML, "reply_markup": buttons}
    await query.get_bot().do_api_request("editEphemeralMessageText", api_kwargs=_address(query, message) | how)


async def delete(query: CallbackQuery, message: Message) -> None:
    """Take away the ephemeral message that was pressed. Raises TelegramError."""
    await query.get_bot().do_api_request("deleteEphemeralMessage", api_kwargs=_address(query, message))


def _address(query: CallbackQuery, message: Message) -> dict[str, Any]:
    number = ephemeral_id(message)
    return {"chat_id": message.chat.id, "receiver_user_id": query.from_user.id, "ephemeral_message_id": number}


def _thread(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None
