"""Pressed inline buttons, from the press to the bot's answer."""

import asyncio
import secrets

from bot.local.chat import Message
from bot.local.updates import Updates
from bot.local.wire import Json, Params, bad_request


class Presses:
    """The callback queries that wait for an answer."""

    def __init__(self, updates: Updates) -> None:
        self._updates = updates
        self._waiting: dict[str, asyncio.Future[Json]] = {}

    async def press(self, message: Message, data: str, *, timeout_s: float) -> Json:
        """Press a button; the bot's answer (`text`, `show_alert`).

        It is empty when none comes in time; after that, the query is too old to be answered.
        """
        query_id = str(secrets.randbits(63))
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[query_id] = answer
        person = message.chat.person
        query = {"id": query_id, "from": person.as_user(), "message": message.as_api(), "data": data}
        self._updates.put("callback_query", {**query, "chat_instance": str(person.id)})
        try:
            await asyncio.wait([answer], timeout=timeout_s)
            return answer.result() if answer.done() else {}
        finally:
            self._waiting.pop(query_id, None)

    def close(self) -> None:
        """Let everybody who waits for an answer go."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result({})

    async def answer(self, params: Params) -> bool:
        """`answerCallbackQuery`."""
        answer = self._waiting.pop(params.text("callback_query_id") or "", None)
        if answer is None or answer.done():
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        text = params.text("text") or ""
        if len(text) > 200:
            self._waiting[params.text("callback_query_id") or ""] = answer
            raise bad_request("MESSAGE_TOO_LONG")
        answer.set_result({"text": text, "show_alert": params.flag("show_alert")})
        return True
