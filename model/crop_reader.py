"""What a version makes of crops that were cut out already: its own classifier, judge and weights, no photo.

Beside `reader`: it asks two versions about the same crops, where the whole road would need the photo twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.blame import log_odds, with_opinions
from model.classify import Classifier
from model.decision import decision_of, judge_of
from model.reading import Digit
from model.registry import Version
from model.scorer import ALONE, BESIDE, logit


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a crop is taken for."""

    digit: int | None  # None: not a digit
    confidence: float  # 0..1, of that


class CropReader:
    """Reads crops as a version would. Any number of threads may use one at once."""

    def __init__(self, version: Version) -> None:
        """Load what the version's folder holds. Raises ModelUnavailable."""
        self._decision = decision_of(version)
        self._classifier = Classifier(version.classifier_path)
        self._judge = judge_of(version, self._decision)

    def read(self, digits: Sequence[Digit]) -> tuple[Opinion, ...]:
        """Read the crops of digits anew; what the scorer never saw of them is a digit in any case."""
        if not digits:
            return ()
        bitmaps = np.stack([each.bitmap for each in digits])
        answers = self._classifier.probabilities(bitmaps)
        known = np.full((len(digits), len(ALONE) + len(BESIDE)), np.nan, np.float32)
        for row, digit in zip(known, digits, strict=True):
            if len(digit.features) == len(row):
                row[:] = digit.features
        judged = self._judge.opinions(bitmaps)
        odds = log_odds(with_opinions(known, logit(judged.probability), judged.taught), self._decision)
        return tuple(
            Opinion(int(answer.argmax()), float(answer.max()))
            if not odd < 0  # NaN, where nothing is known, is none
            else Opinion(None, float(1 / (1 + np.exp(odd))))
            for answer, odd in zip(answers, odds.tolist(), strict=True)
        )
