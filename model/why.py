"""Which pixels of a bitmap mattered for an answer, by occlusion. Beside `classify`, after a reading.

Each patch of the writing is erased in turn, and the network asked again (Zeiler and Fergus 2014 cover with grey; paper
is what this network knows: grey patches are a stroke of their own to it, and colour empty corners).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.reading import Bitmap

_PATCH: Final = 5  # pixels: a stroke of MNIST's is 2 to 4 wide, so one patch breaks it and leaves the digit
# Probabilities nearer to 0 or 1 differ by nothing that could be told apart in float32.
_LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Why:
    """What an answer hangs on, for the network alone."""

    probabilities: tuple[float, ...]  # of 0..9, for the bitmap as it is, sum 1
    effect: NDArray[np.float32]  # (28, 28): how much less sure erasing made the answer (log odds); below 0, surer
    least: float  # what is left of the answer's probability without the patch that mattered most


def why(bitmap: Bitmap, digit: int, probabilities: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> Why:
    """Ask `probabilities` ((N, 28, 28) to (N, 10), once) what the answer `digit` hangs on.

    A pixel's effect is the mean over the patches that cover it. Without ink nothing can be erased, and all is 0.
    """
    patches = _patches(bitmap)
    answers = probabilities(np.concatenate([bitmap[None], np.where(patches, np.float32(0), bitmap)]))
    sure = answers[:, digit].astype(np.float64).clip(_LEAST, 1 - _LEAST)
    odds: NDArray[Any] = np.log(sure / (1 - sure))
    # Every pixel is covered by as many patches: those that erase nothing change nothing, and were not asked about.
    effect = ((odds[0] - odds[1:])[:, None, None] * patches).sum(axis=0) / _PATCH**2
    return Why(tuple(map(float, answers[0])), effect.astype(np.float32), float(answers[:, digit].min()))


def _patches(bitmap: Bitmap) -> NDArray[np.bool_]:
    """Every place of the patch, over the edges too, at which it covers ink: (N, 28, 28)."""
    height, width = bitmap.shape
    places = np.stack(np.meshgrid(*(np.arange(1 - _PATCH, side) for side in (height, width)), indexing="ij"), axis=-1)
    tops, lefts = places.reshape(-1, 2).T[:, :, None]  # (N, 1) each
    rows, columns = np.arange(height), np.arange(width)
    in_rows = (rows >= tops) & (rows < tops + _PATCH)  # (N, height)
    in_columns = (columns >= lefts) & (columns < lefts + _PATCH)
    patches: NDArray[np.bool_] = in_rows[:, :, None] & in_columns[:, None, :]
    return patches[(patches & (bitmap > 0)).any(axis=(1, 2))]
