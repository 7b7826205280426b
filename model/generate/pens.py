"""Handwriting as lines instead of pixels: skeletons of MNIST's digits, redrawn with any pen. Training side.

Digits and letters that are redrawn with one pen differ in their shapes alone, so a network that sees both learns
shapes, not pens. A glyph is a tuple of lines; its height is 1, its middle the origin, y points down.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.kept import Arrays, kept
from model.mnist import Images, Labels, cache_folder

Line = NDArray[np.float32]
"""(N, 2) float32 points x, y of one stroke of the pen."""
Glyph = tuple[Line, ...]
Canvas = NDArray[np.uint8]
"""(H, W) uint8 coverage, 0 bare to 255 covered."""

_SIDE: Final = 56  # pixels; skeletons of 28-pixel digits close the small loops of thick pens
_SHIFT: Final = 4  # fractional bits of the points that OpenCV draws
# Clockwise from above, as Zhang and Suen number them: what a pixel's neighbours add to its code.
_RING: Final = np.array([[128, 1, 2], [64, 0, 4], [32, 16, 8]], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """Digits as people wrote them: as lines, and as the grey bitmaps that the lines were taken from."""

    glyphs: tuple[Glyph, ...]  # N of them
    images: Images  # (M, 28, 28) of the first M; the rest were written as lines
    labels: Labels  # (N,)


def load_hand(images: Images, labels: Labels) -> Hand:
    """Give the lines of (N, 28, 28) digits: from the user's cache when they were traced before (a minute otherwise)."""
    some = int(images[:: max(1, len(images) // 997)].sum())  # tells digits from other digits
    path = cache_folder().parent / "scenes" / f"lines-{len(images)}-{some}.npz"
    return Hand(_glyphs(kept(path, lambda: _arrays(traced(images)))), images, labels)


def traced(images: Images) -> tuple[Glyph, ...]:
    """Trace the lines of (N, 28, 28) digits."""
    return tuple(trace(skeleton) for skeleton in thin(_enlarged(images)))


def thin(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin the strokes of (N, H, W) masks to lines of one pixel (Zhang and Suen 1984), all masks at once."""
    count, _, width = masks.shape
    thinned = np.empty_like(masks)
    for start in range(0, count, 512):  # so many at a time that they stay in the processor's cache
        part = np.pad(masks[start : start + 512], ((0, 0), (1, 1), (1, 1))).astype(np.uint8)
        tall = part.reshape(-1, width + 2)
        before = -1
        while before != (before := int(tall.sum())):
            for table in _TABLES:
                code = cv2.filter2D(tall, cv2.CV_8U, _RING, borderType=cv2.BORDER_CONSTANT)
                tall &= cv2.LUT(code, table)
        thinned[start : start + 512] = tall.reshape(part.shape)[:, 1:-1, 1:-1]
    return thinned


def _tables() -> tuple[Canvas, Canvas]:
    """For both half-steps: whether a pixel with neighbours of this code stays."""
    codes = np.arange(256)
    p = [(codes >> bit) & 1 for bit in range(8)]  # above, above right, right, …
    neighbours = sum(p)
    rises = sum((p[i] == 0) & (p[(i + 1) % 8] == 1) for i in range(8))
    edge = (neighbours >= 2) & (neighbours <= 6) & (rises == 1)
    first = edge & (p[0] * p[2] * p[4] == 0) & (p[2] * p[4] * p[6] == 0)
    second = edge & (p[0] * p[2] * p[6] == 0) & (p[0] * p[4] * p[6] == 0)
    return (~first).astype(np.uint8), (~second).astype(np.uint8)


_TABLES: Final = _tables()


def trace(skeleton: NDArray[np.bool_]) -> Glyph:
    """Follow the lines of an (H, W) skeleton from end to end and from crossing to crossing."""
    left = {(int(x), int(y)) for y, x in np.argwhere(skeleton)}
    if not left:
        return ()
    near = {point: _neighbours(point, left) for point in left}
    # Ends and crossings first: what is left after them are rings.
    starts = sorted(left, key=lambda point: (len(near[point]) == 2, len(near[point])))
    used: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    lines = []
    for start in starts:
        for step in near[start]:
            if (start, step) in used:
                continue
            line, here, ahead = [start], start, step
            while True:
                used |= {(here, ahead), (ahead, here)}
                line.append(ahead)
                onward = [point for point in near[ahead] if (ahead, point) not in used and point != here]
                here = ahead
                if not onward or len(near[here]) != 2:
                    break
                ahead = onward[0]
            spur = len(line) < 5 and 1 in {len(near[line[0]]), len(near[line[-1]])}  # thinning leaves some at corners
            if not spur or len(left) < 8:
                lines.append(np.array(line, np.float32))
    return normalised(tuple(_smoothed(line) for line in lines))


def _neighbours(point: tuple[int, int], line: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pixels a line goes on to: across a corner only where no pixel beside it leads there."""
    x, y = point
    straight = [(i, j) for i, j in ((0, -1), (1, 0), (0, 1), (-1, 0)) if (x + i, y + j) in line]
    corners = [
        (i, j)
        for i, j in ((1, -1), (1, 1), (-1, 1), (-1, -1))
        if (x + i, y + j) in line and (i, 0) not in straight and (0, j) not in straight
    ]
    return [(x + i, y + j) for i, j in straight + corners]


def normalised(lines: Glyph) -> Glyph:
    """Move a glyph's middle to the origin and scale its long side to 1 (its height, for all but wide things)."""
    if not lines:
        return ()
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    size = max(1e-3, float((high - low).max()))
    return tuple(((line - (low + high) / 2) / size).astype(np.float32) for line in lines)


def _smoothed(line: Line) -> Line:
    """Take the steps of the pixels off a line and keep every second point; its ends stay."""
    if len(line) < 4:
        return line
    ringed = np.concatenate([line[:1], line[:1], line, line[-1:], line[-1:]])
    smooth = sum(weight * ringed[i : i + len(line)] for i, weight in enumerate((0.15, 0.2, 0.3, 0.2, 0.15)))
    smooth = np.asarray(smooth, np.float32)
    smooth[[0, -1]] = line[[0, -1]]
    return np.concatenate([smooth[:-1:2], smooth[-1:]])


def _enlarged(images: Images) -> NDArray[np.bool_]:
    masks = np.empty((len(images), _SIDE, _SIDE), np.bool_)
    for mask, image in zip(masks, images, strict=True):
        large = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
        mask[:] = cv2.GaussianBlur(large, (0, 0), 0.8) > 105
    return masks


def _arrays(glyphs: tuple[Glyph, ...]) -> Arrays:
    lines = [line for glyph in glyphs for line in glyph]
    return {
        "points": np.concatenate([*lines, np.zeros((1, 2))]).astype(np.float16),
        "points_of_line": np.array([len(line) for line in lines], np.int32),
        "lines_of_glyph": np.array([len(glyph) for glyph in glyphs], np.int32),
    }


def _glyphs(arrays: Arrays) -> tuple[Glyph, ...]:
    points = arrays["points"].astype(np.float32)
    ends = np.cumsum(arrays["points_of_line"]).tolist()
    counts = arrays["lines_of_glyph"].tolist()
    lines = [points[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    glyphs, at = [], 0
    for count in counts:
        glyphs.append(tuple(lines[at : at + count]))
        at += count
    return tuple(glyphs)


def stroke(canvas: Canvas, glyph: Glyph, width: float, tone: int = 255) -> None:
    """Draw a glyph whose points are pixels of the canvas, with a round pen `width` pixels wide."""
    thickness = max(1, round(width))
    for line in glyph:
        points = np.rint(line * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(
            canvas, [points], isClosed=False, color=(tone,), thickness=thickness, lineType=cv2.LINE_AA, shift=_SHIFT
        )
