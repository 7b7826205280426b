"""Photo-like digits to compare models on: validation digits, written with pens on paper, photographed, and cropped.

Nothing here is random from one run to the next: all models are compared on the same crops. Written digits are MNIST's
last 5,000 training digits, which no model but `seed` learns from; the crops are made by the reader's own stages.
Training side.
"""

import hashlib
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.find import find_digits
from model.generate.kept import kept
from model.generate.papers import SHEET, Picture, board, cardboard, lined, plain
from model.generate.pens import Glyph, stroke, traced
from model.generate.provenance import made_with
from model.mnist import Images, Labels, cache_folder
from model.normalize import to_mnist
from model.reading import Grey

COUNT: Final = 1_200
"""How many digits are written; about one in ten is not found again as one whole digit, and left out."""
_COLUMNS, _ROWS = 4, 5
_SEED: Final = 1

PAPERS: Final = (
    plain((0.92, 0.91, 0.89)),
    lined(46, (0.69, 0.77, 0.87), squared=False),
    lined(24, (0.69, 0.77, 0.87), squared=True),
    cardboard,
    board,
)


def photolike(images: Images, labels: Labels, count: int = COUNT) -> tuple[NDArray[np.float32], Labels]:
    """Give crops, (N, 28, 28) float32 in 0..1, and their labels, (N,), of the first `count` digits, from the cache.

    They are made, which takes a few seconds, when they are not in the cache as these digits and today's code make them.
    """
    path = cache_folder().parent / "gate" / f"photolike-{edition(images, labels, count)}.npz"
    arrays = kept(path, lambda: dict(zip("xy", make(images[:count], labels[:count]), strict=True)))
    return arrays["x"].astype(np.float32) / np.float32(255), arrays["y"]


def edition(images: Images, labels: Labels, count: int = COUNT) -> str:
    """Name the set that these digits and today's code make."""
    written = hashlib.sha256(images[:count].tobytes() + labels[:count].tobytes()).hexdigest()[:16]
    return f"{written}-{made_with(Path(__file__))}"


def make(images: Images, labels: Labels) -> tuple[NDArray[np.uint8], Labels]:
    """Write, photograph and crop (N, 28, 28) digits: (M, 28, 28) uint8, M at most N, and (M,) labels."""
    glyphs = traced(images)
    crops: list[NDArray[np.uint8]] = []
    written: list[int] = []
    page = _COLUMNS * _ROWS
    for start in range(0, len(glyphs), page):
        random = np.random.default_rng([_SEED, start])
        here = range(start, min(start + page, len(glyphs)))
        photo, places = _photo([glyphs[index] for index in here], random)
        for crop, place in _cropped(photo, places):
            crops.append(crop)
            written.append(int(labels[start + place]))
    return np.array(crops, np.uint8).reshape(-1, 28, 28), np.array(written, np.uint8)


def _photo(glyphs: list[Glyph], random: np.random.Generator) -> tuple[Grey, NDArray[np.float32]]:
    """Write glyphs on a sheet and take its photo; where each one's middle is then, (N, 2) pixels."""
    width, height = SHEET
    paper = PAPERS[int(random.integers(len(PAPERS)))]
    ink = np.zeros((height, width), np.uint8)
    pen = random.uniform(0.04, 0.11)  # of a digit's height
    middles = np.empty((len(glyphs), 2), np.float32)
    for place, glyph in enumerate(glyphs):
        row, column = divmod(place, _COLUMNS)
        middle = np.array([(column + 0.5) * width / _COLUMNS, (row + 0.5) * height / _ROWS])
        middles[place] = middle + random.uniform(-10, 10, 2)
        size = random.uniform(60, 88)
        turn, slant = random.normal(0, 0.07), random.normal(0, 0.08)
        shape = np.array([[np.cos(turn), -np.sin(turn) - slant], [np.sin(turn), np.cos(turn)]]) * size
        stroke(ink, tuple((line @ shape.T + middles[place]).astype(np.float32) for line in glyph), pen * size)
    strength = cv2.GaussianBlur(ink, (0, 0), 0.8).astype(np.float32)[..., None] / 255 * random.uniform(0.55, 1)
    page = paper(random)
    tone = 0.95 if paper is board else random.uniform(0.05, 0.3)
    return taken(page * (1 - strength) + tone * strength, middles, random)


def taken(
    page: Picture, middles: NDArray[np.float32], random: np.random.Generator, darkest: float = 0.5
) -> tuple[Grey, NDArray[np.float32]]:
    """Tilt, light from one side, blur, noise, JPEG; and where points of the page are then, (N, 2) pixels.

    `darkest` is by how much of the light there may be less, from one corner of the page to the other.
    """
    width, height = SHEET
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    way = cv2.getPerspectiveTransform(corners, corners + random.uniform(-22, 22, (4, 2)).astype(np.float32))
    seen = cv2.warpPerspective(page.astype(np.float32), way, SHEET, borderMode=cv2.BORDER_REFLECT)
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    angle, fall = random.uniform(0, 2 * np.pi), random.uniform(0, darkest)
    light = 0.9 + fall * (np.cos(angle) * x + np.sin(angle) * y)
    grey = cv2.cvtColor((seen * light[..., None]).astype(np.float32), cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), random.uniform(0.4, 1.6))
    grey = (grey + random.normal(0, random.uniform(0.004, 0.03), grey.shape)).clip(0, 1) * 255
    _, jpeg = cv2.imencode(".jpg", grey.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(45, 92))])
    moved = cv2.perspectiveTransform(middles[None], way)[0]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8), moved


def _cropped(photo: Grey, places: NDArray[np.float32]) -> list[tuple[NDArray[np.uint8], int]]:
    """The crop of each digit that was found whole: one box that holds the middle of one digit and of no other."""
    found = [each for line in find_digits(photo) for each in line]
    crops = []
    for each in found:
        left, top, right, bottom = each.box
        inside = np.flatnonzero(
            (places[:, 0] >= left) & (places[:, 0] < right) & (places[:, 1] >= top) & (places[:, 1] < bottom)
        )
        if len(inside) == 1 and 40 <= max(right - left, bottom - top) <= 130:
            crops.append((np.rint(255 * to_mnist(each.ink)).astype(np.uint8), int(inside[0])))
    return crops
