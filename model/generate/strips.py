"""Scenes to lines of writing with what stands in each: for the line reader. Training side."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.boxes import in_lines
from model.generate.scenes import Scene
from model.generate.writing import OTHER, UNSURE
from model.reading import Box
from model.strip import HEIGHT, Strip, runs, strip

_JITTER: Final = 0.04  # of a digit's size, to each side of its box
_SMALLEST: Final = 7.0  # pixels of a digit's height
_MISSED: Final = 0.2  # of the lines lack their first or their last digit, as if no finder had seen it
_OTHERS: Final = 0.15  # of the lines are placed by all that is written in them
_INSIDE: Final = 0.5  # of a mark's width lies in its strip, or it is none of it
_LEVEL: Final = 0.42  # of the strip's height, from its middle: there are the middles of its marks
_MOST: Final = 40  # characters of a line


@dataclass(frozen=True, slots=True)
class _Place:
    box: Box


def strips(scene: Scene, random: np.random.Generator) -> Iterator[tuple[Strip, tuple[int, ...]]]:
    """Cut every line of a scene out as reading would, each with its labels from left to right.

    Labels are 0..9, those of the signs, and OTHER once for each stretch of other writing.
    """
    placing = (scene.labels >= 0) & (scene.labels < 10)
    if not placing.any() or random.random() < _OTHERS:
        placing = scene.labels >= 0
    heights = scene.boxes[:, 3] - scene.boxes[:, 1]
    high, wide = scene.picture.shape
    places = [_Place(_jittered(box, (wide, high), random)) for box in scene.boxes[placing & (heights >= _SMALLEST)]]
    for line in in_lines(places):
        for run in runs(line):
            if len(run) > 1 and random.random() < _MISSED:
                del run[-1 if random.random() < 0.5 else 0]
            one = strip(scene.picture, run)
            labels = None if one is None else _labels(scene, one)
            if one is not None and labels is not None:
                yield one, labels


def _labels(scene: Scene, one: Strip) -> tuple[int, ...] | None:
    """What stands in a strip, None where nobody could tell."""
    if not len(scene.boxes):
        return ()
    low, high = scene.boxes[:, :2], scene.boxes[:, 2:]
    middles = ((low + high) / 2) @ one.onto[:, :2].T + one.onto[:, 2]
    half = (high - low)[:, 0] / 2 * float(np.hypot(*one.onto[0, :2]))
    left, right = np.maximum(middles[:, 0] - half, 0), np.minimum(middles[:, 0] + half, one.width)
    inside = (right - left >= _INSIDE * 2 * half) & (np.abs(middles[:, 1] - HEIGHT / 2) < _LEVEL * HEIGHT)
    found = scene.labels[inside]
    if (found == UNSURE).any() or len(found) > _MOST:
        return None
    ordered = [int(label) for label in found[np.argsort(middles[inside, 0])]]
    return tuple(label for before, label in pairwise([UNSURE, *ordered]) if not (label == OTHER and before == OTHER))


def _jittered(box: NDArray[np.float32], sides: tuple[int, int], random: np.random.Generator) -> Box:
    size = float((box[2:] - box[:2]).max())
    left, top, right, bottom = np.rint(box + random.normal(0, _JITTER, 4) * size).astype(int).tolist()
    left, top = min(max(left, 0), sides[0] - 2), min(max(top, 0), sides[1] - 2)
    return Box(left, top, min(sides[0], max(left + 1, right)), min(sides[1], max(top + 1, bottom)))
