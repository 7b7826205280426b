"""Guest mode: what people say to the bot in a group where it is no member, and the one answer it may give there."""

import asyncio
import secrets
from typing import Any

from bot.local.chat import Content, Conversations, Person
from bot.local.keyboards import inline_keyboard
from bot.local.text import MAX_TEXT, formatted, utf16_length
from bot.local.updates import Updates
from bot.local.wire import Json, Params, bad_request

_ELSEWHERE: Json = {"id": -1_007_000_000_009, "type": "supergroup", "title": "Elsewhere"}
_SOMEBODY: Json = {"id": 700_000_009, "is_bot": False, "first_name": "Somebody"}
_MAX_ID_BYTES = 64


class Guests:
    """The guest queries that wait for an answer. Of that group nothing is kept but the files that were sent to it."""

    def __init__(self, conversations: Conversations, updates: Updates) -> None:
        self._talk = conversations
        self._updates = updates
        self._waiting: dict[str, asyncio.Future[Content]] = {}
        self._last_id = 0

    async def ask(self, person: Person, said: Content, answered: Content | None, *, timeout_s: float) -> Content | None:
        """Say something to the bot, in answer to what somebody wrote; gives the bot's answer.

        It is None when none comes in time; after that, and after one answer, the query is too old to be answered.
        """
        query_id = str(secrets.randbits(63))
        message = {**self._message(person.as_user(), said), "guest_query_id": query_id}
        if answered is not None:
            message["reply_to_message"] = self._message(_SOMEBODY, answered)
        answer: asyncio.Future[Content] = asyncio.get_running_loop().create_future()
        self._waiting[query_id] = answer
        self._updates.put("guest_message", message)
        try:
            await asyncio.wait([answer], timeout=timeout_s)
            return answer.result() if answer.done() and not answer.cancelled() else None
        finally:
            self._waiting.pop(query_id, None)

    def close(self) -> None:
        """Let everybody who waits for an answer go."""
        for answer in self._waiting.values():
            answer.cancel()

    async def answer(self, params: Params) -> Json:
        """`answerGuestQuery`."""
        content = _result(params.obj("result"))
        answer = self._waiting.pop(params.text("guest_query_id") or "", None)
        if answer is None or answer.done():
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        answer.set_result(content)
        return {"inline_message_id": secrets.token_urlsafe(16)}

    def _message(self, sender: Json, content: Content) -> Json:
        self._last_id += 1
        head = {"message_id": self._last_id, "from": sender, "chat": _ELSEWHERE, "date": int(self._talk.now())}
        return head | content.as_api()


def _result(result: Json | None) -> Content:
    """Read the InlineQueryResult of an answer: only texts are modelled."""
    if result is None:
        raise bad_request("result isn't specified")
    given = Params(result, {})
    if not 1 <= len((given.text("id") or "").encode()) <= _MAX_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    said: Any = result.get("input_message_content")
    if given.text("type") != "article" or not isinstance(said, dict) or "message_text" not in said:
        raise bad_request("only an article with an InputTextMessageContent is supported by the local chat")
    if not given.text("title"):
        raise bad_request("ARTICLE_TITLE_EMPTY")
    worded = Params(said, {})
    text, entities = formatted(
        worded.text("message_text") or "", parse_mode=worded.text("parse_mode"), entities=worded.array("entities")
    )
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return Content(text, tuple(entities), buttons=inline_keyboard(given))
