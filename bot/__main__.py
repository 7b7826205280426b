"""python -m bot: settings → logging → model → transport (polling, or the local chat where there is no token)."""

import asyncio
import ctypes
import secrets
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute
from telegram import Update

from bot.answers import PictureAnswers
from bot.app import BotApplication, build_application, draw_page
from bot.connection import BotApi, NoConnection, insist, polling_failed
from bot.handlers.drawing import publish_menu_button
from bot.handlers.help import publish_commands
from bot.journal import Journal
from bot.limits import ReadingLimit
from bot.local import ADMIN_ID, LocalChat
from bot.logs import configure_logging
from bot.models import Models
from bot.order import ChatOrder
from bot.pool import ReadingPool
from bot.proxies import WrongProxy
from bot.settings import Settings, SettingsError, load_settings
from bot.store import Store, StoreUnavailable
from bot.trainer import Trainer
from bot.web.draw import DrawPage
from bot.web.health import Health
from bot.web.hosts import LOOPBACK, KnownHosts
from bot.web.metrics import MetricsPage
from bot.web.sent import SentDrawings
from bot.web.server import serving
from model import ModelUnavailable, load_reader

# From malloc.h.
_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8


class _CannotStart(Exception):
    """Why the bot can't start, in one line for whoever started it."""


async def run(settings: Settings, announce: Callable[[str], None]) -> None:
    """Run the bot until SIGINT or SIGTERM; `announce` gets the web side's origin once /healthz answers 200.

    Raises _CannotStart, WrongProxy and NoConnection.
    """
    local = LocalChat() if settings.is_local else None
    token = local.token if local else settings.bot_token.get_secret_value()
    proxy = settings.telegram_proxy.get_secret_value()
    api = BotApi(token) if local else BotApi(token, server=settings.bot_api_url, proxy=proxy)
    configure_logging(settings.log_level, token, () if local else api.way.secrets)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        reader = await asyncio.to_thread(load_reader)
    except ModelUnavailable as error:
        raise _CannotStart(str(error)) from error
    health = Health()
    pool = ReadingPool(reader, settings.reading_threads)
    trainer = Trainer(
        settings.data_dir / "models",
        epochs=settings.retrain_epochs,
        digits=settings.retrain_digits,
        mnist=settings.mnist_dir,
    )
    async with AsyncExitStack() as stack:
        stack.callback(pool.close)
        store = await _open_store(settings, token)
        stack.push_async_callback(store.close)
        models = Models(settings.data_dir / "models", store.service, pool)
        try:
            await models.restore()
        except StoreUnavailable as error:
            raise _CannotStart(str(error)) from error
        sent, metrics = SentDrawings(token), MetricsPage(pool.vitals.registry, settings.metrics_from)
        routes = [*health.routes, *metrics.routes, *DrawPage(pool).routes, *sent.routes]
        origin = await _serve(stack, settings, [*routes, *(local.routes if local else [])], local)
        if local:
            api = replace(api, origin=origin)
        admins = settings.admin_ids | ({ADMIN_ID} if local else frozenset())
        limit = ReadingLimit(settings.readings_per_minute, time.monotonic)
        answers = PictureAnswers(pool, store, limit, admins)
        application = build_application(settings, api, answers, trainer, store, served=models, admins=admins)
        await insist(application.initialize, api, stop)
        stack.push_async_callback(application.shutdown)
        if stop.is_set():
            return
        _show(application, pool, trainer, models)
        await _introduce(application, admins, draw_page(settings, api.origin))
        await application.start()
        stack.push_async_callback(application.stop)
        stack.push_async_callback(trainer.cancel)  # else stopping would wait for the training's end
        await _resume(application, store)
        await _poll(stack, application, api, stop)
        stack.callback(_begin_nothing_more, application, pool)
        stack.push_async_callback(sent.stop)
        sent.ready(application.bot, answers)
        stack.callback(health.stopping)
        health.ready(lambda: models.served.name)
        announce(origin)
        await stop.wait()


def _show(application: BotApplication, pool: ReadingPool, trainer: Trainer, models: Models) -> None:
    """Have /metrics show what is under way."""
    order = application.update_processor
    assert isinstance(order, ChatOrder)  # built with one
    pool.vitals.watch(
        model=lambda: models.served.name,
        updates_under_way=lambda: order.under_way,
        readings_under_way=lambda: pool.waiting,
        training=lambda: trainer.is_ours,
    )


async def _introduce(application: BotApplication, admins: frozenset[int], page: str) -> None:
    """Tell Telegram what the bot shows in everybody's chat: its commands and the button beside the text."""
    await publish_commands(application.bot, admins)
    await publish_menu_button(application.bot, page)


async def _resume(application: BotApplication, store: Store) -> None:
    """Handle what an earlier process of this bot was told and did not get to the end of."""
    try:
        await store.updates.release()  # only one process polls: whoever was at an update before is gone
        assert isinstance(application.update_queue, Journal)  # built with one
        await application.update_queue.resume(application.bot)
    except StoreUnavailable as error:
        raise _CannotStart(str(error)) from error


def _begin_nothing_more(application: BotApplication, pool: ReadingPool) -> None:
    assert isinstance(application.update_processor, ChatOrder)  # built with one
    application.update_processor.stop()
    pool.stop()


async def _serve(stack: AsyncExitStack, settings: Settings, routes: list[BaseRoute], local: LocalChat | None) -> str:
    """Serve the web side until the stack unwinds; its origin."""
    # A client that goes away in the middle of a request is no error of ours.
    quiet = {ClientDisconnect: lambda *_: Response(status_code=400)}
    names = LOOPBACK | {settings.http_host, urlsplit(settings.public_url).hostname or ""}
    web = Starlette(routes=routes, exception_handlers=quiet, middleware=[Middleware(KnownHosts, names)])
    host, port = ("127.0.0.1", settings.local_chat_port) if local else (settings.http_host, settings.http_port)
    before_stop = local.close if local else lambda: None
    server = serving(web, host, port, before_stop=before_stop, proxies=settings.trusted_proxies)
    try:
        return await stack.enter_async_context(server)
    except OSError as error:
        name = "LOCAL_CHAT_PORT" if local else "HTTP_PORT or HTTP_HOST"
        raise _CannotStart(f"{name}: this address can't be listened on ({error.strerror})") from error


async def _poll(stack: AsyncExitStack, application: BotApplication, api: BotApi, stop: asyncio.Event) -> None:
    """Fetch updates until the stack unwinds."""
    updater = application.updater
    assert updater is not None  # built with one
    start = partial(
        updater.start_polling, allowed_updates=Update.ALL_TYPES, error_callback=partial(polling_failed, api)
    )
    await insist(start, api, stop)
    if updater.running:  # else it was told to stop before
        stack.push_async_callback(updater.stop)


async def _open_store(settings: Settings, token: str) -> Store:
    # The local chat counts its messages and updates anew with each start, so that each start is another bot.
    bot = f"local {secrets.token_hex(8)}" if settings.is_local else token.partition(":")[0]
    try:
        store = Store(settings.database_url.get_secret_value(), settings.data_dir, bot=bot)
        await store.open()
    except StoreUnavailable as error:
        raise _CannotStart(str(error)) from error
    return store


def _give_memory_back() -> None:
    """Have glibc return what is freed and keep few heaps: 237 MB at the peak of 100 photos, else 258.

    Other C libraries have no such switch and need none.
    """
    if (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_M_TRIM_THRESHOLD, 128 * 1024)
        mallopt(_M_ARENA_MAX, 2)


def main() -> int:
    """Run the bot until it is asked to stop. Gives the exit status."""
    _give_memory_back()
    try:
        settings = load_settings()
        name = "local chat" if settings.is_local else "web side"
        asyncio.run(run(settings, lambda origin: print(f"{name}: {origin}", flush=True)))
    except (SettingsError, WrongProxy, NoConnection, _CannotStart) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
