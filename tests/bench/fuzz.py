"""Damaged pictures, read: `python -m tests.bench.fuzz [--executions 100000] [--seed 0]`, an hour on an idle core.

Small pictures of every format are damaged as files are (bytes changed, cut out, repeated, put in; two files spliced;
numbers set to their ends) and read by `DigitReader.read`. Only a reading or UnreadablePhoto may come of one. Prints a
line for anything else, and at the end the slowest reading and how far memory rose.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import psutil
from PIL import Image

from model import UnreadablePhoto, load_reader
from tests.pictures import FORMATS, encode, paper, write

_FEW: Final = 4  # changes to a file
_ENDS: Final = (b"\x00", b"\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00")
_NEWS_EVERY: Final = 5_000


def seeds() -> list[bytes]:
    """Small files of every format and of its rarer kinds."""
    page = write(paper(120, 80), "7", 40, 10, height=60)
    colours = Image.fromarray(np.dstack([page, page, page // 2]))
    found = [encode(page, form) for form in FORMATS] + [encode(colours, form) for form in FORMATS]
    found += [encode(colours, "JPEG", progressive=True), encode(colours.convert("CMYK"), "JPEG")]
    found += [encode(colours.convert("RGBA"), form) for form in ("PNG", "WEBP", "AVIF", "HEIF", "TIFF")]
    found += [encode(colours.quantize(8)), encode(Image.fromarray(page.astype(np.uint16) * 257))]
    found += [encode(page, "TIFF", compression=how) for how in ("tiff_lzw", "packbits", "tiff_adobe_deflate", "jpeg")]
    found += [encode(page, form, save_all=True, append_images=[colours]) for form in ("GIF", "WEBP", "AVIF")]
    return found


def damaged(files: list[bytes], chance: random.Random) -> bytes:
    """One of the files, with a few changes."""
    photo = bytearray(chance.choice(files))
    for _ in range(chance.randint(1, _FEW)):
        at, length = chance.randrange(len(photo) + 1), chance.choice((1, 1, 2, 4, 8, 64))
        match chance.randrange(7):
            case 0:
                photo[at : at + length] = chance.randbytes(length)
            case 1:
                end = chance.choice(_ENDS)
                photo[at : at + len(end)] = end
            case 2:
                del photo[at : at + length]
            case 3:
                photo[at:at] = chance.randbytes(length)
            case 4:
                photo[at:at] = photo[at : at + 16 * length] * chance.choice((1, 2, 50))
            case 5:
                other = chance.choice(files)
                photo[at:] = other[min(at, len(other)) :]
            case _:
                del photo[at:]
        if not photo:
            break
    return bytes(photo)


def run(executions: int, seed: int, keep: Path, first: int = 1) -> int:
    """Read so many, the first of which has number `first`; gives how many raised what they must not. Those are kept.

    What took longest is read again at the end: beside other work a moment's wait looks like a slow file.
    """
    reader, chance, files = load_reader(), random.Random(seed), seeds()
    for file in files:
        reader.read(file)
    me = psutil.Process()
    idle = me.memory_info().rss
    outcomes: Counter[str] = Counter()
    slowest, slow, most, bad = 0.0, b"", 0, 0
    for _ in range(1, first):
        damaged(files, chance)
    for number in range(first, first + executions):
        photo = damaged(files, chance)
        began = time.perf_counter()
        outcome = _outcome(reader.read, photo)
        if (took := time.perf_counter() - began) > slowest:
            slowest, slow = took, photo
        most = max(most, me.memory_info().rss - idle)
        outcomes[outcome.partition(":")[0]] += 1
        if outcome.startswith("!"):
            bad += 1
            (keep / f"fuzz-{seed}-{number}").write_bytes(photo)
            print(f"{number}: {outcome}", flush=True)
        if number % _NEWS_EVERY == 0 or number == first + executions - 1:
            print(f"{number:,} read, {bad} of them wrong; slowest {slowest:.2f} s, memory +{most >> 20} MB", flush=True)
    began = time.perf_counter()
    _outcome(reader.read, slow)
    print(f"the slowest, {len(slow):,} bytes, read again: {time.perf_counter() - began:.2f} s")
    print(", ".join(f"{outcome} {count:,}" for outcome, count in outcomes.most_common()))
    return bad


def _outcome(read: Callable[[bytes], object], photo: bytes) -> str:
    try:
        read(photo)
    except UnreadablePhoto as error:
        return str(error.reason)
    except Exception as error:  # noqa: BLE001 that is what is looked for
        return f"!{type(error).__name__}: {error}"
    return "read"


def main() -> int:
    """Fuzz; the exit status is 1 when anything raised what it must not."""
    parser = argparse.ArgumentParser("python -m tests.bench.fuzz", description="Damaged pictures, read.")
    parser.add_argument("--executions", type=int, default=100_000, metavar="N")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="the number to begin with")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--keep", type=Path, default=Path(), metavar="DIR", help="where files go that are read wrong")
    options = parser.parse_args()
    return int(run(options.executions, options.seed, options.keep, options.first) > 0)


if __name__ == "__main__":
    raise SystemExit(main())
