"""The sample pictures of the local chat: MNIST *test* digits redrawn with pens on paper that this module makes.

They stand for what people send, as a newcomer's first click. Reading does not use them, training neither.
`python -m model.generate.samples --output bot/local/page/samples` writes the shipped ones again.
"""

import argparse
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.generate.papers import SHEET, Colour, Paper, Picture, board, cardboard, clouds, hills, lined, note, plain
from model.generate.pens import thin
from model.mnist import Images, Labels, load_mnist

SEED: Final = 20
MAX_BYTES: Final = 25_000  # the page loads all of them at once
_LOOPS: Final = {"0": 1, "6": 1, "8": 2, "9": 1}  # the other digits have none
_MARGIN: Final = 60  # of the sheet, left out of the picture: a tilted sheet shows no edge, a picture is 600 x 450

Mask = NDArray[np.float32]
"""(H, W) float32, 0 bare to 1 covered."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What a number is written with."""

    colour: Colour
    width: float  # of the stroke, pixels of the picture
    grain: float  # 0 flows evenly (ink) to 1 breaks up (chalk)


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture: `lines` are the digits written on it, "" for a picture that has none."""

    name: str  # its file; the page shows it as the title
    lines: tuple[str, ...]
    paper: Paper
    pen: Pen
    height: int  # of a digit, pixels


def make_samples(images: Images, labels: Labels, seed: int = SEED) -> dict[str, bytes]:
    """Make every sample: file name to JPEG or WebP bytes, at most `MAX_BYTES` each. One seed, one set of pictures.

    `images` is (N, 28, 28) uint8 and must hold every digit 0 to 9 in `labels`, (N,).
    """
    made = {}
    for number, sample in enumerate(SAMPLES):
        rng = np.random.default_rng([seed, number])
        page = sample.paper(rng)
        ink = _write(sample, images, labels, rng) * (1 - sample.pen.grain * _speckle(rng, page.shape[:2], 1.2))
        page = page * (1 - ink[..., None]) + np.asarray(sample.pen.colour, np.float32) * ink[..., None]
        made[sample.name] = _encode(_photograph(page, rng), sample.name)
    return made


def _write(sample: Sample, images: Images, labels: Labels, rng: np.random.Generator) -> Mask:
    """Write the lines in the middle of a page, a little unevenly, as a hand does."""
    width, height = SHEET
    ink = np.zeros((height, width), np.float32)
    advance, feed = sample.height * 0.9, sample.height * 1.45
    for row, line in enumerate(sample.lines):
        y = height / 2 + (row - (len(sample.lines) - 1) / 2) * feed
        for column, digit in enumerate(line):
            x = width / 2 + (column - (len(line) - 1) / 2) * advance
            image = _pick(images[labels == int(digit)], _LOOPS.get(digit, 0), rng)
            stroke = _redraw(image, sample.height * rng.uniform(0.94, 1.06), sample.pen.width, rng)
            left = int(x + rng.uniform(-0.03, 0.03) * advance - stroke.shape[1] / 2)
            top = int(y + rng.uniform(-0.04, 0.04) * sample.height - stroke.shape[0] / 2)
            place = ink[top : top + stroke.shape[0], left : left + stroke.shape[1]]
            np.maximum(place, stroke, out=place)
    return ink


def _pick(images: Images, loops: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Pick a digit that stays itself when its strokes are drawn thinner: in one piece, its loops open."""
    for index in rng.permutation(len(images)):
        mask = _smooth(images[index], 4)
        pieces, _ = cv2.connectedComponents(mask.astype(np.uint8))
        grounds, _ = cv2.connectedComponents((~mask).astype(np.uint8), connectivity=4)
        if (pieces, grounds) == (2, 2 + loops):  # OpenCV counts what is masked out as a component too
            break
    return np.asarray(images[index], np.uint8)


def _smooth(image: NDArray[np.uint8], scale: float) -> NDArray[np.bool_]:
    """Enlarge a digit and take the steps of its pixels away."""
    side = round(28 * scale)
    grey = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.55 * scale) > 0.4)


def _redraw(image: NDArray[np.uint8], height: float, pen: float, rng: np.random.Generator) -> Mask:
    """Draw the middle line of a 28x28 digit with a pen of its own width, `height` pixels tall."""
    scale = height / 20  # MNIST: a digit fills 20 of the 28 pixels
    line = thin(_smooth(image, scale)[None])[0]
    away = cv2.distanceTransform((~line).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    away = cv2.GaussianBlur(away, (0, 0), 0.2 * pen + 0.6)  # takes the steps of the pixels off the line
    pressure = 1 + 0.1 * clouds(rng, line.shape, 5 * scale)
    return np.asarray(np.clip(pen * pressure / 2 - away + 0.9, 0, 1), np.float32)


def _speckle(rng: np.random.Generator, shape: tuple[int, int], size: float) -> Mask:
    """Where a dry pen leaves the paper bare."""
    return np.asarray(np.clip(0.5 + 0.8 * clouds(rng, shape, size), 0, 1), np.float32)


def _photograph(page: Picture, rng: np.random.Generator) -> Picture:
    """Take the page with a phone held by hand: tilt, light from one side, a shadow, blur and noise."""
    height, width = page.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners + rng.uniform(-24, 24, (4, 2)).astype(np.float32)
    tilted = cv2.warpPerspective(
        page, cv2.getPerspectiveTransform(corners, seen), (width, height), borderMode=cv2.BORDER_REFLECT
    )
    photo = tilted[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    high, wide = photo.shape[:2]
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    way = rng.uniform(0, 2 * np.pi)
    slope = (np.cos(way) * (x / wide - 0.5) + np.sin(way) * (y / high - 0.5)) * rng.uniform(0.22, 0.4)
    edge = (np.cos(way + 0.6) * (x / wide - 0.5) + np.sin(way + 0.6) * (y / high - 0.5)) * 5 + 1.6
    shadow = 0.16 / (1 + np.exp(np.clip(edge * 3, -30, 30)))  # the hand that holds the phone
    far = ((x / wide - 0.5) ** 2 + (y / high - 0.5) ** 2) * 0.22
    light = (0.93 + slope - shadow - far)[..., None] * np.asarray((1.02, 1.0, 0.955), np.float32)
    lit = cv2.GaussianBlur(photo * light, (0, 0), 0.9)
    return np.asarray(lit + rng.normal(0, 0.009, lit.shape), np.float32)


def _encode(photo: Picture, name: str) -> bytes:
    """JPEG or WebP by the name, at the best quality that stays small."""
    picture = Image.fromarray((np.clip(photo, 0, 1) * 255).astype(np.uint8))
    kind = "WEBP" if name.endswith(".webp") else "JPEG"
    for quality in range(88, 20, -4):
        out = io.BytesIO()
        picture.save(out, kind, quality=quality)
        if out.tell() <= MAX_BYTES:
            break
    return out.getvalue()


_BLUE: Final = (0.10, 0.16, 0.47)
_BLACK: Final = (0.09, 0.09, 0.11)
_WHITE: Final = (0.97, 0.97, 0.95)
_PRINT: Final = (0.69, 0.77, 0.87)  # of lines and squares on paper

SAMPLES: Final = (
    Sample("a-seven.jpg", ("7",), plain((0.92, 0.91, 0.89)), Pen(_BLACK, 13, 0.05), 210),
    Sample("chalk-on-a-board.jpg", ("36",), board, Pen(_WHITE, 12, 0.55), 170),
    Sample("felt-pen-on-cardboard.jpg", ("5",), cardboard, Pen(_BLACK, 19, 0.12), 230),
    Sample("no-digit-at-all.jpg", (), hills, Pen(_BLUE, 8, 0.1), 130),
    Sample("on-ruled-paper.jpg", ("4825",), lined(46, _PRINT, squared=False), Pen(_BLUE, 7, 0.1), 118),
    Sample("on-squared-paper.webp", ("580",), lined(24, _PRINT, squared=True), Pen(_BLUE, 8, 0.1), 130),
    Sample("two-lines.jpg", ("1604", "9753"), plain((0.90, 0.90, 0.91)), Pen(_BLUE, 7.5, 0.1), 108),
    Sample("yellow-note.jpg", ("219",), note, Pen(_BLACK, 9, 0.05), 120),
)


def main() -> None:
    """Write the samples into a folder, and take away pictures of earlier ones."""
    parser = argparse.ArgumentParser(
        prog="python -m model.generate.samples", description="Make the local chat's sample pictures."
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    mnist = load_mnist(say=print)
    made = make_samples(mnist.test_images, mnist.test_labels, options.seed)
    options.output.mkdir(parents=True, exist_ok=True)
    for old in options.output.iterdir():
        if old.suffix in {".jpg", ".webp"}:
            old.unlink()
    for name, data in made.items():
        (options.output / name).write_bytes(data)


if __name__ == "__main__":
    main()
