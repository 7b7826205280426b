"""Telegram's bad moments, over real HTTP between the bot's own client and the local Bot API."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import ExtBot

from bot.api import pace
from bot.api.connection import BotApi, requests
from bot.api.pace import Pace
from bot.local import ADMIN_ID, GUEST_ID
from bot.store import Rate, Sends, Store, StoreUnavailable
from tests.databases import migrated_file
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
    local.fail_next("sendMessage", **fault)
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
    local.fail_next(method, **fault)
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
    local.fail_next("getFile", status=429, retry_after=1)
    assert (await bot.get_file(file_id)).file_size
    local.fail_next("getFile", status=500)
    with pytest.raises(NetworkError):
        await bot.get_file(file_id)


async def test_a_message_whose_answer_is_lost_may_be_seen_twice(local: Local, bot: ExtBot[int]) -> None:
    """Nobody can know that it arrived: twice is better than never."""
    local.fail_next("sendMessage", lost=True)
    await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == ["7", "7"]


async def test_a_slow_answer_is_waited_for(local: Local, bot: ExtBot[int]) -> None:
    """Seven seconds are no reason for a second message."""
    assert bot.request.read_timeout is not None
    assert bot.request.read_timeout >= 15
    local.fail_next("sendMessage", delay_s=0.3)
    await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == ["7"]


async def test_an_edit_whose_answer_is_lost_is_done(local: Local, bot: ExtBot[int]) -> None:
    """Done again it changes nothing, which the caller is told as always."""
    sent = await bot.send_message(ADMIN_ID, "before")
    local.fail_next("editMessageText", lost=True)
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("after", ADMIN_ID, sent.message_id)
    assert await said(local) == ["after"]


async def test_trouble_that_stays_is_told(local: Local, bot: ExtBot[int]) -> None:
    """After three more tries it is the caller's."""
    local.fail_next("sendMessage", status=500, times=4)
    with pytest.raises(NetworkError):
        await bot.send_message(ADMIN_ID, "7")
    await bot.send_message(ADMIN_ID, "8")
    assert await said(local) == ["8"]


async def test_a_flood_wait_that_stays_is_told(local: Local, bot: ExtBot[int]) -> None:
    """At the third time the caller is told."""
    local.fail_next("sendMessage", status=429, retry_after=1, times=3)
    with pytest.raises(RetryAfter):
        await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == []


@pytest.mark.parametrize(("status", "error"), [(400, BadRequest), (403, Forbidden), (401, InvalidToken)], ids=str)
async def test_a_refusal_is_not_tried_again(
    local: Local, bot: ExtBot[int], status: int, error: type[Exception]
) -> None:
    """Telegram means what it says."""
    local.fail_next("sendMessage", status=status)
    with pytest.raises(error):
        await bot.send_message(ADMIN_ID, "7")
    assert await said(local) == []


async def test_one_chats_flood_wait_is_not_another_chats(local: Local, bot: ExtBot[int]) -> None:
    """The other chat is answered meanwhile; the one that has to wait gets its messages afterwards, each once."""
    local.fail_next("sendMessage", status=429, retry_after=2)
    waiting = asyncio.gather(*(bot.send_message(ADMIN_ID, text) for text in ("7", "8")))
    await asyncio.sleep(0.3)
    await bot.send_message(GUEST_ID, "9")
    assert not waiting.done()
    assert len(await said(local)) < 2
    await waiting
    assert sorted(await said(local)) == ["7", "8"]


# ── slots that replicas share


@pytest_asyncio.fixture(loop_scope="module")
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An open store in a folder of its own."""
    (tmp_path / "data").mkdir()
    await migrated_file(tmp_path / "data" / "bot.db")
    opened = Store("", tmp_path / "data", bot="b")
    await opened.open()
    yield opened
    await opened.close()


class Wire:
    """What leaves through a pace, and how many seconds after the wire was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.left: list[str] = []
        self.at_s: list[float] = []

    async def call(self, pace: Pace, chat_id: int | str | None, name: str = "", method: str = "sendMessage") -> None:
        """Call a method of the Bot API."""

        async def done() -> bool:
            self.left.append(name)
            self.at_s.append(time.monotonic() - self._began)
            return True

        data = {} if chat_id is None else {"chat_id": chat_id}
        assert await pace.process_request(done, (), {}, method, data, None)


async def test_replicas_together_keep_the_limit_of_all(store: Store) -> None:
    """Two of them send to eight people: a tenth of a second apart at least."""
    paces, wire = [Pace(10, store.sends) for _ in range(2)], Wire()
    await asyncio.gather(*(wire.call(paces[person % 2], person) for person in range(1, 9)))
    assert wire.at_s[-1] >= 0.69  # SQLite's clock ticks in milliseconds


@pytest.mark.parametrize(("chat_id", "of"), [(7, "_PRIVATE"), (-7, "_GROUP"), ("@sums", "_GROUP")], ids=str)
async def test_replicas_together_keep_a_chats_limit(
    store: Store, monkeypatch: pytest.MonkeyPatch, chat_id: int | str, of: str
) -> None:
    """A private chat's, a group's, and of what has a name, which is a group or a channel."""
    monkeypatch.setattr(pace, of, Rate(0.1, burst=2))
    paces, wire = [Pace(1000, store.sends) for _ in range(2)], Wire()
    await asyncio.gather(*(wire.call(paces[number % 2], chat_id) for number in range(6)))
    assert wire.at_s[-1] >= 0.39


async def test_a_chat_with_much_to_say_holds_no_other_up(store: Store) -> None:
    """Its messages wait in their order; meanwhile there is a slot for everybody else."""
    one, wire = Pace(20, store.sends), Wire()
    waiting = [asyncio.create_task(wire.call(one, 7, name)) for name in "abcd"]
    await asyncio.sleep(0)
    await wire.call(one, 8, "else")
    await asyncio.gather(*waiting)
    assert wire.left[-1] == "d"
    assert [name for name in wire.left if name != "else"] == ["a", "b", "c", "d"]


async def test_a_chats_messages_do_not_pile_up_while_all_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come at the chat's own rate after that too."""
    monkeypatch.setattr(pace, "_PRIVATE", Rate(0.1))
    one, wire = Pace(50, store.sends), Wire()
    await store.sends.reserve("all", Rate(0.4))
    await asyncio.gather(*(wire.call(one, 7) for _ in range(4)))
    assert wire.at_s[-1] - wire.at_s[0] >= 0.19  # the second was free to go by then


@pytest.mark.parametrize(
    ("method", "chat_id"),
    [("sendChatAction", 7), ("getChatMember", 7), ("getFile", None), ("answerCallbackQuery", None)],
    ids=str,
)
async def test_what_is_no_message_takes_no_slot(store: Store, method: str, chat_id: int | None) -> None:
    """It leaves while messages would wait for long."""
    await store.sends.reserve("all", Rate(100.0))
    await Wire().call(Pace(100, store.sends), chat_id, method=method)


async def test_an_edit_waits_in_line_with_all_but_for_no_slot_of_a_private_chat(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who presses the keypad quickly sees each press."""
    monkeypatch.setattr(pace, "_PRIVATE", Rate(100.0))
    wire = Wire()
    for _ in range(4):
        await wire.call(Pace(10, store.sends), 7, method="editMessageText")
    assert wire.at_s[-1] >= 0.29


async def test_slots_in_a_database_that_is_away(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages leave by this process' own limit; the log says it once; when it is back, slots are taken again."""
    monkeypatch.setattr(pace, "_ALONE_S", 0.05)
    one, wire = Pace(1000, store.sends), Wire()
    (tmp_path / "data").rename(tmp_path / "away")
    for person in range(1, 6):
        await wire.call(one, person)
    assert len([record for record in caplog.records if record.name == "bot.store.database"]) == 1
    (tmp_path / "away").rename(tmp_path / "data")
    await asyncio.sleep(0.06)
    await wire.call(one, 7)
    assert await store.sends.reserve("7", Rate(100.0)) > 0


class Scripted(Sends):
    """Slots in no database: each answer is scripted."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.slow_s = 0.0
        self.is_away = False
        self.hangs: asyncio.Event | None = None

    async def reserve(self, key: str, rate: Rate) -> float:  # noqa: ARG002 as the store has it
        """Answer after a while that the slot is now."""
        self.asked.append(key)
        if self.is_away:
            raise StoreUnavailable("away")
        if self.hangs is not None:
            await self.hangs.wait()
        await asyncio.sleep(self.slow_s)
        return 0.0


async def test_a_slot_that_is_known_too_late_is_not_used() -> None:
    """Others have the later ones, and all would leave at once; a message takes three at most, and then goes."""
    slots, wire = Scripted(), Wire()
    slots.slow_s = pace._LATE_S + 0.01
    await wire.call(Pace(28, slots), 7, "late")
    assert slots.asked == ["7", "all", "all", "all"]
    assert wire.left == ["late"]


async def test_a_database_that_hangs_holds_one_message_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It finds out whether the database is back, for all others."""
    monkeypatch.setattr(pace, "_ALONE_S", 0.0)
    slots, wire = Scripted(), Wire()
    one = Pace(28, slots)
    slots.is_away = True
    await wire.call(one, 1, "away")
    slots.is_away, slots.hangs = False, asyncio.Event()
    held = asyncio.create_task(wire.call(one, 2, "held"))
    while len(slots.asked) < 3:  # noqa: ASYNC110 a turn of the loop or two
        await asyncio.sleep(0)
    await wire.call(one, 3, "passes")
    assert wire.left == ["away", "passes"]
    slots.hangs.set()
    await held
