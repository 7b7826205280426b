"""Which names the web side answers to: a page from elsewhere must not reach it under a name of its own."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""This machine's names for itself."""


class KnownHosts:
    """Middleware: 403 for a Host that could be anybody's: no address, no name without a dot, none of `names`."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] == "http" and not self._is_known(host_name(Headers(scope=scope).get("host", ""))):
            await JSONResponse({"error": "there is nothing here under this name"}, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_known(self, name: str | None) -> bool:
        # A name without a dot is a machine's or a container's; nobody can have one of the world's that is.
        return name is not None and (name in self._names or "." not in name or _is_address(name))


def host_name(host: str) -> str | None:
    """The name in a Host header, in small letters without its port; None when there is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
