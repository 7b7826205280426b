"""The served reader on photos that share nothing with the training's scenes: `python -m tests.bench.unseen [PHOTOS]`.

Default 2,000 photos. Prints how many digits are found (a box that overlaps by half), how many photos of one digit and
of numbers are read exactly, and how many without a digit are refused. `--sheet PNG` draws some of them instead.
"""

import argparse
import collections
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from model import load_reader
from model.generate.pens import traced
from model.mnist import load_mnist
from tests.bench.scenes import overlap
from tests.bench.unseen_scenes import Photo, faithful, photo

_SEED: Final = 5_000_000_029


def photos(count: int) -> list[Photo]:
    """The photos, always the same ones."""
    _, (images, labels) = load_mnist().split()
    glyphs = traced(images)
    good = np.flatnonzero(faithful(glyphs, images))
    glyphs, labels = tuple(glyphs[number] for number in good), labels[good]
    return [photo(glyphs, labels, np.random.default_rng([_SEED, number])) for number in range(count)]


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


def main() -> None:
    """Read the photos and print the figures."""
    parser = argparse.ArgumentParser("python -m tests.bench.unseen", description="Photos unlike the training's scenes.")
    parser.add_argument("photos", nargs="?", type=int, default=2_000)
    parser.add_argument("--sheet", type=Path, metavar="PNG")
    options = parser.parse_args()
    if options.sheet:
        sheet(options.sheet)
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
        figures[f"exact, {each.kind}"].append(reading.texts == each.lines)
    for name, oks in sorted(figures.items()):
        print(f"{name:34} {np.mean(oks):.3f}  of {len(oks)}")


if __name__ == "__main__":
    main()
