"""A grey picture to what in it looks like a digit, by the learned finder. After `decode`, beside `find`.

The finder sees the picture at several sizes: it knows digits of 10 to 180 pixels best. What it sees at two sizes is
surer than what it sees at one.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.boxes import overlaps
from model.litert import Network
from model.ranks import median, percentiles
from model.reading import Box, Grey, Ink
from model.shrink import at_most, shrunk

Floats = NDArray[np.float32]

_STRIDE: Final = 4  # pixels of the picture to one answer
_MULTIPLE: Final = 32  # of both sides of what the network takes
_SIDES: Final = (96, 160, 288, 512)  # the picture's long side, in turn
_FINE_SIDE: Final = 832  # one more look, when there is writing too small for the others
_FINE: Final = 24.0  # pixels at the last of `_SIDES`; digits smaller than that are looked at again
_SMALL: Final = 0.35  # how surely they must be digits: of letters and of a texture's dots, most are less so
_LOOKS: Final = 3  # always taken: at fewer, small writing beside a large digit leaves no hint
_PLAIN: Final = 0.5  # the score of a digit that is seen surely
_AGAIN: Final = 0.25  # its score at another size
_LARGE: Final = 48.0  # pixels at the last look; the hint of a smaller digit deserves a larger look, which knows it best
_HINT: Final = 0.3
_LARGEST_ZOOM: Final = 2.0
_MARGIN: Final = 0.06  # of the long side, added around: a digit may touch the picture's edge
_LEAST: Final = 0.08  # objectness, below which nothing is looked at further
_MOST: Final = 150  # sightings at one size
_OWN: Final = 0.55  # what a sighting's own size counts in its score; the best other size counts the rest
_SAME: Final = 0.45  # intersection over union of two sightings of one digit
_ANOTHER: Final = 0.4  # less than this has a sighting of another one
_FAINTEST: Final = 0.1  # the score of what is told; no reading hangs on less (docs/reading-log.md)
DIGITS: Final = slice(0, 10)  # of a sighting's classes; the last one is other writing
_FULL: Final = 0.7  # a score that counts in full: focal training keeps scores low
_AT_LEAST: Final = 60  # pixels of the long side of a sighting: a stroke needs some to have an edge
_ENOUGH: Final = 180  # likewise, from which 28 are made in the end
AROUND: Final = 0.1  # of a sighting's long side: what of its surroundings its ink shows


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


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What the finder saw at one size."""

    boxes: Floats  # (N, 4) pixels of the picture
    scores: Floats  # (N,)
    classes: Floats  # (N, 11)
    sizes: Floats  # (N,) long sides in pixels as the network saw them
    ink: Ink  # of the whole picture as the network saw it, margin and all, at half its size
    scale: float  # pixels of the picture to one that the network saw
    margin: int  # pixels that the network saw

    def has(self, smaller: float, surer: float) -> bool:
        """Whether there is something so much smaller, in pixels that the network saw, that is so surely a digit."""
        is_small = self.sizes < smaller
        return bool((self.scores[is_small] * (1 - self.classes[is_small, -1]) > surer).any())


class Finder:
    """The learned finder. Any number of threads may use one at once."""

    def __init__(self, path: Path) -> None:
        """Load the LiteRT file. Raises ModelUnavailable."""
        mend = f"python -m model train --recipe finder --output {path.parent}"
        # One for each of `_SIDES`: to be made ready for pictures of another shape takes as long as a small look. The
        # last one, which takes the largest look too, needs up to 80 MB.
        self._networks = [Network(path, mend=mend, shared=True) for _ in _SIDES]
        entry, result = self._networks[-1].shapes
        if len(entry) != 4 or entry[3] != 1 or len(result) != 4 or result[3] != 20:
            raise self._networks[-1].unavailable(f"it maps {entry} to {result}, not pictures to maps of 20 channels")

    def find(self, grey: Grey, sides: Sequence[int] = _SIDES) -> tuple[Sighting, ...]:
        """Find what looks like digits, surest first. `grey` is (H, W) uint8; boxes do not overlap by much.

        At sides that are told there is no closer look at what is small.
        """
        long_side = max(grey.shape)
        wanted = sorted({min(side, round(long_side * _LARGEST_ZOOM)) for side in sides})
        looks: list[_Look] = []
        for side in wanted:
            if _is_plain(looks):
                return _agreed(looks, grey.shape)
            looks.append(self._look(grey, side))
        if sides is _SIDES and wanted[-1] < long_side * _LARGEST_ZOOM and looks[-1].has(_FINE, _SMALL):
            looks.append(self._look(grey, min(_FINE_SIDE, round(long_side * _LARGEST_ZOOM))))
            self._networks[-1].rest()  # 60 MB that what follows can use
        return _agreed(looks, grey.shape)

    def _look(self, grey: Grey, side: int) -> _Look:
        height, width = grey.shape
        scale = max(height, width) / side
        size = (max(8, round(width / scale)), max(8, round(height / scale)))
        small = shrunk(grey, size) if scale > 1 else cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
        margin = round(_MARGIN * side)
        right, bottom = (-(length + 2 * margin) % _MULTIPLE + margin for length in size)
        edge = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
        paper = int(median(edge))
        framed = cv2.copyMakeBorder(small, margin, bottom, margin, right, cv2.BORDER_CONSTANT, value=[paper])
        network = self._networks[min(bisect_left(_SIDES, side), len(_SIDES) - 1)]
        answer = network.run((framed * np.float32(1 / 255))[None, ..., None])[0]
        return _look(answer, scale, margin)


def _is_plain(looks: Sequence[_Look]) -> bool:
    """Whether a closer look would show nothing more: something large is seen surely and again, and nothing small."""
    if len(looks) < _LOOKS or looks[-1].has(_LARGE, _HINT):
        return False
    boxes = np.concatenate([look.boxes for look in looks])
    scores = np.concatenate([look.scores for look in looks])
    source = np.repeat(np.arange(len(looks)), [len(look.boxes) for look in looks])
    sure = scores > _PLAIN
    again = overlaps(boxes[sure], boxes[scores > _AGAIN]) > _SAME
    return bool((again & (source[sure][:, None] != source[scores > _AGAIN])).any())


def _look(answer: Floats, scale: float, margin: int) -> _Look:
    """Read the network's (H, W, 20) answer."""
    objectness = np.ascontiguousarray(answer[..., 0])
    peak = objectness >= cv2.dilate(objectness, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero(peak & (objectness > np.log(_LEAST / (1 - _LEAST))))
    best = np.argsort(-objectness[rows, columns])[:_MOST]
    rows, columns = rows[best], columns[best]
    at = answer[rows, columns]  # (N, 20)
    middles = (np.stack([columns, rows], axis=1) + np.float32(0.5)) * _STRIDE
    reach = np.exp(at[:, 1:5].clip(-3, 4)) * _STRIDE
    boxes = np.concatenate([middles - reach[:, :2], middles + reach[:, 2:]], axis=1)  # (N, 4) as the network saw
    classes = np.exp(at[:, 5:16] - at[:, 5:16].max(axis=1, keepdims=True))
    quarters = answer[..., 16:].reshape(*answer.shape[:2], 2, 2).transpose(0, 2, 1, 3)
    ink = 1 / (1 + np.exp(-quarters.reshape(2 * answer.shape[0], 2 * answer.shape[1])))
    return _Look(
        boxes=((boxes - margin) * scale).astype(np.float32),
        scores=(1 / (1 + np.exp(-at[:, 0]))).astype(np.float32),
        classes=(classes / classes.sum(axis=1, keepdims=True)).astype(np.float32),
        sizes=(boxes[:, 2:] - boxes[:, :2]).max(axis=1) if len(boxes) else np.empty(0, np.float32),
        ink=ink.astype(np.float32),
        scale=scale,
        margin=margin,
    )


def _agreed(looks: Sequence[_Look], shape: tuple[int, ...]) -> tuple[Sighting, ...]:
    """Put the looks together: score each sighting by its own size and the best other, keep the best of each place."""
    boxes = np.concatenate([look.boxes for look in looks])
    if not len(boxes):
        return ()
    own = np.concatenate([look.scores * _trust(look.sizes) for look in looks])
    classes = np.concatenate([look.classes for look in looks])
    source = np.concatenate([np.full(len(look.boxes), i) for i, look in enumerate(looks)])
    same = overlaps(boxes, boxes)
    elsewhere = np.where((same > _SAME) & (source[:, None] != source), own, 0)  # (N, N)
    scores = _OWN * own + (1 - _OWN) * elsewhere.max(axis=1)
    weights = np.where(same > 0.6, own, 0)
    shared = weights @ classes / weights.sum(axis=1, keepdims=True)
    kept: list[int] = []
    is_free = np.ones(len(boxes), np.bool_)
    for i in np.argsort(-scores).tolist():
        if is_free[i] and scores[i] >= _FAINTEST:
            kept.append(i)
            is_free &= same[i] < _ANOTHER
    return tuple(
        Sighting(_inside(boxes[i], shape), float(scores[i]), shared[i], _ink(looks[source[i]], boxes[i])) for i in kept
    )


def _trust(sizes: Floats) -> Floats:
    """How far to trust a sighting by its size as the network saw it: tiny and huge ones less."""
    return np.asarray(np.interp(sizes, [8, 20, 110, 190], [0.6, 1, 1, 0.7]), np.float32)


def _inside(box: Floats, shape: tuple[int, ...]) -> Box:
    left, top, right, bottom = (round(float(side)) for side in box)
    left, top = min(max(left, 0), shape[1] - 1), min(max(top, 0), shape[0] - 1)
    return Box(left, top, max(left + 1, min(right, shape[1])), max(top + 1, min(bottom, shape[0])))


def _ink(look: _Look, box: Floats) -> Ink:
    """The finder's ink in a box and a little around it, at half the size that the network saw."""
    left, top, right, bottom = _widened(box) / look.scale / 2 + look.margin / 2
    size = (max(4, round(float(right - left))), max(4, round(float(bottom - top))))
    step = ((right - left) / size[0], (bottom - top) / size[1])
    # From a pixel of the cut-out to the map; both count pixels from their middles.
    back = np.array([[step[0], 0, left + step[0] / 2 - 0.5], [0, step[1], top + step[1] / 2 - 0.5]], np.float32)
    return np.asarray(cv2.warpAffine(look.ink, back, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))


def _widened(box: Floats) -> Floats:
    around = AROUND * float((box[2:] - box[:2]).max())
    return np.asarray(box + np.array([-around, -around, around, around], np.float32))


def strokes(grey: Grey, sighting: Sighting) -> Ink:
    """A sighting's ink from the picture's own pixels: the finder says where it is, the picture how deep.

    Pixels between the paper's grey and the ink's come out between 0 and 1; away from the finder's ink all are 0.
    """
    left, top, right, bottom = (round(float(side)) for side in _widened(np.array(sighting.box, np.float32)))
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
