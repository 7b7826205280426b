"""Updates that wait: written down before they are confirmed, on the fake Telegram."""

import asyncio
import logging
import threading
from collections.abc import Mapping

import pytest

from bot.store import Claim, StoreUnavailable
from bot.updates.journal import Confirming, Journal
from bot.updates.order import ChatOrder
from tests.fakes import GROUP, Bot


async def test_what_was_not_answered_is_handled_by_the_next_start(bot: Bot) -> None:
    """An update of a process that died is there again, whole, and in order; one that was answered is not."""
    updates = [bot.update(message=bot.photo(text, caption="look")) for text in "123"]
    lost = Journal(bot.store.updates)
    for update in updates:
        await lost.put(update)
    await lost.flush()
    await bot.store.updates.claim(updates[0].update_id)
    await bot.store.updates.finish(updates[0].update_id)
    found = Journal(bot.store.updates)
    assert await found.resume(bot.application.bot) == 2
    assert [found.get_nowait() for _ in range(2)] == updates[1:]


async def test_an_update_that_telegram_offers_again_waits_once(bot: Bot) -> None:
    """What is resumed is not in the queue a second time when the poll brings it as well."""
    update = bot.update(message=bot.photo("7"))
    journal = Journal(bot.store.updates)
    for _ in range(2):
        await journal.put(update)
        await journal.flush()
    assert journal.qsize() == 1


async def test_an_update_that_can_not_be_written_down_is_answered(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that is away costs the safety of what waits, not its answer."""

    async def away(*_: object) -> set[int]:
        raise StoreUnavailable("away")

    monkeypatch.setattr(bot.store.updates, "note", away)
    journal = Journal(bot.store.updates)
    with caplog.at_level(logging.DEBUG):
        await journal.put(bot.update(message=bot.photo("7")))
        await journal.flush()
    assert journal.qsize() == 1
    assert "can't be written down" in caplog.text


async def test_the_next_poll_comes_after_what_came_is_written_down(bot: Bot) -> None:
    """Asking for more confirms what came: until then nothing waits, from then on it does and is kept."""
    journal = Journal(bot.store.updates)
    polls = Confirming(bot.telegram, journal)
    update = bot.update(message=bot.photo("7"))
    await journal.put(update)
    assert await bot.store.updates.unfinished() == []
    await polls.do_request("https://telegram/getUpdates", "POST")
    assert len(await bot.store.updates.unfinished()) == 1
    assert journal.get_nowait() is update


async def test_a_poll_that_is_broken_off_is_written_down_before_the_last_one(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library ends its polling in the middle and, without waiting, polls a last time to confirm what came."""
    note, go_on = bot.store.updates.note, asyncio.Event()

    async def slowly(contents: Mapping[int, str]) -> set[int]:
        await go_on.wait()
        return await note(contents)

    monkeypatch.setattr(bot.store.updates, "note", slowly)
    journal = Journal(bot.store.updates)
    await journal.put(bot.update(message=bot.photo("7")))
    broken_off = asyncio.create_task(journal.flush())
    await asyncio.sleep(0)
    broken_off.cancel()
    last = asyncio.create_task(journal.flush())
    await asyncio.sleep(0.01)
    assert not last.done()
    go_on.set()
    await last
    assert journal.qsize() == 1
    assert len(await bot.store.updates.unfinished()) == 1
    with pytest.raises(asyncio.CancelledError):
        await broken_off


async def test_a_flood_of_texts_is_answered_by_the_first(bot: Bot) -> None:
    """Photos and commands among them are not left out, nor another chat's text."""
    journal = Journal(bot.store.updates)
    flood = [bot.update(message=bot.message(text="hello")) for _ in range(500)]
    others = [
        bot.update(message=bot.photo("7")),
        bot.update(message=bot.command("/help")),
        bot.update(message=bot.message(text="hello", chat=GROUP)),
    ]
    for update in (*flood, *others):
        await journal.put(update)
    await journal.flush()
    kept = [journal.get_nowait() for _ in range(journal.qsize())]
    assert kept == [*flood[:5], *others]


async def test_texts_are_left_out_while_five_wait_and_no_longer(bot: Bot) -> None:
    """However few come at once; each that is handled makes room for another."""
    journal, sent = Journal(bot.store.updates), []
    for _ in range(7):
        sent.append(bot.update(message=bot.message(text="hello")))
        await journal.put(sent[-1])
        await journal.flush()
    assert journal.qsize() == 5
    journal.handled(sent[0])
    await journal.put(bot.update(message=bot.message(text="hello")))
    await journal.flush()
    assert journal.qsize() == 6


async def test_a_text_behind_many_photos_is_no_flood(bot: Bot) -> None:
    """Whoever sends an album and then says what it is, or types a correction, is answered."""
    journal = Journal(bot.store.updates)
    for _ in range(10):
        await journal.put(bot.update(message=bot.photo("7", media_group_id="a")))
    await journal.flush()
    text = bot.update(message=bot.message(text="4077"))
    await journal.put(text)
    await journal.flush()
    assert [journal.get_nowait() for _ in range(journal.qsize())][-1] is text


async def test_a_handled_text_makes_room_in_the_running_bot(bot: Bot) -> None:
    """Eleven texts, one after the other, have eleven answers."""
    journal = bot.application.update_queue
    assert isinstance(journal, Journal)
    for number in range(1, 12):
        await journal.put(bot.update(message=bot.message(text="hello")))
        await journal.flush()
        await bot.until(lambda number=number: len(bot.telegram.sent()) == number)  # type: ignore[misc]


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
