"""Proxies: which one leads to a server, what a proxy's address may be, and what in it must never be logged."""

import base64
import ipaddress
import re
import urllib.request
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx

_SCHEMES: Final = ("http", "https", "socks5", "socks5h")  # socks5h is curl's word for what httpx does with socks5


class WrongProxy(Exception):
    """Why a proxy's address can't be used, in one line that names the setting and not the address."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is reached: through the proxy at `url`, which `source` names; directly when both are empty."""

    url: httpx.URL = field(default_factory=httpx.URL)
    source: str = ""

    @property
    def shown(self) -> str:
        """The proxy's address without user name and password."""
        return str(self.url.copy_with(username=None, password=None))

    @property
    def has_password(self) -> bool:
        """Whether the address holds a user name or a password."""
        return bool(self.url.userinfo)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every form in which the password may turn up: as written, decoded, and in a header (Basic)."""
        if not self.url.password:
            return ()
        userinfo = self.url.userinfo.decode()
        basic = base64.b64encode(f"{self.url.username}:{self.url.password}".encode()).decode()
        return tuple(dict.fromkeys((basic, userinfo.partition(":")[2], self.url.password)))


def way_to(server: str, setting: str = "") -> Way:
    """Find the way to `server`, a URL: through the proxy in `setting`, TELEGRAM_PROXY, or in the environment.

    Loopback is always reached directly: no proxy elsewhere could. Raises WrongProxy.
    """
    parts = urlsplit(server)
    host = parts.hostname or ""
    if is_loopback(host):
        return Way()
    if setting:
        return Way(proxy_url(setting), "TELEGRAM_PROXY")
    found = urllib.request.getproxies()
    kind = next((kind for kind in (parts.scheme, "all") if found.get(kind)), "")
    if not kind or urllib.request.proxy_bypass(host):  # NO_PROXY
        return Way()
    name, address = f"{kind}_proxy".upper(), found[kind]
    try:
        return Way(proxy_url(address if "://" in address else f"http://{address}"), name)
    except ValueError:  # its cause could hold a password
        raise WrongProxy(
            f"{name} in the environment is no http, https or socks5 proxy that this bot can use. TELEGRAM_PROXY, when "
            "it is set, is used instead"
        ) from None


def proxy_url(address: str) -> httpx.URL:
    """Parse a proxy's address, like socks5://USER:PASSWORD@HOST:PORT. Raises ValueError for what is none."""
    parts = urlsplit(address)  # a ValueError for brackets that don't match; `port` for one out of range
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.port == 0:
        raise ValueError("not a proxy's address")
    if parts.path not in ("", "/") or re.search(r"[?#\s\\]", address):
        raise ValueError("more than a proxy's address")
    try:
        return httpx.URL(address)
    except httpx.InvalidURL as error:
        raise ValueError("not an address") from error


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
