"""The draw page: draw a digit, watch the network think. The page, its files, and what it asks.

`GET /draw` is the page, `GET /draw/words` its words in a language. `GET /draw/model` describes the served network.
`POST /draw/read` reads the PNG in its body, as `python -m model read` does, and shows every stage of the network;
docs/drawing.md has the answers' fields. Nothing is kept. Errors are {"error": a sentence that says what to do}.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import copy_context
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot import words
from bot.pool import ReadingPool
from bot.web.draw_answer import Answers, encoded
from bot.web.draw_limits import ClientLimits, Turns, client_name
from bot.web.draw_png import Refused, read_png
from bot.web.page_words import language_asked, with_english, words_endpoint
from bot.words.language import speak
from bot.words.pages import DRAW
from model import UnreadablePhoto

_PAGE: Final = Path(__file__).parent / "page"
# Drawings that wait for a thread; more than this is a crowd, who get an honest answer at once.
_MAX_WAITING: Final = 32
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self' https://*.telegram.org",  # where Telegram's web clients show Mini Apps
    )
)
_SAFE: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_FRESH: Final = {"cache-control": "no-store", "vary": "accept-encoding", "x-content-type-options": "nosniff"}

Endpoint = Callable[[Request], Awaitable[Response]]


class DrawPage:
    """The routes of the draw page, for the version that `pool` reads with, whichever it is."""

    def __init__(self, pool: ReadingPool, limits: ClientLimits | None = None) -> None:
        """`limits` are by default those that the page itself never meets."""
        self._pool = pool
        self._answers = Answers()
        self._limits = limits or ClientLimits(time.monotonic)
        self._turns = Turns(1)  # the pool has one thread for this
        self._waiting = 0
        edition = _edition(_PAGE)
        page = (_PAGE / "index.html").read_text().replace("{page}", f"/draw/page/{edition}")
        self._index = with_english(page, DRAW)
        self.routes: list[BaseRoute] = [
            Route("/draw", self._page),
            Route("/draw/words", words_endpoint(DRAW)),
            Route("/draw/model", _answering(self._model)),
            Route("/draw/read", _answering(self._read), methods=["POST"]),
            Mount(f"/draw/page/{edition}", _PageFiles(directory=_PAGE)),
        ]

    async def _page(self, request: Request) -> Response:  # noqa: ARG002 the route's signature
        return HTMLResponse(self._index, headers={**_SAFE, "cache-control": "no-cache"})

    async def _model(self, request: Request) -> Response:
        with self._limits.entered(request):
            return await self._computed(request, lambda: self._answers.model(self._pool.reader))

    async def _read(self, request: Request) -> Response:
        with self._limits.entered(request):
            png = await read_png(request)
            if self._waiting >= _MAX_WAITING:
                raise Refused(503, words.drawing.MANY_DRAWING(), retry_after_s=1)
            self._waiting += 1
            try:
                async with self._turns.taken(client_name(request)):
                    return await self._computed(request, lambda: self._answers.reading(self._pool.reader, png))
            except UnreadablePhoto as error:
                raise Refused(422, words.drawing.PNG_DAMAGED()) from error
            finally:
                self._waiting -= 1

    async def _computed(self, request: Request, compute: Callable[[], dict[str, Any]]) -> Response:
        """Compute an answer beside the pool's threads, which are the chat's; its JSON too."""
        compressed = "gzip" in request.headers.get("accept-encoding", "")
        context = copy_context()  # for the page's language
        body = await self._pool.aside(lambda: context.run(lambda: encoded(compute(), compressed=compressed)))
        headers = {**_FRESH, "content-encoding": "gzip"} if compressed else _FRESH
        return Response(body, media_type="application/json", headers=headers)


class _PageFiles(StaticFiles):
    """The page's files, below a name that changes with them: browsers may keep them for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        headers: Mapping[str, str] = _SAFE | {"cache-control": "public, max-age=31536000, immutable"}
        response.headers.update(headers)
        return response


def _edition(folder: Path) -> str:
    """A name for what the files of a folder hold just now."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _answering(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose Refused are answered, in the page's language."""

    async def answer(request: Request) -> Response:
        speak(language_asked(request))
        try:
            return await endpoint(request)
        except Refused as refused:
            return refused.response()

    return answer
