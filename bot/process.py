"""The bot in a process of its own: settings → the bot, and a web server around it, until it is asked to stop."""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack

from bot.api.connection import NoConnection
from bot.api.proxies import WrongProxy
from bot.running import Bot, CannotStart
from bot.settings import Settings, SettingsError, load_settings
from bot.store import StoreUnavailable
from bot.web.server import serving


async def run(settings: Settings, announce: Callable[[str], None]) -> None:
    """Run the bot until SIGINT or SIGTERM; `announce` gets the web side's origin once /healthz answers 200.

    Raises CannotStart, StoreUnavailable, WrongProxy and NoConnection.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    local, port = settings.is_local, settings.local_chat_port if settings.is_local else settings.http_port
    bot = await asyncio.to_thread(Bot, settings)
    # Code, tables and networks stay for good: the collector need not go through them each time, in the loop's thread.
    gc.freeze()
    gc.enable()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(bot.close)
        server = serving(
            bot.web,
            "127.0.0.1" if local else settings.http_host,
            port,
            before_stop=bot.let_go,
            proxies=settings.trusted_proxies,
        )
        try:
            origin = await stack.enter_async_context(server)
        except OSError as error:
            name = "LOCAL_CHAT_PORT" if local else "HTTP_PORT or HTTP_HOST"
            raise CannotStart(f"{name}: this address can't be listened on ({error.strerror})") from error
        stack.push_async_callback(bot.end)
        await bot.start(origin, stop)
        if not stop.is_set():
            announce(origin)
        await stop.wait()


def serve() -> int:
    """Run the bot until it is asked to stop. Gives the exit status."""
    try:
        settings = load_settings()
        name = "local chat" if settings.is_local else "web side"
        asyncio.run(run(settings, lambda origin: print(f"{name}: {origin}", flush=True)))
    except (SettingsError, WrongProxy, NoConnection, StoreUnavailable, CannotStart) as error:
        print(error, file=sys.stderr)
        return 2
    return 0
