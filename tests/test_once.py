"""Each update is handled once, on the fake Telegram."""

import asyncio
import logging
import threading

import pytest

from bot import words
from bot.store import Claim, StoreUnavailable
from bot.updates.once import Postponed, held
from tests.fakes import Bot


async def test_an_update_that_comes_again_is_not_answered_again(bot: Bot) -> None:
    """Telegram offers an update again when it could not see that it was handled."""
    update = bot.update(message=bot.photo("7"))
    await bot.deliver([update, update])
    await bot.deliver([update])
    assert len(bot.telegram.sent()) == 1


async def test_an_update_whose_handling_broke_off_is_handled_again(bot: Bot) -> None:
    """A bot that is stopped in the middle leaves nothing unanswered for good."""
    update = bot.update(message=bot.photo("7"))

    async def broken_off() -> None:
        raise KeyboardInterruptLikeError

    with pytest.raises(KeyboardInterruptLikeError):
        await bot.application.update_processor.process_update(update, broken_off())
    await bot.deliver([update])
    assert len(bot.telegram.sent()) == 1


class KeyboardInterruptLikeError(Exception):
    """Whatever ends a handler before its time."""


async def test_an_albums_pictures_are_done_when_the_album_is_answered(bot: Bot) -> None:
    """A bot that dies before leaves none of them done; offered again afterwards, they are skipped."""
    gate = bot.reader.gate = threading.Event()
    updates = [bot.update(message=bot.photo(text, media_group_id="a")) for text in "12"]
    handling = asyncio.create_task(bot.deliver(updates))
    await bot.until(lambda: len(bot.reader.photos) == 2)
    assert [await bot.store.updates.claim(update.update_id) for update in updates] == [Claim.WAIT] * 2
    gate.set()
    await handling
    await bot.deliver(updates)
    assert len(bot.telegram.sent()) == 1


async def test_an_update_that_is_given_up_is_not_handled(bot: Bot) -> None:
    """What the bot died of all alone is noted as done: who sent it and the admins are told, and the bot lives on."""
    update = bot.update(message=bot.photo("7"))
    for _ in range(7):
        await bot.store.updates.claim(update.update_id)
        await bot.store.updates.release()
    await bot.deliver([update])
    told, apology = bot.telegram.sent()
    assert "GivenUpError" in told
    assert apology == words.replies.APOLOGY()
    assert bot.reader.photos == []
    assert await bot.store.updates.claim(update.update_id) is Claim.SKIP


async def test_an_update_that_is_broken_off_while_the_database_is_away(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What broke it off is told on, not the database: else a photo that is to come again would not."""

    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(bot.store.updates, "release", away)
    monkeypatch.setattr(bot.store.updates, "finish", away)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Postponed):
        async with held(bot.store.updates, 1):
            raise Postponed
    async with held(bot.store.updates, 2):
        pass
    assert caplog.text.count("can't be noted") == 2


async def test_what_the_bot_may_die_of_is_handled_alone(bot: Bot) -> None:
    """Beside an update that was in hand at three deaths nothing else is, until it is over."""
    suspect = bot.update(message=bot.photo("7"))
    for _ in range(3):
        await bot.store.updates.claim(suspect.update_id)
        await bot.store.updates.release()
    gate = bot.reader.gate = threading.Event()
    alone = asyncio.create_task(bot.deliver([suspect]))
    await bot.until(lambda: len(bot.reader.photos) == 1)
    other = {"id": 70, "type": "private", "first_name": "Bob"}
    after = asyncio.create_task(bot.deliver([bot.update(message=bot.photo("2", chat=other))]))
    await asyncio.sleep(0.05)
    assert len(bot.reader.photos) == 1
    gate.set()
    await asyncio.gather(alone, after)
    assert len(bot.telegram.sent()) == 2
    assert await bot.store.updates.claim(suspect.update_id) is Claim.SKIP
