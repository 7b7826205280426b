"""How likely a reading is right, from what speaks for each of its digits. After `sight`.

A digit's log-odds of being right are a weighted sum of what is known of it, and a reading is right when all its digits
are. The weights are fitted so that this product is honest (`python -m tests.bench.confidence`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.candidates import Candidate, Floats

WEIGHTS: Final[Mapping[str, float]] = {
    "always": 1.431,
    "answer": 0.211,  # log-odds of the digit that it looks most like
    "judged": 0.988,  # log of what the judge says of its crop
    "placed": 0.268,  # log of how surely it is a digit by what stands around it
    "lined": 1.415,  # log of its share in how likely the whole line is, read at once
    "plain": 1.490,  # whether everything in the picture was plainly a digit
    "left": -2.290,  # what spoke for the strongest thing that was not read
    "many": 0.366,  # log of how many digits there are
}
_LEAST: Final = 0.01  # probabilities, before a logarithm


def features(digits: Sequence[Candidate], left: float) -> Floats:
    """Say what is known of each digit of a reading: (N, len(WEIGHTS)), in the order of WEIGHTS.

    `left` is the evidence of the strongest thing in the picture that was not read, 0..1.
    """
    return np.array([_features(digit, left, len(digits)) for digit in digits], np.float32).reshape(-1, len(WEIGHTS))


def confidences(digits: Sequence[Candidate], left: float) -> list[float]:
    """Give each digit's probability of being right; their product is the reading's."""
    odds = features(digits, left).astype(np.float64) @ np.array(list(WEIGHTS.values()))
    return [float(sure) for sure in 1 / (1 + np.exp(-odds))]


def _features(digit: Candidate, left: float, count: int) -> NDArray[np.float64]:
    answer = float(np.clip(digit.probabilities.max(), 0.1, 0.9999))
    known = {
        "always": 1.0,
        "answer": np.log(answer / (1 - answer)),
        "judged": np.log(max(_LEAST, digit.judged)),
        "placed": np.log(max(_LEAST, digit.placed)),
        "lined": np.log(max(_LEAST, digit.lined)),
        "plain": float(digit.is_plain),
        "left": left,
        "many": np.log(count),
    }
    return np.array([known[name] for name in WEIGHTS])
