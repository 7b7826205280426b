"""Digits of other people's collections, each as a picture of its own: `python -m tests.bench.other_digits [FOLDER]`.

FOLDER holds npz files: x (N, H, W) uint8, ink bright on black, and y; or strokes of pens with their y. Each array is
enlarged and gets a margin, strokes are drawn with one pen, and the result is read as the PNG file that somebody would
send. Prints the share read exactly, and of symbols and letters that are no digits the share refused.
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
from tests.pictures import Grey, encode, paper

_FOLDER: Final = Path(__file__).parents[3] / "shared" / "bench"
_DIGITS: Final = {
    "USPS test": "usps_test.npz",
    "BHMSDS digits": "bhmsds_digits.npz",
    "optdigits, other people": "optdigits32_windep.npz",
    "UNIPEN digits": "unipen_held_digits_strokes.npz",
    "anzemur, faint pens": "anzemur_scanned_32px.npz",
}
_NO_DIGITS: Final = {
    "BHMSDS symbols": "bhmsds_nondigits.npz",
    "UNIPEN symbols": "unipen_held_symbols_strokes.npz",
    "UNIPEN letters": "unipen_held_letters_strokes.npz",
}
# What people write as they write a digit: what refuses it refuses digits too. All of UNIPEN's symbols count.
_LOOK_ALIKE: Final = {
    "BHMSDS symbols": frozenset({"slash", "z", "y"}),
    "UNIPEN symbols": frozenset[str](),
    "UNIPEN letters": frozenset("abfghijlopqstuyzABDEFGIJOPQSTYZ"),
}

_SIDE: Final = 128  # pixels of the enlarged array
_MARGIN: Final = 32  # pixels of black around it
_DRAWN: Final = 96  # pixels of the long side of drawn strokes
_PEN: Final = 5  # pixels
_WORST: Final = 7  # symbols of a collection that are told one by one
_SHIFT: Final = 4  # fractional bits of the points that OpenCV draws


def picture(array: Grey) -> bytes:
    """An array as a picture that fills a good part of a small photo."""
    side = round(_SIDE * array.shape[1] / max(array.shape)), round(_SIDE * array.shape[0] / max(array.shape))
    large = cv2.resize(array, side, interpolation=cv2.INTER_CUBIC)
    return encode(np.pad(np.asarray(large), _MARGIN))


def drawing(points: NDArray[Any], stroke: NDArray[Any]) -> bytes:
    """Strokes, (N, 2) points and the number of each one's stroke, drawn dark on paper."""
    at = (points - points.min(axis=0)) * (_DRAWN / max(1, np.ptp(points, axis=0).max())) + _MARGIN
    wide, high = np.ceil(at.max(axis=0)).astype(int).tolist()
    page = paper(wide + _MARGIN, high + _MARGIN)
    for number in np.unique(stroke):
        line = np.rint(at[stroke == number] * (1 << _SHIFT)).astype(np.int32)
        way = [np.repeat(line, 2, axis=0)]  # a point is a line to itself
        cv2.polylines(page, way, isClosed=False, color=(40,), thickness=_PEN, lineType=cv2.LINE_AA, shift=_SHIFT)
    return encode(page)


def some(path: Path, most: int) -> tuple[list[bytes], NDArray[Any]]:
    """At most so many of a collection as pictures, evenly from all of it, with their labels."""
    with np.load(path) as file:
        arrays = dict(file)
    y = arrays["y"]
    chosen = np.linspace(0, len(y) - 1, min(most, len(y))).astype(int)
    if "x" in arrays:
        x = arrays["x"] * np.uint8(255 if arrays["x"].max() == 1 else 1)
        return [picture(x[place]) for place in chosen], y[chosen]
    of = [np.s_[arrays["offset"][place] : arrays["offset"][place + 1]] for place in chosen]
    return [drawing(arrays["xy"][part].astype(float), arrays["stroke"][part]) for part in of], y[chosen]


def read_all(reader: DigitReader, pictures: list[bytes]) -> list[str]:
    """What is read in each picture: its lines with / between them, empty when there is no digit."""
    return ["/".join(reader.read(one).texts) for one in pictures]


def rows(folder: Path, most: int) -> Iterator[tuple[str, int, float, str]]:
    """Name, how many, the share that is as it should be, and what else there is to say."""
    reader = load_reader()
    for name, file in _DIGITS.items():
        pictures, y = some(folder / file, most)
        read, y = read_all(reader, pictures), y.astype(int)
        right = np.array([said == str(label) for said, label in zip(read, y, strict=True)])
        worst = min(set(y.tolist()), key=lambda digit: right[y == digit].mean())
        refused, several = sum(said == "" for said in read), sum(len(said) > 1 for said in read)
        note = f"refused {refused}, as several {several}, worst {worst} with {right[y == worst].mean():.3f}"
        yield name, len(y), float(right.mean()), note
    for name, file in _NO_DIGITS.items():
        pictures, y = some(folder / file, most)
        read = read_all(reader, pictures)
        is_refused = np.array([said == "" for said in read])
        plain = ~np.isin(y, list(_LOOK_ALIKE[name]))
        without = ", ".join(sorted(_LOOK_ALIKE[name]))
        yield f"{name} refused", int(plain.sum()), float(is_refused[plain].mean()), without and f"without {without}"
        told = [(symbol, y == symbol) for symbol in sorted(set(y.tolist()))]
        for symbol, of_it in sorted(told, key=lambda one: -(one[1] & ~is_refused).sum())[:_WORST]:
            said = [text for text, its in zip(read, of_it, strict=True) if its and text]
            often = max(set(said), key=said.count) if said else "-"
            like = ", looks like one" if symbol in _LOOK_ALIKE[name] else ""
            yield f"  {symbol}", int(of_it.sum()), float(is_refused[of_it].mean()), f"otherwise mostly {often}{like}"


def main() -> int:
    """Read everything and print a table."""
    parser = argparse.ArgumentParser(
        "python -m tests.bench.other_digits", description="Digits of other people's collections."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=_FOLDER, help="npz files (default: ../shared/bench)")
    parser.add_argument("--most", type=int, default=10_000, metavar="N", help="of each collection at most N")
    options = parser.parse_args()
    for file in (*_DIGITS.values(), *_NO_DIGITS.values()):
        if not (options.folder / file).exists():
            parser.exit(2, f"{file} is missing in the folder: name the one that holds the collections\n")
    start = time.monotonic()
    for name, number, share, note in rows(options.folder, options.most):
        print(f"{name:24} {share:.4f}  of {number:5}   {note}", flush=True)
    print(f"{time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
