"""How good a served model is on labelled digits: accuracy, loss, each digit's accuracy, what it takes for what.

Runs on LiteRT, as the bot does: what is measured is what is served.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.classify import Classifier
from model.mnist import Images, Labels


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one model on one set of digits."""

    accuracy: float  # 0..1
    loss: float  # mean categorical cross-entropy, natural logarithm
    per_digit: dict[int, float]  # digit to its accuracy; a digit that the set lacks is left out
    confusion: tuple[tuple[int, ...], ...]  # (10, 10): rows the true digit, columns the answer


def evaluate(classifier: Path, images: Images, labels: Labels, *, threads: int = 1) -> Evaluation:
    """Classify MNIST pictures with the LiteRT model in `classifier` and count. Raises ModelUnavailable."""
    bitmaps = images.astype(np.float32) / np.float32(255)
    return score(Classifier(classifier, threads).probabilities(bitmaps), labels)


def score(probabilities: NDArray[np.float32], labels: Labels) -> Evaluation:
    """Count (N, 10) probabilities, N at least 1, against (N,) labels."""
    answers = probabilities.argmax(axis=1)
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (labels, answers), 1)
    # Keras' epsilon: a probability that underflows to 0 must not make the mean infinite.
    given = np.clip(probabilities[np.arange(len(labels)), labels].astype(float), 1e-7, 1)
    asked = confusion.sum(axis=1)
    return Evaluation(
        accuracy=float((answers == labels).mean()),
        loss=float(-np.log(given).mean()),
        per_digit={digit: float(confusion[digit, digit] / asked[digit]) for digit in range(10) if asked[digit]},
        confusion=tuple(tuple(map(int, row)) for row in confusion),
    )
