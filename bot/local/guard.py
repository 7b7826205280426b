"""The local chat is for this machine only: what a web page from elsewhere tries through the browser is refused."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.hosts import LOOPBACK, host_name

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",  # the draw page
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class LoopbackOnly:
    """Middleware: 403 for a foreign Host (DNS rebinding) or, beyond reading, a foreign Origin (request forgery).

    Every answer gets a Content-Security-Policy (none but its own scripts and styles, none inline) and nosniff.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", _POLICY)
                headers.setdefault("cache-control", "no-cache")
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
                headers["cross-origin-resource-policy"] = "same-origin"
            await send(message)

        refusal = _refusal(scope["method"], Headers(scope=scope))
        if refusal:
            await JSONResponse({"error": refusal}, 403)(scope, receive, send_guarded)
            return
        await self._app(scope, receive, send_guarded)


def _refusal(method: str, headers: Headers) -> str | None:
    host = headers.get("host", "")
    if host_name(host) not in LOOPBACK:
        return "the local chat answers on a loopback name only"
    if method in {"GET", "HEAD"}:
        return None
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "another site may not write here"
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return "another site may not write here"
    return None
