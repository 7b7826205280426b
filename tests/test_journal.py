"""Updates that wait: written down before they are confirmed, on the fake Telegram."""

import asyncio
import logging
import threading

import pytest

from bot.journal import Journal
from bot.order import ChatOrder
from bot.store import Claim, StoreUnavailable
from tests.fakes import Bot


async def test_what_was_not_answered_is_handled_by_the_next_start(bot: Bot) -> None:
    """An update of a process that died is there again, whole, and in order; one that was answered is not."""
    updates = [bot.update(message=bot.photo(text, caption="look")) for text in "123"]
    lost = Journal(bot.store.updates)
    for update in updates:
        await lost.put(update)
    await bot.store.updates.claim(updates[0].update_id)
    await bot.store.updates.finish(updates[0].update_id)
    found = Journal(bot.store.updates)
    assert await found.resume(bot.application.bot) == 2
    assert [found.get_nowait() for _ in range(2)] == updates[1:]


async def test_an_update_that_telegram_offers_again_waits_once(bot: Bot) -> None:
    """What is resumed is not in the queue a second time when the poll brings it as well."""
    update = bot.update(message=bot.photo("7"))
    journal = Journal(bot.store.updates)
    await journal.put(update)
    await journal.put(update)
    assert journal.qsize() == 1


async def test_an_update_that_can_not_be_written_down_is_answered(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that is away costs the safety of what waits, not its answer."""

    async def away(*_: object) -> bool:
        raise StoreUnavailable("away")

    monkeypatch.setattr(bot.store.updates, "note", away)
    journal = Journal(bot.store.updates)
    with caplog.at_level(logging.ERROR):
        await journal.put(bot.update(message=bot.photo("7")))
    assert journal.qsize() == 1
    assert "can't be written down" in caplog.text


async def test_nothing_begins_after_a_stop(bot: Bot) -> None:
    """What waits for its turn when the bot is told to stop is left, and is handled by the next start."""
    gate = bot.reader.gate = threading.Event()
    updates = [bot.update(message=bot.photo(text)) for text in "12"]
    handling = asyncio.create_task(bot.deliver(updates))
    await bot.until(lambda: len(bot.reader.photos) == 1)
    assert isinstance(bot.application.update_processor, ChatOrder)
    bot.application.update_processor.stop()
    gate.set()
    await handling
    assert len(bot.telegram.sent()) == 1
    assert await bot.store.updates.claim(updates[1].update_id) is Claim.HANDLE


async def test_what_lasts_too_long_after_a_stop_is_broken_off(bot: Bot) -> None:
    """It is given back, so that the next start handles it anew."""
    gate = bot.reader.gate = threading.Event()
    update = bot.update(message=bot.photo("1"))
    handling = asyncio.create_task(bot.deliver([update]))
    await bot.until(lambda: len(bot.reader.photos) == 1)
    assert isinstance(bot.application.update_processor, ChatOrder)
    bot.application.update_processor.stop(grace_s=0)
    with pytest.raises(asyncio.CancelledError):
        await handling
    gate.set()
    assert bot.telegram.sent() == []
    assert await bot.store.updates.claim(update.update_id) is Claim.HANDLE


async def test_an_album_that_waits_when_the_bot_stops_is_none_of_it_done(bot: Bot) -> None:
    """Its pictures come again, all of them."""
    updates = [bot.update(message=bot.photo(text, media_group_id="a")) for text in "12"]
    bot.pool.stop()
    processor = bot.application.update_processor
    handled = [processor.process_update(update, bot.application.process_update(update)) for update in updates]
    broken = await asyncio.gather(*handled, return_exceptions=True)
    assert [type(one) for one in broken] == [asyncio.CancelledError] * 2
    assert bot.telegram.sent() == []
    assert [await bot.store.updates.claim(update.update_id) for update in updates] == [Claim.HANDLE] * 2
