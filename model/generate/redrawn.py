"""Crops that every plain training needs, kept in the user's cache: digits drawn anew, and other things than digits.

Training side. They are the same for the same hand and code, so a bot that learns again and again draws them once.
"""

import hashlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.generate.crops import Cutter
from model.generate.kept import Arrays, kept
from model.generate.letters import letters, schooled
from model.generate.pens import Hand
from model.generate.provenance import made_with
from model.mnist import Images, Labels, cache_folder

_SEED: Final = 5_000_000_023  # of no training


def redrawn(hand: Hand, count: int, seed: int) -> tuple[Images, Labels]:
    """Give (N, 28, 28) crops of the hand's digits, 0..255, as `Cutter.digits` draws them, and their labels, (N,)."""

    def draw() -> Arrays:
        crops, labels = Cutter(schooled(hand)).digits(count, seed)
        return {"x": crops, "y": labels}

    arrays = kept(_path(f"digits-{count}-{seed}", hand), draw)
    return arrays["x"], arrays["y"]


def others(hand: Hand, count: int) -> NDArray[np.float32]:
    """Give (N, 28, 28) crops, 0..1, of letters, signs, scribbles, and pieces and pairs of the hand's digits."""

    def draw() -> Arrays:
        cutter, random = Cutter(schooled(hand), letters()), np.random.default_rng(_SEED)
        crops = [np.rint(255 * cutter.other(random)) for _ in range(count)]
        return {"x": np.array(crops, np.uint8).reshape(-1, 28, 28)}

    return kept(_path(f"others-{count}", hand), draw)["x"].astype(np.float32) / np.float32(255)


def _path(name: str, hand: Hand) -> Path:
    """Where the set of that name is kept, as today's code draws it with this hand."""
    written = hashlib.sha256(hand.images.tobytes() + hand.labels.tobytes()).hexdigest()[:16]
    return cache_folder().parent / "training" / f"{name}-{written}-{made_with(Path(__file__))}.npz"
