"""The served reader on photos that share nothing with the training's scenes: `python -m tests.bench.unseen [PHOTOS]`.

Default 2,000 photos. Prints how many digits are found (a box that overlaps by half), how many photos of one digit and
of numbers are read exactly, how many of those numbers, a line of two digits or more each, are read exactly (a photo has
up to three), and how many photos without a digit are refused. `--sheet PNG` draws some of them instead.
`--signs` reads lines of digits with signs between them instead: digits exact, and exact as written.
`--limit` prints what would be read of these numbers if every digit were found and cut out without a flaw: redrawing
loses what a thick pen had filled, and some digits nobody can name.
"""

import argparse
import collections
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from model import SHIPPED, load_reader, open_version
from model.classify import Classifier
from model.generate.pens import Glyph, stroke, traced
from model.mnist import Labels, load_mnist
from model.normalize import to_mnist
from model.quiet import quiet_native_code
from tests.bench.figures import note
from tests.bench.scenes import overlap
from tests.bench.unseen_scenes import Photo, faithful, photo, photo_with_signs

_SEED: Final = 5_000_000_029


_ALONE: Final = 110  # pixels, the height of a digit drawn by itself


def photos(count: int) -> list[Photo]:
    """The photos, always the same ones."""
    glyphs, labels = digits()
    return [photo(glyphs, labels, np.random.default_rng([_SEED, number])) for number in range(count)]


def digits() -> tuple[tuple[Glyph, ...], Labels]:
    """The validation digits that are written in the photos, as lines, and what they are."""
    _, (images, labels) = load_mnist().split()
    glyphs = traced(images)
    good = np.flatnonzero(faithful(glyphs, images))
    return tuple(glyphs[number] for number in good), labels[good]


def limit(count: int) -> None:
    """Print how many of the redrawn digits are misread by themselves, and what that leaves of the photos' numbers."""
    glyphs, labels = digits()
    with quiet_native_code():
        classifier = Classifier(open_version(SHIPPED).classifier_path)
    bitmaps = []
    for glyph in glyphs:
        ink = np.zeros((_ALONE + 50, _ALONE + 50), np.uint8)
        stroke(ink, tuple(line * _ALONE + (_ALONE + 49) / 2 for line in glyph), 0.08 * _ALONE)
        bitmaps.append(to_mnist(np.divide(ink, 255, dtype=np.float32)))
    answers = np.concatenate([classifier.probabilities(part) for part in np.array_split(np.array(bitmaps), 50)])
    wrong = float((answers.argmax(axis=1) != labels).mean())
    print(f"{'misread, drawn alone and clean':34} {wrong:.4f}  of {len(labels)}")
    lengths = [len("".join(each.lines)) for each in photos(count) if each.kind == "numbers"]
    most = float(np.mean((1 - wrong) ** np.array(lengths)))
    print(f"{'of numbers that leaves at most':34} {most:.3f}  of {len(lengths)}")


def sheet(path: Path) -> None:
    """Draw some photos, small, with what is written in them."""
    tiles = []
    for each in photos(48):
        tile = each.grey.copy()
        for box in np.rint(each.boxes).astype(int):
            cv2.rectangle(tile, box[:2].tolist(), box[2:].tolist(), (0,), 2)
        cv2.putText(tile, "/".join(each.lines), (5, 40), cv2.FONT_HERSHEY_PLAIN, 3, (0,), 4)
        tiles.append(cv2.resize(tile, (240, 190), interpolation=cv2.INTER_AREA))
    cv2.imwrite(str(path), np.vstack([np.hstack(tiles[row : row + 8]) for row in range(0, 48, 8)]))


def with_signs(count: int) -> None:
    """Print how many lines of digits and signs are read exactly, the digits alone and as written."""
    glyphs, labels = digits()
    reader = load_reader()
    exact, as_written = [], []
    for number in range(count):
        grey, line, text = photo_with_signs(glyphs, labels, np.random.default_rng([_SEED, number, 1]))
        reading = reader.read(cv2.imencode(".png", grey)[1].tobytes())
        exact.append(reading.texts == (line,))
        as_written.append(exact[-1] and "".join(reading.as_written).replace(" ", "") == text)
    _print({"exact, digits between signs": exact, "exact as written": as_written})


def _print(figures: dict[str, list[bool]]) -> None:
    for name, oks in sorted(figures.items()):
        print(f"{name:34} {np.mean(oks):.3f}  of {len(oks)}")
        note(name, f"{name}, of {len(oks)}", "{:.1f} %", 100 * float(np.mean(oks)))


def main() -> None:
    """Read the photos and print the figures."""
    parser = argparse.ArgumentParser("python -m tests.bench.unseen", description="Photos unlike the training's scenes.")
    parser.add_argument("photos", nargs="?", type=int, default=2_000)
    parser.add_argument("--sheet", type=Path, metavar="PNG")
    parser.add_argument("--limit", action="store_true", help="what flawless finding would read")
    parser.add_argument("--signs", action="store_true", help="lines of digits with signs between them")
    options = parser.parse_args()
    if options.signs:
        with_signs(options.photos)
        return
    if options.sheet:
        sheet(options.sheet)
        return
    if options.limit:
        limit(options.photos)
        return
    reader = load_reader()
    figures: dict[str, list[bool]] = collections.defaultdict(list)
    for each in photos(options.photos):
        reading = reader.read(cv2.imencode(".png", each.grey)[1].tobytes())
        if each.kind == "nothing":
            figures["refused where there is no digit"].append(not reading.digits)
            continue
        for box in each.boxes:
            found = any(overlap(box, np.array(digit.box, np.float32)) > 0.5 for digit in reading.digits)
            figures["digits found"].append(found)
        figures[f"exact, photos of {each.kind}"].append(reading.texts == each.lines)
        left = collections.Counter(reading.texts)
        for number in (line for line in each.lines if len(line) > 1):
            figures["exact, each number by itself"].append(left[number] > 0)
            left[number] -= 1
    _print(figures)


if __name__ == "__main__":
    main()
