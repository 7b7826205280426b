"""What corrections taught the judge: a shift of the log-odds of a digit, linear in what its last layer sees.

Fitted by `model.training.teach` so that everything that nobody corrected is judged as before. Used by `judge`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 10.0
"""How far the log-odds are shifted at most: the surest digits have some 8, what is refused as surely -8."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """The shift. Calling it gives that of (N, F) features: (N,)."""

    mean: Floats  # (F,) of the features
    scale: Floats  # (F,) their usual distance from it
    weights: Floats  # (F + 1,) of the scaled features, and always

    def __call__(self, features: Floats) -> Floats:
        """Give the shifts of (N, F) features: (N,) in -MOST..MOST."""
        scaled = (features - self.mean) / self.scale
        return np.asarray((scaled @ self.weights[:-1] + self.weights[-1]).clip(-MOST, MOST), np.float32)

    def to_json(self) -> dict[str, list[float]]:
        """Give what a version keeps of it."""
        return {
            name: [float(f"{value:.6g}") for value in values]
            for name, values in (("mean", self.mean), ("scale", self.scale), ("weights", self.weights))
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Taught":
        """Read what `to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        mean, scale, weights = (np.array(fields[name], np.float32) for name in ("mean", "scale", "weights"))
        if mean.ndim != 1 or mean.shape != scale.shape or weights.shape != (len(mean) + 1,) or not (scale > 0).all():
            raise ValueError("not what was taught")
        return cls(mean, scale, weights)
