"""What one finder or both saw at one place, to all that is known of it. After `propose`, before `scorer`.

The crops of each are classified, and the answers averaged: every single one of them was the best on some photos
and the worst on others.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from model.find import Found
from model.hypothesis import Floats, Hypothesis
from model.judge import Opinions
from model.normalize import to_mnist
from model.ranks import percentiles
from model.reading import Box, Grey
from model.sighting import DIGITS, Sighting, strokes

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

    def opinions(self, bitmaps: Floats) -> Opinions:
        """Judge (N, 28, 28) bitmaps."""


class AnySigns(Protocol):
    """What is needed of `model.signs.SignClassifier`."""

    def meanings(self, grey: Grey, boxes: Sequence[Box], usual: float = 0.0) -> Floats:
        """Say what stands in each box of a picture: (N, CLASSES), each row of sum 1."""


class Describer:
    """Looks closely at single places. Any number of threads may use one at once."""

    def __init__(self, classifier: AnyClassifier, judge: AnyJudge, signs: AnySigns) -> None:
        """Take the networks."""
        self._classifier, self._judge, self._signs = classifier, judge, signs

    def describe(self, grey: Grey, found: Found | None, sighting: Sighting | None) -> Hypothesis:
        """Describe what one finder or both saw at one place of a picture, (H, W) uint8."""
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
            answers.append(sighting.classes[DIGITS] / max(1e-6, float(sighting.classes[DIGITS].sum())))
            weights.append(_WEIGHTS[1])
        judged = self._judge.opinions(np.array(crops[:1]))
        box = sighting.box if found is None and sighting is not None else found.box  # type: ignore[union-attr]  # one is there
        dark, light = percentiles(grey[box.top : box.bottom, box.left : box.right], *_INK)
        return Hypothesis(
            box=box,
            bitmap=crops[0],
            contrast=light - dark,
            share=max(box.right - box.left, box.bottom - box.top) / max(grey.shape),
            classical=classical,
            score=0.0 if sighting is None else sighting.sure,
            judged=float(judged.probability[0]),
            taught=float(judged.taught[0]),
            probabilities=_sharpened(np.average(answers, axis=0, weights=weights)),
            meaning=self._signs.meanings(grey, [box])[0],
        )


def _sharpened(mean: NDArray[np.floating[Any]]) -> Floats:
    sharp = mean**_MODESTY
    return np.asarray(sharp / sharp.sum(), np.float32)
