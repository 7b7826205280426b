"""Strokes to digits: what belongs together is joined, what only touches is cut. The classical finder's second half."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.ink import stroke_width
from model.reading import Box, Ink

_WIDE: Final = 1.05  # width over height of what may be two digits that touch; few single digits are as wide

# The bar of a 5 that does not touch its body: one 5 of MNIST in sixteen. It lies over the body or to the right of it.
_PIECE: Final = 0.3  # of the usual size, at least
_BODY: Final = 0.4  # of the usual size, the body's height, at least
_FLAT: Final = 1.5  # width over height, at least
_LONG: Final = 2  # widths of the body, or half heights, at most
_LOW: Final = 0.35  # of the body's height: so far down may it hang
_HIGH: Final = 0.3  # of the usual size: so far above may it be
_BESIDE: Final = 0.4  # of the narrower one's width: so far may they be apart
_SHIFTED: Final = 0.2  # of its width: so far to the right is its middle; a fraction's bar lies in the middle


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A connected piece of ink, or several that belong together."""

    box: Box
    ink: Ink
    depth: float  # grey levels from the paper

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.box.right - self.box.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.box.bottom - self.box.top

    @property
    def size(self) -> int:
        """The longer side, in pixels."""
        return max(self.width, self.height)


def joined(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Join the pieces of broken digits and drop specks."""
    usual = _usual_size(strokes)
    reach = 0.15 * usual  # pieces of one digit lie closer than that, digits of a number rarely do
    digits: list[Stroke] = []
    # Large pieces first, so that fragments find the digit they belong to.
    for piece in sorted(strokes, key=lambda stroke: -stroke.size):
        gaps = _gaps(piece, digits)
        is_flat = piece.size > _PIECE * usual and piece.width >= _FLAT * piece.height
        bodies = [i for i, digit in enumerate(digits) if is_flat and _is_bar(piece, digit, usual)]
        nearest = min(bodies or range(len(digits)), key=lambda i: gaps[i], default=0)
        fragment = piece.size < 0.5 * usual
        if bodies or (digits and gaps[nearest] < reach and (fragment or _stacked(piece, digits[nearest]))):
            digits[nearest] = _union(digits[nearest], piece)
        elif piece.size > 0.4 * usual and piece.width < 4 * piece.height:
            digits.append(piece)
    return digits


def _usual_size(strokes: Sequence[Stroke]) -> float:
    """The size of the strokes that hold most of the ink: specks are many but light."""
    sizes = np.array([stroke.size for stroke in strokes])
    order = np.argsort(sizes)
    mass = np.cumsum([float(strokes[i].ink.sum()) for i in order])
    return float(sizes[order][np.searchsorted(mass, mass[-1] / 2)])


def _gaps(piece: Stroke, others: Sequence[Stroke]) -> NDArray[np.float64]:
    """The distance from a piece's box to each other box, 0 where they overlap."""
    left, top, right, bottom = np.array([other.box for other in others], float).reshape(-1, 4).T
    across = np.maximum(np.maximum(left - piece.box.right, piece.box.left - right), 0)
    down = np.maximum(np.maximum(top - piece.box.bottom, piece.box.top - bottom), 0)
    return np.asarray(np.hypot(across, down))


def _is_bar(piece: Stroke, body: Stroke, usual: float) -> bool:
    """Whether a flat piece is the bar of a 5 whose body stands below it."""
    apart = max(piece.box.left - body.box.right, body.box.left - piece.box.right)
    shift = (piece.box.left + piece.box.right - body.box.left - body.box.right) / 2
    return (
        body.height >= _BODY * usual
        and piece.width <= _LONG * max(body.width, body.height / 2)
        and body.box.top - _HIGH * usual <= piece.box.bottom <= body.box.top + _LOW * body.height
        and apart <= _BESIDE * min(piece.width, body.width)
        and shift >= _SHIFTED * piece.width
    )


def _stacked(a: Stroke, b: Stroke) -> bool:
    """Whether one lies over the other, as the bar of a 5 over its bowl."""
    shared = min(a.box.right, b.box.right) - max(a.box.left, b.box.left)
    return shared >= 0.6 * min(a.width, b.width)


def _union(a: Stroke, b: Stroke) -> Stroke:
    left, top = min(a.box.left, b.box.left), min(a.box.top, b.box.top)
    box = Box(left, top, max(a.box.right, b.box.right), max(a.box.bottom, b.box.bottom))
    ink = np.zeros((box.bottom - top, box.right - left), np.float32)
    for part in (a, b):
        window = ink[part.box.top - top : part.box.bottom - top, part.box.left - left : part.box.right - left]
        np.maximum(window, part.ink, out=window)
    return Stroke(box, ink, max(a.depth, b.depth))


def cut(digit: Stroke) -> list[Stroke]:
    """Cut digits that touch: something wider than high, at a column where a single stroke crosses."""
    if digit.width < _WIDE * digit.height:
        return [digit]
    pen = 2 * round(0.03 * digit.height) + 1
    # Thickened first: a small break in a 0 is no place to cut.
    ink = cv2.dilate((digit.ink > 0.5).astype(np.uint8), np.ones((pen, pen), np.uint8)).astype(np.int8)
    crossings = (np.diff(ink, axis=0, prepend=0) == 1).sum(axis=0)
    thickness = np.where(crossings > 1, np.inf, ink.sum(axis=0))
    first = digit.width // 4
    column = first + int(thickness[first : digit.width - first].argmin())
    if thickness[column] > 1.6 * stroke_width(digit.ink) + pen:
        return [digit]
    left, right = _trimmed(digit, 0, column), _trimmed(digit, column + 1, digit.width)
    if min(left.height, right.height) < 0.6 * digit.height:
        return [digit]
    return [*cut(left), *cut(right)]


def _trimmed(digit: Stroke, start: int, stop: int) -> Stroke:
    """The columns start to stop of a stroke, without the empty rows above and below."""
    ink = digit.ink[:, start:stop]
    rows = np.flatnonzero((ink > 0.5).any(axis=1))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
    left, above = digit.box.left, digit.box.top
    return Stroke(Box(left + start, above + top, left + stop, above + bottom), ink[top:bottom], digit.depth)
