"""`kill -9` and SIGTERM of a bot with photos waiting: `python -m tests.bench.crash [--kills 100] [--waiting 150]`.

The bot is a process at a Bot API that outlives it, which believes a photo to be delivered once the bot has fetched it.
Each kill comes at a random instant after eight more photos, then the bot starts again. At the end every photo must have
an answer; how many have two is said: an answer was on its way in the instant of the kill.
"""

import argparse
import asyncio
import random
import signal
import tempfile
import time
from pathlib import Path

from tests.crashing import World, world

_PHOTOS = 8  # more for each kill
_PATIENCE_S = 600  # a photo that has no answer then is lost
_WITHIN_S = 1.5  # they are answered in about a second


async def outcome(it: World) -> str:
    """What came of all the photos, in words."""
    answers = await it.all_answered(_PATIENCE_S)
    twice = sum(count > 1 for count in answers.values())
    return f"{len(answers)} of {len(it.photos)} photos answered, {twice} of them twice"


async def kills(count: int, folder: Path) -> None:
    """Kill the bot so many times and print what came of the photos."""
    chosen, began = random.Random(0), time.monotonic()
    async with world(folder) as it:
        await it.start()
        for _ in range(count):
            await it.send(_PHOTOS)
            await asyncio.sleep(_WITHIN_S * chosen.random())
            await it.end(signal.SIGKILL)
            await it.start()
        print(f"killed {count} times in {time.monotonic() - began:.0f} s: {await outcome(it)}")


async def stop(waiting: int, folder: Path) -> None:
    """Stop the bot with so many photos waiting and print how long that takes."""
    async with world(folder) as it:
        await it.start()
        await it.send(waiting)
        took_s, before = await it.end(signal.SIGTERM), await it.answers()
        await it.start()
        left = f"stopped with {waiting - len(before)} of {waiting} photos waiting: gone after {took_s:.1f} s"
        print(f"{left}; after the next start {await outcome(it)}")


def main() -> None:
    """Do both."""
    parser = argparse.ArgumentParser("python -m tests.bench.crash", description="Kill and stop a bot at work.")
    parser.add_argument("--kills", type=int, default=100, metavar="N")
    parser.add_argument("--waiting", type=int, default=150, metavar="N", help="photos that wait when it is stopped")
    options = parser.parse_args()
    for run, count in ((stop, options.waiting), (kills, options.kills)):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(run(count, Path(folder)))


if __name__ == "__main__":
    main()
