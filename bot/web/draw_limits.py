"""How often, and how many times at once, one client may have drawings read."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

from starlette.requests import Request

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
        client = self._client(_name(request))
        if client.busy >= self._at_once:
            sentence = (
                f"{self._at_once} of your drawings are being read already. Wait for an answer, then send the next."
            )
            raise Refused(429, sentence, retry_after_s=1)
        if client.tokens < 1:
            wait_s = math.ceil((1 - client.tokens) / self._per_second)
            sentence = (
                f"You send more than {self._per_second:.0f} drawings a second. Wait {wait_s} s, then send the next."
            )
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


def _name(request: Request) -> str:
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
