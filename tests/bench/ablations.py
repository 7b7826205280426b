"""The whole reader with one part left out at a time: `python -m tests.bench.ablations [PART …]`.

Reads the labelled photos of FOLDER (`--photos`) and generated ones as `python -m tests.bench.unseen` makes, from
another seed. Prints the share read right by kind, of photos without a digit the share refused.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

from model import DigitReader, load_reader
from model.detect import Finder
from model.judge import Opinions
from tests.bench import unseen
from tests.bench.photos import PHOTOS
from tests.bench.scoring import is_right

_SEED: Final = 77  # thresholds were chosen on these photos too: what they show is what a part gives, not how good it is
_ONE_SIZE: Final = (288,)

_find = Finder.find


def _all_digits(_: object, crops: NDArray[np.float32]) -> Opinions:
    return Opinions(np.ones(len(crops), np.float32), np.zeros(len(crops), np.float32))


PARTS: Final[dict[str, Callable[[], AbstractContextManager[Any]]]] = {
    "everything": nullcontext,
    "without-the-learned-finder": lambda: patch.object(Finder, "find", lambda *_: ()),
    "without-the-classical-road": lambda: patch("model.propose.find_digits", lambda _: ()),
    "without-the-judge": lambda: patch("model.judge.Judge.opinions", _all_digits),
    "without-even-light": lambda: patch("model.views.evened", lambda _: None),
    "at-one-size": lambda: patch.object(Finder, "find", lambda finder, grey, *_: _find(finder, grey, _ONE_SIZE)),
}


def shares(reader: DigitReader, folder: Path, count: int) -> dict[str, float]:
    """What is read right, by kind."""
    right: dict[str, list[bool]] = defaultdict(list)
    with (folder / "labels.csv").open(newline="") as file:
        for label in csv.DictReader(file):
            texts = reader.read((folder / label["file"]).read_bytes()).texts
            right[label["kind"]].append(is_right(label, {"lines": texts}))
    with patch.object(unseen, "_SEED", _SEED):
        photos = unseen.photos(count)
    for photo in photos:
        texts = reader.read(cv2.imencode(".png", photo.grey)[1].tobytes()).texts
        right[f"unseen: {photo.kind}"].append(texts == photo.lines)
    return {kind: float(np.mean(each)) for kind, each in right.items()}


def main() -> None:
    """Print a line a part."""
    parser = argparse.ArgumentParser("python -m tests.bench.ablations", description="One part left out at a time.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--photos", type=Path, default=PHOTOS, metavar="FOLDER", help="photos and labels.csv")
    parser.add_argument("--unseen", type=int, default=600, metavar="N", help="how many generated photos")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if not (options.photos / "labels.csv").exists():
        parser.exit(2, f"{options.photos} has no labels.csv: name the folder that holds the photos\n")
    reader = load_reader()
    for part in options.parts or PARTS:
        with PARTS[part]():
            figures = shares(reader, options.photos, options.unseen)
        print(f"{part:28}", "  ".join(f"{kind} {share:.3f}" for kind, share in figures.items()), flush=True)


if __name__ == "__main__":
    main()
