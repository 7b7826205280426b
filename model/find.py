"""A grey picture to where its digits are, in reading order. After `decode`, before `normalize`.

The classical road: the paper under the writing is estimated and taken away, what is left is ink; connected ink is a
stroke, strokes that belong together are a digit, digits beside each other are a line.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading import Box, Grey, Ink

_MIN_SIDE: Final = 160  # smaller pictures are enlarged first: a stroke one pixel wide has no inside
_PAPER_SIDE: Final = 200  # the paper changes slowly: its brightness is estimated on a picture of this size
_PAPER_WINDOW: Final = (
    0.4  # of the long side; a wider window misses shadows, a narrower one takes thick strokes for paper
)
_MIN_DEPTH: Final = 12.0  # grey levels below the paper; JPEG and paper grain stay under it
_NOISE: Final = 5.0  # ink is this many deviations of the paper's grain deep


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Something that may be a digit."""

    box: Box  # pixels of the picture it was found in
    ink: Ink  # what is in the box, free of its neighbours' strokes


@dataclass(frozen=True, slots=True, eq=False)
class _Stroke:
    """A connected piece of ink, or several that belong together."""

    box: Box
    ink: Ink
    peak: float  # grey levels below the paper

    @property
    def width(self) -> int:
        return self.box.right - self.box.left

    @property
    def height(self) -> int:
        return self.box.bottom - self.box.top


def find_digits(grey: Grey) -> tuple[tuple[Found, ...], ...]:
    """Find what may be digits, a tuple a line of writing, in reading order; empty when there is nothing.

    `grey` is (H, W) uint8, of either polarity.
    """
    zoom = max(1, -(-_MIN_SIDE // max(grey.shape)))
    if zoom > 1:
        grey = np.asarray(cv2.resize(grey, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC))
    strokes = _strokes(ink_depth(grey))
    return tuple(tuple(_found(stroke, zoom) for stroke in line) for line in _lines(_joined(strokes)))


def ink_depth(grey: Grey) -> Ink:
    """How far each pixel is from the paper around it, in grey levels: (H, W) float32, 0 where it is not ink.

    Ink may be darker or lighter than its paper: it is whichever side reaches further from it.
    """
    depth = cv2.subtract(_paper(grey), grey, dtype=cv2.CV_32F)
    if float(cv2.sumElems(cv2.pow(depth, 3))[0]) < 0:
        depth = -depth
    return np.asarray(cv2.max(depth, 0))


def _paper(grey: Grey) -> Grey:
    """The brightness of the paper at each pixel, as if nothing were written on it."""
    height, width = grey.shape
    scale = min(1.0, _PAPER_SIDE / max(height, width))
    small = cv2.resize(
        grey, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    window = round(max(small.shape) * _PAPER_WINDOW) | 1
    return np.asarray(cv2.resize(cv2.medianBlur(small, window), (width, height), interpolation=cv2.INTER_LINEAR))


def _strokes(depth: Ink) -> list[_Stroke]:
    grain = 1.4826 * float(np.median(depth[::4, ::4]))
    mask = (depth > max(_MIN_DEPTH, _NOISE * grain)).astype(np.uint8)
    mask = cv2.subtract(mask, _rules(mask))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    tall = max(depth.shape)
    strokes = []
    for label, (left, top, width, height, area) in enumerate(stats[1:], start=1):
        if max(width, height) < 0.02 * tall or area < 6:
            continue
        if _hugs_edge(left, top, width, height, depth.shape):
            continue
        window = np.s_[top : top + height, left : left + width]
        own = labels[window] == label
        piece = np.where(own, depth[window], 0)
        peak = float(np.percentile(piece[own], 90))
        ink = ((piece / peak - 0.2) / 0.6).clip(0, 1).astype(np.float32)
        strokes.append(_Stroke(Box(int(left), int(top), int(left + width), int(top + height)), ink, peak))
    if not strokes:
        return []
    strongest = max(stroke.peak for stroke in strokes)
    return [stroke for stroke in strokes if stroke.peak > 0.35 * strongest]


def _rules(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The long straight lines in a mask: printed borders, rules and squares of paper."""
    height, width = mask.shape
    rules = np.zeros_like(mask)
    for kernel, along, limit in (((width // 5, 1), 2, width), ((1, height // 5), 3, height)):
        pieces = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(kernel[::-1], np.uint8))
        pieces = cv2.dilate(pieces, np.ones((3, 3), np.uint8))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(pieces, connectivity=8)
        long = np.flatnonzero(stats[:, along] > 0.8 * limit)
        long = long[long > 0]
        if len(long):
            rules |= np.isin(labels, long).astype(np.uint8)
    return np.minimum(rules, mask)


def _hugs_edge(left: int, top: int, width: int, height: int, shape: tuple[int, ...]) -> bool:
    rows, columns = shape
    touches_side = left <= 1 or left + width >= columns - 1
    touches_end = top <= 1 or top + height >= rows - 1
    if width >= 0.97 * columns and height >= 0.97 * rows:
        return True
    return (touches_side and width < 0.12 * columns) or (touches_end and height < 0.12 * rows)


def _joined(strokes: list[_Stroke]) -> list[_Stroke]:
    """Join the fragments of broken digits, drop specks."""
    if not strokes:
        return []
    tallest = max(stroke.height for stroke in strokes)
    whole = [s for s in strokes if s.height >= 0.5 * tallest]
    rest = [s for s in strokes if s.height < 0.5 * tallest]
    typical = float(np.median([s.height for s in whole]))
    for piece in sorted(rest, key=lambda s: -s.ink.size):
        nearest = min(range(len(whole)), key=lambda i: _gap(piece.box, whole[i].box))
        if _gap(piece.box, whole[nearest].box) < 0.15 * typical:
            whole[nearest] = _union(whole[nearest], piece)
        elif piece.height > 0.35 * typical:
            whole.append(piece)
    return whole


def _gap(a: Box, b: Box) -> float:
    across = max(a.left - b.right, b.left - a.right, 0)
    down = max(a.top - b.bottom, b.top - a.bottom, 0)
    return float(np.hypot(across, down))


def _union(a: _Stroke, b: _Stroke) -> _Stroke:
    box = Box(
        min(a.box.left, b.box.left),
        min(a.box.top, b.box.top),
        max(a.box.right, b.box.right),
        max(a.box.bottom, b.box.bottom),
    )
    ink = np.zeros((box.bottom - box.top, box.right - box.left), np.float32)
    for part in (a, b):
        window = ink[part.box.top - box.top :, part.box.left - box.left :][: part.height, : part.width]
        np.maximum(window, part.ink, out=window)
    return _Stroke(box, ink, max(a.peak, b.peak))


def _lines(strokes: list[_Stroke]) -> list[list[_Stroke]]:
    """Group into lines of writing, top line first, each from left to right."""
    lines: list[list[_Stroke]] = []
    for stroke in sorted(strokes, key=lambda s: s.box.left):
        for line in lines:
            last = line[-1].box
            shared = min(last.bottom, stroke.box.bottom) - max(last.top, stroke.box.top)
            if shared > 0.4 * min(last.bottom - last.top, stroke.height):
                line.append(stroke)
                break
        else:
            lines.append([stroke])
    return sorted(lines, key=lambda line: np.mean([s.box.top + s.box.bottom for s in line]))


def _found(stroke: _Stroke, zoom: int) -> Found:
    left, top, right, bottom = stroke.box
    return Found(Box(left // zoom, top // zoom, -(-right // zoom), -(-bottom // zoom)), stroke.ink)
