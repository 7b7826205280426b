"""Each update is handled once, on the fake Telegram."""

import asyncio
import logging
import threading

import pytest

from bot.once import Postponed, once
from bot.store import Claim, StoreUnavailable
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
    """What the bot died of three times is noted as done, and the bot lives on."""
    update = bot.update(message=bot.photo("7"))
    for _ in range(3):
        await bot.store.updates.claim(update.update_id)
        await bot.store.updates.release()
    await bot.deliver([update])
    assert bot.telegram.sent() == []
    assert await bot.store.updates.claim(update.update_id) is Claim.SKIP


async def test_an_update_that_is_broken_off_while_the_database_is_away(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What broke it off is told on, not the database: else a photo that is to come again would not."""

    async def away(_: int) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(bot.store.updates, "release", away)
    monkeypatch.setattr(bot.store.updates, "finish", away)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Postponed):
        async with once(bot.store.updates, 1):
            raise Postponed
    async with once(bot.store.updates, 2):
        pass
    assert caplog.text.count("can't be noted") == 2
