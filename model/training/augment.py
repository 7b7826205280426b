"""Digits as other hands, pens and photos would have given them: whole batches at once, for training.

The crops that the reader makes of photos are already scaled into MNIST's box and centred by mass, so turns, slants and
pens vary here more than place and size do.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Batch = NDArray[np.float32]
"""(N, 28, 28) float32 in 0..1."""

_SIDE: Final = 28
_GAP: Final = 4  # empty rows around each digit where all lie in one tall picture, so that none reaches its neighbour
_TILE: Final = _SIDE + 2 * _GAP
_GRID: Final = 4  # knots a side of the wobble


def augment(bitmaps: Batch, random: np.random.Generator) -> Batch:
    """Give each digit of the batch a turn, slant, size, wobble, pen and photo of its own."""
    tall = np.pad(bitmaps, ((0, 0), (_GAP, _GAP), (_GAP, _GAP))).reshape(-1, _TILE)
    tall = _move(tall, len(bitmaps), random)
    tall = _pen(tall, len(bitmaps), random)
    tall = _photo(tall, len(bitmaps), random)
    tiles = tall.reshape(-1, _TILE, _TILE)[:, _GAP:-_GAP, _GAP:-_GAP]
    return _clutter(np.ascontiguousarray(tiles), random)


def _move(tall: Batch, count: int, random: np.random.Generator) -> Batch:
    """Turn by up to 20 degrees, slant, stretch by a tenth, shift by up to 2 pixels, and wobble each stroke."""
    turn = np.radians(np.clip(random.normal(0, 9, count), -20, 20))
    slant = random.normal(0, 0.13, count)
    size = np.exp(random.normal(0, 0.08, count))
    aspect = np.exp(random.normal(0, 0.07, count))
    cos, sin = np.cos(turn) / size, np.sin(turn) / size
    # (N, 2, 2): from a pixel of the result to where it comes from, about the centre.
    back = np.stack([cos * aspect, sin * aspect + slant, -sin / aspect, cos / aspect], axis=1).reshape(-1, 2, 2)
    side = np.arange(_TILE) - (_TILE - 1) / 2
    pixels = np.stack(np.meshgrid(side, side), axis=0).reshape(2, -1)  # (2, TILE²): x, y
    source = (back @ pixels).reshape(count, 2, _TILE, _TILE) + random.normal(0, 0.8, (count, 2, 1, 1)).clip(-2, 2)
    knots = random.normal(0, 1, (count, 2, _GRID, _GRID)) * random.uniform(0, 1.1, (count, 1, 1, 1))
    source += _SPREAD @ knots @ _SPREAD.T
    source += (_TILE - 1) / 2
    # Outside its tile a pixel comes from the tile's own empty edge, not from the neighbour.
    source = source.clip(0, _TILE - 1)
    source[:, 1] += (np.arange(count) * _TILE)[:, None, None]
    x, y = source.astype(np.float32).transpose(1, 0, 2, 3).reshape(2, -1, _TILE)
    moved: Batch = cv2.remap(tall, x, y, cv2.INTER_LINEAR)
    return moved


def _spread() -> NDArray[np.float64]:
    """(TILE, GRID): how much each knot moves each row, smoothly (a row sums to 1)."""
    rows, knots = np.linspace(0, _GRID - 1, _TILE), np.arange(_GRID)
    near = np.exp(-((rows[:, None] - knots) ** 2) / 0.7)
    spread: NDArray[np.float64] = near / near.sum(axis=1, keepdims=True)
    return spread


_SPREAD: Final = _spread()


def _pen(tall: Batch, count: int, random: np.random.Generator) -> Batch:
    """Make a third of the strokes bolder and a third finer, by up to about a pixel on each side."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    weight = random.uniform(-1, 1, count)
    bold = _per_digit(np.clip(weight * 1.5 - 0.5, 0, 1))
    fine = _per_digit(np.clip(-weight * 1.2 - 0.4, 0, 0.7))
    drawn: Batch = tall + bold * (cv2.dilate(tall, cross) - tall) - fine * (tall - cv2.erode(tall, cross))
    return drawn


def _photo(tall: Batch, count: int, random: np.random.Generator) -> Batch:
    """Blur some, bend and lower the contrast of some, and leave a little of the paper's grain on some."""
    soft = _per_digit(np.where(random.random(count) < 0.4, random.uniform(0, 1, count), 0))
    tall = tall + soft * (cv2.GaussianBlur(tall, (5, 5), 0.9) - tall)
    gamma = _per_digit(np.exp(random.normal(0, 0.25, count)))
    strength = _per_digit(np.where(random.random(count) < 0.3, random.uniform(0.6, 1, count), 1))
    tall = strength * np.clip(tall, 0, 1) ** gamma
    grain = _per_digit(np.where(random.random(count) < 0.3, random.uniform(0, 0.12, count), 0))
    noise = random.standard_normal(tall.shape, np.float32)
    return np.clip(tall + grain * noise, 0, 1).astype(np.float32)


def _per_digit(values: NDArray[np.float64]) -> Batch:
    """(N,) to (N·TILE, 1): one value for all rows of a digit."""
    return np.repeat(values.astype(np.float32), _TILE)[:, None]


def _clutter(tiles: Batch, random: np.random.Generator) -> Batch:
    """Let one digit in twelve have a bit of a line or a neighbour's stroke at its edge."""
    for tile in tiles[random.random(len(tiles)) < 1 / 12]:
        near, along, length = (int(value) for value in random.integers((0, 0, 2), (3, _SIDE, 9)))
        edge = _SIDE - 1 - near if random.random() < 0.5 else near
        begin, end = (edge, along), (edge + int(random.integers(-1, 2)), along + length)
        if random.random() < 0.5:
            begin, end = begin[::-1], end[::-1]
        strength, thickness = float(random.uniform(0.3, 1)), int(random.integers(1, 3))
        cv2.line(tile, begin, end, (strength,), thickness, cv2.LINE_AA)
    return tiles
