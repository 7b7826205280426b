"""What the bot has not fetched yet, and the long polls that wait for it."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any

from bot.local.wire import ApiError, Json

_ALL = frozenset({"message", "edited_message", "callback_query"})


class Bell:
    """Wakes everybody who waits. Once closed, nobody waits any more."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()
        self.closed = False

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiters)

    def ring(self) -> None:
        """Wake everybody who waits now."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Wake everybody, for good."""
        self.closed = True
        self.ring()

    async def wait(self, timeout_s: float) -> None:
        """Return when it rings, or after `timeout_s`."""
        if self.closed or timeout_s <= 0:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait([waiter], timeout=timeout_s)
        finally:
            self._waiters.discard(waiter)


class Updates:
    """The queue behind getUpdates and the webhook's settings. An update is given out until the offset moves past it.

    At most `keep` wait; the oldest are dropped, as Telegram drops them after a day.
    """

    def __init__(self, keep: int) -> None:
        self.bell = Bell()
        self.webhook: Json | None = None
        self._queue: deque[Json] = deque(maxlen=keep)
        self._next_id = 1
        self._allowed = _ALL
        self._poll = 0

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, kind: str, content: Json) -> None:
        """Queue an update, unless the bot asked not to get this kind."""
        if kind not in self._allowed:
            return
        self._queue.append({"update_id": self._next_id, kind: content})
        self._next_id += 1
        self.bell.ring()

    def allow(self, kinds: Iterable[Any] | None) -> None:
        """Which kinds the bot wants from now on; None keeps the last choice, an empty list means every kind."""
        if kinds is not None:
            self._allowed = frozenset(map(str, kinds)) or _ALL

    def forget(self) -> None:
        """Drop what is pending."""
        self._queue.clear()

    async def get(self, *, offset: int, limit: int, timeout_s: float) -> list[Json]:
        """The pending updates from `offset` on, which confirms those before it. A negative offset counts from the end.

        Raises `ApiError` 409 with a webhook set, and in the older of two polls when a second one comes.
        """
        if self.webhook:
            reason = (
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
            raise ApiError(409, f"Conflict: {reason}")
        self._poll += 1
        this_poll = self._poll
        self.bell.ring()
        self._confirm(offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not self._queue and not self.bell.closed and (left := deadline - loop.time()) > 0:
            await self.bell.wait(left)
            if this_poll != self._poll:
                reason = "terminated by other getUpdates request; make sure that only one bot instance is running"
                raise ApiError(409, f"Conflict: {reason}")
            if self.webhook:
                raise ApiError(409, "Conflict: terminated by setWebhook request")
        return [update for update in self._queue if update["update_id"] >= offset][:limit]

    def _confirm(self, offset: int) -> None:
        surplus = len(self._queue) + offset if offset < 0 else 0
        while self._queue and (surplus > 0 or self._queue[0]["update_id"] < offset):
            self._queue.popleft()
            surplus -= 1
