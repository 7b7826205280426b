"""The files of the local chat's page: the page itself with its words, its scripts, and the sample pictures."""

from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.web.page_words import SAY, with_english, words_endpoint
from bot.words.pages import CHAT

_PAGE = Path(__file__).parent / "page"


def page_routes(guard: list[Middleware]) -> list[BaseRoute]:
    """Everything that a browser loads before it asks for messages."""
    return [
        Route("/", _index, methods=["GET"], middleware=guard),
        Route("/local/samples", _samples, methods=["GET"], middleware=guard),
        Route("/local/words", words_endpoint(CHAT), methods=["GET"], middleware=guard),
        Route("/page/say.js", _say, methods=["GET"], middleware=guard),
        Mount("/page", StaticFiles(directory=_PAGE, check_dir=False), middleware=guard),
    ]


async def _index(request: Request) -> Response:
    del request
    if not (_PAGE / "index.html").is_file():
        return JSONResponse({"error": "the page is not installed"}, 404)
    return HTMLResponse(with_english((_PAGE / "index.html").read_text(), CHAT))


async def _samples(request: Request) -> Response:
    del request
    files = sorted((_PAGE / "samples").glob("*.*"))
    samples = [
        {
            "name": file.name,
            "url": f"/page/samples/{file.name}",
            "title": file.stem.lstrip("0123456789-_").replace("-", " ").replace("_", " ").capitalize(),
        }
        for file in files
        if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"}
    ]
    return JSONResponse(samples)


async def _say(request: Request) -> Response:
    """Send the script that the draw page has as well."""
    del request
    return FileResponse(SAY)
