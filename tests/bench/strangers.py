"""Made-up things that the shipped reader gets wrong, drawn on paper: signs, styles of digits, marks between digits.

Shapes are as in `tests.bench.writers`: strokes through points, x to the right, y down, in a box of height 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from tests.bench.writers import PLAIN, Shape, smooth

_SIDE: Final = 110  # pixels of a digit's height


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that people write, and what must be read: `digit`, or what stands around the shape, or nothing."""

    name: str
    shape: Shape
    digit: int | None = None  # what it is; None: no digit
    between: bool = False  # it stands in a number of four digits, in the middle


KINDS: Final = (
    # Signs that are read as a digit: as a 4, a 6 and a 3.
    Kind("lightning", [[(0.6, 0.0), (0.2, 0.55)], [(0.2, 0.55), (0.75, 0.5)], [(0.75, 0.5), (0.3, 1.0)]]),
    Kind(
        "ladle",
        [[(0.7, 0.0), (0.55, 0.6), (0.3, 0.75), (0.35, 1.0), (0.7, 0.95), (0.75, 0.7), (0.55, 0.6)]],
    ),
    Kind(
        "spring",
        [[(0.1, 0.1), (0.7, 0.1), (0.5, 0.35), (0.3, 0.2), (0.7, 0.4), (0.5, 0.65), (0.3, 0.5), (0.7, 0.7), (0.5, 0.95),
          (0.1, 0.9)]],
    ),
    # Styles of digits that are refused.
    Kind(
        "hourglass 8",
        [[(0.1, 0.0), (0.9, 0.0)], [(0.9, 0.0), (0.1, 1.0)], [(0.1, 1.0), (0.9, 1.0)], [(0.9, 1.0), (0.1, 0.0)]],
        digit=8,
    ),
    Kind("barred 0", [*PLAIN[0], [(0.0, 0.5), (1.0, 0.5)]], digit=0),
    # Marks that are read as a digit, both as an 8: "and" in one line, and a colon of two rings.
    Kind(
        "and",
        [[(0.9, 1.0), (0.3, 0.3), (0.35, 0.05), (0.6, 0.1), (0.55, 0.35), (0.15, 0.7), (0.3, 1.0), (0.6, 0.9),
          (0.9, 0.55)]],
        between=True,
    ),
    Kind(
        "colon of rings",
        [[(0.5, 0.1), (0.35, 0.2), (0.5, 0.35), (0.65, 0.2), (0.5, 0.1)],
         [(0.5, 0.65), (0.35, 0.8), (0.5, 0.95), (0.65, 0.8), (0.5, 0.65)]],
        between=True,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo, and the digits that must be read in it; none where nothing must."""

    png: bytes
    digits: str
    place: int  # in reading order, of what the shape is read as when it is read as a digit


def photo_of(kind: Kind, seed: int) -> Photo:
    """Write a kind of thing, anew for each seed."""
    random = np.random.default_rng([seed, [each.name for each in KINDS].index(kind.name)])
    if not kind.between:
        return Photo(written([kind.shape], random), "" if kind.digit is None else str(kind.digit), 0)
    digits = random.integers(2, 10, 4).tolist()
    shapes = [PLAIN[digit] for digit in digits]
    return Photo(written([*shapes[:2], kind.shape, *shapes[2:]], random), "".join(map(str, digits)), 2)


def written(shapes: Sequence[Shape], random: np.random.Generator) -> bytes:
    """Write shapes in a row on a sheet of paper: a PNG."""
    lean, turn = random.normal(0, 0.1), random.normal(0, 0.03)
    wide, pen, side = random.uniform(0.8, 1.05), random.uniform(0.05, 0.1), _SIDE * random.uniform(0.8, 1.25)
    width, height = round(side * (1.2 * len(shapes) + 1)), round(side * 2.2)
    ink = np.zeros((height, width), np.uint8)
    frame = np.array([[wide, -lean - turn], [turn, 1]]) * side
    for place, shape in enumerate(shapes):
        middle = np.array([side * (1.1 + 1.2 * place), height / 2]) + random.normal(0, 0.04, 2) * side
        ends: dict[tuple[float, float], np.ndarray] = {}  # strokes that meet go on meeting
        for stroke in shape:
            points = np.array(
                [ends.setdefault(point, np.array(point) + random.normal(0, 0.022, 2)) for point in stroke]
            )
            line = np.rint(((smooth(points) - 0.5) @ frame.T + middle) * 16).astype(np.int32)
            cv2.polylines(ink, [line], False, (255,), max(2, round(pen * side)), cv2.LINE_AA, 4)  # noqa: FBT003 OpenCV's own order
    return on_paper(cv2.GaussianBlur(ink, (0, 0), 1.2), random)


def on_paper(ink: np.ndarray, random: np.random.Generator) -> bytes:
    """Put ink, (H, W) 0..255, on paper in uneven light: a PNG."""
    paper, dark = random.uniform(190, 245), random.uniform(20, 90)
    height, width = ink.shape
    down, across = (np.linspace(-1, 1, sides) * random.normal(0, 6) for sides in (height, width))
    light = np.add.outer(down, across) + random.normal(0, 3, ink.shape)
    page = paper + light - ink / 255 * (paper - dark)
    return bytes(cv2.imencode(".png", page.clip(0, 255).astype(np.uint8))[1])


def real_digit(image: np.ndarray, random: np.random.Generator) -> bytes:
    """Put a digit of MNIST, (28, 28) 0..255, on such paper."""
    side = round(_SIDE * random.uniform(0.8, 1.25) * 28 / 20)
    large = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC)
    return on_paper(cv2.copyMakeBorder(large, side // 3, side // 3, side // 3, side // 3, cv2.BORDER_CONSTANT), random)
