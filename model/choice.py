"""Which of the candidates are digits, when all the evidence together must tell: none, a few, or most of them."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from model.boxes import OVER, are_in_line, covered, covered_by_all, in_lines
from model.candidates import ENOUGH, Candidate

_ENOUGH_MEAN: Final = 0.5  # the geometric mean of all digits, for a picture of digits
_FAINT: Final = 0.4  # of the contrast of the blackest that are about as sure as the surest
_ABOUT_AS_SURE: Final = 0.5  # of the surest one's evidence
_BETWEEN: Final = 0.6  # of a box: as much covered by surer ones it is a strip between two digits

# What was left out but may stand in a line of digits: the line reader says.
_WORTH_HEARING: Final = 0.15  # evidence
_RATHER: Final = 0.2  # and what the judge says of it
_AS_TALL: Final = (0.65, 1.5)  # of the line's usual height
_WITHIN: Final = 5.0  # of the line's usual height, to the nearest digit

# Of a picture that is refused: what somebody who says that there is a number may have meant.
_LEAST: Final = 0.05  # the evidence of a crop that is worth keeping
_AS_GOOD: Final = 0.5  # of the strongest evidence
_MOST_DOUBTFUL: Final = 12
_LETTER: Final = 0.2  # what the judge says of a letter rather than a digit


def of_one_pen(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those about as black as the writing: what is much fainter is the paper's pattern, or shines through."""
    most = max((candidate.evidence for candidate in candidates), default=0.0)
    sure = (candidate.contrast for candidate in candidates if candidate.evidence >= _ABOUT_AS_SURE * most)
    blackest = max(sure, default=0.0)
    return [candidate for candidate in candidates if candidate.contrast >= _FAINT * blackest]


def chosen(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those with enough evidence that no surer one lies over; none when they are doubtful together."""
    kept = _uncovered([candidate for candidate in candidates if candidate.evidence >= ENOUGH])
    kept = _without_words(kept, candidates)
    return kept if kept and geometric_mean([seen.evidence for seen in kept]) >= _ENOUGH_MEAN else []


def _without_words(kept: Sequence[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out the digits of lines that are mostly something else: strokes of letters look like 1s and 7s."""
    usual = float(np.median([one.box.bottom - one.box.top for one in kept])) if kept else 0.0
    letters = [
        candidate
        for candidate in candidates
        if candidate.judged < _LETTER
        and candidate.evidence < ENOUGH
        and candidate not in kept
        and candidate.box.bottom - candidate.box.top >= _AS_TALL[0] * usual  # smaller are specks
        and all(covered(candidate.box, one.box) < OVER for one in kept)
    ]
    found = []
    for line in in_lines([*kept, *letters]):
        digits = [one for one in line if one not in letters]
        if 2 * len(digits) >= len(line):
            found += digits
    return found


def left_out(row: Sequence[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """Those of the others that may be digits of a row: as tall and black as its own, level with them, apart."""
    blackest = max(one.contrast for one in row)
    usual = float(np.median([one.box.bottom - one.box.top for one in row]))
    return _uncovered(
        [
            one
            for one in others
            if one.evidence >= _WORTH_HEARING
            and one.judged >= _RATHER
            and one.contrast >= _FAINT * blackest
            and _AS_TALL[0] * usual <= one.box.bottom - one.box.top <= _AS_TALL[1] * usual
            and any(are_in_line(one.box, digit.box, _WITHIN * usual) for digit in row)
        ]
    )


def doubtful(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that come nearest to being digits; none when too many do, for then it is no number that was missed."""
    most = max((candidate.evidence for candidate in candidates), default=0.0)
    kept = _uncovered([candidate for candidate in candidates if candidate.evidence >= max(_LEAST, _AS_GOOD * most)])
    return kept if len(kept) <= _MOST_DOUBTFUL else []


def _uncovered(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that no surer one lies over, the surest first."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda candidate: -candidate.evidence):
        boxes = [other.box for other in kept]
        if covered_by_all(candidate.box, boxes) < _BETWEEN and all(covered(candidate.box, box) < OVER for box in boxes):
            kept.append(candidate)
    return kept


def geometric_mean(values: Sequence[float]) -> float:
    """The geometric mean of values from 0 to 1: one that is nearly 0 pulls all down."""
    return float(np.exp(np.mean(np.log(np.maximum(values, 1e-6)))))
