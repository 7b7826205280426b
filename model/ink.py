"""What is ink in a grey picture, and what is only a line of the paper. `find` and `normalize` share it."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.ranks import median
from model.reading import Grey, Ink
from model.shrink import shrunk

Mask = NDArray[np.uint8]
"""(H, W) uint8, 0 or 1."""

_PAPER_SIDE: Final = 200  # paper changes slowly: its brightness is estimated on a picture of this long side
# Of the long side. A wider window misses shadows, a narrower one takes thick strokes for paper (docs/measurements.md).
_PAPER_WINDOW: Final = 0.5
# A small picture was cut out around its digit: light hardly changes over it, and strokes fill half of the window.
_SMALL: Final = 400  # pixels, long side
_SMALL_WINDOW: Final = 1.4
_MEDIAN_SIDE: Final = 254  # OpenCV's median counts in 16 bits: over 256 x 256 pixels and more it is wrong, or fails
_MIN_DEPTH: Final = 12.0  # grey levels from the paper; the artefacts of JPEG stay below
_GRAINS: Final = 5.0  # and this many standard deviations of the paper's own grain
_RULE_PIECE: Final = 5  # a rule is pieced together from straight runs of a fifth of the picture
_RULE_COLUMNS: Final = 320  # that a picture is looked through in for rules, at least
_RULE_THICKNESS: Final = 0.1  # of the picture, at most; a stroke as long as the picture is thicker or not as straight
_THIN: Final = 0.005  # of the picture: the ruled lines that people write across
_EDGE: Final = 0.15  # of the picture, from its edge: where the border of a cell may run without being whole


def ink_depth(grey: Grey) -> Grey:
    """How far each pixel is from the paper around it: (H, W) uint8 in grey levels, 0 where there is no ink.

    Ink may be darker or lighter than its paper: it is the side that reaches further. What is not deeper than the
    paper's grain is no ink.
    """
    paper = _paper(grey)
    darker = cv2.subtract(paper[::2, ::2], grey[::2, ::2], dtype=cv2.CV_32F)
    is_darker = cv2.sumElems(cv2.pow(darker, 3))[0] >= 0
    depth = cv2.subtract(paper, grey) if is_darker else cv2.subtract(grey, paper)
    # The paper's grain is what a small blur changes. Half of the pixels change by more than the median; 1.4826 times
    # it is their standard deviation. Pixels of strokes are too few to move a median.
    change = cv2.absdiff(grey, cv2.GaussianBlur(grey, (5, 5), 0))
    grain = 1.4826 * median(change[::2, ::2])
    return np.asarray(cv2.threshold(depth, max(_MIN_DEPTH, _GRAINS * grain), 0, cv2.THRESH_TOZERO)[1])


def rules(ink: Mask) -> Mask:
    """The long straight lines of a mask: printed borders of cells, rules and squares of paper."""
    across, down = _rules_across(ink), cv2.transpose(_rules_across(cv2.transpose(ink)))
    if not across.any() and not down.any():
        return across
    rest = cv2.subtract(ink, cv2.max(across, down))
    # A stroke that crosses a thin line has ink on both sides of it, and keeps what lies between.
    reach = 3 + 2 * round(_THIN * max(ink.shape))
    across = cv2.subtract(across, cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8)))
    down = cv2.subtract(down, cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8)))
    return np.asarray(cv2.min(cv2.max(across, down), ink))


def connected(mask: Mask) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number the connected pieces of a mask: (H, W), 0 the paper, and a row for each: left, top, width, height, pixels.

    By blocks of four pixels (Grana, Borghesani and Cucchiara 2010). OpenCV's own choice gives the same in 2.5 times
    the time, when it counts pixels too.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_BBDT)
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def stroke_width(ink: Ink) -> float:
    """The mean width of the strokes in pixels; 0 without ink."""
    mask = cv2.copyMakeBorder((ink > 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    # Across a ribbon of width w the distance to its edge averages w / 4.
    return 4 * cv2.mean(cv2.distanceTransform(mask, cv2.DIST_L2, 3), mask)[0]


def _paper(grey: Grey) -> Grey:
    """The brightness of the paper at each pixel, as if nothing were written on it."""
    height, width = grey.shape
    window = _SMALL_WINDOW if max(height, width) < _SMALL else _PAPER_WINDOW
    scale = min(1.0, min(_PAPER_SIDE, _MEDIAN_SIDE / window) / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = shrunk(grey, size)
    margin = min(_MEDIAN_SIDE // 2, round(max(size) * window / 2))
    # Mirrored, not repeated, at the edges: a border along the edge would be taken for paper there.
    framed = cv2.copyMakeBorder(small, margin, margin, margin, margin, cv2.BORDER_REFLECT)
    paper = cv2.medianBlur(framed, 2 * margin + 1)[margin:-margin, margin:-margin]
    return np.asarray(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR))


def _rules_across(ink: Mask) -> Mask:
    height, width = ink.shape
    # An opening by a row of ones, as two box sums: their cost does not grow with its length.
    piece = max(1, width // _RULE_PIECE)
    runs = np.zeros_like(ink)
    # No other row of pixels has enough ink.
    rows = np.flatnonzero(cv2.reduce(ink, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S) >= piece)
    full = _sum(ink[rows], piece, piece // 2) == piece
    if not full.any():
        return runs
    runs[rows] = _sum(full.astype(np.uint8), piece, piece - 1 - piece // 2) > 0
    # Runs are long: a few of the columns tell them apart as well, and sooner.
    step = max(1, width // _RULE_COLUMNS)
    coarse = cv2.dilate(np.ascontiguousarray(runs[:, ::step]), np.ones((3, 3), np.uint8))
    labels, stats = connected(coarse)
    left, top, length, thickness = stats[:, :4].T * np.array([[step], [1], [step], [1]])
    slack = max(2, 0.01 * width)
    whole = (left <= slack) & (left + length >= width - slack) & (thickness < _RULE_THICKNESS * height)
    along_edge = (top + thickness < _EDGE * height) | (top > (1 - _EDGE) * height)
    rule = whole | (along_edge & (length > 0.7 * width))
    rule[0] = False  # the paper
    found = np.zeros_like(ink)
    for label in np.flatnonzero(rule):
        x, y, columns, height_of = stats[label, :4].tolist()
        line = np.repeat(labels[y : y + height_of, x : x + columns] == label, step, axis=1).astype(np.uint8)
        line = line[:, : width - step * x]
        window = np.s_[y : y + height_of, step * x : step * x + line.shape[1]]
        usual = median(line.sum(axis=0))
        if usual < 2 + _THIN * max(ink.shape):
            # Where a thin line is much thicker than elsewhere, a stroke lies on it.
            thick = np.ones((round(1.3 * usual) + 2, 1), np.uint8)
            line = cv2.subtract(line, cv2.morphologyEx(line, cv2.MORPH_OPEN, thick))
        found[window] |= line
    return found


def _sum(mask: Mask, length: int, before: int) -> NDArray[np.float32]:
    """The sum of a row of pixels around each, some `before` it; outside the picture there is no ink."""
    if not mask.size:
        return np.zeros(mask.shape, np.float32)
    row, at = (length, 1), (before, 0)
    return np.asarray(cv2.boxFilter(mask, cv2.CV_32F, row, None, at, normalize=False, borderType=cv2.BORDER_CONSTANT))
