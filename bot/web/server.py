"""Serves a Starlette application beside the bot, in the same event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

# Requests under way when the bot stops (a held poll, an upload) get this long to end.
_STOP_S = 2


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the bot decides when it stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    app: ASGIApp, host: str, port: int, *, before_stop: Callable[[], None] = lambda: None
) -> AsyncIterator[str]:
    """Serve `app` while the body runs, and yield its origin, like http://127.0.0.1:8080. Port 0 takes any free one.

    `before_stop` runs before the server waits for its requests to end, to let go of those it holds.
    Raises OSError when the address can't be had.
    """
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=_STOP_S, ws="none"
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.sleep(0.005)
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{listener.getsockname()[1]}"
    finally:
        before_stop()
        server.should_exit = True
        await running
        listener.close()
