"""Telegram's bad moments, over real HTTP between the bot's own client and the local Bot API."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import ExtBot

from bot import pace
from bot.connection import BotApi, requests
from bot.local import ADMIN_ID, GUEST_ID
from bot.pace import Pace
from tests.local_server import Local, picture

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore:.*retry_after:telegram.warnings.PTBDeprecationWarning"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def bot(local: Local, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ExtBot[int]]:
    """The client as the bot builds it, in less of a hurry than in life."""
    monkeypatch.setattr(pace, "_AGAIN_AFTER_S", (0.0, 0.0, 0.0))
    api = BotApi(local.chat.token, server=local.origin)
    calls, polls = requests(api)
    client = ExtBot(
        api.token,
        f"{api.url}/bot",
        f"{api.url}/file/bot",
        request=calls,
        get_updates_request=polls,
        rate_limiter=Pace(1000),
    )
    async with client:
        yield client


async def said(local: Local) -> list[str]:
    """What the admin sees of the bot."""
    return [message["text"] for message in await local.messages() if message["from"] == "bot"]


NOT_DONE: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 502, "page": "<html>Bad Gateway</html>"},
    {"status": 503},
    {"refused": True},
    {"status": 429, "retry_after": 1},
]


@pytest.mark.parametrize("fault", NOT_DONE, ids=str)
async def test_a_message_that_one_bad_moment_kept_back(local: Local, bot: ExtBot[int], fault: dict[str, Any]) -> None:
    """It is sent again, and seen once."""
    local.chat.fail_next("sendMessage", **fault)
    await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == ["7"]


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("answerCallbackQuery", {"refused": True}),
        ("sendChatAction", {"lost": True}),
        ("editMessageText", {"status": 502}),
        ("sendPhoto", {"status": 500}),
    ],
    ids=str,
)
async def test_every_method_has_a_second_try(
    local: Local, bot: ExtBot[int], method: str, fault: dict[str, Any]
) -> None:
    """One fault on it is nobody's trouble."""
    sent = await bot.send_message(ADMIN_ID, "before")
    local.chat.fail_next(method, **fault)
    match method:
        case "answerCallbackQuery":
            with pytest.raises(BadRequest):  # nobody pressed anything
                await bot.answer_callback_query("1")
        case "sendChatAction":
            assert await bot.send_chat_action(ADMIN_ID, "typing")
        case "editMessageText":
            await bot.edit_message_text("after", ADMIN_ID, sent.message_id)
            assert await said(local) == ["after"]
        case _:
            assert (await bot.send_photo(ADMIN_ID, picture())).photo


async def test_a_flood_wait_before_a_download_is_waited_for(local: Local, bot: ExtBot[int]) -> None:
    """Nobody is asked to send a picture again for it; other trouble is the caller's, who downloads anew."""
    await local.say(files={"document": ("7.png", picture(kind="PNG"))})
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.document is not None
    file_id = update.message.document.file_id
    local.chat.fail_next("getFile", status=429, retry_after=1)
    assert (await bot.get_file(file_id)).file_size
    local.chat.fail_next("getFile", status=500)
    with pytest.raises(NetworkError):
        await bot.get_file(file_id)


async def test_a_message_whose_answer_is_lost_may_be_seen_twice(local: Local, bot: ExtBot[int]) -> None:
    """Nobody can know that it arrived: twice is better than never."""
    local.chat.fail_next("sendMessage", lost=True)
    await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == ["7", "7"]


async def test_a_slow_answer_is_waited_for(local: Local, bot: ExtBot[int]) -> None:
    """Seven seconds are no reason for a second message."""
    assert bot.request.read_timeout is not None
    assert bot.request.read_timeout >= 15
    local.chat.fail_next("sendMessage", delay_s=0.3)
    await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == ["7"]


async def test_an_edit_whose_answer_is_lost_is_done(local: Local, bot: ExtBot[int]) -> None:
    """Done again it changes nothing, which the caller is told as always."""
    sent = await bot.send_message(ADMIN_ID, "before")
    local.chat.fail_next("editMessageText", lost=True)
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("after", ADMIN_ID, sent.message_id)
    assert await said(local) == ["after"]


async def test_trouble_that_stays_is_told(local: Local, bot: ExtBot[int]) -> None:
    """After three more tries it is the caller's."""
    local.chat.fail_next("sendMessage", status=500, times=4)
    with pytest.raises(NetworkError):
        await bot.send_message(ADMIN_ID, "7")
    await bot.send_message(ADMIN_ID, "8")
    assert await said(local) == ["8"]


async def test_a_flood_wait_that_stays_is_told(local: Local, bot: ExtBot[int]) -> None:
    """At the third time the caller is told."""
    local.chat.fail_next("sendMessage", status=429, retry_after=1, times=3)
    with pytest.raises(RetryAfter):
        await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == []


@pytest.mark.parametrize(("status", "error"), [(400, BadRequest), (403, Forbidden), (401, InvalidToken)], ids=str)
async def test_a_refusal_is_not_tried_again(
    local: Local, bot: ExtBot[int], status: int, error: type[Exception]
) -> None:
    """Telegram means what it says."""
    local.chat.fail_next("sendMessage", status=status)
    with pytest.raises(error):
        await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == []


async def test_one_chats_flood_wait_is_not_another_chats(local: Local, bot: ExtBot[int]) -> None:
    """The other chat is answered meanwhile; the one that has to wait gets its messages afterwards, each once."""
    local.chat.fail_next("sendMessage", status=429, retry_after=1)
    waiting = asyncio.gather(*(bot.send_message(ADMIN_ID, text) for text in ("7", "8")))
    await asyncio.sleep(0.3)
    began = time.monotonic()
    await bot.send_message(GUEST_ID, "9")
    assert time.monotonic() - began < 0.5
    assert len(await said(local)) < 2
    await waiting
    assert sorted(await said(local)) == ["7", "8"]
