"""(N) boxes of a picture to what stands in each: a digit, a sign, other writing. Beside `classify` and `judge`.

The classifier and the judge see one crop each; this network sees what stands around it too.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.litert import Network
from model.reading import SIGNS, Box, Grey
from model.window import CHANNELS, SIDE, window

Meanings = NDArray[np.float32]
"""(N, CLASSES) probabilities of 0..9, of each of SIGNS and of other writing; each row of sum 1."""

CLASSES: Final = 11 + len(SIGNS)
DIGITS: Final = slice(0, 10)
OF_SIGNS: Final = slice(10, 10 + len(SIGNS))


class SignClassifier:
    """A LiteRT network that tells digits, signs and other writing apart. Any number of threads may use one at once."""

    def __init__(self, path: Path) -> None:
        """Load the model. Raises ModelUnavailable."""
        self._network = Network(path, mend=f"python -m model train --recipe signs --output {path.parent}")
        if self._network.shapes != ((1, SIDE, SIDE, CHANNELS), (1, CLASSES)):
            entry, result = self._network.shapes
            wanted = f"(1, {SIDE}, {SIDE}, {CHANNELS}) to (1, {CLASSES})"
            raise self._network.unavailable(f"it maps {entry} to {result}, not {wanted}")

    def meanings(self, grey: Grey, boxes: Sequence[Box], usual: float = 0.0) -> Meanings:
        """Say what stands in each box of a picture, (H, W) uint8: (N, CLASSES). N may be 0.

        `usual` is how high in pixels the digits of their line are, 0 where that is not known.
        """
        answers = np.empty((len(boxes), CLASSES), np.float32)
        for row, box in enumerate(boxes):
            answers[row] = self._network.run(window(grey, box, usual)[None])[0]
        return answers
