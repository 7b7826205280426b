"""Photos without end: `python -m tests.bench.soak [--photos 10000]`, a quarter of an hour on two cores, Linux only.

The bot is a process at a Bot API of its own; two people send, and a few photos always wait. Prints how many were
answered, how many of them twice, and the bot's memory, handles and threads after each thousand.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil

from tests.crashing import PEOPLE, world

_WAITING = 24  # photos that wait at most
_EVERY = 1_000


def state(bot: psutil.Process) -> str:
    """The bot's memory, handles and threads, and those of what it started."""
    family = [bot, *bot.children(recursive=True)]
    memory = sum(one.memory_info().rss for one in family) / (1 << 20)
    return f"{memory:.0f} MB, {bot.num_fds()} handles, {bot.num_threads()} threads"


async def soak(photos: int, folder: Path) -> None:
    """Send them and print a line for each thousand."""
    async with world(folder) as it:
        await it.start()
        bot, began = psutil.Process(it.pid), time.monotonic()
        answers: Counter[int] = Counter()
        latest = dict.fromkeys(PEOPLE, 0)
        while len(answers) < photos:
            room = min(_WAITING - (len(it.photos) - len(answers)), photos - len(it.photos))
            if room > 0:
                await it.send(room)
            await asyncio.sleep(0.1)
            before = len(answers)
            for user in PEOPLE:
                for message in await it.local.messages(user=user, after=latest[user]):
                    latest[user] = max(latest[user], message["message_id"])
                    if message["from"] == "bot" and message["reply_to"]:
                        answers[message["reply_to"]] += 1
            if len(answers) // _EVERY > before // _EVERY:
                print(f"{len(answers):,} answered in {time.monotonic() - began:.0f} s: {state(bot)}", flush=True)
        twice = sum(count > 1 for count in answers.values())
        print(f"{len(answers):,} of {len(it.photos):,} answered, {twice} of them twice")


def main() -> None:
    """Soak."""
    parser = argparse.ArgumentParser("python -m tests.bench.soak", description="Photos without end.")
    parser.add_argument("--photos", type=int, default=10_000, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(soak(options.photos, Path(folder)))


if __name__ == "__main__":
    main()
