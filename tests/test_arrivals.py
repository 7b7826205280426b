"""Updates that Telegram brings, to one process of the bot or to two, on the fake Telegram."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.api import pace
from bot.learning.trainer import Trainer
from bot.store import Album, Claim, StoreUnavailable, Tally
from bot.updates.arrivals import Arrivals
from bot.updates.order import ChatOrder
from tests.fakes import GROUP, Bot, ScriptedReader
from tests.pressing import tally


@dataclass(frozen=True)
class Two:
    """Two processes of one bot."""

    one: Bot
    first: Arrivals
    second: Arrivals


@pytest.fixture
def arrivals(bot: Bot) -> Arrivals:
    """The only process."""
    return Arrivals(bot.application, bot.store.updates, quiet_s=0.02)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    """Two processes, each with an application of its own, on one database."""
    database = f"sqlite:///{tmp_path}/bot.db"
    trainer = Trainer(tmp_path / "models")
    async with (
        Bot(ScriptedReader(), trainer, database=database) as one,
        Bot(ScriptedReader(), trainer, database=database, telegram=one.telegram) as other,
    ):
        first, second = (Arrivals(each.application, each.store.updates, quiet_s=0.05) for each in (one, other))
        yield Two(one, first, second)
        await first.ended()
        await second.ended()


async def test_an_update_is_done_when_it_is_answered(bot: Bot, arrivals: Arrivals) -> None:
    """Only then is Telegram told that it is; brought again it is not answered again."""
    update = bot.update(message=bot.photo("7"))
    assert await arrivals.take(update)
    assert len(bot.telegram.sent()) == 1
    assert await arrivals.take(update)
    assert len(bot.telegram.sent()) == 1


async def test_what_another_process_is_at_comes_again(two: Two) -> None:
    """Two processes are never at one update: the second has Telegram bring it again, until the first is done."""
    gate = two.one.reader.gate = threading.Event()
    update = two.one.update(message=two.one.photo("7"))
    handling = asyncio.create_task(two.first.take(update))
    await two.one.until(lambda: len(two.one.reader.photos) == 1)
    assert not await two.second.take(update)
    gate.set()
    assert await handling
    assert await two.second.take(update)
    assert len(two.one.telegram.sent()) == 1


async def test_an_album_is_answered_in_one_message_whoever_gets_its_pictures(two: Two) -> None:
    """Telegram brings a picture when the one before is confirmed, to any process; the answer has all in their order."""
    updates = [two.one.update(message=two.one.photo(text, media_group_id="a")) for text in "1234"]
    for update, process in zip(updates, [two.first, two.second, two.second, two.first], strict=True):
        assert await process.take(update)
    await two.first.ended()
    await two.second.ended()
    (said,) = two.one.telegram.sent()
    assert re.findall(r"<code>(\d)</code>", said) == ["1", "2", "3", "4"]


async def test_a_chat_waits_for_its_album(two: Two) -> None:
    """What comes after an album is answered after it, at any process; another chat does not wait."""
    gate = two.one.reader.gate = threading.Event()
    assert await two.first.take(two.one.update(message=two.one.photo("1", media_group_id="a")))
    after = two.one.update(message=two.one.message(text="/help"))
    assert not await two.second.take(after)
    elsewhere = two.one.command("/help") | {"chat": GROUP}
    assert await two.second.take(two.one.update(message=elsewhere))
    gate.set()
    await two.first.ended()
    assert await two.second.take(after)
    assert "1</code>" in two.one.telegram.sent()[1]


async def test_the_pictures_of_a_dead_process_are_answered_by_another(two: Two) -> None:
    """What was confirmed is written down: whoever lives finds it."""
    update = two.one.update(message=two.one.photo("7", media_group_id="a"))
    await two.one.store.updates.note({update.update_id: update.to_json()}, Album(7, "a"))
    await two.second.sweep()
    await two.second.ended()
    assert len(two.one.telegram.sent()) == 1
    await two.second.sweep()
    await two.second.ended()
    assert len(two.one.telegram.sent()) == 1


async def test_what_was_polled_and_left_is_answered(bot: Bot, arrivals: Arrivals) -> None:
    """A bot that changes from polling to a webhook loses nothing of what it had fetched."""
    update = bot.update(message=bot.photo("7"))
    await bot.store.updates.note({update.update_id: update.to_json()})
    await arrivals.sweep()
    await arrivals.ended()
    assert len(bot.telegram.sent()) == 1


@pytest.mark.parametrize("album", [None, "a"])
async def test_an_answer_that_can_not_be_sent_comes_again(bot: Bot, arrivals: Arrivals, album: str | None) -> None:
    """While Telegram takes no answers the picture is kept, by Telegram or as part of an album by the database."""
    more = {"media_group_id": album} if album else {}
    update = bot.update(message=bot.photo("7", **more))
    bot.telegram.failures["sendMessage"] = (502, "Bad Gateway")
    assert await arrivals.take(update) is (album is not None)
    await arrivals.ended()
    del bot.telegram.failures["sendMessage"]
    before = len(bot.telegram.sent())
    await (arrivals.sweep() if album else arrivals.take(update))
    await arrivals.ended()
    assert len(bot.telegram.sent()) == before + 1
    assert await bot.store.updates.claim(update.update_id) is Claim.SKIP


@pytest.mark.parametrize("album", [None, "a"])
async def test_without_the_database_nothing_is_handled(
    bot: Bot, arrivals: Arrivals, album: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could tell whether another process has it: Telegram keeps it until the database is back."""

    async def away(*_: object, **__: object) -> Claim:
        raise StoreUnavailable("away")

    more = {"media_group_id": album} if album else {}
    update = bot.update(message=bot.photo("7", **more))
    with monkeypatch.context() as without:
        without.setattr(bot.store.updates, "claim", away)
        without.setattr(bot.store.updates, "note", away)
        assert not await arrivals.take(update)
    assert bot.telegram.sent() == []
    assert await arrivals.take(update)
    await arrivals.ended()
    assert len(bot.telegram.sent()) == 1


async def test_an_edited_caption_is_not_answered_again_by_another_process(two: Two) -> None:
    """Each process knows which picture was answered; another picture in the same message is a new one to both."""
    photo = two.one.photo("7")
    assert await two.first.take(two.one.update(message=photo))
    edited = {**photo, "edit_date": photo["date"] + 60}
    assert await two.second.take(two.one.update(edited_message={**edited, "caption": "seven"}))
    assert len(two.one.telegram.sent()) == 1
    other = two.one.photo("8") | {"message_id": photo["message_id"], "edit_date": photo["date"] + 90}
    assert await two.second.take(two.one.update(edited_message=other))
    assert await two.first.take(two.one.update(edited_message={**other, "caption": "eight"}))
    assert [answer[:14] for answer in two.one.telegram.sent()] == ["<code>7</code>", "<code>8</code>"]


async def test_an_edit_that_one_process_can_not_answer_is_answered_by_another(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the first one took its picture on does not make it an old one."""
    monkeypatch.setattr(pace, "_AGAIN_AFTER_S", ())
    update = two.one.update(edited_message=two.one.photo("7", edit_date=4_000_000_060))
    two.one.telegram.failures["sendMessage"] = (502, "Bad Gateway")
    assert not await two.first.take(update)
    del two.one.telegram.failures["sendMessage"]
    before = len(two.one.telegram.sent())
    assert await two.second.take(update)
    assert len(two.one.telegram.sent()) == before + 1


async def test_an_answer_that_is_broken_off_is_not_counted(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given anew by whoever is brought the update then, and counts there."""
    monkeypatch.setattr(pace, "_AGAIN_AFTER_S", (60.0,))
    bot.telegram.failures["sendMessage"] = (502, "Bad Gateway")
    arrivals = Arrivals(bot.application, bot.store.updates)
    handling = asyncio.create_task(arrivals.take(bot.update(message=bot.photo("7"))))
    await bot.until(lambda: len(bot.telegram.sent()) == 1)
    assert await tally(bot) == Tally(readings=1)
    order = bot.application.update_processor
    assert isinstance(order, ChatOrder)
    order.stop(grace_s=0)
    assert not await handling
    assert await tally(bot) == Tally()


async def test_an_update_is_handled_to_its_end_when_whoever_brings_it_goes(bot: Bot, arrivals: Arrivals) -> None:
    """Telegram ends a request that takes long, and brings the update again: it is answered once."""
    gate = bot.reader.gate = threading.Event()
    update = bot.update(message=bot.photo("7"))
    request = asyncio.create_task(arrivals.take(update))
    await bot.until(lambda: len(bot.reader.photos) == 1)
    request.cancel()
    gate.set()
    await arrivals.ended()
    assert await arrivals.take(update)
    assert len(bot.telegram.sent()) == 1


async def test_what_comes_when_the_bot_stops_comes_again(bot: Bot, arrivals: Arrivals) -> None:
    """It is another process' or the next start's."""
    order = bot.application.update_processor
    assert isinstance(order, ChatOrder)
    order.stop()
    update = bot.update(message=bot.photo("7"))
    assert not await arrivals.take(update)
    assert await bot.store.updates.claim(update.update_id) is Claim.HANDLE
