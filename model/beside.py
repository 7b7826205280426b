"""The pieces of ink beside the digits of a line: what may be a point, a stroke, a bracket. After the digits are known.

The finders look for digits and pass over what is small; here the digits say how large a sign is and where it stands.
"""

from collections.abc import Sequence
from itertools import combinations
from math import ceil
from statistics import median
from typing import Final

import cv2
import numpy as np

from model.boxes import covered, lies_in, union
from model.ink import connected, ink_depth
from model.ranks import percentiles
from model.reading import Box, Grey

_HEIGHT: Final = 40.0  # pixels that the line's digits are made high: a point is two of them
_LARGEST_ZOOM: Final = 3.0
_BESIDE: Final = 1.6  # of the digits' height: so far to both sides of the line is looked
_ABOVE: Final = 0.45  # likewise above and below
_CORE: Final = 0.4  # of the digits' depth: shallower is blur
_SIZES: Final = (0.05, 1.7)  # of the digits' height: the long side of a piece
_SAME: Final = 0.55  # of the smaller of two boxes: with as much in common a tall piece is the digit itself
_TALL: Final = 0.7  # of the digits' height
_MOST: Final = 16  # pieces of a line; more are a texture
_NEAR: Final = 0.6  # of the digits' height: so far one over the other are the strokes of `=` and the points of `:`
_APART: Final = 0.15  # of the digits' height: so far beside each other they may begin and end
_TALLEST: Final = 1.3  # of the digits' height: what pieces make together


def beside(grey: Grey, line: Sequence[Box]) -> list[Box]:
    """Give the boxes of what is written beside a line's digits, pieces that may make one sign together as well.

    `grey` is (H, W) uint8; boxes are pixels of it. Pieces of the digits themselves are left out.
    """
    usual = median(box.bottom - box.top for box in line)
    zoom = min(_LARGEST_ZOOM, _HEIGHT / usual)
    left, top, right, bottom = union(line)
    left, right = max(0, round(left - _BESIDE * usual)), min(grey.shape[1], round(right + _BESIDE * usual))
    top, bottom = max(0, round(top - _ABOVE * usual)), min(grey.shape[0], round(bottom + _ABOVE * usual))
    size = (max(8, round((right - left) * zoom)), max(8, round((bottom - top) * zoom)))
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    depth = ink_depth(np.asarray(cv2.resize(grey[top:bottom, left:right], size, interpolation=how)))
    inside = np.zeros(depth.shape, np.bool_)
    for box in line:
        inside[
            max(0, round((box.top - top) * zoom)) : round((box.bottom - top) * zoom),
            max(0, round((box.left - left) * zoom)) : round((box.right - left) * zoom),
        ] = True
    digits = depth[inside & (depth > 0)]
    if not digits.size:
        return []
    ink = (depth > _CORE * percentiles(digits, 80)[0]).astype(np.uint8)
    pieces = []
    for x, y, width, height, pixels in connected(ink)[1][1:].tolist():
        box = Box(
            left + int(x / zoom), top + int(y / zoom), left + ceil((x + width) / zoom), top + ceil((y + height) / zoom)
        )
        long = max(width, height) / (usual * zoom)
        is_digit = any(lies_in(box, digit) or (covered(box, digit) > _SAME and long > _TALL) for digit in line)
        if pixels >= 3 and _SIZES[0] <= long <= _SIZES[1] and not is_digit:
            pieces.append(box)
    return _with_unions(pieces, usual) if len(pieces) <= _MOST else []


def _with_unions(pieces: list[Box], usual: float) -> list[Box]:
    """The pieces, and what two or three of them make that lie over each other or touch: `=`, `:`, `÷`."""
    pairs = [union(pair) for pair in combinations(pieces, 2) if _is_one(*pair, usual)]
    threes = [
        union((pair, one)) for pair in pairs for one in pieces if not covered(one, pair) and _is_one(pair, one, usual)
    ]
    return list(dict.fromkeys((*pieces, *pairs, *threes)))


def _is_one(one: Box, other: Box, usual: float) -> bool:
    """Whether two boxes lie so near, one over the other, that they may be one sign."""
    both = union((one, other))
    apart = max(one.left, other.left) - min(one.right, other.right)
    over = max(one.top, other.top) - min(one.bottom, other.bottom)
    is_small = max(both.right - both.left, both.bottom - both.top) <= _TALLEST * usual
    return apart <= _APART * usual and over <= _NEAR * usual and is_small
