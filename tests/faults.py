"""Faults that a test asks for, around the local chat's calls: what Telegram and the network do on a bad day."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response
from starlette.types import Message, Receive, Scope, Send

from bot.local.wire import ApiError, Params

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
    """What happens to one call: it waits `delay_s`, then fails with `status` or breaks off after `cut_after` bytes.

    Without either it is only slow. A call that is `lost` is done, but its connection breaks before the answer; one that
    is `refused` is not done, and breaks likewise. `page` is answered in place of JSON.
    """

    status: int | None = None
    description: str | None = None
    retry_after: int | None = None
    delay_s: float = 0.0
    cut_after: int | None = None
    lost: bool = False
    refused: bool = False
    page: str = ""

    async def happen(self, carry_out: Callable[[], Awaitable[Response]]) -> Response:
        """Give the answer to a call that has this fault. Raises ApiError for a `status` without a `page`."""
        if self.refused:
            return _Cut(Response("{}"), after=0)
        if self.page:
            return HTMLResponse(self.page, self.status or 502)
        await asyncio.sleep(self.delay_s)
        if self.status is not None:
            raise ApiError(self.status, self._reason(self.status), retry_after=self.retry_after)
        answer = await carry_out()
        after = 0 if self.lost else self.cut_after
        return answer if after is None else _Cut(answer, after=after)

    def _reason(self, status: int) -> str:
        if self.description:
            return self.description
        reason = _REASONS.get(status, "Error")
        return reason if self.retry_after is None else f"{reason}: retry after {self.retry_after}"


class Faults:
    """The faults to come, by method, and who has blocked the bot: what a LocalChat takes as `around`."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = defaultdict(deque)
        self._blocked: set[str] = set()

    async def __call__(self, name: str, params: Params, carry_out: Callable[[], Awaitable[Response]]) -> Response:
        """Let a call have the fault that is due, if one is."""
        if name.lower().startswith("send") and params.text("chat_id") in self._blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        queue = self._waiting.get(name.lower())
        return await (queue.popleft().happen(carry_out) if queue else carry_out())

    def add(self, method: str, fault: Fault, times: int) -> None:
        """Let the next `times` calls of a method have this fault."""
        self._waiting[method.lower()].extend([fault] * times)

    def block(self, user_id: int, *, blocked: bool) -> None:
        """Let a person block the bot, or let it speak again."""
        (self._blocked.add if blocked else self._blocked.discard)(str(user_id))


class _Cut(Response):
    """An answer that ends before its announced length: the server then closes the connection."""

    def __init__(self, whole: Response, *, after: int) -> None:
        self._whole = whole
        self._left = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what comes before the cut."""

        async def cut(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = message.get("body", b"")[: self._left]
                self._left -= len(body)
                message = {**message, "body": body, "more_body": True}
            await send(message)

        await self._whole(scope, receive, cut)
