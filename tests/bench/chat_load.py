"""What the bot costs while it reads: start, memory, and the event loop's largest pause, all through the local chat.

    .venv/bin/python -m tests.bench.chat_load [--photos FOLDER]

Prints a line a figure. Times are ratios where they can be: machines differ and are noisy.
"""

import argparse
import asyncio
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from tests.bench.figures import note
from tests.processes import ROOT, BotProcess, healthz, running_bot

SAMPLES = sorted((ROOT / "bot" / "local" / "page" / "samples").glob("*.jpg"))
_RUNS = 5
_BEAT_S = 0.002


def start_ratio() -> str:
    """The time to /healthz over the time of `import tensorflow`, in turn, both warm."""
    bot_s, tensorflow_s = [], []
    for _ in range(_RUNS + 1):
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory() as data, running_bot(Path(data), LOG_LEVEL="WARNING") as bot:
            healthz(bot.origin)
            bot_s.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import tensorflow"], check=True, capture_output=True)
        tensorflow_s.append(time.perf_counter() - begin)
    ratios = [ours / theirs for ours, theirs in zip(bot_s[1:], tensorflow_s[1:], strict=True)]
    note("start", "start to /healthz, over the time of `import tensorflow`", "{:.2f}", *ratios)
    note("start_s", "start to /healthz", "{:.2f} s", *bot_s[1:])
    return (
        f"start to /healthz: {statistics.median(bot_s[1:]):.2f} s, import tensorflow: "
        f"{statistics.median(tensorflow_s[1:]):.2f} s, ratio {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f})"
    )


def memory(photos: Sequence[Path]) -> str:
    """Peak memory over 100 photos of chat size, the bot and its children together, and whether TensorFlow is mapped."""
    with tempfile.TemporaryDirectory() as data, running_bot(Path(data), LOG_LEVEL="WARNING") as bot:
        idle = bot.memory_mb("VmRSS")
        start = time.perf_counter()
        last = [bot.send(photos[number % len(photos)]) for number in range(100)][-1]
        bot.replies(last, timeout_s=120)
        took = time.perf_counter() - start
        family = bot.family()
        mapped = [pid for pid in family if "/tensorflow/" in Path(f"/proc/{pid}/maps").read_text()]
        peak = bot.memory_mb()
        note("idle", "memory at the start", "{:.0f} MB", idle)
        note("peak", "memory at its peak over 100 photos of chat size", "{:.0f} MB", peak)
        return (
            f"100 photos of chat size: {took:.1f} s, memory {idle:.0f} MB idle, {peak:.0f} MB at its peak, "
            f"{len(family)} process, {len(mapped)} with TensorFlow"
        )


def twelve_megapixels(photos: Sequence[Path]) -> list[bytes]:
    """The first photos enlarged to 4000 × 3000 JPEG files, as a phone's camera writes them."""
    files = []
    for photo in photos[:10]:
        file = io.BytesIO()
        Image.open(photo).convert("RGB").resize((4000, 3000)).save(file, "JPEG", quality=92)
        files.append(file.getvalue())
    return files


def largest_pause(files: Sequence[bytes]) -> str:
    """The event loop's largest pause while 50 files are read, 4 in the chat at a time.

    The bot runs in this process, so that the same event loop carries it and the heartbeat; the people are a process
    of their own, so that what they cost is not counted.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number, file in enumerate(files):
            Path(folder, f"{number}.jpg").write_bytes(file)
        return asyncio.run(_pause_while_read(folder))


async def _pause_while_read(folder: str) -> str:
    from bot.process import run
    from bot.settings import load_settings

    settings = load_settings(Path("no such file")).model_copy(
        update={"local_chat_port": 0, "data_dir": Path(folder, "data"), "log_level": "ERROR"}
    )
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    bot = asyncio.create_task(run(settings, announce=ready.set_result))
    origin = await ready
    beating = asyncio.create_task(_beat())
    people = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.chat_load", "--people", origin, folder
    )
    await people.wait()
    beating.cancel()
    pauses = await asyncio.gather(beating, return_exceptions=False)
    bot.cancel()
    await asyncio.gather(bot, return_exceptions=True)
    worst = sorted(pauses[0])[-3:]
    note(
        "pause",
        "the event loop's largest pause while 50 photos of 12 megapixels are read",
        "{:.0f} ms",
        1000 * worst[-1],
    )
    return (
        f"event loop while 50 photos of 12 MP are read: largest pauses {', '.join(f'{1000 * s:.0f}' for s in worst)} ms"
    )


async def _beat() -> list[float]:
    pauses = []
    try:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_BEAT_S)
            pauses.append(time.perf_counter() - before - _BEAT_S)
    except asyncio.CancelledError:
        return pauses


def people(origin: str, folder: str) -> None:
    """Send the files of a folder, 50 in all, 4 people at once, and wait for every answer."""
    files = sorted(Path(folder).glob("*.jpg"))
    bot = BotProcess(None, origin)  # type: ignore[arg-type]  # it runs in another process

    def send(number: int) -> None:
        bot.replies(bot.send(files[number % len(files)], kind="document"), timeout_s=120)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(50)))


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser("python -m tests.bench.chat_load", description=__doc__)
    parser.add_argument("--photos", type=Path, help="a folder of photos; default: the samples of the local chat")
    parser.add_argument("--people", nargs=2, metavar=("ORIGIN", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.people:
        people(*options.people)
        return
    photos = (
        sorted(path for path in options.photos.iterdir() if path.suffix in (".jpg", ".png"))
        if options.photos
        else SAMPLES
    )
    print(start_ratio(), flush=True)
    print(memory(photos), flush=True)
    print(largest_pause(twelve_megapixels(photos)), flush=True)


if __name__ == "__main__":
    main()
