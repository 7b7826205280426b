"""Where the labels of boxes go: pure geometry, in pixels of one picture. Used by `pictures`."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# What a place costs, as a share of the label's area that lies on something. A label that hides another is worth
# nothing; one that hides writing little; one beyond the edge only makes the picture larger.
_ON_A_LABEL: Final = 6.0
_ON_WRITING: Final = 4.0
_BEYOND_THE_EDGE: Final = 1.0
# What it costs to be elsewhere than the labels beside it, so that a line of them is left only for a reason.
_OUT_OF_LINE: Final = 0.3
# How much better, for each label, it must be below a line than above it, where people look first.
_WORTH_A_SWITCH: Final = 0.15


class Rect(NamedTuple):
    """Left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float


def place_labels(
    lines: Sequence[Sequence[Rect]], sizes: Sequence[Sequence[tuple[float, float]]], page: tuple[float, float]
) -> list[list[Rect]]:
    """Put a label of each size (width, height) next to its box: all above, or below, unless that hides something.

    `lines` are the boxes of each line of writing. Labels may lie beyond the `page` (width, height).
    """
    boxes = np.array([box for line in lines for box in line], float).reshape(-1, 4)
    placed = np.empty_like(boxes)  # the first `count` of them
    count = 0
    result = []
    for line, line_sizes in zip(lines, sizes, strict=True):
        around = [_around(box, *size) for box, size in zip(line, line_sizes, strict=True)]
        costs = [[_cost(place, boxes, placed[:count], page) for place in places] for places in around]
        is_better_below = sum(each[_ABOVE] - each[_BELOW] for each in costs) > _WORTH_A_SWITCH * len(line)
        side = _BELOW if is_better_below else _ABOVE
        labels: list[Rect] = []
        for places in around:
            now = [
                _cost(place, boxes, placed[:count], page) + _OUT_OF_LINE * (number != side) * (1 + number / 10)
                for number, place in enumerate(places)
            ]
            labels.append(places[now.index(min(now))])
            placed[count] = labels[-1]
            count += 1
        result.append(labels)
    return result


_ABOVE, _BELOW = 0, 1  # of what `_around` gives


def _around(box: Rect, width: float, height: float) -> list[Rect]:
    """The places next to a box for a label of this size, the better first."""
    middle, centre = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    corners = [
        (middle - width / 2, box.top - height),
        (middle - width / 2, box.bottom),
        (box.right, centre - height / 2),
        (box.left - width, centre - height / 2),
        (box.right - width / 2, box.top - height),
        (box.left - width / 2, box.top - height),
        (box.right - width / 2, box.bottom),
        (box.left - width / 2, box.bottom),
    ]
    return [Rect(left, top, left + width, top + height) for left, top in corners]


def _cost(place: Rect, boxes: NDArray[np.float64], labels: NDArray[np.float64], page: tuple[float, float]) -> float:
    area = (place.right - place.left) * (place.bottom - place.top)
    inside = _overlap(place, np.array([(0, 0, *page)], float))
    on_labels = _ON_A_LABEL * _overlap(place, labels)
    hidden = _ON_WRITING * _overlap(place, boxes) + on_labels + _BEYOND_THE_EDGE * (area - inside)
    return hidden / area


def _overlap(place: Rect, others: NDArray[np.float64]) -> float:
    """The area that `place` shares with others, (N, 4)."""
    width = np.minimum(place.right, others[:, 2]) - np.maximum(place.left, others[:, 0])
    height = np.minimum(place.bottom, others[:, 3]) - np.maximum(place.top, others[:, 1])
    return float((width.clip(0) * height.clip(0)).sum())
