"""How likely each hypothesis is a digit: by all that is known of it, then by what stands around it.

Two logistic regressions with named weights, fitted on labelled photos (`python -m tests.bench.scorer`). The first
looks at each hypothesis alone; the second knows what the first says of all others: a stroke in a line of digits is
rather a 1, a stroke in a line of letters is none.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from model.boxes import OVER, covered_by_each
from model.hypothesis import Floats, Hypothesis

# Log-odds of being a digit, for each unit of what is known of a hypothesis alone …
ALONE: Final[Mapping[str, float]] = {
    "always": -2.31,
    "classical": 0.50,  # log-odds of the answer to the classical finder's crop, 0 without one
    "cut": 0.93,  # whether the classical finder cut it out
    "judged": 0.49,  # log-odds of what the judge says of its crop
    "score": 3.21,  # the learned finder's
    "placed": 0.45,  # log-odds of a digit by what stands around it
    "large": 1.25,  # log of its share of the picture's longer side
    "taught": 1.0,  # how far corrections shift the log-odds of its crop
}
# … and with all others.
BESIDE: Final[Mapping[str, float]] = {
    "always": -1.89,
    "alone": 1.05,  # log-odds by the first
    "company": 0.99,  # digits in its line, at most 3
    "strangers": -0.53,  # things in its line that are none, at most 5
    "page": 0.98,  # the geometric mean of all that the first takes for digits
    "letters": -1.46,  # log of how many things as tall are none, to each that is: of both, one more
}
LIKELY: Final = 0.5  # what is rather a digit than none

_LEAST: Final = 1e-3  # probabilities, before log-odds
SUREST: Final = float(np.log((1 - _LEAST) / _LEAST))
"""The log-odds of what is as sure as can be."""
AS_TALL: Final = (0.65, 1.5)  # times as high: what may be of one line
WITHIN: Final = 5.0  # heights: so far apart may things of one line be
_ALONGSIDE: Final = 0.5  # of the lower one's height is shared by two in one line
_MOST_COMPANY: Final = 3.0
_MOST_STRANGERS: Final = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Says how likely hypotheses are digits, by weights with the names of ALONE and BESIDE."""

    by_itself: Mapping[str, float] = field(default_factory=lambda: ALONE)
    among_others: Mapping[str, float] = field(default_factory=lambda: BESIDE)

    def scored(self, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
        """Say how likely each is a digit, among the others, and keep what that was told by."""
        if not hypotheses:
            return []
        first = alone_features(hypotheses)
        by_itself = sure(first, self.by_itself)
        second = beside_features(hypotheses, by_itself)
        likely = sure(second, self.among_others)
        known = np.concatenate([first, second], axis=1)
        return [replace(one, likely=float(likely[row]), features=known[row]) for row, one in enumerate(hypotheses)]

    def alone(self, hypotheses: Sequence[Hypothesis]) -> Floats:
        """Say how likely each is a digit by itself: (N,)."""
        return sure(alone_features(hypotheses), self.by_itself)


def alone_features(hypotheses: Sequence[Hypothesis]) -> Floats:
    """Say what is known of each hypothesis: (N, len(ALONE)), in the order of ALONE."""
    known = [
        (
            1.0,
            logit(one.classical) if one.classical else 0.0,
            float(one.classical > 0),
            logit(one.judged),
            one.score,
            logit(one.placed),
            float(np.log(max(_LEAST, one.share))),
            one.taught,
        )
        for one in hypotheses
    ]
    return np.array(known, np.float32).reshape(-1, len(ALONE))


def beside_features(hypotheses: Sequence[Hypothesis], by_itself: Floats) -> Floats:
    """Say what stands around each hypothesis: (N, len(BESIDE)), in the order of BESIDE; `by_itself` is from `alone`."""
    places = [one.box for one in hypotheses]
    boxes = np.array(places, np.float32)
    heights = boxes[:, 3] - boxes[:, 1]
    apart = covered_by_each(places, places) < OVER
    shared = np.minimum(boxes[:, None, 3], boxes[None, :, 3]) - np.maximum(boxes[:, None, 1], boxes[None, :, 1])
    ratio = heights[None] / heights[:, None]  # (i, j): how high j is, of i's height
    is_level = shared > _ALONGSIDE * np.minimum(heights[:, None], heights[None])
    gap = np.maximum(boxes[:, None, 0] - boxes[None, :, 2], boxes[None, :, 0] - boxes[:, None, 2])
    in_line = apart & is_level & (gap <= WITHIN * heights[:, None]) & (ratio >= AS_TALL[0]) & (ratio <= AS_TALL[1])

    is_digit = by_itself >= LIKELY
    kept: list[int] = []
    for i in np.argsort(-by_itself).tolist():
        if is_digit[i] and apart[i, kept].all():
            kept.append(i)
    page = float(np.exp(np.log(by_itself[kept]).mean())) if kept else 0.0
    is_free = np.atleast_1d(apart[:, kept].all(axis=1))
    letters = (is_free[None] & apart & (ratio > AS_TALL[0])).sum(axis=1)
    company = np.where(in_line & is_digit[None], by_itself[None], 0).sum(axis=1)
    strangers = np.where(in_line & ~is_digit[None], 1 - by_itself[None], 0).sum(axis=1)
    columns = (
        np.ones(len(boxes)),
        logit(by_itself),
        np.minimum(company, _MOST_COMPANY),
        np.minimum(strangers, _MOST_STRANGERS),
        np.full(len(boxes), page),
        np.log((1 + letters) / (1 + len(kept))),
    )
    return np.stack(columns, axis=1).astype(np.float32)


def opinions(features: Floats) -> dict[str, float]:
    """Say how likely a digit each stage took one hypothesis for, 0..1, by what the scorer knew of it: (F,).

    The classifier has one only where it was asked.
    """
    known = dict(zip(ALONE, features[: len(ALONE)].tolist(), strict=True))
    beside = dict(zip(BESIDE, features[len(ALONE) :].tolist(), strict=True))
    asked = {"classifier": _sigmoid(known["classical"])} if known["cut"] else {}
    return asked | {"judge": _sigmoid(known["judged"]), "finder": known["score"], "scorer": _sigmoid(beside["alone"])}


def sure(features: Floats, weights: Mapping[str, float]) -> Floats:
    """Give the probabilities of a digit that weights give (N, F) features: (N,)."""
    return np.asarray(1 / (1 + np.exp(-(features @ np.array(list(weights.values()), np.float32)))), np.float32)


def logit(sure: Floats | float) -> Floats:
    """Give the log-odds of probabilities, SUREST at most either way."""
    return np.asarray(np.log(_clipped(sure) / (1 - _clipped(sure))), np.float32)


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _clipped(sure: Floats | float) -> Floats:
    return np.asarray(np.clip(sure, _LEAST, 1 - _LEAST))
