"""(N, 28, 28) bitmaps to (N, 10) probabilities, on LiteRT. After `normalize`, before the reading is put together."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.litert import Network

# One at a time, as reading has few: resizing the input makes LiteRT plan its memory anew, which costs more than it
# saves. Where a model is measured there are thousands: together, two threads take half the time for the same answers.
_MANY: Final = 1_000
_TOGETHER: Final = 50


class Classifier:
    """A LiteRT digit classifier that any number of threads may use at once."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load the model; `threads` is how many each interpreter may use. Raises ModelUnavailable."""
        self._network = Network(path, threads, mend=f"python -m model train --output {path.parent}")
        if self._network.shapes != ((1, 28, 28, 1), (1, 10)):
            entry, result = self._network.shapes
            raise self._network.unavailable(f"it maps {entry} to {result}, not (1, 28, 28, 1) to (1, 10)")

    def probabilities(self, bitmaps: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classify bitmaps: (N, 28, 28) float32 in 0..1 to (N, 10) float32, each row of sum 1. N may be 0."""
        answers = np.empty((len(bitmaps), 10), np.float32)
        step = _TOGETHER if len(bitmaps) >= _MANY else 1
        for start in range(0, len(bitmaps), step):
            answers[start : start + step] = self._network.run(bitmaps[start : start + step, :, :, None])
        return answers
