"""Something that may be a digit, and all that is known of it: where both finders saw it, what its crops look like.

Each candidate's crops are classified, and the answers averaged: every single one of them was the best on some photos
and the worst on others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from model.detect import Sighting, strokes
from model.find import Found
from model.normalize import to_mnist
from model.reading import Bitmap, Box, Grey
from model.signs import DIGITS

Floats = NDArray[np.float32]

_OTHER: Final = 10  # the finder's class for other writing
_FULL: Final = 0.7  # a sighting's score that counts in full: focal training keeps scores low

WORTH_A_LOOK: Final = 0.44  # a score that may be enough alone

_WEIGHTS: Final = (2.0, 2.0, 1.0)  # of the classical crop's answer, the finder's own, that of the pixels under its ink
# The averaged probabilities are raised to this power: an average of answers is more modest than it is right. On the
# development photos anything from 2.2 up is honest.
_MODESTY: Final = 2.4
_INK: Final = (1, 99)  # percentiles of a box's greys: its ink and its paper


class AnyClassifier(Protocol):
    """What is needed of `model.classify.Classifier`."""

    def probabilities(self, bitmaps: Floats) -> Floats:
        """Classify (N, 28, 28) bitmaps: (N, 10), each row of sum 1."""


class AnyJudge(Protocol):
    """What is needed of `model.judge.Judge`."""

    def digit_probability(self, bitmaps: Floats) -> Floats:
        """Judge (N, 28, 28) bitmaps: (N,) probabilities of a digit."""


class AnySigns(Protocol):
    """What is needed of `model.signs.SignClassifier`."""

    def meanings(self, grey: Grey, boxes: Sequence[Box], usual: float = 0.0) -> Floats:
        """Say what stands in each box of a picture: (N, CLASSES), each row of sum 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Something that one finder or both take for a digit."""

    box: Box
    bitmap: Bitmap
    contrast: float  # grey levels between its ink and its paper
    share: float  # of its longer side, in the picture's
    classical: float  # the probability of the classical crop's answer, 0 without one
    score: float  # the learned finder's score over what counts in full, 0 where it saw nothing
    judged: float  # how surely the classical crop is a digit; without one, the pixels under the learned finder's ink
    probabilities: Floats  # (10,), of all answers together
    meaning: Floats  # (CLASSES,), what it is with all that stands around it
    likely: float = 0.0  # how likely it is a digit, with all that stands around it: `model.scorer` says
    lined: float = 0.5  # what each digit of its line has of the line's probability, by who reads all of it

    @property
    def strength(self) -> float:
        """How surely it is a digit, and the one it looks most like: what ways to see a picture are compared by."""
        return self.likely * float(self.probabilities.max())

    @property
    def placed(self) -> float:
        """How surely it is a digit by what stands around it."""
        return float(self.meaning[DIGITS].sum())


class Examiner:
    """Looks closely at single candidates. Any number of threads may use one at once."""

    def __init__(self, classifier: AnyClassifier, judge: AnyJudge, signs: AnySigns) -> None:
        """Take the networks."""
        self._classifier, self._judge, self._signs = classifier, judge, signs

    def examine(self, grey: Grey, found: Found | None, sighting: Sighting | None) -> Candidate:
        """Examine what one finder or both saw at one place of a picture, (H, W) uint8."""
        crops, weights = [], []
        if found is not None:
            crops.append(to_mnist(found.ink))
            weights.append(_WEIGHTS[0])
        if sighting is not None:
            crops.append(to_mnist(strokes(grey, sighting)))
            weights.append(_WEIGHTS[2])
        answers = list(self._classifier.probabilities(np.array(crops)))
        classical = 0.0 if found is None else float(answers[0].max())
        if sighting is not None:
            answers.append(sighting.classes[:_OTHER] / max(1e-6, float(sighting.classes[:_OTHER].sum())))
            weights.append(_WEIGHTS[1])
        box = sighting.box if found is None and sighting is not None else found.box  # type: ignore[union-attr]  # one is there
        dark, light = np.percentile(grey[box.top : box.bottom, box.left : box.right], _INK)
        return Candidate(
            box=box,
            bitmap=crops[0],
            contrast=float(light - dark),
            share=max(box.right - box.left, box.bottom - box.top) / max(grey.shape),
            classical=classical,
            score=0.0 if sighting is None else score(sighting),
            judged=float(self._judge.digit_probability(np.array(crops[:1]))[0]),
            probabilities=_sharpened(np.average(answers, axis=0, weights=weights)),
            meaning=self._signs.meanings(grey, [box])[0],
        )


def score(sighting: Sighting) -> float:
    """How surely the learned finder sees a digit there, 0..1; 1 is as sure as it gets."""
    return min(1.0, sighting.score * float(1 - sighting.classes[_OTHER]) / _FULL)


def _sharpened(mean: NDArray[np.floating[Any]]) -> Floats:
    sharp = mean**_MODESTY
    return np.asarray(sharp / sharp.sum(), np.float32)
