"""The webhook: Telegram brings its updates by HTTP, and keeps each until it is told that it was handled.

`POST {path}` with the secret that was given to Telegram: 200 once the update was handled; 503 with Retry-After when it
is to be brought again; 401, 400 and 413 for what does not come from Telegram. Nothing of a body is logged.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram import Bot, Update

_log = logging.getLogger(__name__)

_MAX_BYTES: Final = 1024 * 1024  # a text of 4,096 signs in reply to another one, formatted letter by letter, has 0.7 MB
_AGAIN_AFTER_S: Final = 1


def secret_of(token: str) -> str:
    """Make the secret that Telegram shows with each update: every process of a bot has the same one by its token."""
    return hmac.digest(token.encode(), b"webhook", hashlib.sha256).hex()


class Webhook:
    """The route. Until `ready` says how updates are handled, and after `stopping`, all are to be brought again."""

    def __init__(self, path: str, secret: str) -> None:
        self._secret = secret
        self._bot: Bot | None = None
        self._take: Callable[[Update], Awaitable[bool]] | None = None
        self.routes = [Route(path, self._post, methods=["POST"])]

    def ready(self, bot: Bot, take: Callable[[Update], Awaitable[bool]]) -> None:
        """From now on `take` handles an update; False when it is to be brought again."""
        self._bot, self._take = bot, take

    def stopping(self) -> None:
        """From now on nothing is taken."""
        self._take = None

    async def _post(self, request: Request) -> Response:
        shown = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(shown.encode(), self._secret.encode()):
            _log.warning("somebody who does not know the secret asks for the webhook: nothing is handled")
            return _refusal(401, "the secret is missing or wrong")
        body = await _body(request)
        if body is None:
            return _refusal(413, f"an update has {_MAX_BYTES // 1024} kB at most")
        if self._take is None or self._bot is None:
            return _later()
        update = _parsed(body, self._bot)
        if update is None:
            _log.error("the webhook was sent %d bytes that are no update", len(body))
            return _refusal(400, "this is no update")
        return JSONResponse({}) if await self._take(update) else _later()


async def _body(request: Request) -> bytes | None:
    """Read the body; None when it is too large."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > _MAX_BYTES:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BYTES:
            return None
    return bytes(body)


def _parsed(body: bytes, bot: Bot) -> Update | None:
    try:
        said = json.loads(body)
        if not isinstance(said, dict) or type(said.get("update_id")) is not int:
            return None
        return Update.de_json(said, bot)
    # What the client library raises for fields that are missing or of another kind.
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _refusal(status: int, reason: str) -> Response:
    return JSONResponse({"error": reason}, status)


def _later() -> Response:
    return JSONResponse({"error": "bring it again"}, 503, {"Retry-After": str(_AGAIN_AFTER_S)})
