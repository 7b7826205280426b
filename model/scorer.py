"""How likely each hypothesis is a digit: by all that is known of it, then by what stands around it.

Two logistic regressions with named weights, fitted on labelled photos (`python -m tests.bench.scorer`). The first
looks at each hypothesis alone; the second knows what the first says of all others: a stroke in a line of digits is
rather a 1, a stroke in a line of letters is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Final

import numpy as np

from model.boxes import OVER, are_in_line, covered, covered_by_all, covered_by_each
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
_AS_TALL: Final = (0.65, 1.5)  # times as high: what may be of one line
_WITHIN: Final = 5.0  # heights: so far apart may things of one line be
_ALONGSIDE: Final = 0.5  # of the lower one's height is shared by two in one line
_MOST_COMPANY: Final = 3.0
_MOST_STRANGERS: Final = 5.0
_ABOUT_AS_LIKELY: Final = 0.5  # of the likeliest one's probability
_BLACK: Final = 0.4  # of the contrast of the blackest that are about as likely; fainter shines through, or is a pattern
_DIRT: Final = 0.2  # of the digits' usual height; what is lower is dirt or small print, however much like a digit
_BETWEEN: Final = 0.6  # of a box: as much covered by likelier ones it is a strip between two digits

# What was left out but may stand in a line of digits: the line reader says.
_WORTH_HEARING: Final = 0.04

# Of a picture that is refused: what somebody who says that there is a number may have meant.
_AS_GOOD: Final = 0.5  # of the likeliest
_MOST_DOUBTFUL: Final = 12


def scored(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Say how likely each is a digit, among the others."""
    if not hypotheses:
        return []
    by_itself = alone(hypotheses)
    likely = _sure(beside_features(hypotheses, by_itself), BESIDE)
    return [replace(one, likely=float(sure)) for one, sure in zip(hypotheses, likely, strict=True)]


def alone(hypotheses: Sequence[Hypothesis]) -> Floats:
    """Say how likely each is a digit by itself: (N,)."""
    return _sure(alone_features(hypotheses), ALONE)


def alone_features(hypotheses: Sequence[Hypothesis]) -> Floats:
    """Say what is known of each hypothesis: (N, len(ALONE)), in the order of ALONE."""
    known = [
        (
            1.0,
            _log_odds(one.classical) if one.classical else 0.0,
            float(one.classical > 0),
            _log_odds(one.judged),
            one.score,
            _log_odds(one.placed),
            float(np.log(max(_LEAST, one.share))),
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
    in_line = apart & is_level & (gap <= _WITHIN * heights[:, None]) & (ratio >= _AS_TALL[0]) & (ratio <= _AS_TALL[1])

    is_digit = by_itself >= LIKELY
    kept: list[int] = []
    for i in np.argsort(-by_itself).tolist():
        if is_digit[i] and apart[i, kept].all():
            kept.append(i)
    page = float(np.exp(np.log(by_itself[kept]).mean())) if kept else 0.0
    is_free = np.atleast_1d(apart[:, kept].all(axis=1))
    letters = (is_free[None] & apart & (ratio > _AS_TALL[0])).sum(axis=1)
    company = np.where(in_line & is_digit[None], by_itself[None], 0).sum(axis=1)
    strangers = np.where(in_line & ~is_digit[None], 1 - by_itself[None], 0).sum(axis=1)
    columns = (
        np.ones(len(boxes)),
        np.log(_clipped(by_itself) / (1 - _clipped(by_itself))),
        np.minimum(company, _MOST_COMPANY),
        np.minimum(strangers, _MOST_STRANGERS),
        np.full(len(boxes), page),
        np.log((1 + letters) / (1 + len(kept))),
    )
    return np.stack(columns, axis=1).astype(np.float32)


def chosen(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Those that are rather digits than none, of one pen, and no likelier one over them."""
    most = max((one.likely for one in hypotheses), default=0.0)
    blackest = max((one.contrast for one in hypotheses if one.likely >= _ABOUT_AS_LIKELY * most), default=0.0)
    kept = _uncovered([one for one in hypotheses if one.likely >= LIKELY and one.contrast >= _BLACK * blackest])
    usual = median(one.box.bottom - one.box.top for one in kept) if kept else 0.0
    return [one for one in kept if one.box.bottom - one.box.top >= _DIRT * usual]


def left_out(row: Sequence[Hypothesis], others: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Those of the others that may be digits of a row: as tall and black as its own, level with them, apart."""
    blackest = max(one.contrast for one in row)
    usual = median(one.box.bottom - one.box.top for one in row)
    return _uncovered(
        [
            one
            for one in others
            if one.likely >= _WORTH_HEARING
            and one.contrast >= _BLACK * blackest
            and _AS_TALL[0] * usual <= one.box.bottom - one.box.top <= _AS_TALL[1] * usual
            and any(are_in_line(one.box, digit.box, _WITHIN * usual) for digit in row)
        ]
    )


def doubtful(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Those that come nearest to being digits; none when too many do, for then it is no number that was missed."""
    most = max((one.likely for one in hypotheses), default=0.0)
    kept = _uncovered([one for one in hypotheses if one.likely >= _AS_GOOD * most])
    return kept if len(kept) <= _MOST_DOUBTFUL else []


def _uncovered(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Those that no likelier one lies over, the likeliest first."""
    kept: list[Hypothesis] = []
    for one in sorted(hypotheses, key=lambda one: -one.likely):
        boxes = [other.box for other in kept]
        if covered_by_all(one.box, boxes) < _BETWEEN and all(covered(one.box, box) < OVER for box in boxes):
            kept.append(one)
    return kept


def _sure(features: Floats, weights: Mapping[str, float]) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(features @ np.array(list(weights.values()), np.float32)))), np.float32)


def _log_odds(sure: float) -> float:
    return float(np.log(_clipped(sure) / (1 - _clipped(sure))))


def _clipped(sure: Floats | float) -> Floats:
    return np.asarray(np.clip(sure, _LEAST, 1 - _LEAST))
