"""How fast the Bot API is called, and what is called again when it went wrong. Between the client library and the wire.

The library's limiter bounds how much this process sends, and slots in a database what all replicas send together; one
chat that Telegram makes wait makes no other chat wait.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Final
from weakref import WeakValueDictionary

from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import AIORateLimiter, BaseRateLimiter

from bot.api.connection import ProxyRefuses
from bot.store import Rate, Sends, StoreUnavailable

_log = logging.getLogger(__name__)

Answer = bool | dict[str, Any] | list[dict[str, Any]]
_Call = Callable[..., Coroutine[Any, Any, Answer]]

_AGAIN_AFTER_S: Final = (0.5, 2.0, 5.0)  # after what the network or Telegram's servers did
_FLOOD_TRIES: Final = 3  # of a call that Telegram asks to come later
# Whoever calls these tries again in a way of its own, and says so: at the start, after any trouble; …
_LEFT_ALONE: Final = frozenset({"getMe", "getUpdates", "deleteWebhook", "setWebhook"})
_TRIED_WITH_MORE: Final = frozenset({"getFile"})  # … with the download that follows, but for floods

# What Telegram's FAQ for bots asks for. One message a second in a chat, but for "short bursts": an answer, its drawing,
# and a word on what was pressed meanwhile.
_PRIVATE: Final = Rate(1.0, burst=3)
_GROUP: Final = Rate(4.0, burst=5)  # 20 in the worst minute: five at once, and fifteen after them
_ALONE_S: Final = 5.0  # after trouble with the database: how long it is not asked
# Telegram takes 30 messages a second, and 28 are sent: no more than 30 fall into one if each leaves this soon after its
# slot. One that would leave later, on a busy machine, takes another slot, but not for ever.
_LATE_S: Final = 2 / 28
_LATE_TRIES: Final = 3


class Pace(BaseRateLimiter[int]):
    """Lets so many messages a second through, waits per chat, and repeats what a bad moment undid.

    What surely or possibly was not done is done again. Of a message nobody can know when its answer is lost or Telegram
    says that it broke: then a person may see it twice, which is better than never.
    """

    def __init__(self, per_second: float, slots: Sends | None = None) -> None:
        """Send `per_second` messages at most: all that share `slots` together, or else this process alone."""
        self._throttle = AIORateLimiter(per_second, 1)
        self._turns = None if slots is None else _Turns(slots, per_second)
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

        async def in_turn(*args: Any, **kwargs: Any) -> Answer:
            # Last of all: whatever came between a slot and the wire would send what several slots allow at once.
            if self._turns is not None and _is_message(endpoint, data):
                await self._turns.wait(endpoint, data["chat_id"])
            return await callback(*args, **kwargs)

        chat = data.get("chat_id") or endpoint
        floods, again = 0, iter(() if endpoint in _LEFT_ALONE | _TRIED_WITH_MORE else _AGAIN_AFTER_S)
        while True:
            await self._until_free(chat)
            try:
                return await self._throttle.process_request(in_turn, args, kwargs, endpoint, data, None)
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


class _Turns:
    """The turns of this process among all that share a limit."""

    def __init__(self, slots: Sends, per_second: float) -> None:
        self._slots = slots
        self._everybody = Rate(1 / per_second)  # no burst: then no second has more, wherever it begins
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._asking = asyncio.Lock()
        self._ask_at = 0.0  # once the database is away: when to try it again, by the loop's clock

    async def wait(self, endpoint: str, chat_id: int | str) -> None:
        """Return when a message may go to a chat."""
        chat = str(chat_id)
        is_group = not chat.isdecimal()  # negative, or a name
        if endpoint.startswith("edit") and not is_group:  # the person sets the pace, who presses a button for each
            await self._of_all()
            return
        line = self._lines.setdefault(chat, asyncio.Lock())
        # One after another, also for the slot of all: else those that wait long for it would then leave at once. And
        # that slot is taken when the chat's has come, for nobody else is to wait for a chat that has much to be told.
        async with line:
            await self._slot(chat, _GROUP if is_group else _PRIVATE)
            await self._of_all()

    async def _of_all(self) -> None:
        for _ in range(_LATE_TRIES):
            if await self._slot("all", self._everybody) <= _LATE_S:
                return

    async def _slot(self, key: str, rate: Rate) -> float:
        """Wait for a slot, and give how many seconds ago it came at most.

        There is none to wait for while the database is away, which says so in the log by itself.
        """
        now = asyncio.get_running_loop().time
        if self._ask_at and self._asking.locked():  # somebody finds out, for all, whether it is back
            return 0.0
        async with self._asking:  # by turns: who waited for a connection or a lock would not know when the slot is
            if now() < self._ask_at:
                return 0.0
            asked_at = now()
            try:
                wait_s = await self._slots.reserve(key, rate)
            except StoreUnavailable:
                self._ask_at = now() + _ALONE_S
                return 0.0
            self._ask_at = 0.0
        await asyncio.sleep(wait_s)
        return now() - asked_at - wait_s


def _is_message(endpoint: str, data: dict[str, Any]) -> bool:
    """Whether a call puts a message into a chat or changes one there: no look-up, no "is typing", no inline message."""
    is_one = endpoint.startswith(("send", "edit", "copy", "forward")) and endpoint != "sendChatAction"
    return is_one and data.get("chat_id") is not None


def asked_s(error: RetryAfter) -> float:
    """Seconds after which Telegram takes a call again."""
    asked = error.retry_after
    return (asked.total_seconds() if isinstance(asked, timedelta) else asked) + 0.1
