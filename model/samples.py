"""The sample pictures of the local chat: MNIST *test* digits redrawn with pens on paper that this module makes.

They stand for what people send, as a newcomer's first click. No reading uses this module, and nothing is trained on them.
`python -m model.samples --output bot/local/page/samples` writes the shipped ones again.
"""

import argparse
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.mnist import Images, Labels, load_mnist

SEED: Final = 11
MAX_BYTES: Final = 25_000  # the page loads all of them at once
_SIZE: Final = (600, 450)  # (width, height)
_MARGIN: Final = 60  # drawn around the picture, so that tilting it shows no edge

Colour = tuple[float, float, float]
"""Red, green, blue, 0..1."""
Mask = NDArray[np.float32]
"""(H, W) float32, 0 bare to 1 covered."""
Picture = NDArray[np.float32]
"""(H, W, 3) float32 RGB, 0..1."""
Paper = Callable[[np.random.Generator], Picture]


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
    """Make every sample: file name to JPEG or WebP bytes, at most `MAX_BYTES` each. The same seed gives the same pictures.

    `images` is (N, 28, 28) uint8 and must hold every digit 0 to 9 in `labels`, (N,).
    """
    made = {}
    for number, sample in enumerate(SAMPLES):
        rng = np.random.default_rng([seed, number])
        page = sample.paper(rng)
        if sample.lines:
            ink = _write(sample, images, labels, rng) * (1 - sample.pen.grain * _speckle(rng, page.shape[:2], 1.2))
            page = page * (1 - ink[..., None]) + np.asarray(sample.pen.colour, np.float32) * ink[..., None]
        else:
            page = _leaf(page, rng)
        made[sample.name] = _encode(_photograph(page, rng), sample.name)
    return made


def _write(sample: Sample, images: Images, labels: Labels, rng: np.random.Generator) -> Mask:
    """Write the lines in the middle of a page, a little unevenly, as a hand does."""
    width, height = (side + 2 * _MARGIN for side in _SIZE)
    ink = np.zeros((height, width), np.float32)
    advance, feed = sample.height * 0.9, sample.height * 1.45
    for row, line in enumerate(sample.lines):
        y = height / 2 + (row - (len(sample.lines) - 1) / 2) * feed
        for column, digit in enumerate(line):
            x = width / 2 + (column - (len(line) - 1) / 2) * advance
            stroke = _redraw(_pick(images[labels == int(digit)], rng), sample.height * rng.uniform(0.94, 1.06), sample.pen.width, rng)
            left = int(x + rng.uniform(-0.03, 0.03) * advance - stroke.shape[1] / 2)
            top = int(y + rng.uniform(-0.04, 0.04) * sample.height - stroke.shape[0] / 2)
            place = ink[top : top + stroke.shape[0], left : left + stroke.shape[1]]
            np.maximum(place, stroke, out=place)
    return ink


def _pick(images: Images, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Pick a digit that was written in one stretch: broken strokes fall apart when they are drawn thinner."""
    for index in rng.permutation(len(images)):
        pieces, _ = cv2.connectedComponents((images[index] > 100).astype(np.uint8))
        if pieces == 2:  # the paper is one
            break
    return np.asarray(images[index], np.uint8)


def _redraw(image: NDArray[np.uint8], height: float, pen: float, rng: np.random.Generator) -> Mask:
    """Draw the middle line of a 28x28 digit with a pen of its own width, `height` pixels tall."""
    scale = height / 20  # MNIST: a digit fills 20 of the 28 pixels
    side = round(28 * scale)
    grey = cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    grey = cv2.GaussianBlur(grey, (0, 0), 0.6 * scale)
    line = _thin(grey > 0.4)
    away = cv2.distanceTransform((~line).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    away = cv2.GaussianBlur(away, (0, 0), 0.2 * pen + 0.6)  # takes the steps of the pixels off the line
    pressure = 1 + 0.1 * _clouds(rng, (side, side), 5 * scale)
    return np.clip(pen * pressure / 2 - away + 0.9, 0, 1).astype(np.float32)


def _thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin strokes to lines of one pixel (Zhang and Suen 1984)."""
    mask = np.pad(mask, 1)
    changed = True
    while changed:
        changed = False
        for first in (True, False):
            # The eight neighbours of each pixel, clockwise from the one above.
            shifts = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
            ring = np.stack([np.roll(mask, shift, (0, 1)) for shift in shifts])
            above, right, below, left = ring[0], ring[2], ring[4], ring[6]
            neighbours = ring.sum(0)
            rises = (~ring & np.roll(ring, -1, 0)).sum(0)
            ends = ~(above & right & below) & ~(right & below & left)
            if not first:
                ends = ~(above & right & left) & ~(above & below & left)
            gone = mask & (neighbours >= 2) & (neighbours <= 6) & (rises == 1) & ends
            changed |= bool(gone.any())
            mask = mask & ~gone
    return mask[1:-1, 1:-1]


def _clouds(rng: np.random.Generator, shape: tuple[int, int], size: float) -> NDArray[np.float32]:
    """Smooth noise with blots of about `size` pixels: mean 0, deviation 1."""
    height, width = shape
    small = rng.normal(size=(int(height / size) + 4, int(width / size) + 4)).astype(np.float32)
    noise = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((noise - noise.mean()) / (noise.std() + 1e-6), np.float32)


def _speckle(rng: np.random.Generator, shape: tuple[int, int], size: float) -> Mask:
    """Where a dry pen leaves the paper bare."""
    return np.clip(0.5 + 0.8 * _clouds(rng, shape, size), 0, 1).astype(np.float32)


def _sheet(rng: np.random.Generator, colour: Colour, grain: float) -> Picture:
    """Bare paper: its colour, its fibres and its waves."""
    width, height = (side + 2 * _MARGIN for side in _SIZE)
    noise = grain * _clouds(rng, (height, width), 2.5) + 0.012 * _clouds(rng, (height, width), 90)
    return (np.asarray(colour, np.float32) + noise[..., None]).astype(np.float32)


def _plain(colour: Colour) -> Paper:
    return lambda rng: _sheet(rng, colour, 0.007)


def _lined(step: float, colour: Colour, *, squared: bool) -> Paper:
    """Paper with printed lines `step` pixels apart."""

    def paper(rng: np.random.Generator) -> Picture:
        page = _sheet(rng, (0.93, 0.93, 0.91), 0.006)
        height, width = page.shape[:2]
        lines = np.zeros((height, width), np.float32)
        for y in np.arange(rng.uniform(0, step), height, step):
            lines[int(y)] = 1
        for x in np.arange(rng.uniform(0, step), width, step) if squared else ():
            lines[:, int(x)] = 1
        lines = cv2.GaussianBlur(lines, (0, 0), 0.8)[..., None] * 1.1
        return np.asarray(page * (1 - lines) + np.asarray(colour, np.float32) * lines, np.float32)

    return paper


def _note(rng: np.random.Generator) -> Picture:
    """A yellow note with its shadow, on a wooden desk."""
    height, width = (side + 2 * _MARGIN for side in reversed(_SIZE))
    rings = cv2.resize(_clouds(rng, (height, 40), 7), (width, height), interpolation=cv2.INTER_CUBIC)
    desk = np.asarray((0.50, 0.36, 0.25), np.float32) + 0.035 * rings[..., None]
    middle, half = np.array([width / 2, height / 2]), 196
    angle = np.radians(rng.uniform(-5, 5))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn.T + middle
    note, shade = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    cv2.fillConvexPoly(shade, np.rint(corners + (7, 11)).astype(np.int32), 1.0)
    cv2.fillConvexPoly(note, np.rint(corners).astype(np.int32), 1.0, cv2.LINE_AA)
    desk = desk * (1 - 0.5 * cv2.GaussianBlur(shade, (0, 0), 9)[..., None])
    yellow = _sheet(rng, (0.97, 0.87, 0.42), 0.006)
    return np.asarray(desk * (1 - note[..., None]) + yellow * note[..., None], np.float32)


def _board(rng: np.random.Generator) -> Picture:
    """A chalk board that was wiped, not washed."""
    page = _sheet(rng, (0.16, 0.23, 0.20), 0.006)
    height, width = page.shape[:2]
    wiped = cv2.resize(_clouds(rng, (60, 30), 4), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(page + 0.018 * np.abs(wiped)[..., None] + 0.02 * _clouds(rng, (height, width), 70)[..., None], np.float32)


def _leaf(page: Picture, rng: np.random.Generator) -> Picture:
    """Lay an autumn leaf on the page: a picture without any digit."""
    height, width = page.shape[:2]
    t = np.linspace(0, 1, 90)
    half = 88 * np.sin(np.pi * t**0.8) * (1 + 0.05 * np.sin(42 * t))
    along = 330 * (t - 0.5)
    edge = np.stack([np.concatenate([along, along[::-1]]), np.concatenate([half, -half[::-1]])], 1)
    angle = np.radians(-28)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([width / 2, height / 2])

    def points(xy: NDArray[np.float64]) -> NDArray[np.int32]:
        return np.rint(xy @ turn.T + middle).astype(np.int32)

    body, veins = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    cv2.fillPoly(body, [points(edge)], 1.0, cv2.LINE_AA)
    cv2.polylines(veins, [points(np.array([[-240.0, 14], [-165, 0], [150, 0]]))], isClosed=False, color=1.0, thickness=5)
    for x in range(-115, 120, 34):
        reach = 0.72 * np.interp(x + 30, along, half)
        for side in (-1, 1):
            rib = points(np.array([[x, 0.0], [x + 0.7 * reach, side * reach]]))
            cv2.polylines(veins, [rib], isClosed=False, color=0.6, thickness=2, lineType=cv2.LINE_AA)
    shade = cv2.GaussianBlur(np.roll(np.maximum(body, veins), (9, 7), (0, 1)), (0, 0), 8)[..., None]
    tint = np.array([0.70, 0.36, 0.12]) + np.array([0.10, 0.10, 0.02]) * 0.6 * _clouds(rng, (height, width), 45)[..., None]
    page = page * (1 - 0.38 * shade)
    page = page * (1 - body[..., None]) + tint * body[..., None]
    return np.asarray(page * (1 - 0.75 * veins[..., None]) + np.array([0.46, 0.22, 0.09]) * 0.75 * veins[..., None], np.float32)


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

SAMPLES: Final = (
    Sample("1-a-seven-on-paper.jpg", ("7",), _plain((0.92, 0.91, 0.89)), Pen(_BLACK, 13, 0.05), 210),
    Sample("2-a-number-on-ruled-paper.jpg", ("4825",), _lined(46, (0.62, 0.71, 0.84), squared=False), Pen(_BLUE, 7, 0.1), 118),
    Sample("3-chalk-on-a-board.jpg", ("36",), _board, Pen(_WHITE, 12, 0.55), 170),
    Sample("4-a-yellow-note.jpg", ("219",), _note, Pen(_BLACK, 9, 0.05), 120),
    Sample("5-two-lines.jpg", ("1604", "9753"), _plain((0.90, 0.90, 0.91)), Pen(_BLUE, 7.5, 0.1), 108),
    Sample("6-squared-paper.webp", ("580",), _lined(24, (0.70, 0.78, 0.87), squared=True), Pen(_BLUE, 8, 0.1), 130),
    Sample("7-a-leaf-no-digit.jpg", (), _plain((0.91, 0.90, 0.87)), Pen(_BLACK, 0, 0), 0),
)


def main() -> None:
    """Write the samples into a folder, and take away pictures of earlier ones."""
    parser = argparse.ArgumentParser(prog="python -m model.samples", description="Make the local chat's sample pictures.")
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
