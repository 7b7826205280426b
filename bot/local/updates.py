"""What the bot has not got yet, and the long polls that wait for it. `deliveries.py` takes it to a webhook."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.local.wire import ApiError, Json

PRESS = "callback_query"

Line = tuple[str, int]
"""Whose updates are handed over one after the other: those of a chat, and those of a person's presses beside them."""


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

    async def wait(self, timeout_s: float | None = None) -> None:
        """Return when it rings, or after `timeout_s` if there is one."""
        if self.closed or (timeout_s is not None and timeout_s <= 0):
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait([waiter], timeout=timeout_s)
        finally:
            self._waiters.discard(waiter)


@dataclass(frozen=True)
class Pending:
    """An update that waits; `since` is when it came, in unix seconds."""

    update: Json
    kind: str
    line: Line
    since: float


class Updates:
    """The queue behind getUpdates and the webhook. An update is given out until an offset or a 2xx confirms it.

    At most `keep` wait; the oldest are dropped, as Telegram drops them after a day. `has_webhook` stops getUpdates.
    """

    def __init__(self, keep: int, *, now: Callable[[], float] = time.time) -> None:
        self.bell = Bell()
        self.has_webhook = False
        self.allowed: list[str] = []
        """The kinds that the bot wants; empty for every kind."""
        self._keep = keep
        self._now = now
        self._queue: dict[int, Pending] = {}  # by update_id, the oldest first
        self._next_id = 1
        self._poll = 0

    def __len__(self) -> int:
        return len(self._queue)

    def __iter__(self) -> Iterator[Pending]:
        return iter(self._queue.values())

    def put(self, kind: str, content: Json) -> None:
        """Queue an update, unless the bot asked not to get this kind."""
        if self.allowed and kind not in self.allowed:
            return
        line = ("presses", content["from"]["id"]) if kind == PRESS else ("chat", content["chat"]["id"])
        update = {"update_id": self._next_id, kind: content}
        self._queue[self._next_id] = Pending(update, kind, line, self._now())
        if len(self._queue) > self._keep:
            del self._queue[next(iter(self._queue))]
        self._next_id += 1
        self.bell.ring()

    def allow(self, kinds: Iterable[Any] | None) -> None:
        """Which kinds the bot wants from now on; None keeps the last choice, an empty list means every kind."""
        if kinds is not None:
            self.allowed = list(map(str, kinds))

    def confirm(self, pending: Pending) -> None:
        """Take an update out, if it is still there."""
        self._queue.pop(pending.update["update_id"], None)

    def forget(self) -> None:
        """Drop what is pending."""
        self._queue.clear()

    async def get(self, *, offset: int, limit: int, timeout_s: float) -> list[Json]:
        """The pending updates from `offset` on, which confirms those before it. A negative offset counts from the end.

        Raises `ApiError` 409 with a webhook set, and in the older of two polls when a second one comes.
        """
        if self.has_webhook:
            reason = (
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
            raise ApiError(409, f"Conflict: {reason}")
        self._poll += 1
        this_poll = self._poll
        self.bell.ring()
        self._confirm_before(offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not self._queue and not self.bell.closed and (left := deadline - loop.time()) > 0:
            await self.bell.wait(left)
            if this_poll != self._poll:
                reason = "terminated by other getUpdates request; make sure that only one bot instance is running"
                raise ApiError(409, f"Conflict: {reason}")
            if self.has_webhook:
                raise ApiError(409, "Conflict: terminated by setWebhook request")
        return [pending.update for update_id, pending in self._queue.items() if update_id >= offset][:limit]

    def _confirm_before(self, offset: int) -> None:
        ids = list(self._queue)
        confirmed = ids[:offset] if offset < 0 else [update_id for update_id in ids if update_id < offset]
        for update_id in confirmed:
            del self._queue[update_id]
