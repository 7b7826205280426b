"""How cost grows: `python -m tests.bench.growth [--rounds 7] [--photos 200]`, a few minutes, Linux only.

The time of a reading on one thread against the pixels, the digits and the other writing on a page; the bot's memory
against the photos that wait; its start against the versions of the model that it keeps. Each is a ratio to the first of
its row, of medians that were taken in turns.
"""

import argparse
import itertools
import shutil
import string
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import cv2
import numpy as np

from model import SHIPPED, load_reader
from tests.bench.figures import note
from tests.pictures import Grey, encode, paper, write
from tests.processes import ROOT, healthz, running_bot

_PIXELS: Final = (0.5, 1, 2, 4, 8)  # times the first size
_DIGITS: Final = (1, 2, 5, 10, 20, 30)
_LETTERS: Final = (0, 50, 200, 500, 1_000, 2_000)
_WAITING: Final = (1, 10, 50)
_VERSIONS: Final = (0, 12, 24)
_WIDE, _HIGH = 1280, 960
_SAMPLE: Final = ROOT / "bot" / "local" / "page" / "samples" / "a-seven.jpg"

# What the project promises: at most so many times the cost of the first.
_GOALS: Final = {"30 digits": 3.0, "2,000 letters": 12.0}
_DOUBLE: Final = 2.2  # for twice the pixels, of any size


def with_digits(count: int) -> Grey:
    """A page with so many digits of one size, five in a number."""
    page, digits = paper(_WIDE, _HIGH), "".join(str(number * 7 % 10) for number in range(count))
    for place in range(0, count, 5):
        row, column = divmod(place // 5, 2)
        page = write(page, digits[place : place + 5], 90 + 600 * column, 90 + 300 * row, height=110, pen=9)
    return page


def with_letters(count: int) -> Grey:
    """A page with one digit, and so many small letters around it."""
    page, random = with_digits(1), np.random.default_rng(0)
    letters = random.choice(list(string.ascii_lowercase), count)
    for place, letter in enumerate(letters.tolist()):
        row, column = divmod(place, 50)
        at = (30 + 24 * column, 250 + 17 * row)
        cv2.putText(page, letter, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.45, 40, 1, cv2.LINE_AA)
    return page


def enlarged(times: float) -> Grey:
    """The page of one number with so many times its pixels."""
    scale = times**0.5
    return np.asarray(cv2.resize(with_digits(5), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)


def reading_ms(pages: Mapping[str, Grey], rounds: int) -> dict[str, list[float]]:
    """Read all pages in turns, as JPEG files."""
    cv2.setNumThreads(1)
    reader = load_reader()
    files = {name: encode(page, "JPEG", quality=87) for name, page in pages.items()}
    times: dict[str, list[float]] = {name: [] for name in files}
    for turn in range(rounds + 1):
        for name, file in files.items():
            start = time.perf_counter()
            reader.read(file)
            if turn:  # the first one warms up
                times[name].append(1000 * (time.perf_counter() - start))
    return times


def waiting_mb(photos: int) -> dict[str, list[float]]:
    """The bot's memory at its peak while so many photos wait, each time another bot."""
    found = {}
    for waiting in _WAITING:
        with tempfile.TemporaryDirectory() as data, running_bot(Path(data), LOG_LEVEL="WARNING") as bot:
            for _ in range(photos // waiting):
                last = [bot.send(_SAMPLE) for _ in range(waiting)][-1]
                bot.replies(last, timeout_s=300)
            found[f"{waiting} at once"] = [bot.memory_mb()]
    return found


def start_s(rounds: int) -> dict[str, list[float]]:
    """The time to /healthz with so many versions of the model in the bot's folder."""
    found: dict[str, list[float]] = {f"{versions} versions": [] for versions in _VERSIONS}
    for _ in range(rounds):
        for versions, name in zip(_VERSIONS, found, strict=True):
            with tempfile.TemporaryDirectory() as folder:
                for number in range(versions):
                    shutil.copytree(SHIPPED, Path(folder, "data", "models", f"20260101-0000{number:02}-continue-0"))
                start = time.perf_counter()
                with running_bot(Path(folder), LOG_LEVEL="WARNING") as bot:
                    healthz(bot.origin)
                    found[name].append(time.perf_counter() - start)
    return found


def told(what: str, unit: str, costs: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Print a row a case, note its ratio to the first, and give the ratios."""
    print(f"{what:16}{'median ' + unit:>12}{'ratio':>8}")
    first = median(next(iter(costs.values())))
    ratios = {name: median(values) / first for name, values in costs.items()}
    for name, values in costs.items():
        print(f"{name:16}{median(values):12.{1 if first < 10 else 0}f}{ratios[name]:8.2f}", flush=True)
        note(f"{what}.{name}", f"{what}: {name}, times the first", "{:.2f}", *(value / first for value in values))
    print()
    return ratios


def main() -> int:
    """Print how each cost grows; 1 when one grows faster than promised."""
    parser = argparse.ArgumentParser("python -m tests.bench.growth", description="How cost grows.")
    parser.add_argument("--rounds", type=int, default=7, help="of each reading and of each start")
    parser.add_argument("--photos", type=int, default=200, help="for each measurement of memory")
    options = parser.parse_args()
    digits = told("digits", "ms", reading_ms({f"{n} digits": with_digits(n) for n in _DIGITS}, options.rounds))
    letters = told("letters", "ms", reading_ms({f"{n:,} letters": with_letters(n) for n in _LETTERS}, options.rounds))
    sizes = reading_ms({f"{times:g} × 1.2 MP": enlarged(times) for times in _PIXELS}, options.rounds)
    pixels = list(told("pixels", "ms", sizes).values())
    told("photos waiting", "MB", waiting_mb(options.photos))
    told("start", "s", start_s(options.rounds))
    doubled = max(more / less for less, more in itertools.pairwise(pixels))
    reached = {name: (digits | letters)[name] for name in _GOALS} | {"twice the pixels": doubled}
    goals = {**_GOALS, "twice the pixels": _DOUBLE}
    for name, ratio in reached.items():
        outcome = "reached" if ratio <= goals[name] else "MISSED"
        print(f"{name}: {ratio:.2f} times (at most {goals[name]:g}: {outcome})")
        note(f"goal.{name}", f"{name} cost, times one", "{:.2f}", ratio)
    return int(any(ratio > goals[name] for name, ratio in reached.items()))


if __name__ == "__main__":
    sys.exit(main())
