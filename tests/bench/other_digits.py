"""Digits of other people's collections, each as a picture of its own: `python -m tests.bench.other_digits [FOLDER]`.

FOLDER holds npz files with x (N, H, W) uint8, ink bright on black, and y. Each array is enlarged, gets a margin, and is
read as the PNG file that somebody would send. Prints the share read exactly, and of symbols that are no digits the
share refused.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model import DigitReader, load_reader
from tests.pictures import Grey, encode

_FOLDER: Final = Path(__file__).parents[3] / "shared" / "bench"
_DIGITS: Final = {
    "USPS test": "usps_test.npz",
    "BHMSDS digits": "bhmsds_digits.npz",
    "anzemur, faint pens": "anzemur_scanned_32px.npz",
}
_SYMBOLS: Final = "bhmsds_nondigits.npz"
# Symbols that people write as they write a 1, a 2 and a 9: what refuses them refuses digits too.
_LOOK_ALIKE: Final = {"slash": "1", "z": "2", "y": "9"}

_SIDE: Final = 128  # pixels of the enlarged array
_MARGIN: Final = 32  # pixels of black around it


def picture(array: Grey) -> bytes:
    """An array as a picture that fills a good part of a small photo."""
    side = round(_SIDE * array.shape[1] / max(array.shape)), round(_SIDE * array.shape[0] / max(array.shape))
    large = cv2.resize(array, side, interpolation=cv2.INTER_CUBIC)
    return encode(np.pad(np.asarray(large), _MARGIN))


def read_all(reader: DigitReader, arrays: NDArray[np.uint8]) -> list[str]:
    """What is read in each of (N, H, W): its lines with / between them, empty when there is no digit."""
    return ["/".join(reader.read(picture(array)).texts) for array in arrays]


def some(path: Path, most: int) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """At most this many of a collection, evenly from all of it."""
    with np.load(path) as file:
        x, y = file["x"], file["y"]
    chosen = np.linspace(0, len(x) - 1, min(most, len(x))).astype(int)
    return x[chosen], y[chosen]


def rows(folder: Path, most: int) -> Iterator[tuple[str, int, float, str]]:
    """Name, how many, the share that is as it should be, and what else there is to say."""
    reader = load_reader()
    for name, file in _DIGITS.items():
        x, y = some(folder / file, most)
        read = read_all(reader, x)
        right = np.array([said == str(label) for said, label in zip(read, y, strict=True)])
        worst = min(range(10), key=lambda digit: right[y == digit].mean())
        refused, several = sum(said == "" for said in read), sum(len(said) > 1 for said in read)
        note = f"refused {refused}, as several {several}, worst {worst} with {right[y == worst].mean():.3f}"
        yield name, len(x), float(right.mean()), note
    x, y = some(folder / _SYMBOLS, most)
    read = read_all(reader, x)
    is_refused = np.array([said == "" for said in read])
    plain = ~np.isin(y, list(_LOOK_ALIKE))
    yield "symbols refused", int(plain.sum()), float(is_refused[plain].mean()), "without slash, z and y"
    for symbol in sorted(set(y.tolist())):
        of_it = y == symbol
        said = [text for text, its in zip(read, of_it, strict=True) if its and text]
        often = max(set(said), key=said.count) if said else "-"
        like = f", looks like {_LOOK_ALIKE[symbol]}" if symbol in _LOOK_ALIKE else ""
        yield f"  {symbol}", int(of_it.sum()), float(is_refused[of_it].mean()), f"otherwise mostly {often}{like}"


def main() -> int:
    """Read everything and print a table."""
    parser = argparse.ArgumentParser(
        "python -m tests.bench.other_digits", description="Digits of other people's collections."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=_FOLDER, help="npz files (default: ../shared/bench)")
    parser.add_argument("--most", type=int, default=10_000, metavar="N", help="of each collection at most N")
    options = parser.parse_args()
    for file in (*_DIGITS.values(), _SYMBOLS):
        if not (options.folder / file).exists():
            parser.exit(2, f"{file} is missing in the folder: name the one that holds the collections\n")
    start = time.monotonic()
    for name, number, share, note in rows(options.folder, options.most):
        print(f"{name:22} {share:.4f}  of {number:5}   {note}", flush=True)
    print(f"{time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
