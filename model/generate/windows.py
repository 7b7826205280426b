"""Scenes to examples of what a thing is by what stands around it: for the sign classifier. Training side.

What was written there, boxes that hold half a digit or two, what is found beside digits, and what the classical road
takes for a digit where there is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.beside import beside
from model.boxes import in_lines, overlaps
from model.find import find_digits
from model.generate.scenes import Scene
from model.generate.writing import OTHER, UNSURE
from model.reading import Box
from model.window import window

_MOST: Final = 4  # digits, and as much other writing, of one scene; signs are rarer
_SMALLEST: Final = 3.0  # pixels
_MOST_BESIDE: Final = 6  # of what is found beside the digits of a line
_KEPT: Final = 0.5  # of those that are nothing
_MISSED: Final = 0.25  # intersection over union with anything written: less is something else
_FOUND: Final = 0.45  # likewise: more is what is written there


def windows(scene: Scene, random: np.random.Generator) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Cut examples out of a scene, each with its label: 0..9, those of the signs, OTHER."""
    known = scene.labels != UNSURE
    boxes, labels = scene.boxes[known], scene.labels[known]
    large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) >= _SMALLEST
    boxes, labels = boxes[large], labels[large]
    digits = random.permutation(np.flatnonzero(labels < 10))
    usual = float(np.median(boxes[digits, 3] - boxes[digits, 1])) if len(digits) else 0.0
    signs, others = np.flatnonzero((labels >= 10) & (labels < OTHER)), np.flatnonzero(labels == OTHER)
    for place in [*digits[:_MOST], *signs[:10], *random.permutation(others)[:_MOST]]:
        # Large signs are met as things that may be digits, whose line is not known yet.
        yield _example(scene, boxes[place], int(labels[place]), usual * (random.random() < 0.5), random)
    for place in digits[: int(random.integers(3))]:
        yield window(scene.picture, _cut(scene, boxes[place], boxes[digits], random)), OTHER
    if len(digits):
        yield from _beside(scene, boxes[digits], random)
    if not len(digits) or random.random() < 0.2:
        found = [one.box for line in find_digits(scene.picture) for one in line]
        if found:
            chosen = np.array(found, np.float32)[random.permutation(len(found))[:4]]
            for box in chosen[_overlap(chosen, scene.boxes) < _MISSED]:
                yield _example(scene, box, OTHER, 0.0, random)
        if not len(digits):
            low = random.uniform(0, min(scene.picture.shape) - 12, 2)
            high = low + np.exp(random.uniform(np.log(8), np.log(120), 2))
            yield window(scene.picture, _whole(scene, np.concatenate([low, high]))), OTHER


def _example(
    scene: Scene, box: NDArray[np.float32], label: int, usual: float, random: np.random.Generator
) -> tuple[NDArray[np.float32], int]:
    return window(scene.picture, _jittered(scene, box, random), usual), label


def _beside(
    scene: Scene, digits: NDArray[np.float32], random: np.random.Generator
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Cut out what is found beside the digits, as reading finds it: signs, and what is none."""
    places = [_Place(_jittered(scene, box, random)) for box in digits]
    for line in in_lines(places):
        boxes = [place.box for place in line]
        usual = float(np.median([box.bottom - box.top for box in boxes]))
        found = beside(scene.picture, boxes) if usual >= _SMALLEST else []
        if found:
            same = overlaps(np.array(found, np.float32), scene.boxes)  # (N, written)
            best = same.argmax(axis=1)
            for place in random.permutation(len(found))[:_MOST_BESIDE]:
                label = int(scene.labels[best[place]])
                if same[place, best[place]] < _FOUND:
                    label = OTHER
                if label != UNSURE and (label != OTHER or random.random() < _KEPT):
                    yield window(scene.picture, found[place], usual), label


@dataclass(frozen=True, slots=True)
class _Place:
    box: Box


def _overlap(boxes: NDArray[np.float32], written: NDArray[np.float32]) -> NDArray[np.float32]:
    """The most that each box has in common with anything written."""
    return np.asarray(overlaps(boxes, written).max(axis=1, initial=0), np.float32)


def _jittered(scene: Scene, box: NDArray[np.float32], random: np.random.Generator) -> Box:
    """The box as a finder would have it: a little off."""
    size = float((box[2:] - box[:2]).max())
    return _whole(scene, box + random.normal(0, 0.035, 4) * size)


def _cut(scene: Scene, box: NDArray[np.float32], others: NDArray[np.float32], random: np.random.Generator) -> Box:
    """A box that holds half of a digit, or a digit and the next one."""
    near = others[np.abs(others[:, 0] - box[2]) < 0.5 * (box[3] - box[1])]
    if len(near) and random.random() < 0.5:
        both = np.stack([box, near[0]])
        return _whole(scene, np.concatenate([both[:, :2].min(axis=0), both[:, 2:].max(axis=0)]))
    part, axis = box.copy(), int(random.random() < 0.5)
    lost = random.uniform(0.4, 0.6) * (box[axis + 2] - box[axis])
    if random.random() < 0.5:
        part[axis] += lost
    else:
        part[axis + 2] -= lost
    return _whole(scene, part)


def _whole(scene: Scene, box: NDArray[Any]) -> Box:
    sides = np.array(scene.picture.shape[::-1])
    left, top = (int(side) for side in np.floor(np.clip(box[:2], 0, sides - 2)))
    right, bottom = (int(side) for side in np.ceil(np.clip(box[2:], 0, sides)))
    return Box(left, top, max(left + 1, right), max(top + 1, bottom))
