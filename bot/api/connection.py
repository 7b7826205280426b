"""The connection to the Bot API: Telegram's own, a server of one's own, or the local chat's; directly or by a proxy.

What goes wrong on the way is told apart here, so that whoever runs the bot reads one line that says what to do.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import httpx
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import Application
from telegram.request import BaseRequest, HTTPXRequest, RequestData

from bot.api.proxies import Way, way_to
from bot.tls import context_for

_log = logging.getLogger(__name__)

BotApplication = Application[Any, Any, Any, Any, Any, Any]  # none of its parameters is used here

_TELEGRAM: Final = "https://api.telegram.org"

# As the client library would choose: many calls at once, one poll.
_CALLS, _POLLS = 256, 1

# A slow answer is better than a second message: whether the first one arrived nobody would know.
_PATIENCE_S = 20.0

# The first try again comes after this long, then half as long again each time.
_RETRY_S, _RETRY_MAX_S = 1.0, 60.0


class NoConnection(Exception):
    """Why the Bot API can't be reached until a setting changes, in one line for whoever started the bot."""


@dataclass(frozen=True, slots=True)
class BotApi:
    """Where the Bot API is, and who we are there.

    `origin` is the local chat's; else `server` is BOT_API_URL. Where both are empty it is Telegram's own. `proxy` is
    TELEGRAM_PROXY.
    """

    token: str = field(repr=False)
    origin: str = ""
    server: str = ""
    proxy: str = field(default="", repr=False)
    request: BaseRequest | None = None  # tests drive the application through a transport of their own

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        return self.origin or self.server or _TELEGRAM

    @property
    def way(self) -> Way:
        """The proxy on the way there, if any. Raises WrongProxy."""
        return way_to(self.url, self.proxy)


class ProxyRefuses(NetworkError):
    """A proxy wants a user name and a password, or others than it got."""


class NotTheBotApi(NetworkError):
    """Something else than a Bot API server has answered, with this HTTP status: a web page, most often."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status} without JSON")
        self.status = status


def requests(api: BotApi) -> tuple[BaseRequest, BaseRequest]:
    """Make the transports for calls and for polling. Raises WrongProxy."""
    if api.request is not None:
        return api.request, api.request
    way = api.way
    tls = context_for(httpx.URL(api.url), way.url)
    proxy = httpx.Proxy(way.url, ssl_context=tls if way.url.scheme == "https" else None) if way.source else None
    how: dict[str, Any] = {"proxy": proxy, "httpx_kwargs": {"verify": tls, "trust_env": False}}
    calls = _Request(connection_pool_size=_CALLS, read_timeout=_PATIENCE_S, write_timeout=_PATIENCE_S, **how)
    return calls, _Request(connection_pool_size=_POLLS, **how)


class _Request(HTTPXRequest):
    """The client library's transport, which also knows what a proxy and a web page say."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        try:
            status, payload = await super().do_request(url, method, request_data, *timeouts, **more)
        except NetworkError as error:
            if _wants_password(error.__cause__):
                raise ProxyRefuses("the proxy refuses") from error
            raise
        if status == httpx.codes.PROXY_AUTHENTICATION_REQUIRED:
            raise ProxyRefuses("the proxy refuses")
        # Methods are posted, files are got.
        if method == "POST" and not payload.lstrip().startswith(b"{"):
            raise NotTheBotApi(status)
        return status, payload


async def insist(step: Callable[[], Awaitable[object]], api: BotApi, stop: asyncio.Event) -> None:
    """Take a step that needs the Bot API, again and again while that is out of reach, until `stop`.

    Raises NoConnection when trying again is of no use.
    """
    wait_s = _RETRY_S
    while not stop.is_set():
        try:
            await step()
        except (InvalidToken, NetworkError, RetryAfter) as error:
            if line := _hopeless(api, error):
                raise NoConnection(line) from error
            pause_s = max(wait_s, _asked_s(error))
            _log.warning("%s; trying again in %.0f s", _trouble(api, error), pause_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_s)
            wait_s = min(1.5 * wait_s, _RETRY_MAX_S)
        else:
            return


def polling_failed(api: BotApi, error: TelegramError) -> None:
    """Say in a line why no updates come; the client library goes on trying."""
    if isinstance(error, Conflict):
        _log.error("another process polls with the same token: stop one of them")
    else:
        _log.warning("%s; trying again", _trouble(api, error))


def _trouble(api: BotApi, error: TelegramError) -> str:
    """Say in a line what is between the bot and the Bot API, without any secret."""
    name = "The Bot API server (BOT_API_URL)" if api.server and not api.origin else "Telegram"
    through = f" through the proxy {api.way.shown} ({api.way.source})" if api.way.source else ""
    return f"{name} can't be reached{through}: {_reason(error)}"


def _hopeless(api: BotApi, error: TelegramError) -> str:
    """Say in a line which setting must be changed before the Bot API can be reached; empty when it may come."""
    way = api.way
    if isinstance(error, InvalidToken):
        or_server = ", or BOT_API_URL is not the address of a Bot API server" if api.server else ""
        return f"BOT_TOKEN: Telegram refuses this token; @BotFather shows the right one{or_server}"
    if isinstance(error, ProxyRefuses):
        how = (
            "refuses this user name and password"
            if way.has_password
            else "asks for a user name and a password, like http://USER:PASSWORD@HOST:PORT"
        )
        return f"{way.source}: the proxy {way.shown} {how}"
    if isinstance(error, NotTheBotApi) and api.server and error.status < httpx.codes.INTERNAL_SERVER_ERROR:
        return (
            f"BOT_API_URL: what answers there (HTTP {error.status}) is no Bot API server; it takes the address of one, "
            "like http://127.0.0.1:8081, and empty it stands for Telegram's own"
        )
    return ""


def _asked_s(error: TelegramError) -> float:
    """How long Telegram asks to wait."""
    asked = error.retry_after if isinstance(error, RetryAfter) else 0
    return asked.total_seconds() if isinstance(asked, timedelta) else asked


def _wants_password(cause: BaseException | None) -> bool:
    # In httpcore's words: an HTTP proxy's status, and the two steps of SOCKS5.
    return isinstance(cause, httpx.ProxyError) and str(cause).startswith(("407", "Requested ", "Invalid username"))


def _reason(error: TelegramError) -> str:
    if isinstance(error, RetryAfter):
        return "it asks for a pause (flood control)"
    if isinstance(error, TimedOut):
        return "no answer in time"
    if isinstance(error.__cause__, httpx.ProxyError):
        return f"the proxy says {error.__cause__}"
    if isinstance(error.__cause__, httpx.HTTPError):  # its own words may hold an address with the token
        return type(error.__cause__).__name__
    return str(error) if isinstance(error, NotTheBotApi) else type(error).__name__
