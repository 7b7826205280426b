"""Something that the learned finder takes for a digit, and its ink. Between `scan` and `propose`."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.ranks import median, percentiles
from model.reading import Box, Grey, Ink
from model.shrink import at_most

Floats = NDArray[np.float32]

DIGITS: Final = slice(0, 10)  # of a sighting's classes; the last one is other writing
AROUND: Final = 0.1  # of a sighting's long side: what of its surroundings its ink shows
_FULL: Final = 0.7  # a score that counts in full: focal training keeps scores low
_AT_LEAST: Final = 60  # pixels of the long side of a sighting: a stroke needs some to have an edge
_ENOUGH: Final = 180  # likewise, from which 28 are made in the end


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """Something that the finder takes for a digit."""

    box: Box  # pixels of the picture
    score: float  # 0..1, how surely it is a digit
    classes: Floats  # (11,) probabilities of 0..9 and of other writing
    ink: Ink  # of the box and a tenth of its size around it, at some scale: how much each pixel is ink of a digit

    @property
    def sure(self) -> float:
        """How surely it is a digit, 0..1; 1 is as sure as it gets."""
        return min(1.0, self.score * float(1 - self.classes[-1]) / _FULL)


def with_surroundings(box: Floats) -> Floats:
    """Give the box, (4,) pixels, not rounded, that a sighting's ink shows: its own and what is around it."""
    around = AROUND * float((box[2:] - box[:2]).max())
    return np.asarray(box + np.array([-around, -around, around, around], np.float32))


def strokes(grey: Grey, sighting: Sighting) -> Ink:
    """A sighting's ink from the picture's own pixels: the finder says where it is, the picture how deep.

    Pixels between the paper's grey and the ink's come out between 0 and 1; away from the finder's ink all are 0.
    """
    left, top, right, bottom = (round(float(side)) for side in with_surroundings(np.array(sighting.box, np.float32)))
    across = np.clip(np.arange(left, right), 0, grey.shape[1] - 1)
    down = np.clip(np.arange(top, bottom), 0, grey.shape[0] - 1)
    seen = at_most(grey[np.ix_(down, across)], _ENOUGH).astype(np.float32)
    if max(seen.shape) < _AT_LEAST:
        zoom = _AT_LEAST / max(seen.shape)
        seen = cv2.resize(seen, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    height, width = seen.shape
    likely = cv2.resize(sighting.ink, (width, height), interpolation=cv2.INTER_LINEAR)
    ink, around = seen[likely > 0.5], seen[likely < 0.15]
    if not ink.size:
        return np.zeros((height, width), np.float32)
    paper = median(around) if around.size else 255.0
    side = 1 if median(ink) < paper else -1
    (deep,) = percentiles((paper - ink) * side, 70)
    if deep < 4:
        return np.zeros((height, width), np.float32)
    reach = 2 * round(0.03 * max(height, width)) + 1
    near = cv2.dilate(likely, np.ones((reach, reach), np.uint8)) > 0.25
    depth = ((paper - seen) * side / (0.9 * deep) - 0.1).clip(0, 1) * near
    return without_neighbours(np.asarray(depth, np.float32))


def without_neighbours(ink: Ink) -> Ink:
    """Leave out what lies mostly around the box in the middle, not in it: ends of its neighbours' strokes."""
    count, labels = cv2.connectedComponents((ink > 0).astype(np.uint8), connectivity=8)
    if count < 3:
        return ink
    height, width = ink.shape
    around = round(AROUND / (1 + 2 * AROUND) * max(height, width))
    inside = np.bincount(labels[around : height - around, around : width - around].ravel(), minlength=count)
    is_own = inside >= 0.5 * np.bincount(labels.ravel(), minlength=count)
    return ink * is_own[labels] if is_own[1:].any() else ink
