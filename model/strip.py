"""A line of writing cut out of a picture, level and of one height, as the line reader sees it.

Training and serving share this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.boxes import Boxed, Thing
from model.ranks import percentiles
from model.reading import Box, Grey

HEIGHT: Final = 32  # pixels of a strip
_DIGIT: Final = 18.0  # of them, the height of the line's digits
_REACH: Final = 1.2  # of that height: so far to both sides of the known digits a strip reaches
_STEEPEST: Final = 0.4  # slope of a line
_LONG: Final = 2.0  # heights between the first and the last digit of a line whose slope is known
WIDTHS: Final = (64, 96, 128, 192, 256, 384, 512)  # pixels; a strip is filled up with paper to the next of them
_APART: Final = 2.5  # heights: digits further apart stand in strips of their own
_LEAST: Final = 12.0  # grey levels: fainter than that is noise, and stays faint
_PAPER: Final = 41  # pixels of a strip, over which the paper is as bright as most of them
_INK: Final = 77  # percentile of what stands out from the paper


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """One line of writing, level, its paper 0 and its ink about 1."""

    picture: NDArray[np.float32]  # (HEIGHT, one of WIDTHS)
    width: int  # of it, that is the picture's
    onto: NDArray[np.float64]  # (2, 3): from pixels of the picture to pixels of the strip


def runs(line: Sequence[Thing]) -> list[list[Thing]]:
    """Part a line's digits, left to right, where they stand far apart."""
    usual = _usual([thing.box for thing in line])
    found: list[list[Thing]] = []
    for thing in line:
        if found and thing.box.left - found[-1][-1].box.right <= _APART * usual:
            found[-1].append(thing)
        else:
            found.append([thing])
    return found


def strip(grey: Grey, digits: Sequence[Boxed]) -> Strip | None:
    """Cut out the line that digits stand in, (H, W) uint8; None where it is longer than any strip."""
    boxes = [digit.box for digit in digits]
    usual = _usual(boxes)
    middles = np.array([[box.left + box.right, box.top + box.bottom] for box in boxes], np.float64) / 2
    slope = _slope(middles, usual)
    along = np.array([1.0, slope]) / np.hypot(1, slope)
    scale = _DIGIT / usual
    middle = middles.mean(axis=0)
    first = min((np.array([box.left, y]) - middle) @ along for box, (_, y) in zip(boxes, middles, strict=True))
    last = max((np.array([box.right, y]) - middle) @ along for box, (_, y) in zip(boxes, middles, strict=True))
    first, last = first - _REACH * usual, last + _REACH * usual
    width = int(np.ceil((last - first) * scale))
    if width > WIDTHS[-1]:
        return None
    turn = np.array([along, [-along[1], along[0]]]) * scale
    onto = np.hstack([turn, (np.array([-first * scale, HEIGHT / 2]) - turn @ middle)[:, None]])
    seen = _seen(grey, onto, scale, width)
    full = next(side for side in WIDTHS if side >= width)
    picture = np.zeros((HEIGHT, full), np.float32)
    picture[:, :width] = _ink(seen)
    return Strip(picture, width, onto)


def _usual(boxes: Sequence[Box]) -> float:
    return max(2.0, median(box.bottom - box.top for box in boxes))


def _slope(middles: NDArray[np.float64], usual: float) -> float:
    """How far a line falls from left to right: what fits the middles of its digits best."""
    if np.ptp(middles[:, 0]) < _LONG * usual:
        return 0.0
    return float(np.clip(np.polyfit(middles[:, 0], middles[:, 1], 1)[0], -_STEEPEST, _STEEPEST))


def _seen(grey: Grey, onto: NDArray[np.float64], scale: float, width: int) -> Grey:
    """The picture through `onto`, averaged where it shrinks: (HEIGHT, width)."""
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, HEIGHT, 1], [width, HEIGHT, 1]], np.float64)
    there = corners @ cv2.invertAffineTransform(onto).T
    low = np.maximum(np.floor(there.min(axis=0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(there.max(axis=0)).astype(int) + 2, np.array(grey.shape[::-1]))
    part = grey[low[1] : high[1], low[0] : high[0]]
    size = [max(1, round(side * min(1.0, scale))) for side in part.shape[::-1]]
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    step = np.array(part.shape[::-1]) / size
    # From pixels of the small part, counted from their middles, to pixels of the strip.
    back = onto[:, :2] * step
    shift = onto[:, :2] @ (low + (step - 1) / 2 + 0.5) + onto[:, 2] - 0.5
    seen = cv2.warpAffine(
        small,
        np.hstack([back, shift[:, None]]),
        (width, HEIGHT),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen, np.uint8)


def _ink(seen: Grey) -> NDArray[np.float32]:
    """How deep each pixel is, of either polarity: paper 0, ink about 1."""
    framed = cv2.copyMakeBorder(seen, *(_PAPER // 2,) * 4, borderType=cv2.BORDER_REFLECT)
    paper = cv2.medianBlur(framed, _PAPER)[_PAPER // 2 : -(_PAPER // 2), _PAPER // 2 : -(_PAPER // 2)]
    depth = cv2.subtract(paper, seen, dtype=cv2.CV_32F)
    if cv2.sumElems(cv2.pow(depth, 3))[0] < 0:
        depth = -depth
    standing_out = depth[depth > _LEAST / 2]
    deep = max(_LEAST, percentiles(standing_out, _INK)[0]) if standing_out.size else _LEAST
    return np.asarray(np.clip(depth / deep, -0.5, 1.5), np.float32)
