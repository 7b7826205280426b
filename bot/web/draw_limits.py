"""How often, and how many times at once, one client may have drawings read; and whose turn it is."""

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.requests import Request

from bot import words
from bot.web.draw_png import Refused

# Clients remembered at once; the one who was quiet longest is forgotten first.
_MAX_CLIENTS: Final = 10_000


@dataclass(slots=True)
class _Client:
    tokens: float
    at_s: float  # when `tokens` was right
    busy: int = 0


class ClientLimits:
    """A bucket of tokens and a number of requests at once for each client.

    The page sends up to 8 drawings a second while somebody draws, and waits for two answers at most.
    """

    def __init__(
        self, clock: Callable[[], float], *, per_second: float = 20, burst: int = 120, at_once: int = 4
    ) -> None:
        """`clock` gives seconds and never goes back. A client has `burst` tokens, and gets so many a second back."""
        self._clock = clock
        self._per_second, self._burst, self._at_once = per_second, burst, at_once
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    @contextmanager
    def entered(self, request: Request) -> Iterator[None]:
        """Count a request of its client while the block runs. Raises Refused (429) for one too many."""
        client = self._client(client_name(request))
        if client.busy >= self._at_once:
            raise Refused(429, words.drawing.MANY_AT_ONCE(self._at_once), retry_after_s=1)
        if client.tokens < 1:
            wait_s = math.ceil((1 - client.tokens) / self._per_second)
            sentence = words.drawing.MANY_A_SECOND(round(self._per_second), seconds=wait_s)
            raise Refused(429, sentence, retry_after_s=wait_s)
        client.tokens -= 1
        client.busy += 1
        try:
            yield
        finally:
            client.busy -= 1

    def _client(self, name: str) -> _Client:
        now = self._clock()
        client = self._clients.setdefault(name, _Client(self._burst, now))
        self._clients.move_to_end(name)
        client.tokens = min(self._burst, client.tokens + (now - client.at_s) * self._per_second)
        client.at_s = now
        while len(self._clients) > _MAX_CLIENTS:
            self._clients.popitem(last=False)
        return client


class Turns:
    """Lets so many do something at once; of those who wait, each client has its turn, however many wait for one."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def taken(self, client: str) -> AsyncIterator[None]:
        """Wait for a turn of the client's, and have it while the block runs."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(client)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, client: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it had just come
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            client, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[client] = turns  # behind all others
            if not turn.done():  # else whoever waited has gone
                turn.set_result(None)
                return
        self._free += 1


def client_name(request: Request) -> str:
    """Whom to count for: the address; of an IPv6 one the network that one customer gets, a /64."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:  # a Unix socket has none
        return host
    if not isinstance(address, IPv6Address):
        return host
    # An IPv4 address may come in IPv6's clothes; those share one /64.
    return str(address.ipv4_mapped or int(address) >> 64)
