"""Boxes: what they share, which mean the same thing, which stand in one line. Used where finders are put together."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.reading import Box

Boxes = NDArray[np.float32]
"""(N, 4) left, top, right, bottom in pixels."""

OVER: Final = 0.55  # of the smaller of two boxes: with as much in common only one of them is a digit
_ALONGSIDE: Final = 0.4  # of the lower of two heights: what neighbours in a line share
# Digits that touch, in the box of the ink that they make together: how much of each lies in it, how tall each is at
# least, and how much of each other they may cover.
_PART: Final = 0.7
_TALL: Final = 0.5
_APART: Final = 0.35


class Boxed(Protocol):
    """Something that has a place."""

    @property
    def box(self) -> Box:
        """Where it is."""


Thing = TypeVar("Thing", bound=Boxed)


def overlaps(boxes: Boxes, others: Boxes) -> Boxes:
    """Intersection over union of each of (N, 4) boxes with each of (M, 4): (N, M)."""
    shared, areas, other_areas = _shared_by_each(boxes, others)
    return np.asarray(shared / np.maximum(areas + other_areas - shared, 1e-6), np.float32)


def covered_by_each(boxes: Sequence[Box], others: Sequence[Box]) -> Boxes:
    """What each of N boxes and each of M others share, of the smaller one: (N, M)."""
    shared, areas, other_areas = _shared_by_each(
        *(np.array(part, np.float32).reshape(-1, 4) for part in (boxes, others))
    )
    return np.asarray(shared / np.maximum(np.minimum(areas, other_areas), 1), np.float32)


def pairs(boxes: Sequence[Boxed], others: Sequence[Boxed], least: float) -> dict[int, int]:
    """Which of the others means the same as each of the boxes: those that overlap most first, `least` at least."""
    found: dict[int, int] = {}
    if boxes and others:
        sides = (np.array([one.box for one in part], np.float32) for part in (boxes, others))
        same = overlaps(*sides)
        for flat in np.argsort(-same, axis=None)[: len(boxes) + len(others)].tolist():
            i, j = divmod(flat, len(others))
            if same[i, j] > least and i not in found and j not in found.values():
                found[i] = j
    return found


def covered(box: Box, other: Box) -> float:
    """What two boxes share, of the smaller one."""
    return _shared(box, other) / max(1, min(_area(box), _area(other)))


def covered_by_all(box: Box, others: Iterable[Box]) -> float:
    """How much of a box others cover together."""
    bare = np.ones((box.bottom - box.top, box.right - box.left), np.bool_)
    for left, top, right, bottom in others:
        bare[max(0, top - box.top) : max(0, bottom - box.top), max(0, left - box.left) : max(0, right - box.left)] = (
            False
        )
    return 1 - float(bare.mean())


def lies_in(part: Box, whole: Box) -> bool:
    """Whether a box lies mostly in another."""
    return _shared(part, whole) >= _PART * max(1, _area(part))


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def widened(box: Box, by: float) -> Box:
    """A box and what is around it, `by` of its longer side in each direction. It may reach out of the picture."""
    around = round(by * max(box.right - box.left, box.bottom - box.top))
    return Box(box.left - around, box.top - around, box.right + around, box.bottom + around)


def are_side_by_side(parts: Sequence[Box], whole: Box) -> bool:
    """Whether two of the parts lie beside each other in a box and fill its width: digits that touch."""
    tall = _TALL * (whole.bottom - whole.top)
    inside = [part for part in parts if part.bottom - part.top >= tall and lies_in(part, whole)]
    for place, part in enumerate(inside):
        for other in inside[place + 1 :]:
            width = max(part.right, other.right) - min(part.left, other.left)
            if covered(part, other) < _APART and width >= _PART * (whole.right - whole.left):
                return True
    return False


def are_in_line(box: Box, other: Box, gap: float) -> bool:
    """Whether two boxes stand beside each other in a line of writing, `gap` pixels apart at most."""
    return _are_level(box, other) and max(box.left - other.right, other.left - box.right) <= gap


def in_lines(things: Sequence[Thing]) -> tuple[tuple[Thing, ...], ...]:
    """Group into lines of writing, top line first, each from left to right."""
    lines: list[list[Thing]] = []
    # By their middles: the foot of a 1 may begin left of the digit before it.
    for thing in sorted(things, key=lambda thing: thing.box.left + thing.box.right):
        for line in lines:
            last = line[-1].box
            if _are_level(last, thing.box):
                line.append(thing)
                break
        else:
            lines.append([thing])
    lines.sort(key=lambda line: float(np.mean([thing.box.top + thing.box.bottom for thing in line])))
    return tuple(tuple(line) for line in lines)


def _are_level(box: Box, other: Box) -> bool:
    shared = min(box.bottom, other.bottom) - max(box.top, other.top)
    return shared > _ALONGSIDE * min(box.bottom - box.top, other.bottom - other.top)


def _shared_by_each(boxes: Boxes, others: Boxes) -> tuple[Boxes, Boxes, Boxes]:
    """The pixels that each of (N, 4) boxes shares with each of (M, 4), (N, M); those of each, (N, 1) and (M,)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    areas, other_areas = (np.prod(part[:, 2:] - part[:, :2], axis=1) for part in (boxes, others))
    return np.prod(np.maximum(high - low, 0), axis=2), areas[:, None], other_areas


def _shared(box: Box, other: Box) -> int:
    width = min(box.right, other.right) - max(box.left, other.left)
    height = min(box.bottom, other.bottom) - max(box.top, other.top)
    return max(0, width) * max(0, height)


def _area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)
