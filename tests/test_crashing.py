"""A short form of `tests.bench.crash`: the bot killed and stopped while photos wait."""

import asyncio
import signal
from pathlib import Path

import pytest

from tests.crashing import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_no_photo_is_lost_by_a_kill(tmp_path: Path) -> None:
    """Photos that Telegram believes to be delivered are answered by the next start, once but for those in hand."""
    async with world(tmp_path) as it:
        await it.start()
        for after_s in (0.1, 0.4):
            await it.send(12)
            await asyncio.sleep(after_s)
            await it.end(signal.SIGKILL)
            await it.start()
        answers = await it.all_answered()
        assert sum(answers.values()) - len(it.photos) <= 4  # an answer was on its way when the bot was killed


async def test_a_stop_leaves_what_waits_for_the_next_start(tmp_path: Path) -> None:
    """A bot that is told to stop with many photos waiting is soon gone, and each gets one answer after all."""
    async with world(tmp_path) as it:
        await it.start()
        await it.send(40)
        assert await it.end(signal.SIGTERM) < 10
        assert len(await it.answers()) < 40
        await it.start()
        assert set((await it.all_answered()).values()) == {1}
