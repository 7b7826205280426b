"""What a training learns from: digits of several kinds, in batches that hold so many of each.

Training side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.training.augment import augment

# How much of the batches is redrawn: with 15 % the network read fewer crops of other collections, with 50 % no more.
_REDRAWN_SHARE: Final = 0.4
# How much of the batches is corrections: so much for each of them that it comes about forty times, never twice the
# same, for it is augmented anew. With an eighth for sixteen 4s that look like 9s the network forgot some 9s.
_CORRECTED_SHARE, _LEAST_SHARE, _MOST_SHARE = 1 / 1000, 1 / 64, 1 / 4
# Corrections in a training from nothing: their share of all digits, and how often the same one may come in an epoch.
_MIXED_SHARE, _MIXED_TIMES = 0.1, 50


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """Digits as the networks take them."""

    x: NDArray[np.float32]  # (N, 28, 28, 1) in 0..1
    y: NDArray[np.float32]  # (N, 10) one-hot

    @classmethod
    def of(cls, images: NDArray[Any], labels: NDArray[Any]) -> "Digits":
        """Take (N, 28, 28) images, uint8 in 0..255 or float32 in 0..1, and (N,) labels 0..9."""
        scale = np.float32(255 if images.dtype == np.uint8 else 1)
        return cls((images.astype(np.float32) / scale)[..., None], np.eye(10, dtype=np.float32)[labels])

    def __len__(self) -> int:
        return len(self.x)

    def __add__(self, other: "Digits") -> "Digits":
        return Digits(np.concatenate([self.x, other.x]), np.concatenate([self.y, other.y]))


Batches = Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Endless batches of (N, 28, 28, 1) and (N, 10)."""
Parts = Sequence[tuple[Digits, int]]
"""What batches are made of: digits, and how many of them are in each batch."""


def mixed(training: Digits, corrections: Digits) -> Digits:
    """Repeat the corrections until they are some share of all, so that a training from nothing sees them."""
    if not len(corrections):
        return training
    times = int(min(_MIXED_TIMES, max(1, _MIXED_SHARE * len(training) / len(corrections))))
    return training + Digits(np.tile(corrections.x, (times, 1, 1, 1)), np.tile(corrections.y, (times, 1)))


def shared_out(batch_size: int, training: Digits, redrawn: Digits, corrections: Digits | None = None) -> Parts:
    """MNIST's digits, the redrawn ones and the corrections, as far as there are any, by their shares."""
    known = len(corrections) if corrections else 0
    share = min(_MOST_SHARE, max(_LEAST_SHARE, _CORRECTED_SHARE * known))
    corrected = max(1, round(share * batch_size)) if known else 0
    drawn = round(_REDRAWN_SHARE * (batch_size - corrected)) if len(redrawn) else 0
    parts = [(training, batch_size - corrected - drawn), (redrawn, drawn)]
    return [*parts, (corrections, corrected)] if corrections else parts


def batches_of(parts: Parts, seed: int) -> Batches:
    """Endless augmented batches."""
    random = np.random.default_rng(seed)
    parts = [(digits, count) for digits, count in parts if count]
    supplies = [_chosen(len(digits), count, random) for digits, count in parts]
    while True:
        chosen = [(digits, next(supply)) for (digits, _), supply in zip(parts, supplies, strict=True)]
        x = np.concatenate([digits.x[rows, ..., 0] for digits, rows in chosen])
        yield augment(x, random)[..., None], np.concatenate([digits.y[rows] for digits, rows in chosen])


def _chosen(count: int, batch_size: int, random: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Indices for endless batches, all of 0..count before any comes again."""
    while True:
        order = random.permutation(count)
        for start in range(0, count, batch_size):
            # Wrapped around, so that all batches are of one size and Keras compiles one step.
            yield order.take(range(start, start + batch_size), mode="wrap")
