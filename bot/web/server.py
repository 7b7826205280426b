"""Serves a Starlette application beside the bot, in the same event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from bot.web.patience import Guard, PatientProtocol

# Requests under way when the bot stops (an upload, say) get this long to end.
_STOP_S = 2


class _Server(uvicorn.Server):
    """uvicorn that says when it listens, and leaves signals to the bot."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    before_stop: Callable[[], None] = lambda: None,
    proxies: Sequence[str] = (),
    guard: Guard | None = None,
) -> AsyncIterator[str]:
    """Serve `app` while the body runs, and yield its origin, like http://127.0.0.1:8080. Port 0 takes any free one.

    `before_stop` runs before the server waits for its requests to end, to let go of those it holds. `proxies` are the
    addresses and networks whose X-Forwarded-For is believed. `guard` has the limits of connections.
    Raises OSError when the address can't be had.
    """
    listener = _listen(host, port)
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http=partial(PatientProtocol, guard=guard or Guard()),  # type: ignore[arg-type]  # any maker of protocols
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_graceful_shutdown=_STOP_S,
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.listens.wait()
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listener.getsockname()[1]}"
    finally:
        before_stop()
        server.should_exit = True
        await running
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because only then asyncio turns off Nagle's delay, 40 ms an answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener
