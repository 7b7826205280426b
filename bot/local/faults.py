"""Faults that a test asks for: what Telegram and the network do on a bad day."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass

from bot.local.wire import ApiError

DOWNLOAD = "download"
"""The name under which file downloads fail; every other name is a method's."""

_REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass(frozen=True)
class Fault:
    """What happens to one call: it waits `delay_s`, then fails with `status` or ends after `cut_after` bytes.

    Without either it is only slow; only a download can be cut. A call that is `lost` is done, but its connection breaks
    before the answer; one that is `refused` is not done, and breaks likewise. `page` is answered in place of JSON.
    """

    status: int | None = None
    description: str | None = None
    retry_after: int | None = None
    delay_s: float = 0.0
    cut_after: int | None = None
    lost: bool = False
    refused: bool = False
    page: str = ""

    async def happen(self) -> None:
        """Wait, then raise the `ApiError` if there is one."""
        await asyncio.sleep(self.delay_s)
        if self.status is None:
            return
        reason = self.description or _REASONS.get(self.status, "Error")
        if self.retry_after is not None and self.description is None:
            reason += f": retry after {self.retry_after}"
        raise ApiError(self.status, reason, retry_after=self.retry_after)


class Faults:
    """The faults to come, by method."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)

    def add(self, method: str, fault: Fault, times: int) -> None:
        """Let the next `times` calls of a method have this fault."""
        self._waiting[method.lower()].extend([fault] * times)

    def next(self, method: str) -> Fault | None:
        """The fault of this call, if one is due."""
        queue = self._waiting.get(method.lower())
        return queue.popleft() if queue else None
