"""What a reading costs: `python -m tests.bench.read_speed`, about a minute, Linux only.

Prints the median time of a chat-size photo and of a 12-megapixel file with the shares of its stages, the peak memory
above idle of each format near its limit, and the longest pause of an event loop while 50 photos of 12 megapixels are
read in worker threads beside it.
"""

import argparse
import asyncio
import gc
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from model import SHIPPED, load_reader, open_version
from model.classify import Classifier
from model.decode import decode
from model.detect import Finder
from model.find import find_digits
from model.normalize import to_mnist
from model.parts import FINDER, verified
from model.straighten import sheet
from tests.bench.bombs import decoder
from tests.bench.figures import note
from tests.pictures import encode, paper, write

# Just under each limit: the form, the size and what makes it dear.
_NEAR_LIMITS: Final[tuple[tuple[str, str, tuple[int, int], str, dict[str, Any]], ...]] = (
    ("JPEG, sequential", "JPEG", (12640, 9480), "RGB", {}),
    ("JPEG, progressive", "JPEG", (5770, 4320), "RGB", {"progressive": True, "subsampling": 0}),
    ("JPEG, progressive CMYK", "JPEG", (4990, 3740), "CMYK", {"progressive": True}),
    ("PNG, colours", "PNG", (5770, 4320), "RGB", {"compress_level": 1}),
    ("PNG, alpha", "PNG", (5770, 4320), "RGBA", {"compress_level": 1}),
    ("PNG, 16 bits", "PNG", (5770, 4320), "I;16", {"compress_level": 1}),
    ("WebP", "WEBP", (5160, 3870), "RGB", {"method": 0}),
    ("WebP, lossless, alpha", "WEBP", (5160, 3870), "RGBA", {"method": 0, "lossless": True, "quality": 0}),
    ("HEIC", "HEIF", (5770, 4320), "RGB", {}),
    ("HEIC, alpha", "HEIF", (4470, 3350), "RGBA", {}),
    ("AVIF, alpha", "AVIF", (4310, 3230), "RGBA", {"speed": 10}),
    ("BMP", "BMP", (5770, 4320), "L", {}),
    ("GIF", "GIF", (5770, 4320), "P", {}),
    ("TIFF, LZW, alpha", "TIFF", (5160, 3870), "RGBA", {"compression": "tiff_lzw"}),
    ("TIFF, LZW, CMYK", "TIFF", (5160, 3870), "CMYK", {"compression": "tiff_lzw"}),
    ("TIFF, turned, 16 bits", "TIFF", (5160, 3870), "I;16", {"tiffinfo": {274: 6}}),
    ("TIFF, JPEG", "TIFF", (5160, 3870), "RGB", {"compression": "jpeg"}),
)


def photo(width: int, height: int) -> Image.Image:
    """A grainy, unevenly lit page with one number on it, in colours."""
    rng = np.random.default_rng(0)
    light = cv2.resize(rng.integers(150, 230, (3, 4), dtype=np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(rng.integers(0, 12, (height // 4, width // 4), dtype=np.uint8), (width, height))
    side = height // 3
    shade = write(paper(width, height, 255), "7", width // 3, side, height=side, pen=side // 12, ink=60)
    page = cv2.multiply(cv2.add(light, grain), shade, scale=1 / 255)
    return Image.fromarray(np.dstack([page, page, cv2.subtract(page, 12)]))


def stages(name: str, file: bytes, rounds: int) -> None:
    """Print the median time of a whole reading of one digit, on one thread, and what its stages take by themselves."""
    cv2.setNumThreads(1)
    reader = load_reader()
    classifier, finder = Classifier(open_version(SHIPPED).classifier_path), Finder(verified(FINDER))
    times: list[list[float]] = []
    readings: list[float] = []
    for _ in range(rounds):
        clock = [time.perf_counter()]
        reader.read(file)
        readings.append(1000 * (time.perf_counter() - clock[0]))
        clock = [time.perf_counter()]
        picture = decode(file)
        clock.append(time.perf_counter())
        sheet(picture.grey)
        clock.append(time.perf_counter())
        lines = find_digits(picture.grey)
        clock.append(time.perf_counter())
        finder.find(picture.grey)
        clock.append(time.perf_counter())
        bitmaps = [to_mnist(found.ink) for line in lines for found in line]
        clock.append(time.perf_counter())
        classifier.probabilities(np.reshape(np.asarray(bitmaps, np.float32), (-1, 28, 28)))
        clock.append(time.perf_counter())
        times.append([1000 * (end - start) for start, end in pairwise(clock)])
    parts = (median(column) for column in zip(*times, strict=True))
    shares = "  ".join(f"{stage} {part:.1f}" for stage, part in zip(_STAGES, parts, strict=True))
    print(f"{name:24} {median(readings):6.1f} ms   {shares}")
    note(name, f"a reading on one thread: {name}", "{:.0f} ms", *readings)


_STAGES: Final = ("decode", "straighten", "find", "detect", "normalize", "classify")


def memory(folder: Path) -> None:
    """Print the peak memory above idle of each format near its limit, each in a process of its own."""
    for name, form, size, mode, options in _NEAR_LIMITS:
        path = folder / "picture"
        picture = photo(*size)
        match mode:
            case "I;16":
                deep = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
                path.write_bytes(encode(deep, form, **options))
            case "RGBA":
                picture.putalpha(picture.getchannel(0))
                path.write_bytes(encode(picture, form, **options))
            case _:
                path.write_bytes(encode(picture.convert(mode), form, **options))
        command = [sys.executable, "-m", "tests.bench.read_speed", "--peak", str(path)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        megapixels = size[0] * size[1] / 1e6
        print(f"{name:24} {megapixels:5.0f} MP, file {path.stat().st_size / 1e6:4.1f} MB   {answer}")
        (raised,) = map(float, re.findall(r"peak \+ *(\d+) MB", answer))
        note(f"memory {name}", f"memory above idle: {name}, {megapixels:.0f} megapixels", "{:.0f} MB", raised)


def peak(path: Path) -> None:
    """Print how far one decode raises this process's memory, the file in it included, and what its decoder's has."""
    decode(encode(paper(), "HEIF"))  # every library is loaded: idle is a bot that has read pictures before
    gc.collect()
    idle = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # start a new VmHWM
    start = time.perf_counter()
    decode(path.read_bytes())
    spent = time.perf_counter() - start
    own = f"peak +{_resident('VmHWM') - idle:4.0f} MB   after +{_resident('VmRSS') - idle:3.0f} MB"
    print(f"{own}   decoder {decoder()}   {spent:.2f} s")


def _resident(field: str) -> float:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


async def longest_pause(name: str, files: list[bytes]) -> None:
    """Print the longest time that an event loop was kept from running while worker threads read."""
    reader = load_reader()
    loop = asyncio.get_running_loop()
    pauses: list[float] = []

    async def beat() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            pauses.append(now - last - 0.001)
            last = now

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0.1)
    pauses.clear()
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        await asyncio.gather(*(loop.run_in_executor(pool, reader.read, file) for file in files))
    spent = time.perf_counter() - start
    beating.cancel()
    print(f"{name:24} longest pause {1000 * max(pauses):5.1f} ms while {len(files)} were read in {spent:.1f} s")
    note(f"pause {name}", f"longest pause while {len(files)} are read: {name}", "{:.0f} ms", 1000 * max(pauses))


def main() -> None:
    """Run everything, or measure one file for `memory`."""
    parser = argparse.ArgumentParser("python -m tests.bench.read_speed", description="What a reading costs.")
    parser.add_argument("--peak", type=Path, metavar="FILE", help="print the memory that decoding FILE takes")
    options = parser.parse_args()
    if options.peak:
        peak(options.peak)
        return
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    large = photo(4000, 3000)
    stages("chat size, JPEG", encode(photo(1280, 960), "JPEG", quality=87), 30)
    files = {form: encode(large, form) for form in ("JPEG", "PNG", "WEBP", "HEIF")}
    for form, file in files.items():
        stages(f"12 megapixels, {form}", file, 10)
    print()
    for form, file in files.items():
        asyncio.run(longest_pause(f"event loop, {form}", [file] * 50))
    print()
    with tempfile.TemporaryDirectory() as folder:
        memory(Path(folder))


if __name__ == "__main__":
    main()
