"""Scenes made in parts by several processes, for recipes that learn from what is cut out of them. Training side."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final, TypeVar

import cv2
import numpy as np

from model.generate.scenes import Scene, Studio, load_studio

SHARD: Final = 500  # scenes made at a time, at most

Part = TypeVar("Part")
Cut = Callable[[Iterator[tuple[Scene, np.random.Generator]]], Part]
"""Cuts what is learned from out of the scenes of a shard; a function of a module, for other processes call it."""


Make = Callable[[Studio, np.random.Generator], Scene]
"""One of the studio's ways to make a scene, such as `Studio.scene`."""


def shards(cut: Cut[Part], make: Make, seed: int, scenes: int, material: Path | None) -> Iterator[Part]:
    """Make so many scenes, and give what is cut out of each shard of them."""
    size = min(SHARD, max(1, scenes // 2))
    count = scenes // size
    # Fresh processes, not copies: TensorFlow's threads do not survive a fork.
    context = get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context, initializer=_open, initargs=(material,)) as makers:
        yield from makers.map(_made, [cut] * count, [make] * count, [seed] * count, range(count), [size] * count)


def _made(cut: Cut[Part], make: Make, seed: int, shard: int, size: int) -> Part:
    def scenes() -> Iterator[tuple[Scene, np.random.Generator]]:
        for number in range(size):
            random = np.random.default_rng([seed, shard, number])
            yield make(_studio[0], random), random

    return cut(scenes())


_studio: list[Studio] = []


def _open(material: Path | None) -> None:
    cv2.setNumThreads(1)
    _studio[:] = [load_studio(material)]
