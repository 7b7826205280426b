"""Something that may be a digit, and all that is known of it: what sources propose and what every decider judges."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.reading import Bitmap, Box
from model.signs import DIGITS

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
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
    taught: float = 0.0  # how far what corrections taught shifts the log-odds of its crop
    # What `likely` was told by, in the order of the scorer's weights; (0,) for none.
    features: Floats = field(default_factory=lambda: np.empty(0, np.float32))
    lined: float = 0.5  # what each digit of its line has of the line's probability, by who reads all of it

    @property
    def strength(self) -> float:
        """How surely it is a digit, and the one it looks most like: what ways to see a picture are compared by."""
        return self.likely * float(self.probabilities.max())

    @property
    def placed(self) -> float:
        """How surely it is a digit by what stands around it."""
        return float(self.meaning[DIGITS].sum())
