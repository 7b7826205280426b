"""Labelled photos made worse: `python -m tests.bench.worse [FOLDER] [--every N]`.

FOLDER holds photos and labels.csv, as for `make photos`. Each photo is read as it is, and after each of the things that
go wrong when people photograph paper, done to the whole photo by a fixed amount: hard, so that something goes wrong.
Prints by kind the share read right, of negatives the share refused.
"""

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model import load_reader
from model.decode import decode
from tests.bench.figures import note
from tests.bench.photos import PHOTOS
from tests.bench.scoring import is_right

Greys = NDArray[np.float64]
"""(H, W) in 0..255; of a direction, -0.5..0.5."""
Change = Callable[[Greys, np.random.Generator], Greys]


def _hard_shadow(grey: Greys, random: np.random.Generator) -> Greys:
    """Half the light on one side of a straight edge near the middle."""
    edge = (_across(grey, random) > random.uniform(-0.15, 0.15)).astype(np.float32)
    return np.asarray(grey * (1 - 0.5 * cv2.GaussianBlur(edge, (0, 0), max(1.0, 0.006 * max(grey.shape)))))


def _one_lamp(grey: Greys, random: np.random.Generator) -> Greys:
    """Light that falls off to two fifths across the picture."""
    return np.asarray(grey * (0.7 + 0.3 * np.clip(2 * _across(grey, random), -1, 1)))


def _defocus(grey: Greys, random: np.random.Generator) -> Greys:  # noqa: ARG001 (a change's signature)
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), max(1.0, 0.012 * max(grey.shape))))


def _faint(grey: Greys, random: np.random.Generator) -> Greys:
    """A third of the contrast, and some noise."""
    middle = float(np.median(grey))
    return np.asarray(middle + 0.35 * (grey - middle) + random.normal(0, 2, grey.shape))


def _stripes(grey: Greys, random: np.random.Generator) -> Greys:
    """Paper with ten to twenty-five stripes."""
    return np.asarray(grey * (1 - 0.12 * (np.sin(_across(grey, random) * 2 * np.pi * random.uniform(10, 25)) > 0)))


def _checks(grey: Greys, random: np.random.Generator) -> Greys:
    """Paper with six to fourteen checks."""
    y, x = np.indices(grey.shape) // (max(grey.shape) / random.uniform(6, 14))
    return np.asarray(grey * (1 - 0.15 * ((x + y) % 2)))


def _small(grey: Greys, random: np.random.Generator) -> Greys:  # noqa: ARG001 (a change's signature)
    return np.asarray(cv2.resize(grey, None, fx=0.33, fy=0.33, interpolation=cv2.INTER_AREA))


def _across(grey: Greys, random: np.random.Generator) -> Greys:
    """How far each pixel lies in some direction: -0.5 to 0.5 along a side."""
    y, x = np.mgrid[-0.5 : 0.5 : grey.shape[0] * 1j, -0.5 : 0.5 : grey.shape[1] * 1j]
    angle = random.uniform(0, 2 * np.pi)
    return np.asarray(np.cos(angle) * x + np.sin(angle) * y)


CHANGES: Final[dict[str, Change]] = {
    "as it is": lambda grey, _: grey,
    "hard shadow": _hard_shadow,
    "lamp on one side": _one_lamp,
    "out of focus": _defocus,
    "faint": _faint,
    "stripes": _stripes,
    "checks": _checks,
    "a third as large": _small,
}


def made_worse(photo: bytes, change: Change, seed: int) -> bytes:
    """A photo as the reader sees it, changed, as a JPEG."""
    grey = change(decode(photo).grey.astype(np.float64), np.random.default_rng(seed))
    picture = grey.clip(0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()


def main() -> int:
    """Read everything and print a table."""
    parser = argparse.ArgumentParser("python -m tests.bench.worse", description="Labelled photos made worse.")
    parser.add_argument("folder", nargs="?", type=Path, default=PHOTOS, help="photos and labels.csv")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth photo")
    options = parser.parse_args()
    if not (options.folder / "labels.csv").exists():
        parser.exit(2, f"{options.folder} has no labels.csv: name the folder that holds the photos\n")
    with (options.folder / "labels.csv").open(newline="") as file:
        labels = list(csv.DictReader(file))[:: options.every]
    reader = load_reader()
    for name, change in CHANGES.items():
        right: dict[str, list[bool]] = defaultdict(list)
        for seed, label in enumerate(labels):
            texts = reader.read(made_worse((options.folder / label["file"]).read_bytes(), change, seed)).texts
            right[label["kind"]].append(is_right(label, {"lines": texts}))
        print(f"{name:18}", "  ".join(f"{kind} {np.mean(ok):.3f}" for kind, ok in sorted(right.items())), flush=True)
        for kind, oks in right.items():
            note(f"{name}.{kind}", f"{name}: {kind}", "{:.1f} %", 100 * float(np.mean(oks)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
