"""Sending a drawing to the chat: `POST /draw/send`, a PNG in the body, Telegram's init data in `X-Telegram-Init-Data`.

The bot answers it in the sender's own private chat as it answers a photo, on the drawing, and so it can be corrected.
Says `{"message_id": int}`, or `{"error": sentence}`: 401 for a sender whom Telegram does not vouch for, 403 for one who
blocked the bot, 408, 413, 415 and 422 for what is no such PNG, 429 for too many, 502 when Telegram doesn't take it, 503
while the bot starts or stops. The chat is the sender's: no request can name another.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import BadRequest, Forbidden, TelegramError

from bot import words
from bot.answers import PictureAnswers
from bot.drawn.pictures import as_photo
from bot.init_data import WebUser, WrongInitData, verified_user
from bot.web.draw_png import Refused, read_png
from bot.web.page_words import language_asked
from bot.words.language import Language, speak
from model import UnreadablePhoto

_log = logging.getLogger(__name__)

LanguageOf = Callable[[int, str | None], Awaitable[Language]]
"""In which language somebody is answered, by their id and what Telegram says of them."""

# A drawing is answered within a second; a sender whose line is slow must not keep the bot from stopping.
_STOP_S = 5.0


class SentDrawings:
    """Takes drawings once `ready` says who answers them; `token` is what their senders are verified with."""

    def __init__(self, token: str, now: Callable[[], float] = time.time) -> None:
        """`now` gives unix seconds."""
        self._token = token
        self._now = now
        self._bot: tuple[Bot, PictureAnswers, LanguageOf] | None = None
        self._under_way: set[asyncio.Task[object]] = set()
        self.routes = [Route("/draw/send", self._send, methods=["POST"])]

    def ready(self, bot: Bot, answers: PictureAnswers, language_of: LanguageOf) -> None:
        """From now on drawings are answered."""
        self._bot = bot, answers, language_of

    async def stop(self) -> None:
        """Take no more, and wait while those that came before are answered."""
        self._bot = None
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_STOP_S)

    async def _send(self, request: Request) -> Response:
        task = asyncio.current_task()
        assert task is not None  # a server runs each request in one
        self._under_way.add(task)
        speak(language_asked(request))
        try:
            message_id = await self._answered(request)
        except Refused as refused:
            return refused.response()
        finally:
            self._under_way.discard(task)
        return JSONResponse({"message_id": message_id}, headers={"cache-control": "no-store"})

    async def _answered(self, request: Request) -> int:
        if self._bot is None:
            raise Refused(503, words.drawing.NOT_READY(), retry_after_s=2)
        bot, answers, language_of = self._bot
        user = self._user(request)
        speak(await language_of(user.id, user.language_code))  # in this request's own task
        wait_s = answers.wait_s(user.id)
        if wait_s:
            sentence = words.replies.too_many_readings(answers.per_minute, wait_s)
            raise Refused(429, sentence, retry_after_s=math.ceil(wait_s))
        png = await read_png(request)
        try:
            reading = await answers.pool.read(png)
            many = len(reading.digits) > 1
            photo = await (answers.pool.draw(png, reading) if many else answers.pool.run(partial(as_photo, png)))
        except UnreadablePhoto as error:
            raise Refused(422, words.replies.unreadable(error.reason)) from error
        try:
            message = await answers.answer(
                words.replies.reading(reading),
                [reading],
                chat_id=user.id,
                person=user.id,
                send_text=partial(bot.send_message, user.id),
                send_photo=partial(bot.send_photo, user.id),
                drawing=photo,
            )
        except TelegramError as error:
            raise _not_sent(user, error) from error
        _log.info("chat %s: read %d drawn digits", user.id, len(reading.digits))
        return message.message_id

    def _user(self, request: Request) -> WebUser:
        try:
            return verified_user(request.headers.get("x-telegram-init-data", ""), self._token, self._now())
        except WrongInitData as error:
            is_clock = error.problem == "from the future"  # which nobody can bring about who has not the token
            about = "; is this machine's clock slow?" if is_clock else ""
            level = logging.WARNING if is_clock else logging.INFO
            _log.log(level, "a drawing was refused: its sender's init data is %s%s", error.problem, about)
            raise Refused(401, words.drawing.wrong_init_data(error.problem)) from error


def _not_sent(user: WebUser, error: TelegramError) -> Refused:
    _log.warning("chat %s: a drawing could not be sent: %s", user.id, error)
    # "Chat not found" is what Telegram says of somebody who never started the bot.
    if isinstance(error, Forbidden) or (isinstance(error, BadRequest) and "chat not found" in error.message.lower()):
        return Refused(403, words.drawing.BLOCKED())
    return Refused(502, words.drawing.NOT_SENT())
