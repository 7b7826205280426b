"""How likely a reading is right, from what speaks for each of its digits. After `views`.

A digit's log-odds of being right are a weighted sum of what is known of it, and a reading is right when all its digits
are. The weights are fitted so that this product is honest (`python -m tests.bench.confidence`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.hypothesis import Floats, Hypothesis

WEIGHTS: Final[Mapping[str, float]] = {
    "always": 2.555,
    "judged": 1.031,  # log of what the judge says of its crop
    "placed": 0.381,  # log of how surely it is a digit by what stands around it
    "lined": 1.928,  # log of its share in how likely the whole line is, read at once
    "likely": 0.518,  # log-odds of its being a digit, with all that stands around it
    "left": -0.806,  # how likely the likeliest thing that was not read is a digit
}
_LEAST: Final = 0.01  # probabilities, before a logarithm


def features(digits: Sequence[Hypothesis], left: float) -> Floats:
    """Say what is known of each digit of a reading: (N, len(WEIGHTS)), in the order of WEIGHTS.

    `left` is how likely the likeliest thing in the picture that was not read is a digit, or other writing, 0..1.
    """
    return np.array([_features(digit, left) for digit in digits], np.float32).reshape(-1, len(WEIGHTS))


def confidences(digits: Sequence[Hypothesis], left: float, weights: Mapping[str, float] = WEIGHTS) -> list[float]:
    """Give each digit's probability of being right; their product is the reading's."""
    odds = features(digits, left).astype(np.float64) @ np.array(list(weights.values()))
    return [float(sure) for sure in 1 / (1 + np.exp(-odds))]


def _features(digit: Hypothesis, left: float) -> NDArray[np.float64]:
    likely = float(np.clip(digit.likely, _LEAST, 1 - _LEAST))
    known = {
        "always": 1.0,
        "judged": np.log(max(_LEAST, digit.judged)),
        "placed": np.log(max(_LEAST, digit.placed)),
        "lined": np.log(max(_LEAST, digit.lined)),
        "likely": np.log(likely / (1 - likely)),
        "left": left,
    }
    return np.array([known[name] for name in WEIGHTS])
