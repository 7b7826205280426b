"""The bot from its start to its end, whatever serves its routes and brings its updates.

Settings ▸ model ▸ database ▸ Bot API ▸ updates: polled, brought to the webhook, or the local chat's, by either way.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from bot import transports
from bot.answers import PictureAnswers
from bot.api.connection import BotApi, BotApplication, insist
from bot.app import build_application, draw_page
from bot.handlers.drawing import publish_menu_button
from bot.handlers.language import Languages
from bot.handlers.privacy import privacy_text
from bot.handlers.profile import publish_profile
from bot.handlers.shadow import tell_admins
from bot.handlers.training import Trains
from bot.learning.depot import Depot, WrongDepot
from bot.learning.keys import WrongKey, keys
from bot.learning.models import Models
from bot.learning.promotion import Promotion
from bot.learning.shadow import ShadowReader
from bot.learning.trainer import trainer_of
from bot.learning.versions import Versions
from bot.limits import ReadingLimit
from bot.local import ADMIN_ID, LocalChat
from bot.logs import configure_logging
from bot.pool import ReadingPool
from bot.settings import Settings, load_settings
from bot.store import Store, StoreTooNew, StoreUnavailable
from bot.updates.arrivals import Arrivals
from bot.updates.order import ChatOrder
from bot.updates.replica import Replica
from bot.web.draw import DrawPage
from bot.web.health import Health
from bot.web.hosts import LOOPBACK, KnownHosts
from bot.web.metrics import MetricsPage
from bot.web.privacy import PrivacyPage
from bot.web.sent import SentDrawings
from bot.web.webhook import Webhook, secret_of
from model import ModelUnavailable, Verifier, load_reader

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

_log = logging.getLogger(__name__)

_DATABASE_AGAIN_S = 2.0


class CannotStart(Exception):
    """Why the bot can't start, in one line for whoever started it."""


class Bot:
    """One process of the bot. Its `routes` answer from the beginning: 503 where that needs what `start` begins."""

    def __init__(self, settings: Settings, trainer: Callable[[Settings], Trains] = trainer_of) -> None:
        """Load the model, which takes a tenth of a second. Raises CannotStart, WrongProxy."""
        self._settings = settings
        self._local = LocalChat() if settings.is_local else None
        token = self._local.token if self._local else settings.bot_token.get_secret_value()
        proxy = settings.telegram_proxy.get_secret_value()
        self._api = BotApi(token) if self._local else BotApi(token, server=settings.bot_api_url, proxy=proxy)
        depot_password = urlsplit(settings.models_url.get_secret_value()).password
        hidden = [*(() if self._local else self._api.way.secrets), *([depot_password] if depot_password else [])]
        configure_logging(settings.log_level, token, hidden)
        try:
            reader = load_reader()
        except ModelUnavailable as error:
            raise CannotStart(str(error)) from error
        self._store = _store(settings, token)
        self._health = Health()
        self._pool = ReadingPool(reader, settings.reading_threads)
        versions = Versions(settings.data_dir / "models", depot=_depot(settings), verifier=_verifier(settings))
        self._models = Models(versions, self._store.service, self._pool)
        self._shadow = ShadowReader(self._models, self._store.shadows, is_on=settings.shadow_hours > 0)
        self._trainer = trainer(settings)
        self._sent = SentDrawings(token)
        self._webhook = Webhook(settings.webhook_path, secret_of(token)) if settings.webhook_url else None
        self._stack = AsyncExitStack()

    @property
    def web(self) -> Starlette:
        """All that the bot serves by HTTP."""
        settings = self._settings
        metrics = MetricsPage(self._pool.vitals.registry, settings.metrics_from)
        routes: list[BaseRoute] = [*self._health.routes, *metrics.routes, *DrawPage(self._pool).routes]
        routes += [*PrivacyPage(privacy_text).routes, *self._sent.routes]
        routes += self._webhook.routes if self._webhook else []
        routes += self._local.routes if self._local else []
        # A client that goes away in the middle of a request is no error of ours.
        quiet = {ClientDisconnect: lambda *_: Response(status_code=400)}
        reached = {urlsplit(url).hostname or "" for url in (settings.public_url, settings.webhook_url)}
        names = LOOPBACK | {settings.http_host} | reached
        return Starlette(routes=routes, exception_handlers=quiet, middleware=[Middleware(KnownHosts, names)])

    def let_go(self) -> None:
        """Let go of requests that are held, for a server that is to stop."""
        if self._local:
            self._local.close()

    async def start(self, origin: str, stop: asyncio.Event) -> None:
        """Begin to handle updates, unless `stop` is set first; `origin` is where the local chat is served.

        Raises CannotStart, StoreUnavailable and NoConnection.
        """
        stack, settings, pool, store = self._stack, self._settings, self._pool, self._store
        await self._open_store(stop)
        if stop.is_set():
            return
        api = replace(self._api, origin=origin) if self._local else self._api
        admins = settings.admin_ids | ({ADMIN_ID} if self._local else frozenset())
        answers = PictureAnswers(
            pool, store, ReadingLimit(settings.readings_per_minute, time.monotonic), admins, self._shadow
        )
        promotion = Promotion(self._models, store.records, store.shadows, beside_s=3600 * settings.shadow_hours)
        application = build_application(
            settings, api, answers, self._trainer, store, served=self._models, promotion=promotion, admins=admins
        )
        await insist(application.initialize, api, stop)
        stack.push_async_callback(application.shutdown)
        if stop.is_set():
            return
        if self._webhook is not None:  # others may serve beside this process
            self._in_background(self._models.follow, "what others put into service is not followed any more")
        tell = partial(tell_admins, application.bot, Languages(store.people), admins)
        self._in_background(partial(self._shadow.follow, tell), "no candidate reads beside the served model any more")
        self._show(application)
        self._in_background(partial(publish_profile, application.bot, admins), "the profile is not told any more")
        await publish_menu_button(application.bot, draw_page(settings, api.origin))
        await application.start()
        stack.push_async_callback(application.stop)
        stack.push_async_callback(self._trainer.close)  # else stopping would wait for the training's end
        if self._webhook is None:
            await transports.poll(stack, application, store, api, stop)
        else:
            url = settings.webhook_url
            if self._local:  # whatever its address is: its port may be any
                url = urlunsplit(urlsplit(api.origin)._replace(path=settings.webhook_path))
            arrivals = Arrivals(application, store.updates)
            replica = Replica(application.bot, store, arrivals, self._version, url=url, secret=secret_of(api.token))
            await transports.be_brought(
                stack, application, webhook=self._webhook, arrivals=arrivals, replica=replica, api=api, stop=stop
            )
        stack.callback(pool.stop)
        order = application.update_processor
        assert isinstance(order, ChatOrder)  # built with one
        stack.callback(order.stop)
        stack.push_async_callback(self._sent.stop)
        self._sent.ready(application.bot, answers, Languages(store.people).of)
        stack.callback(self._health.stopping)
        self._health.ready(self._version)

    async def end(self) -> None:
        """Handle no more: what is in hand is answered, the rest is left for the next start or another process."""
        await self._stack.aclose()

    async def close(self) -> None:
        """Let go of the database and of the threads that read, once nobody asks for `web` any more."""
        await self._store.close()
        self._pool.close()

    def _version(self) -> str:
        return self._models.served.name

    def _in_background(self, work: Callable[[], Awaitable[None]], broken: str) -> None:
        """Do something until it ends, or the bot does; `broken` is what the log says if it breaks."""

        async def run() -> None:
            try:
                await work()
            except Exception:
                _log.exception("%s: a bug", broken)
                raise

        task = asyncio.create_task(run())

        async def end() -> None:
            task.cancel()
            await asyncio.wait([task])

        self._stack.push_async_callback(end)

    def _show(self, application: BotApplication) -> None:
        """Have /metrics show what is under way."""
        order = application.update_processor
        assert isinstance(order, ChatOrder)  # built with one
        self._pool.vitals.watch(
            model=self._version,
            updates_under_way=lambda: order.under_way,
            readings_under_way=lambda: self._pool.waiting,
            training=lambda: self._trainer.is_ours,
        )

    async def _open_store(self, stop: asyncio.Event) -> None:
        """Open the database; where Telegram keeps what comes meanwhile, wait until it can be reached."""
        said = ""
        while not stop.is_set():
            try:
                await self._store.open()
                await self._models.restore()
            except StoreUnavailable as error:
                if self._webhook is None or isinstance(error, StoreTooNew):
                    raise CannotStart(str(error)) from error
                if str(error) != said:
                    _log.error("%s; the bot begins when that is over, and Telegram keeps what comes", error)
                said = str(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _DATABASE_AGAIN_S)
            else:
                return


def _depot(settings: Settings) -> Depot | None:
    url = settings.models_url.get_secret_value()
    try:
        return Depot(url) if url else None
    except WrongDepot as error:
        raise CannotStart(str(error)) from error


def _verifier(settings: Settings) -> Verifier | None:
    try:
        _, verifier = keys(settings.models_private_key, settings.models_public_key)
    except WrongKey as error:
        raise CannotStart(str(error)) from error
    return verifier


def _store(settings: Settings, token: str) -> Store:
    # The local chat counts its messages and updates anew with each start, so that each start is another bot.
    bot = f"local {secrets.token_hex(8)}" if settings.is_local else token.partition(":")[0]
    try:
        return Store(settings.database_url.get_secret_value(), settings.data_dir, bot=bot)
    except StoreUnavailable as error:
        raise CannotStart(str(error)) from error


def webhook_app(settings: Settings | None = None, trainer: Callable[[Settings], Trains] = trainer_of) -> Starlette:
    """Make an application that runs the bot while an ASGI server has it, for engines that serve processes of their own.

    Raises SettingsError, CannotStart, WrongProxy.
    """
    settings = settings or load_settings()
    if settings.is_local or not settings.webhook_url:
        raise CannotStart("BOT_TOKEN and WEBHOOK_URL are needed where several processes serve the bot")
    bot = Bot(settings, trainer)
    app = bot.web

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            await bot.start("", asyncio.Event())
            yield
        finally:
            await bot.end()
            await bot.close()

    app.router.lifespan_context = lifespan
    return app
