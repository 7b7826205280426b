"""A grey picture to where its digits are, in reading order. After `decode`, before `normalize`.

The classical road: what stands out from the paper is ink; connected ink is a stroke; strokes that belong together are
a digit; digits beside each other are a line of writing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.cells import borders
from model.grouping import Stroke, cut, joined
from model.ink import Mask, connected, ink_depth, rules, stroke_width
from model.ranks import percentiles
from model.reading import Box, Grey, Ink

_LEAST_SIDE: Final = 4  # pixels; a digit has more, and enlarged, fewer look like strokes
_MIN_SIDE: Final = 160  # smaller pictures are enlarged first: a stroke one pixel wide has no inside
_MIN_SIZE: Final = 0.02  # of the picture's long side; smaller ink is a speck
_MIN_PIXELS: Final = 6
_CORE: Final = 0.4  # of a stroke's depth: shallower is its blur, through which neighbours run into each other
_FAINT: Final = 0.35  # of the deepest stroke's depth; fainter is rubbed out or shines through
_BLOB: Final = 0.45  # stroke width over size: a filled square has 0.67, the thickest pen on dev 0.25
_MANY: Final = 400  # more strokes than this are print or a texture, not a number


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Something that may be a digit."""

    box: Box  # pixels of the picture it was found in
    ink: Ink  # what is in the box, free of its neighbours' strokes


def find_digits(grey: Grey) -> tuple[tuple[Found, ...], ...]:
    """Find what may be digits, a tuple a line of writing, top line first, each from left to right.

    `grey` is (H, W) uint8, its ink darker or lighter than the paper. A blank picture gives an empty tuple.
    """
    if min(grey.shape) < _LEAST_SIDE:
        return ()
    zoom = max(1, -(-_MIN_SIDE // max(grey.shape)))
    if zoom > 1:
        grey = np.asarray(cv2.resize(grey, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC))
    strokes = _of_one_pen(_strokes(ink_depth(grey)), grey.shape)
    if not 0 < len(strokes) <= _MANY:
        return ()
    digits = [part for digit in joined(strokes) for part in cut(digit)]
    return tuple(tuple(_found(digit, zoom) for digit in line) for line in _lines(digits))


def _strokes(depth: Grey) -> list[Stroke]:
    """Every connected piece of ink that a pen may have written."""
    ink = (depth > 0).astype(np.uint8)
    printed = cv2.max(rules(ink), borders(ink))
    near_print = _near(printed, 2 + round(0.005 * max(ink.shape)))
    smallest = _MIN_SIZE * max(ink.shape)
    strokes = []
    for blurred, around in _pieces(cv2.subtract(ink, printed), smallest):
        piece = depth[around.top : around.bottom, around.left : around.right].astype(np.float32)
        (deep,) = percentiles(piece[blurred], 90)
        for core, box in _pieces((blurred & (piece > _CORE * deep)).astype(np.uint8), smallest):
            own = np.where(core, piece[box.top : box.bottom, box.left : box.right], 0)
            place = Box(around.left + box.left, around.top + box.top, around.left + box.right, around.top + box.bottom)
            stroke = Stroke(place, (own / (0.8 * deep)).clip(0, 1).astype(np.float32), deep)
            if not _is_sliver(stroke, near_print) and stroke_width(stroke.ink) < _BLOB * stroke.size:
                strokes.append(stroke)
    return strokes


def _pieces(mask: Mask, smallest: float) -> Iterator[tuple[NDArray[np.bool_], Box]]:
    """Each connected piece of a mask at least `smallest` long: its own pixels, and its box."""
    first, above, wide, high = cv2.boundingRect(mask)
    if not wide:
        return
    inked = mask[above : above + high, first : first + wide]  # blank paper would take as long as ink
    labels, stats = connected(inked)
    large = (stats[:, 2:4].max(axis=1) >= smallest) & (stats[:, 4] >= _MIN_PIXELS)
    large[0] = False  # the paper
    for label in np.flatnonzero(large):
        left, top, width, height = stats[label, :4].tolist()
        mine = labels[top : top + height, left : left + width] == label
        left, top = left + first, top + above
        yield mine, Box(left, top, left + width, top + height)


def _near(printed: Mask, reach: int) -> Mask:
    """The surroundings of printed lines and of the picture's edges."""
    framed = printed.copy()
    framed[:2], framed[-2:], framed[:, :2], framed[:, -2:] = 1, 1, 1, 1
    return np.asarray(cv2.dilate(framed, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)))


def _is_sliver(stroke: Stroke, near_print: Mask) -> bool:
    """What is left over of a printed line or of something that the picture's edge cuts."""
    rows, columns = near_print.shape
    left, top, right, bottom = stroke.box
    if (left <= 1 or right >= columns - 1) and stroke.width < 0.12 * columns:
        return True
    if (top <= 1 or bottom >= rows - 1) and stroke.height < 0.12 * rows:
        return True
    if stroke.size > 0.5 * max(rows, columns) or min(stroke.width, stroke.height) > 0.05 * max(rows, columns):
        return False
    return float(near_print[top:bottom, left:right][stroke.ink > 0.5].mean()) > 0.8


def _of_one_pen(strokes: list[Stroke], shape: tuple[int, ...]) -> list[Stroke]:
    """Drop what another hand than the writer's made: faint traces, much thicker things, large things at the edge."""
    rows, columns = shape
    inside = [
        stroke
        for stroke in strokes
        if min(stroke.box[:2]) > 1 and stroke.box.right < columns - 1 and stroke.box.bottom < rows - 1
    ]
    deepest = max((stroke.depth for stroke in inside), default=0.0)
    strokes = [stroke for stroke in strokes if stroke.depth > _FAINT * deepest]
    if len(inside) >= 3:
        usual = median(stroke.size for stroke in inside)
        strokes = [stroke for stroke in strokes if stroke in inside or stroke.size < 2.5 * usual]
    if len(strokes) > 3:
        pens = [stroke_width(stroke.ink) for stroke in strokes]
        pen = median(pens)
        strokes = [stroke for stroke, width in zip(strokes, pens, strict=True) if width < 3 * pen]
    return strokes


def _lines(digits: Sequence[Stroke]) -> list[list[Stroke]]:
    """Group into lines of writing, top line first, each from left to right."""
    lines: list[list[Stroke]] = []
    for digit in sorted(digits, key=lambda stroke: stroke.box.left):
        for line in lines:
            last = line[-1]
            shared = min(last.box.bottom, digit.box.bottom) - max(last.box.top, digit.box.top)
            if shared > 0.4 * min(last.height, digit.height):
                line.append(digit)
                break
        else:
            lines.append([digit])
    return sorted(lines, key=lambda line: float(np.mean([digit.box.top + digit.box.bottom for digit in line])))


def _found(digit: Stroke, zoom: int) -> Found:
    left, top, right, bottom = digit.box
    return Found(Box(left // zoom, top // zoom, -(-right // zoom), -(-bottom // zoom)), digit.ink)
