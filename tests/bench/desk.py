"""The served reader on sheets of paper that lie on a desk: `python -m tests.bench.desk [SHEETS]`.

Default 100 sheets a row, written as those of `python -m tests.bench.unseen`, numbers only. Prints how many are read
exactly, without and with straightening. A sheet on its side or upside down may be another number, upright.
`--sheet PNG` draws some of them instead.
"""

import argparse
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

from model import DigitReader, load_reader
from model.generate.papers import clouds
from model.generate.pens import Glyph
from model.mnist import Labels
from tests.bench.unseen import digits
from tests.bench.unseen_scenes import numbered_sheet
from tests.pictures import Grey

_SEED: Final = 6_000_000_011
_DESK: Final = (1280, 960)  # pixels: a photo as a chat sends it
_SHARE: Final = (0.6, 0.8)  # of the photo's width or height, that the sheet takes


@dataclass(frozen=True, slots=True)
class Way:
    """How a sheet lies."""

    name: str
    quarters: int  # turned by so many, clockwise
    angle: float  # and by at most so many degrees more, to either side
    tilt: float  # how far its corners are off, of its size: perspective


WAYS: Final = (
    Way("flat on the desk", 0, 0, 0.01),
    Way("turned by up to 25°, in perspective", 0, 25, 0.06),
    Way("on its side", 1, 0, 0.01),
    Way("upside down", 2, 0, 0.01),
    Way("on its side, in perspective", 3, 25, 0.06),
)


def photo(
    way: Way, glyphs: tuple[Glyph, ...], labels: Labels, random: np.random.Generator
) -> tuple[Grey, tuple[str, ...]]:
    """A sheet with numbers on a desk, (960, 1280) uint8, and its lines."""
    page, lines = numbered_sheet(glyphs, labels, random)
    height, width = page.shape
    room = np.array(_DESK) * random.uniform(*_SHARE)
    scale = min(room / ([width, height] if way.quarters % 2 == 0 else [height, width]))
    turn = np.radians(90 * way.quarters + random.uniform(-way.angle, way.angle))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width / 2, height / 2] * scale
    placed = corners * (1 + random.uniform(-way.tilt, way.tilt, (4, 2))) @ spin.T + np.array(_DESK) / 2
    before = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    to_desk = cv2.getPerspectiveTransform(before, placed.astype(np.float32))
    laid = cv2.warpPerspective(page, to_desk, _DESK, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.ones_like(page), to_desk, _DESK)
    photo = _desk(random) * (1 - 0.35 * cv2.GaussianBlur(np.roll(mask, (8, 8), (0, 1)), (0, 0), 12))
    photo = photo * (1 - mask) + laid * mask
    photo *= 1 - np.linspace(0, random.uniform(0, 0.3), _DESK[0])  # the lamp stands on the left
    photo = cv2.GaussianBlur(photo.astype(np.float32), (0, 0), random.uniform(0.4, 1.2))
    photo = (photo + random.normal(0, 0.01, photo.shape)).clip(0, 1) * 255
    _, jpeg = cv2.imencode(".jpg", photo.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 87])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8), lines


def _desk(random: np.random.Generator) -> NDArray[np.float32]:
    """A desk without a sheet: plain, stained, or of wood."""
    width, height = _DESK
    stains = clouds(random, (height, width), random.uniform(5, 120))
    desk = random.uniform(0.15, 0.5) + random.uniform(0.02, 0.08) * stains
    if random.random() < 0.5:
        rows = np.arange(height) / random.uniform(3, 12) + 3 * stains[:, 0]
        desk = desk + 0.04 * np.sin(rows)[:, None]
    return np.asarray(desk, np.float32)


def exact(reader: DigitReader, way: Way, count: int) -> float:
    """The share of the sheets lying so that are read exactly."""
    glyphs, labels = digits()
    right = 0
    for number in range(count):
        grey, lines = photo(way, glyphs, labels, np.random.default_rng([_SEED, number]))
        right += reader.read(cv2.imencode(".png", grey)[1].tobytes()).texts == lines
    return right / count


def as_it_is() -> AbstractContextManager[Any]:
    """Read without looking for a sheet."""
    return patch("model.views.sheet", return_value=None)


def main() -> None:
    """Read the sheets and print the table."""
    parser = argparse.ArgumentParser("python -m tests.bench.desk", description="Sheets of paper on a desk.")
    parser.add_argument("sheets", nargs="?", type=int, default=100)
    parser.add_argument("--sheet", type=Path, metavar="PNG")
    options = parser.parse_args()
    if options.sheet:
        glyphs, labels = digits()
        rows = [[photo(way, glyphs, labels, np.random.default_rng([_SEED, n]))[0] for n in range(6)] for way in WAYS]
        cv2.imwrite(str(options.sheet), np.vstack([np.hstack([tile[::4, ::4] for tile in row]) for row in rows]))
        return
    reader = load_reader()
    print(f"{'':36} as it is  straightened")
    for way in WAYS:
        with as_it_is():
            plain = exact(reader, way, options.sheets)
        print(f"{way.name:36} {plain:8.2f}  {exact(reader, way, options.sheets):12.2f}", flush=True)


if __name__ == "__main__":
    main()
