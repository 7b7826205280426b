"""Where a row of digits and signs and what the line reader reads in it differ, and who is likelier right.

Each difference is decided by itself: by how much likelier the line reader finds its own way, and by how sure the
characters of the row were. Used by `reread`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.ctc import likelihood
from model.differences import differences
from model.hypothesis import Hypothesis
from model.line import FIRST_SIGN, ODD, Read, Transcript, oddities
from model.reading import SIGNS
from model.strip import Strip
from model.written import Sign

# The log-odds of the line reader being right where it reads otherwise.
WEIGHTS: Final[Mapping[str, float]] = {
    "always": -0.5,
    "likelier": 1.0,  # log of how much likelier it finds its own way
    "answer": -0.5,  # log of how much likelier the crops find the digits that it takes for others
    "strength": -0.3,  # log-odds of the signs, and of the digits where it reads more or fewer
    "alone": -3.0,  # whether nothing else was seen in its row: crops of single digits are known best
    "odd": -ODD,  # how many more signs then stand where none is written
}
_MOST: Final = 8.0  # that a log-odds counts
_DOUBT: Final = 0.05  # that is left of what is surely a digit or a sign: they are told surer than they are right


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a row that the line reader reads otherwise."""

    mine: range  # places in the row
    theirs: range  # places in what is read
    features: Mapping[str, float]  # of WEIGHTS

    @property
    def sure(self) -> float:
        """How likely it is that the line reader is right, 0..1."""
        return 1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in self.features.items())))

    @property
    def is_wanted(self) -> bool:
        """Whether it is rather right than wrong."""
        return bool(self.features) and self.sure > 0.5


def edits(row: Sequence[Hypothesis | Sign], heard: Transcript) -> list[Edit]:
    """Compare a row with what the line reader reads in it."""
    labels, theirs = [label_of(one) for one in row], heard.labels
    whole = likelihood(heard.columns, theirs)
    found = []
    for mine, other in differences(labels, [along(one, heard.strip) for one in row], heard.read):
        kept = [*theirs[: other.start], *labels[mine.start : mine.stop], *theirs[other.stop :]]
        features = {
            "always": 1.0,
            "likelier": min(2 * _MOST, whole - likelihood(heard.columns, kept)),
            **_seen_otherwise(row[mine.start : mine.stop], heard.read[other.start : other.stop]),
            "alone": float(len(row) == 1 and len(mine) == 1),
            "odd": float(oddities(theirs) - oddities(kept)),
        }
        found.append(Edit(mine, other, features))
    return found


def _seen_otherwise(mine: Sequence[Hypothesis | Sign], read: Sequence[Read]) -> dict[str, float]:
    """How sure what was seen is of itself: where digits are others, and where there are more or fewer."""
    digits = [one for one in mine if isinstance(one, Hypothesis)]
    others = [one.label for one in read if one.label < FIRST_SIGN]
    answer = 0.0
    strength = sum(_log_odds(one.sure) for one in mine if isinstance(one, Sign))
    if len(digits) == len(others):
        for one, label in zip(digits, others, strict=True):
            said = np.log(np.maximum(one.probabilities, 1e-6))
            answer += min(_MOST, float(said.max() - said[label]))
    else:
        strength += sum(_log_odds(one.strength) for one in digits)
    return {"answer": answer, "strength": strength}


def _log_odds(sure: float) -> float:
    sure = min(max(sure, _DOUBT), 1 - _DOUBT)
    return math.log(sure / (1 - sure))


def label_of(one: Hypothesis | Sign) -> int:
    """The label of `model.line` that something was seen as."""
    return FIRST_SIGN + SIGNS.index(one.sign) if isinstance(one, Sign) else int(one.probabilities.argmax())


def along(one: Hypothesis | Sign, line: Strip, share: float = 0.5) -> float:
    """Where something lies along a strip: its middle, or so much of its width from its left."""
    at = [(1 - share) * one.box.left + share * one.box.right, (one.box.top + one.box.bottom) / 2, 1]
    return float(line.onto[0] @ at)
