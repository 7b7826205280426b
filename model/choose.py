"""Scored hypotheses to those that are read: rather digits than none, of one pen, apart. After `scorer`."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from model.boxes import OVER, are_in_line, covered, covered_by_all
from model.hypothesis import Hypothesis
from model.scorer import AS_TALL, LIKELY, WITHIN

_ABOUT_AS_LIKELY: Final = 0.5  # of the likeliest one's probability
_BLACK: Final = 0.4  # of the contrast of the blackest that are about as likely; fainter shines through, or is a pattern
_DIRT: Final = 0.2  # of the digits' usual height; what is lower is dirt or small print, however much like a digit
_BETWEEN: Final = 0.6  # of a box: as much covered by likelier ones it is a strip between two digits
# What was left out but may stand in a line of digits: the line reader says.
_WORTH_HEARING: Final = 0.04
# What is kept besides what is read: what somebody who says that there is a number, or another one, may have meant.
_AS_GOOD: Final = 0.5  # of the likeliest
_MOST_DOUBTFUL: Final = 12


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
            and AS_TALL[0] * usual <= one.box.bottom - one.box.top <= AS_TALL[1] * usual
            and any(are_in_line(one.box, digit.box, WITHIN * usual) for digit in row)
        ]
    )


def doubtful(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Those that come nearest to being digits; none when too many do, for then it is no number that was missed."""
    most = max((one.likely for one in hypotheses), default=0.0)
    kept = _uncovered([one for one in hypotheses if one.likely >= _AS_GOOD * most])
    return kept if len(kept) <= _MOST_DOUBTFUL else []


def unread(
    rows: Sequence[Sequence[Hypothesis]], lines: Sequence[Sequence[Hypothesis]]
) -> tuple[tuple[Hypothesis, ...], tuple[int, ...]]:
    """Those of rows that are over nothing that is read in their lines, the likeliest twelve at most, in reading order.

    Gives besides how many of all digits read stand before each.
    """
    boxes = [digit.box for line in lines for digit in line]
    found: list[tuple[Hypothesis, int]] = []
    before = 0
    for row, line in zip(rows, lines, strict=True):
        found += [
            (one, before + sum(_middle(digit) < _middle(one) for digit in line))
            for one in sorted(row, key=_middle)
            if all(covered(one.box, box) < OVER for box in boxes)
        ]
        before += len(line)
    likeliest = _uncovered([one for one, _ in found])[:_MOST_DOUBTFUL]
    kept = [(one, after) for one, after in found if one in likeliest]
    return tuple(one for one, _ in kept), tuple(after for _, after in kept)


def _middle(one: Hypothesis) -> int:
    return one.box.left + one.box.right


def _uncovered(hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Those that no likelier one lies over, the likeliest first."""
    kept: list[Hypothesis] = []
    for one in sorted(hypotheses, key=lambda one: -one.likely):
        boxes = [other.box for other in kept]
        if covered_by_all(one.box, boxes) < _BETWEEN and all(covered(one.box, box) < OVER for box in boxes):
            kept.append(one)
    return kept
