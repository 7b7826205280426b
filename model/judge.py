"""(N, 28, 28) bitmaps to how surely each is a digit at all. Beside `classify`.

The classifier knows nothing but digits and gives one for every letter; the judge has seen both. What corrections taught
since it was trained is a shift of its log-odds, see `model.taught`.
"""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.litert import Network
from model.taught import Taught

FEATURES: Final = 64
"""What the judge's last layer sees of a bitmap."""

Floats = NDArray[np.float32]


class Opinions(NamedTuple):
    """What is thought of N bitmaps."""

    probability: Floats  # (N,) of a digit, as it was trained
    taught: Floats  # (N,) the shift of its log-odds by what corrections taught; 0 for what is unlike any of them


class Judge:
    """A LiteRT network that tells digits from other writing. Any number of threads may use one at once."""

    def __init__(self, path: Path, taught: Taught | None = None) -> None:
        """Load the model. Raises ModelUnavailable."""
        self._network = Network(path, mend=f"python -m model train --recipe judge --output {path.parent}")
        self._taught = taught
        shapes = self._network.entry, self._network.results
        if shapes != ((1, 28, 28, 1), {"answer": (1, 1), "features": (1, FEATURES)}):
            raise self._network.unavailable(f"it maps {shapes[0]} to {shapes[1]}, not a crop to an answer and features")

    def opinions(self, bitmaps: Floats) -> Opinions:
        """Judge bitmaps: (N, 28, 28) float32 in 0..1. N may be 0."""
        probability, features = self._run(bitmaps)
        return Opinions(probability, np.zeros_like(probability) if self._taught is None else self._taught(features))

    def features(self, bitmaps: Floats) -> Floats:
        """Give what the last layer sees of bitmaps: (N, 28, 28) float32 in 0..1 to (N, FEATURES)."""
        return self._run(bitmaps)[1]

    def _run(self, bitmaps: Floats) -> tuple[Floats, Floats]:
        probability = np.empty(len(bitmaps), np.float32)
        features = np.empty((len(bitmaps), FEATURES), np.float32)
        for row, bitmap in enumerate(bitmaps):
            found = self._network.run_all(bitmap[None, :, :, None])
            probability[row], features[row] = found["answer"][0, 0], found["features"][0]
        return probability, features
