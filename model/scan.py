"""One run of the learned finder's network to what it shows; what several show, put together. Before `sighting`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.boxes import overlaps
from model.reading import Box, Ink
from model.sighting import Sighting, with_surroundings

Floats = NDArray[np.float32]

STRIDE: Final = 4  # pixels that the network sees to one of its answers
CHANNELS: Final = 20  # of an answer: objectness, reach to four sides, classes, ink of four quarters
_LEAST: Final = 0.08  # objectness, below which nothing is looked at further
_MOST: Final = 150  # sightings in one run
_PLAIN: Final = 0.5  # the score of a digit that is seen surely
_AGAIN: Final = 0.25  # its score at another size
_OWN: Final = 0.55  # what a sighting's own size counts in its score; the best other size counts the rest
_SAME: Final = 0.45  # intersection over union of two sightings of one digit
_ANOTHER: Final = 0.4  # less than this has a sighting of another one
_FAINTEST: Final = 0.1  # the score of what is told; no reading hangs on less (docs/reading-log.md)


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What one run of the network showed, of all of the picture or of a window of it."""

    boxes: Floats  # (N, 4) pixels of the picture
    scores: Floats  # (N,)
    classes: Floats  # (N, 11)
    sizes: Floats  # (N,) long sides in pixels as the network saw them
    ink: Ink  # of all that the network saw, at half its size
    scale: float  # pixels of the picture to one that the network saw
    corner: tuple[int, int]  # x and y of the picture's corner, in pixels that the network saw

    @classmethod
    def of(cls, answer: Floats, scale: float, corner: tuple[int, int]) -> "Scan":
        """Read the network's (H, W, CHANNELS) answer; `scale` and `corner` say of what."""
        objectness = np.ascontiguousarray(answer[..., 0])
        peak = objectness >= cv2.dilate(objectness, np.ones((3, 3), np.uint8))
        rows, columns = np.nonzero(peak & (objectness > np.log(_LEAST / (1 - _LEAST))))
        best = np.argsort(-objectness[rows, columns])[:_MOST]
        rows, columns = rows[best], columns[best]
        at = answer[rows, columns]  # (N, CHANNELS)
        middles = (np.stack([columns, rows], axis=1) + np.float32(0.5)) * STRIDE
        reach = np.exp(at[:, 1:5].clip(-3, 4)) * STRIDE
        boxes = np.concatenate([middles - reach[:, :2], middles + reach[:, 2:]], axis=1)  # (N, 4) as the network saw
        classes = np.exp(at[:, 5:16] - at[:, 5:16].max(axis=1, keepdims=True))
        quarters = answer[..., 16:].reshape(*answer.shape[:2], 2, 2).transpose(0, 2, 1, 3)
        ink = 1 / (1 + np.exp(-quarters.reshape(2 * answer.shape[0], 2 * answer.shape[1])))
        return cls(
            boxes=((boxes - (*corner, *corner)) * scale).astype(np.float32),
            scores=(1 / (1 + np.exp(-at[:, 0]))).astype(np.float32),
            classes=(classes / classes.sum(axis=1, keepdims=True)).astype(np.float32),
            sizes=(boxes[:, 2:] - boxes[:, :2]).max(axis=1) if len(boxes) else np.empty(0, np.float32),
            ink=ink.astype(np.float32),
            scale=scale,
            corner=corner,
        )

    def smaller(self, than: float, surer: float) -> NDArray[np.bool_]:
        """Say which are so much smaller, in pixels that the network saw, and so surely digits: (N,)."""
        return np.asarray((self.sizes < than) & (self.scores * (1 - self.classes[:, -1]) > surer))

    def ink_of(self, box: Floats) -> Ink:
        """The ink in a box, (4,) pixels of the picture, and a little around it, at half the size that was seen."""
        shift = np.array((*self.corner, *self.corner), np.float32)
        left, top, right, bottom = with_surroundings(box) / self.scale / 2 + shift / 2
        size = (max(4, round(float(right - left))), max(4, round(float(bottom - top))))
        step = ((right - left) / size[0], (bottom - top) / size[1])
        # From a pixel of the cut-out to the map; both count pixels from their middles.
        back = np.array([[step[0], 0, left + step[0] / 2 - 0.5], [0, step[1], top + step[1] / 2 - 0.5]], np.float32)
        return np.asarray(cv2.warpAffine(self.ink, back, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))


def is_seen_again(scans: Sequence[Scan]) -> bool:
    """Whether something is surely seen at one size and again at another; each scan is of another size."""
    boxes, scores, source = _together([(scan,) for scan in scans])
    sure = scores > _PLAIN
    again = overlaps(boxes[sure], boxes[scores > _AGAIN]) > _SAME
    return bool((again & (source[sure][:, None] != source[scores > _AGAIN])).any())


def agreed(scans: Sequence[Sequence[Scan]], shape: tuple[int, ...]) -> tuple[Sighting, ...]:
    """Put scans together, those of one size in a sequence of their own, into sightings, surest first.

    Each is scored by its own size and the best other; the best of each place is kept. `shape` is the picture's.
    """
    boxes, own, size = _together(scans)
    if not len(boxes):
        return ()
    every = [scan for each in scans for scan in each]
    own = own * _trust(np.concatenate([scan.sizes for scan in every]))
    classes = np.concatenate([scan.classes for scan in every])
    source = np.repeat(np.arange(len(every)), [len(scan.boxes) for scan in every])
    same = overlaps(boxes, boxes)
    elsewhere = np.where((same > _SAME) & (size[:, None] != size), own, 0)  # (N, N)
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
        Sighting(_inside(boxes[i], shape), float(scores[i]), shared[i], every[source[i]].ink_of(boxes[i])) for i in kept
    )


def _together(scans: Sequence[Sequence[Scan]]) -> tuple[Floats, Floats, NDArray[np.int_]]:
    """The boxes and scores of all scans, and which size each is seen at: (N, 4), (N,), (N,)."""
    every = [scan for each in scans for scan in each]
    counts = [sum(len(scan.boxes) for scan in each) for each in scans]
    boxes, scores = np.concatenate([scan.boxes for scan in every]), np.concatenate([scan.scores for scan in every])
    return boxes, scores, np.repeat(np.arange(len(scans)), counts)


def _trust(sizes: Floats) -> Floats:
    """How far to trust a sighting by its size as the network saw it: tiny and huge ones less."""
    return np.asarray(np.interp(sizes, [8, 20, 110, 190], [0.6, 1, 1, 0.7]), np.float32)


def _inside(box: Floats, shape: tuple[int, ...]) -> Box:
    left, top, right, bottom = (round(float(side)) for side in box)
    left, top = min(max(left, 0), shape[1] - 1), min(max(top, 0), shape[0] - 1)
    return Box(left, top, max(left + 1, min(right, shape[1])), max(top + 1, min(bottom, shape[0])))
