"""Crops that every plain training needs, kept in the user's cache: digits drawn anew, and other things than digits.

Training side. They are the same for the same hand and code, so a bot that learns again and again draws them once.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.generate.crops import Cutter
from model.generate.letters import letters, schooled
from model.generate.pens import Hand
from model.generate.provenance import made_with
from model.mnist import Images, Labels, cache_folder

_SEED: Final = 5_000_000_023  # of no training


def redrawn(hand: Hand, count: int, seed: int) -> tuple[Images, Labels]:
    """Give (N, 28, 28) crops of the hand's digits, 0..255, as `Cutter.digits` draws them, and their labels, (N,)."""
    arrays = _kept(f"digits-{count}-{seed}", hand, lambda: Cutter(schooled(hand)).digits(count, seed))
    return arrays[0], arrays[1]


def others(hand: Hand, count: int) -> NDArray[np.float32]:
    """Give (N, 28, 28) crops, 0..1, of letters, signs, scribbles, and pieces and pairs of the hand's digits."""

    def draw() -> tuple[Images]:
        cutter, random = Cutter(schooled(hand), letters()), np.random.default_rng(_SEED)
        crops = [np.rint(255 * cutter.other(random)) for _ in range(count)]
        return (np.array(crops, np.uint8).reshape(-1, 28, 28),)

    return _kept(f"others-{count}", hand, draw)[0].astype(np.float32) / np.float32(255)


def _kept(name: str, hand: Hand, draw: Callable[[], tuple[NDArray[np.uint8], ...]]) -> list[NDArray[np.uint8]]:
    """What is in the cache under that name, or what is drawn now when today's code has drawn none with this hand."""
    written = hashlib.sha256(hand.images.tobytes() + hand.labels.tobytes()).hexdigest()[:16]
    path = cache_folder().parent / "training" / f"{name}-{written}-{made_with(Path(__file__))}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new.npz")
        np.savez_compressed(fresh, *draw())
        fresh.replace(path)
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[each] for each in arrays.files]
