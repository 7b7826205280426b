"""Small files that cost much to decode: `python -m tests.bench.bombs [NAME…]`, about a minute, Linux only.

Each is read in a process of its own, as the bot reads it. Prints what came of it, the seconds, and how far the memory
of the bot's process and of the one that decodes rose above idle.
"""

import argparse
import re
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil
from PIL import Image

from model import UnreadablePhoto, load_reader
from tests.bench.figures import note
from tests.pictures import encode, paper, write


def _progressive(width: int = 1280, height: int = 960) -> bytes:
    page = write(paper(width, height), "7", width // 3, height // 4, height=height // 2, pen=height // 24)
    return encode(page, "JPEG", progressive=True)


def _scans(times: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    photo = encode(paper(4000, 3000), "JPEG", progressive=True)
    last = photo.rfind(b"\xff\xda")
    return photo[:-2] + photo[last:-2] * times + photo[-2:]


def _junk(photo: bytes) -> bytes:
    """A byte that belongs to nothing before the first Huffman table."""
    at = photo.find(b"\xff\xc4")
    return photo[:at] + b"\0" + photo[at:]


def _honest_scans() -> bytes:
    """As many scans as are allowed, of as many pixels as are allowed."""
    photo = encode(Image.fromarray(paper(9250, 8000)), "JPEG", progressive=True)
    last = photo.rfind(b"\xff\xda")
    return photo[:-2] + photo[last:-2] * (95 - photo.count(b"\xff\xda")) + photo[-2:]


def _exif() -> bytes:
    """A JPEG with 18 MB of metadata."""
    photo = _progressive()
    segment = b"\xff\xe1" + struct.pack(">H", 65000) + b"Exif\0\0" + bytes(65000 - 8)
    return photo[:2] + segment * 280 + photo[2:]


def _app_segments() -> bytes:
    photo = _progressive()
    return photo[:2] + (b"\xff\xe5\0\x0aholiday!") * 500 + photo[2:]


def _texts() -> bytes:
    """A PNG with 19 MB of small texts."""
    photo = encode(write(paper(), "7"))
    text = b"a\0b"
    chunk = struct.pack(">I", len(text)) + b"tEXt" + text + struct.pack(">I", zlib.crc32(b"tEXt" + text))
    return photo[:33] + chunk * (19_000_000 // len(chunk)) + photo[33:]


def _avif() -> bytes:
    """An AVIF of 196 megapixels that claims to have 100 x 100."""
    photo = encode(Image.new("L", (14000, 14000), 255), "AVIF", speed=10, quality=10)
    at = photo.index(b"ispe") + 8
    return photo[:at] + struct.pack(">II", 100, 100) + photo[at + 8 :]


def _animated() -> bytes:
    frames = [Image.new("RGBA", (4400, 4400), (255, 255, 255, shade)) for shade in (255, 250)]
    return encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], method=0)


def _transparent() -> bytes:
    return encode(Image.new("RGBA", (5100, 3900), (255, 255, 255, 200)), "WEBP", method=0, lossless=True)


def _strip(width: int, height: int) -> Callable[[], bytes]:
    return lambda: encode(paper(width, height), "PNG")


BOMBS: Final[dict[str, Callable[[], bytes]]] = {
    "a photo of a chat": lambda: encode(write(paper(1280, 960), "4071", 300, 300, height=200, pen=20), "JPEG"),
    "1,000 scans": lambda: _scans(1_000),
    "10,000 scans": lambda: _scans(10_000),
    "1,000 scans behind a junk byte": lambda: _junk(_scans(1_000)),
    "95 scans of 74 megapixels": _honest_scans,
    "18 MB of EXIF": _exif,
    "500 APP segments": _app_segments,
    "19 MB of texts in a PNG": _texts,
    "AVIF, 100 x 100 that are 196 MP": _avif,
    "animated WebP": _animated,
    "transparent WebP": _transparent,
    "1 x 1280": _strip(1, 1280),
    "1 x 30000": _strip(1, 30_000),
    "65500 x 1": _strip(65_500, 1),
}


def measure(name: str, file: bytes) -> None:
    """Read one of them and print its line."""
    reader = load_reader()
    for form in ("JPEG", "HEIF", "AVIF", "WEBP"):  # idle is a bot that has read pictures before
        reader.read(encode(write(paper(), "7"), form))
    idle = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # start a new VmHWM
    start = time.perf_counter()
    try:
        said = "/".join(reader.read(file).texts) or "no digit"
    except UnreadablePhoto as error:
        said = str(error)
    spent = time.perf_counter() - start
    own = _resident("VmHWM") - idle
    print(f"{name:32} {len(file) / 1e6:6.2f} MB {spent:6.2f} s, bot +{own:3.0f} MB, decoder {decoder()}   {said}")
    note(f"{name}.time", f"{name}: time to its answer", "{:.2f} s", spent)
    note(f"{name}.memory", f"{name}: the bot's memory above idle", "{:.0f} MB", own)


def decoder() -> str:
    """What the process beside this one that decodes has taken at most, if it was not ended."""
    return " ".join(f"{_resident('VmHWM', child.pid):.0f} MB" for child in psutil.Process().children()) or "ended"


def _resident(field: str, pid: int | str = "self") -> float:
    found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Measure all of them, or those that are named."""
    parser = argparse.ArgumentParser("python -m tests.bench.bombs", description="Small files that cost much to decode.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="; ".join(BOMBS))
    parser.add_argument("--measure", action="store_true", help="measure one, whose bytes come on standard input")
    options = parser.parse_args()
    if options.measure:
        measure(options.names[0], sys.stdin.buffer.read())
        return
    for name in options.names or BOMBS:
        command = [sys.executable, "-m", "tests.bench.bombs", "--measure", name]
        subprocess.run(command, input=BOMBS[name](), check=True)


if __name__ == "__main__":
    main()
