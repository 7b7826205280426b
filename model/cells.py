"""The borders of boxes and rings around what people write: forms, combs, tables, circled digits. Beside `ink.rules`.

Both are known by the paper that they enclose: it holds a piece of ink, or is like another one that does, and its
outline is round or a rectangle, whatever runs into it. The loop of a 0 or an 8 holds nothing.
"""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.ink import Mask

_LEAST: Final = 0.03  # of the picture's long side: shorter is the side of no box, but of a loop
_MOST: Final = 0.95  # likewise: longer is the picture's own frame
_ROUND: Final = 0.72  # of the smallest rectangle around it: an ellipse has 0.79, a triangle 0.5
_FREE: Final = 0.45  # of that, still paper where a stroke runs in from the border
_CLEAR: Final = 0.85  # of its hull, of a box that no stroke runs into
_THICK: Final = 0.12  # of a box's shorter side: its border, at most
_INSIDE: Final = 0.3  # of a box's height: a piece of ink in it that makes it one
_CROSSED: Final = 2  # boxes that strokes run into, for each one that holds something, at most
_ALIKE: Final = 0.25  # by so much may the sides of two boxes of one form differ


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    """A piece of paper with ink all around it."""

    outline: NDArray[np.int32]  # convex
    sides: tuple[float, float]  # how long, the shorter first
    holds: bool  # whether there is a piece of ink in it that touches no border
    is_crossed: bool  # whether a stroke runs into it from its border


def borders(ink: Mask) -> Mask:
    """The borders of boxes and rings in a mask: those that hold something, and the empty ones like them.

    Where strokes run through many more boxes than there are that hold something, it is squared paper.
    """
    cells = _cells(ink)
    found = np.zeros_like(ink)
    sides = np.array([cell.sides for cell in cells]).reshape(-1, 2)
    holding = np.array([cell.holds for cell in cells], bool)
    crossed = np.array([cell.is_crossed and not cell.holds for cell in cells], bool)
    for cell in cells:
        alike = (np.abs(sides - cell.sides) <= _ALIKE * np.array(cell.sides)).all(axis=1)
        if holding[alike].any() and _CROSSED * holding[alike].sum() >= crossed[alike].sum():
            _draw_border(found, ink, cell)
    return found


def _cells(ink: Mask) -> list[_Cell]:
    outlines, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return []
    pieces = np.array([cv2.boundingRect(outline) for outline in outlines])
    start, size = pieces[:, :2], pieces[:, 2:]
    is_hole = tree[0][:, 3] >= 0
    long = max(ink.shape)
    cells = []
    likely = is_hole & (size.min(axis=1) >= _LEAST * long) & (size.max(axis=1) <= _MOST * long)
    for number in np.flatnonzero(likely).tolist():
        hull = cv2.convexHull(outlines[number])
        _, (one, other), _ = cv2.minAreaRect(hull)
        whole, full, free = one * other, cv2.contourArea(hull), cv2.contourArea(outlines[number])
        if full >= _ROUND * whole > 0 and free >= _FREE * whole:
            is_inside = (start > start[number]).all(axis=1) & (start + size < start[number] + size[number]).all(axis=1)
            holds = bool((~is_hole & is_inside & (size[:, 1] >= _INSIDE * size[number, 1])).any())
            cells.append(_Cell(hull, (min(one, other), max(one, other)), holds, free < _CLEAR * full))
    return cells


def _draw_border(found: Mask, ink: Mask, cell: _Cell) -> None:
    """Add the ink around a cell, as far as a border may be thick."""
    reach = max(2, round(_THICK * cell.sides[0]))
    left, top, width, height = cv2.boundingRect(cell.outline)
    left, top, right, bottom = max(0, left - reach), max(0, top - reach), left + width + reach, top + height + reach
    window = np.s_[top:bottom, left:right]
    paper: NDArray[Any] = np.zeros_like(ink[window])
    cv2.fillConvexPoly(paper, cell.outline - np.array([left, top], np.int32), 1)
    paper = cv2.erode(paper, np.ones((3, 3), np.uint8))  # the outline itself is the border's first row of pixels
    around = cv2.subtract(cv2.dilate(paper, np.ones((2 * reach + 3, 2 * reach + 3), np.uint8)), paper)
    found[window] |= cv2.min(around, ink[window])
