"""(N, 28, 28) bitmaps to how surely each is a digit at all. Beside `classify`.

The classifier knows nothing but digits and gives one for every letter; the judge has seen both.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.litert import Network


class Judge:
    """A LiteRT network that tells digits from other writing. Any number of threads may use one at once."""

    def __init__(self, path: Path) -> None:
        """Load the model. Raises ModelUnavailable."""
        self._network = Network(path, mend=f"python -m model train --recipe judge --output {path.parent}")
        if self._network.shapes != ((1, 28, 28, 1), (1, 1)):
            entry, result = self._network.shapes
            raise self._network.unavailable(f"it maps {entry} to {result}, not (1, 28, 28, 1) to (1, 1)")

    def digit_probability(self, bitmaps: NDArray[np.float32]) -> NDArray[np.float32]:
        """Judge bitmaps: (N, 28, 28) float32 in 0..1 to (N,) probabilities of a digit. N may be 0."""
        return np.array([self._network.run(bitmap[None, :, :, None])[0, 0] for bitmap in bitmaps], np.float32)
