"""What a flood in one chat costs another: `python -m tests.bench.flood [--photos 200] [--texts 5000]`.

The bot is a process at a Bot API of its own. One person sends one photo after the other and waits for each answer:
alone, while another has sent that many photos, and while another is sending that many texts.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.crashing import World, world
from tests.talking import SEVEN

_ROUNDS = 20


async def delays(it: World, rounds: int = _ROUNDS) -> list[float]:
    """How long so many answers to the guest take, one photo after the other."""
    found = []
    for _ in range(rounds):
        began = time.monotonic()
        photo = await it.local.say(user="guest", files={"photo": ("7.jpg", SEVEN.read_bytes())})
        while not any(one["reply_to"] == photo for one in await it.local.messages(user="guest", after=photo, wait=5)):
            pass
        found.append(time.monotonic() - began)
    return found


def said(name: str, found: list[float]) -> None:
    """Print the median and the 95th percentile."""
    print(f"{name:28} median {np.median(found):5.2f} s, 95 % {np.percentile(found, 95):5.2f} s", flush=True)


async def measure(photos: int, texts: int, folder: Path) -> None:
    """Print all three."""
    async with world(folder) as it:
        await it.start()
        await delays(it, 3)
        said("alone", await delays(it))
        for _ in range(photos):
            await it.local.say(user="admin", files={"photo": ("7.jpg", SEVEN.read_bytes())})
        said(f"beside {photos} photos", await delays(it))
        await it.all_answered(600)

        async def flood() -> None:
            for _ in range(texts):
                await it.local.say("hello", user="admin")

        flooding = asyncio.create_task(flood())
        await asyncio.sleep(1)
        said(f"beside {texts} texts", await delays(it))
        await flooding
        said("after them", await delays(it))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser("python -m tests.bench.flood", description="A flood in another chat.")
    parser.add_argument("--photos", type=int, default=200, metavar="N")
    parser.add_argument("--texts", type=int, default=5000, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(options.photos, options.texts, Path(folder)))


if __name__ == "__main__":
    main()
