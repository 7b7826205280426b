"""How fast the Bot API is called, and what is called again when it went wrong. Between the client library and the wire.

The library's limiter bounds how much is sent; one chat that Telegram makes wait makes no other chat wait.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final

from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import AIORateLimiter, BaseRateLimiter

from bot.connection import ProxyRefuses

_log = logging.getLogger(__name__)

Answer = bool | dict[str, Any] | list[dict[str, Any]]
_Call = Callable[..., Coroutine[Any, Any, Answer]]

_AGAIN_AFTER_S: Final = (0.5, 2.0, 5.0)  # after what the network or Telegram's servers did
_FLOOD_TRIES: Final = 3  # of a call that Telegram asks to come later
# Whoever calls these tries again in a way of its own, and says so: at the start, after any trouble; …
_LEFT_ALONE: Final = frozenset({"getMe", "getUpdates", "deleteWebhook", "setWebhook"})
_TRIED_WITH_MORE: Final = frozenset({"getFile"})  # … with the download that follows, but for floods


class Pace(BaseRateLimiter[int]):
    """Lets so many messages a second through, waits per chat, and repeats what a bad moment undid.

    What surely or possibly was not done is done again. Of a message nobody can know when its answer is lost or Telegram
    says that it broke: then a person may see it twice, which is better than never.
    """

    def __init__(self, per_second: float) -> None:
        self._throttle = AIORateLimiter(per_second, 1)
        self._free_at: dict[int | str, float] = {}  # chats that Telegram makes wait, by the loop's clock

    async def initialize(self) -> None:
        """Nothing to set up."""

    async def shutdown(self) -> None:
        """Nothing to take down."""

    async def process_request(  # noqa: PLR0917 as the library has it
        self,
        callback: _Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,  # noqa: ARG002 nobody gives any
    ) -> Answer:
        """Call a method of the Bot API when its chat may be spoken to, and again where that helps."""
        chat = data.get("chat_id") or endpoint
        floods, again = 0, iter(() if endpoint in _LEFT_ALONE | _TRIED_WITH_MORE else _AGAIN_AFTER_S)
        while True:
            await self._until_free(chat)
            try:
                return await self._throttle.process_request(callback, args, kwargs, endpoint, data, None)
            except RetryAfter as error:
                floods += 1
                if floods >= _FLOOD_TRIES or endpoint in _LEFT_ALONE:
                    raise
                self._keep_off(chat, asked_s(error))
            except (BadRequest, ProxyRefuses):  # both are network errors to the library
                raise
            except NetworkError as error:
                if (wait_s := next(again, None)) is None:
                    raise
                _log.info("%s went wrong (%s); again in %.1f s", endpoint, type(error).__name__, wait_s)
                await asyncio.sleep(wait_s)

    async def _until_free(self, chat: int | str) -> None:
        # Another call of the chat may be told to wait longer meanwhile.
        while (left_s := self._free_at.get(chat, 0.0) - asyncio.get_running_loop().time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left_s)
        self._free_at.pop(chat, None)

    def _keep_off(self, chat: int | str, seconds: float) -> None:
        free_at = asyncio.get_running_loop().time() + seconds
        self._free_at[chat] = max(free_at, self._free_at.get(chat, 0.0))
        _log.info("Telegram asks for a pause of %.0f s in %s", seconds, chat)


def asked_s(error: RetryAfter) -> float:
    """Seconds after which Telegram takes a call again."""
    asked = error.retry_after
    return (asked.total_seconds() if isinstance(asked, timedelta) else asked) + 0.1
