"""Updates on their way from the queue to the bot's webhook, in the order and with the patience that Telegram has.

One update of a chat is under way at a time, and the next one follows when the bot has answered 2xx. What a person
presses is a line of its own beside their chat. Nothing of an answer but its status and `Retry-After` counts.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from bot.local.updates import PRESS, Line, Pending, Updates
from bot.local.wire import Json
from bot.tls import context_for

# How long Telegram tries: nobody waits longer for the answer to a press.
_TRIED_S: Final = 24 * 3600
_PRESS_TRIED_S: Final = 150

_MAX_RETRY_AFTER_S: Final = 3600  # Telegram waits no longer, whatever the bot says
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Webhook:
    """Where the bot wants its updates, and how many at once."""

    url: str
    secret_token: str = field(repr=False)  # empty: none
    max_connections: int


@dataclass(frozen=True)
class Patience:
    """What a webhook is granted: `timeout_s` for an answer, and the seconds before each new try, the last for all more.

    `sleep` waits between the tries.
    """

    timeout_s: float = 60.0
    delays_s: tuple[float, ...] = (1, 2, 4, 8, 16, 32, 60)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True)
class Failure:
    """Why an update was not taken and when, in unix seconds; `retry_after_s` is the bot's wish, or None."""

    reason: str
    date: int
    retry_after_s: int | None = None


class Deliveries:
    """The deliveries to one webhook, from `start` to `stop`. A confirmed update leaves the queue; the others stay."""

    def __init__(self, webhook: Webhook, updates: Updates, patience: Patience, now: Callable[[], float]) -> None:
        self.webhook = webhook
        self.last_failure: Failure | None = None
        self._updates = updates
        self._patience = patience
        self._now = now
        self._slots = asyncio.Semaphore(webhook.max_connections)
        self._at_work: set[Line] = set()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Deliver what waits and what comes, in the running event loop."""
        self._running = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Deliver nothing more; what is under way is broken off, and the bot would get it again."""
        if self._running:
            self._running.cancel()

    async def _run(self) -> None:
        bell = self._updates.bell
        async with self._client() as client, asyncio.TaskGroup() as workers:
            while not bell.closed:
                for line in {pending.line: None for pending in self._updates}:
                    if line not in self._at_work:
                        self._at_work.add(line)
                        workers.create_task(self._work_off(line, client))
                await bell.wait()

    async def _work_off(self, line: Line, client: httpx.AsyncClient) -> None:
        """Deliver what waits in a line until it is empty."""
        delays_s = self._patience.delays_s
        tried, failures = None, 0
        while pending := self._first(line):
            if pending is not tried:
                tried, failures = pending, 0
            failure = await self._offer(pending.update, client)
            if failure is None:
                self._updates.confirm(pending)
                continue
            self.last_failure = failure
            delay_s = failure.retry_after_s or delays_s[min(failures, len(delays_s) - 1)]
            failures += 1
            await self._patience.sleep(delay_s)
        self._at_work.remove(line)

    def _first(self, line: Line) -> Pending | None:
        """What is next in a line; what is too old is dropped."""
        for pending in [pending for pending in self._updates if pending.line == line]:
            if self._now() - pending.since <= (_PRESS_TRIED_S if pending.kind == PRESS else _TRIED_S):
                return pending
            self._updates.confirm(pending)
        return None

    async def _offer(self, update: Json, client: httpx.AsyncClient) -> Failure | None:
        """Send an update once, and say what went wrong; None when the bot took it."""
        try:
            async with (
                self._slots,
                asyncio.timeout(self._patience.timeout_s),
                client.stream("POST", self.webhook.url, json=update) as answer,
            ):
                async for _ in answer.aiter_raw():
                    pass  # to its end, so that the connection can be used again
        except TimeoutError:
            return self._failed("Read timeout expired")
        except httpx.TransportError as error:
            return self._failed(str(error) or "Connection closed")
        if answer.is_success:
            return None
        wish = answer.headers.get("retry-after", "")
        retry_after_s = min(int(wish), _MAX_RETRY_AFTER_S) if _SECONDS.fullmatch(wish) else None
        reason = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}".strip()
        return self._failed(reason, retry_after_s)

    def _failed(self, reason: str, retry_after_s: int | None = None) -> Failure:
        return Failure(reason, int(self._now()), retry_after_s)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=context_for(httpx.URL(self.webhook.url)),
            headers={_HEADER: self.webhook.secret_token} if self.webhook.secret_token else {},
            # Telegram keeps no cookies, and none may tie it to one of a bot's machines.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=None,  # noqa: S113  # one for the whole of it is set around each request
            trust_env=False,
        )
