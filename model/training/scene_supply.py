"""Scenes for training, made by another process while the network learns. Training side."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.scenes import INK_SIDE, Scene, Studio, load_studio
from model.generate.surfaces import SIDE
from model.training.finder_loss import NOTHING
from model.training.finder_network import OTHER_CLASS

SHARD: Final = 1_000  # scenes made at a time
MOST_MARKS: Final = 48  # of a scene; what is written beyond is left out of the labels
_KEPT: Final = 24  # shards that are shown again, each about twice in all: 46 MB each
_AHEAD: Final = 3  # shards made before they are needed


@dataclass(frozen=True, slots=True, eq=False)
class Scenes:
    """N scenes as arrays."""

    pictures: NDArray[np.uint8]  # (N, SIDE, SIDE)
    boxes: NDArray[np.float32]  # (N, MOST_MARKS, 4) pixels
    labels: NDArray[np.int32]  # (N, MOST_MARKS): 0..9, OTHER_CLASS, UNSURE, NOTHING
    ink: NDArray[np.uint8]  # (N, INK_SIDE, INK_SIDE)

    @classmethod
    def of(cls, scenes: list[Scene]) -> "Scenes":
        """Stack scenes."""
        count = len(scenes)
        stacked = cls(
            np.empty((count, SIDE, SIDE), np.uint8),
            np.ones((count, MOST_MARKS, 4), np.float32),
            np.full((count, MOST_MARKS), NOTHING, np.int32),
            np.empty((count, INK_SIDE, INK_SIDE), np.uint8),
        )
        for row, scene in enumerate(scenes):
            stacked.pictures[row], stacked.ink[row] = scene.picture, scene.ink
            # The last are the letters strewn between the digits; the digits must all be there.
            marks = min(MOST_MARKS, len(scene.labels))
            stacked.boxes[row, :marks] = scene.boxes[:marks]
            stacked.labels[row, :marks] = np.minimum(scene.labels[:marks], OTHER_CLASS)
        return stacked

    def __getitem__(self, rows: NDArray[np.int64]) -> "Scenes":
        return Scenes(self.pictures[rows], self.boxes[rows], self.labels[rows], self.ink[rows])

    def __add__(self, other: "Scenes") -> "Scenes":
        return Scenes(
            np.concatenate([self.pictures, other.pictures]),
            np.concatenate([self.boxes, other.boxes]),
            np.concatenate([self.labels, other.labels]),
            np.concatenate([self.ink, other.ink]),
        )

    def __len__(self) -> int:
        return len(self.labels)


def make(seed: int, shard: int, count: int = SHARD) -> Scenes:
    """Make the scenes of a shard, in the process that was opened for it."""
    studio = _studio[0]
    return Scenes.of([studio.scene(np.random.default_rng([seed, shard, number])) for number in range(count)])


def rounds(seed: int, first: int, last: int, material: Path | None, count: int = SHARD) -> Iterator[Scenes]:
    """Give the scenes of each round from `first` to before `last`: `count` fresh ones, and as many shown before."""
    shown: deque[Scenes] = deque(maxlen=_KEPT)
    # A fresh process, not a copy: TensorFlow's threads do not survive a fork.
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=open_studio, initargs=(material,)
    ) as maker:
        coming: deque[Future[Scenes]] = deque()
        for number in range(first, last):
            while len(coming) < _AHEAD and number + len(coming) < last:
                coming.append(maker.submit(make, seed, number + len(coming), count))
            fresh = coming.popleft().result()
            random = np.random.default_rng([seed, number])
            mixed = fresh
            if shown:
                older = [shown[int(one)] for one in random.integers(len(shown), size=4)]
                for scenes in older:
                    mixed = mixed + scenes[random.choice(len(scenes), len(fresh) // len(older), replace=False)]
            shown.append(fresh)
            yield mixed[random.permutation(len(mixed))]


_studio: list[Studio] = []


def open_studio(material: Path | None) -> tuple[str, ...]:
    """Make this process's studio, on one core: the others train. Give what of the material it uses."""
    cv2.setNumThreads(1)
    _studio[:] = [load_studio(material)]
    return _studio[0].sources
