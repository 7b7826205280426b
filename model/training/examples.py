"""Corrections as a training takes them: crops with what they are, what was said of them, and what the scorer knew."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.blame import NONE, of_edition
from model.errors import ModelError
from model.training.batches import Digits


class TrainingFailed(ModelError):
    """The training could not be done. The message is one line and says what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """N corrected crops."""

    x: NDArray[np.float32]  # (N, 28, 28), 0 paper to 1 stroke
    y: NDArray[Any]  # (N,) what they are: 0..9, or NONE
    said: NDArray[Any]  # (N,) what they were read as, likewise
    features: NDArray[np.float32]  # (N, F) what the scorer knew of them; a row of NaN where that is not known

    def __len__(self) -> int:
        """How many there are."""
        return len(self.y)

    @property
    def digits(self) -> Digits:
        """Those that are digits, for the classifier."""
        is_digit = self.y != NONE
        return Digits.of(self.x[is_digit], self.y[is_digit])


def read_examples(path: Path | None, edition: str, width: int) -> tuple[Examples, int]:
    """Read the corrections in an npz file, whose features are of `width`; none when there is no file to read.

    x (N, 28, 28) float32 in 0..1 and y (N,) -1..9 must be there; said (N,), features (N, F) and edition (N,) may be.
    Features of another edition are left out: gives how many were too. Raises TrainingFailed.
    """
    if path is None:
        nothing = np.empty(0, int)
        return Examples(np.empty((0, 28, 28), np.float32), nothing, nothing, np.empty((0, width), np.float32)), 0
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        x, y = found["x"], found["y"]
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise TrainingFailed(f"{path} holds no corrections; it must be an npz file with x and y") from error
    good = x.shape == (len(y), 28, 28) and x.dtype == np.float32 and y.dtype.kind in "iu" and y.ndim == 1
    if not good or (len(y) and not (np.isin(y, range(NONE, 10)).all() and ((x >= 0) & (x <= 1)).all())):
        raise TrainingFailed(f"{path} is wrong; x must be (N, 28, 28) float32 in 0..1, y N whole numbers in -1..9")
    said, features = found.get("said"), np.full((len(y), width), np.nan, np.float32)
    if said is None:  # a digit was read as some digit; what is none was read as one
        said = np.where(y == NONE, 0, NONE)
    if said.shape != y.shape or said.dtype.kind not in "iu" or not np.isin(said, range(NONE, 10)).all():
        raise TrainingFailed(f"{path} is wrong; said must be N whole numbers in -1..9")
    left_out = 0
    if "features" in found:
        known, editions = found["features"], found.get("edition", np.full(len(y), ""))
        if known.ndim != 2 or len(known) != len(y) or editions.shape != y.shape:
            raise TrainingFailed(f"{path} is wrong; features must be (N, F) float32, edition N names")
        features, left_out = of_edition(known, editions, edition, width)
    return Examples(x, y, said, features), left_out
