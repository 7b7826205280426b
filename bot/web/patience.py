"""How long a client may take to ask, and how many may ask at once: uvicorn itself waits for ever, for any number.

Whoever only opens connections and says little loses them: to the clock, and before that to whoever asks whole requests.
"""

import asyncio
import logging
import resource
import time
from dataclasses import dataclass, field
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

_log = logging.getLogger(__name__)

_MOST: Final = 256  # connections: a page in a browser holds 6 at most
_SHARE: Final = 4  # of the files that the process may open, a quarter are connections at most
_SAY_EVERY_S: Final = 60.0


@dataclass(slots=True)
class Guard:
    """The limits of one server's connections, and what became of those who went beyond."""

    most: int = field(default_factory=lambda: min(_MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // _SHARE))
    request_s: float = 10.0  # from the first byte of a request, or from opening, to the end of its header
    body_s: float = 60.0  # from there to the end of its body: 50 MB at 7 Mbit/s
    dropped: int = 0  # since they were last told
    _said_at: float = float("-inf")

    def drop(self, connection: "PatientProtocol") -> None:
        """End a connection, and say in a line a minute how many were."""
        connection.connections.discard(connection)  # its place is free at once
        connection.transport.abort()
        self.dropped += 1
        if (now := time.monotonic()) - self._said_at >= _SAY_EVERY_S:
            _log.warning("HTTP connections that asked too slowly, or one too many: %d dropped", self.dropped)
            self.dropped, self._said_at = 0, now


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a clock, and a place for whoever asks."""

    def __init__(self, *args: Any, guard: Guard, **more: Any) -> None:
        super().__init__(*args, **more)
        self._guard = guard
        self._clock: asyncio.TimerHandle | None = None
        self._state = ""

    @property
    def is_asking(self) -> bool:
        """Whether it is open for a request that has not come, or not all of its header."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection; where there are too many, in place of the one that has been asking for longest."""
        super().connection_made(transport)
        self._watch("asking", self._guard.request_s)
        if len(self.connections) > self._guard.most:
            others = [one for one in self.connections if isinstance(one, PatientProtocol) and one.is_asking]
            self._guard.drop(min(others, key=lambda one: one.opened, default=self))

    def data_received(self, data: bytes) -> None:
        """Take what the client sends."""
        super().data_received(data)
        if self.is_asking:
            self._watch("asking", self._guard.request_s)
        elif self.cycle.more_body:
            self._watch("sending", self._guard.body_s)
        else:
            self._watch("waiting", None)

    def on_response_complete(self) -> None:
        """Wait for the next request, as long as uvicorn does."""
        self._watch("waiting", None)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._watch("gone", None)
        super().connection_lost(exc)

    def _watch(self, state: str, most_s: float | None) -> None:
        """Start the clock anew when something else is waited for: bytes that trickle in don't turn it back."""
        if state == self._state:
            return
        self._state = state
        self.opened = self.loop.time()
        if self._clock is not None:
            self._clock.cancel()
        self._clock = None if most_s is None else self.loop.call_later(most_s, self._guard.drop, self)
