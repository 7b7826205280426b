"""Fetching pictures over real HTTP on the network's bad days."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.api.connection import BotApi, requests
from bot.handlers.pictures import Picture, fetched
from tests.local_server import Local, serve

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore:.*retry_after:telegram.warnings.PTBDeprecationWarning"),
]

CONTENT = bytes(200_000)


def client(api: BotApi) -> Bot:
    """The client library as the bot builds it."""
    calls, polls = requests(api)
    return Bot(api.token, f"{api.url}/bot", f"{api.url}/file/bot", request=calls, get_updates_request=polls)


@pytest_asyncio.fixture(loop_scope="module")
async def bot(local: Local) -> AsyncIterator[Bot]:
    """A client of the local Bot API."""
    async with client(BotApi(local.chat.token, origin=local.origin)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def file(local: Local, bot: Bot) -> Picture:
    """A file that somebody sent."""
    await local.say(files={"document": ("7.bin", CONTENT)})
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.document is not None
    return Picture(update.message.document.file_id, "", None)


FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("getFile", {"status": 500}),
    ("getFile", {"status": 400, "description": "Bad Request: wrong file_id or the file is temporarily unavailable"}),
    ("download", {"status": 502}),
    ("download", {"status": 429, "retry_after": 1}),
    ("download", {"status": 404}),
    ("download", {"cut_after": 100}),
]


@pytest.mark.parametrize(("method", "fault"), FAULTS, ids=str)
async def test_what_fails_once_is_tried_once_more(
    local: Local, bot: Bot, file: Picture, method: str, fault: dict[str, Any]
) -> None:
    """Nobody has to send a picture again for a moment's trouble; for trouble that stays, they do."""
    local.fail_next(method, **fault)
    assert await fetched(bot, file) == CONTENT
    local.fail_next(method, **fault, times=2)
    with pytest.raises(TelegramError):
        await fetched(bot, file)


async def test_a_file_that_is_too_big_is_not_tried_again(local: Local, bot: Bot, file: Picture) -> None:
    """It does not become smaller."""
    local.fail_next("getFile", status=400, description="Bad Request: file is too big")
    with pytest.raises(BadRequest, match="too big"):
        await fetched(bot, file)
    assert await fetched(bot, file) == CONTENT


# ── a Bot API server of one's own with --local, which names files by their path on its disk


@contextlib.asynccontextmanager
async def local_server(path: Path, served: dict[str, bytes] | None = None) -> AsyncIterator[Bot]:
    """A client of a Bot API server with one file, at `path` on the server's disk; `served` is handed out over HTTP."""

    async def call(request: Request) -> Response:
        result: dict[str, Any] = {"file_id": "f", "file_unique_id": "f", "file_path": str(path)}
        if request.path_params["method"] == "getMe":
            result = {"id": 1, "is_bot": True, "first_name": "Digits", "username": "digits_bot"}
        return JSONResponse({"ok": True, "result": result})

    async def download(request: Request) -> Response:
        content = (served or {}).get(request.path_params["path"])
        return Response(content) if content is not None else JSONResponse({"ok": False, "error_code": 404}, 404)

    routes = [
        Route("/bot{token}/{method}", call, methods=["POST"]),
        Route("/file/bot{token}/{path:path}", download),
    ]
    async with serve(Starlette(routes=routes)) as origin, client(BotApi("1:A", server=origin)) as running:
        yield running


async def test_a_local_servers_file_on_this_machine_is_read_where_it_is(tmp_path: Path) -> None:
    """Its folder is shared under the same path: nothing is downloaded."""
    path = tmp_path / "7.bin"
    path.write_bytes(CONTENT)
    async with local_server(path) as bot:
        assert await fetched(bot, Picture("f", "", None)) == CONTENT


async def test_a_local_servers_file_elsewhere_is_said_to_be_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever runs it reads what to do, without the path, which holds the token."""
    async with local_server(tmp_path / "7.bin") as bot:
        with pytest.raises(TelegramError):
            await fetched(bot, Picture("f", "", None))
    assert {record.message.partition(":")[0] for record in caplog.records if record.levelname == "WARNING"} == {
        "the Bot API server (--local) keeps its files where this machine doesn't find them"
    }
    assert str(tmp_path) not in caplog.text


async def test_a_local_servers_file_that_a_web_server_hands_out_is_downloaded(tmp_path: Path) -> None:
    """As the image that most people run does: below /file/bot, with the whole path behind it."""
    path = tmp_path / "7.bin"
    async with local_server(path, {str(path): CONTENT}) as bot:
        assert await fetched(bot, Picture("f", "", None)) == CONTENT
