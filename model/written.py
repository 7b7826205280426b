"""The digits of a picture and the signs between them to lines of text, as somebody wrote them. After `scorer`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from model.boxes import OVER, covered
from model.hypothesis import Floats, Hypothesis
from model.reading import SIGNS, Box
from model.signs import DIGITS, OF_SIGNS

Lines = tuple[tuple[Hypothesis, ...], ...]

_SURE: Final = 0.6  # of a sign; and it must be likelier than a digit
# A slash or a bracket must be so much likelier than a digit, and more if it is no taller than what is around it: people
# write many more 1s.
_LIKE_A_ONE: Final = frozenset("/()")
_LIKELIER: Final = 2.0
_MUCH_LIKELIER: Final = 20.0
_TALLER: Final = 1.12  # times as high as they are
_SURE_BRACKET: Final = 0.5  # the other one of a pair
_LARGER: Final = 0.1  # the power of its area by which the larger of two signs that overlap counts for more
_AROUND: Final = 0.35  # of a digit's height: so far above and below its line a sign's middle may lie
_BESIDE: Final = 1.6  # of a digit's height: so far from its neighbour a sign stands
_SPACE: Final = 1.0  # of a digit's height: a wider gap parts two groups
_SMALL: Final = 0.75  # of the height of the digit before it, for one that is raised
_RAISED: Final = 0.6  # of that digit's height: a raised one ends above it
_CLOSE: Final = 0.7  # of that digit's height: so near stands what is raised


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """One sign that is seen in a picture."""

    sign: str  # of SIGNS
    box: Box
    sure: float  # 0..1, how surely it is a sign at all


def sign_in(meaning: Floats, box: Box, usual: float = 0.0, *, is_paired: bool = False) -> Sign | None:
    """Give the sign that stands in a box by what the sign classifier says of it; None where it is surely none.

    `usual` is how high in pixels the things around it are, 0 where that is not known; `is_paired` says that the other
    bracket of its pair is seen.
    """
    shares = meaning[OF_SIGNS]
    share, digit = float(shares.sum()), float(meaning[DIGITS].sum())
    character = SIGNS[int(shares.argmax())]
    likelier = 1.0
    if character in _LIKE_A_ONE and not is_paired:
        likelier = _LIKELIER if box.bottom - box.top >= _TALLER * usual else _MUCH_LIKELIER
    return Sign(character, box, share) if share >= max(_SURE, likelier * digit) else None


def sign_of(hypothesis: Hypothesis, hypotheses: Sequence[Hypothesis]) -> Sign | None:
    """Give the sign that a hypothesis is, if it is one, by its meaning and by how high the others are."""
    heights = [one.box.bottom - one.box.top for one in hypotheses if one is not hypothesis]
    usual = median(heights) if heights else 0.0
    return sign_in(hypothesis.meaning, hypothesis.box, usual, is_paired=_is_paired(hypothesis, hypotheses))


def _is_paired(hypothesis: Hypothesis, hypotheses: Sequence[Hypothesis]) -> bool:
    """Whether the other bracket of its pair is surely seen, on its own side in the same row."""
    wanted = _other_bracket(hypothesis.meaning)
    if not wanted:
        return False
    box = hypothesis.box
    return any(
        one.meaning[OF_SIGNS][SIGNS.index(wanted)] >= _SURE_BRACKET
        and (one.box.left >= box.right if wanted == ")" else one.box.right <= box.left)
        and 2 * (min(box.bottom, one.box.bottom) - max(box.top, one.box.top)) > box.bottom - box.top
        for one in hypotheses
    )


def _other_bracket(meaning: Floats) -> str:
    """Give the bracket that belongs to the one that a meaning says, "" where it says none."""
    character = SIGNS[int(meaning[OF_SIGNS].argmax())]
    return {"(": ")", ")": "("}.get(character, "")


Row = tuple[Hypothesis | Sign, ...]
"""A line's digits and signs, from left to right."""


def with_raised(lines: Lines) -> Lines:
    """Put small digits that stand at the upper right of another one, an exponent, into its line."""
    kept = [list(line) for line in lines]
    for line in list(kept):
        base = _base(line, [other for other in kept if other is not line])
        if base is not None:
            into, place = base
            into[place + 1 : place + 1] = line
            kept.remove(line)
    return tuple(tuple(line) for line in kept)


def _base(line: Sequence[Hypothesis], others: Iterable[list[Hypothesis]]) -> tuple[list[Hypothesis], int] | None:
    """Find the line and the place of the digit that a whole line is the exponent of."""
    for other in others:
        for place, digit in enumerate(other):
            if _is_raised(line[0].box, digit.box) and all(_is_raised(one.box, digit.box, far=True) for one in line):
                return other, place
    return None


def _is_raised(box: Box, base: Box, *, far: bool = False) -> bool:
    height = base.bottom - base.top
    reach = (3 if far else 1) * _CLOSE * height
    is_small = box.bottom - box.top <= _SMALL * height
    is_high = box.bottom <= base.top + _RAISED * height and box.bottom > base.top - 0.3 * height
    return is_small and is_high and -0.3 * height <= box.left - base.right <= reach


def as_written(lines: Lines, found: Iterable[Sign]) -> tuple[str, ...]:
    """Give each line of digits as it was written: with its signs, and a space where groups stand apart."""
    return tuple(_text(row) for row in rows(lines, found))


def rows(lines: Lines, found: Iterable[Sign]) -> tuple[Row, ...]:
    """Put the signs that are in a line of digits, and over nothing else, between them."""
    boxes = [digit.box for line in lines for digit in line]
    free: list[Sign] = []
    for one in sorted(found, key=lambda one: -one.sure * _area(one.box) ** _LARGER):
        is_free = all(covered(one.box, box) < OVER for box in boxes)
        if is_free and not any(_is_stacked(one.box, other.box) for other in free):
            free.append(one)
    return tuple(_row(line, free) for line in lines)


def _is_stacked(box: Box, other: Box) -> bool:
    """Whether two signs lie over each other in one line: then they are pieces of one."""
    shared = min(box.right, other.right) - max(box.left, other.left)
    apart = max(box.top, other.top) - min(box.bottom, other.bottom)
    size = max(other.right - other.left, other.bottom - other.top)
    return apart <= size and shared > OVER * min(box.right - box.left, other.right - other.left)


def _area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def _row(line: Sequence[Hypothesis], found: Sequence[Sign]) -> Row:
    height = _height(line)
    row: list[Hypothesis | Sign] = list(line)
    waiting = [sign for sign in found if _is_level(sign.box, line, height)]
    while True:  # a sign may stand beside another one: `)=`
        near = [sign for sign in waiting if any(_gap(sign.box, one.box) <= _BESIDE * height for one in row)]
        if not near:
            break
        row += near
        waiting = [sign for sign in waiting if sign not in near]
    return tuple(sorted(row, key=lambda one: one.box.left + one.box.right))


def _text(row: Row) -> str:
    height = _height([one for one in row if isinstance(one, Hypothesis)])
    text, before, base = "", None, None
    for one in row:
        if before is not None and one.box.left - before.box.right > _SPACE * height:
            text += " "
        if isinstance(one, Sign):
            text += one.sign
        else:
            is_raised = base is not None and before is not None and _is_raised(one.box, base.box, far=True)
            if is_raised and before is base:
                text += "^"
            text += str(int(one.probabilities.argmax()))
            base = base if is_raised else one
        before = one
    return text


def _height(digits: Sequence[Hypothesis]) -> float:
    return median(digit.box.bottom - digit.box.top for digit in digits)


def _is_level(box: Box, line: Sequence[Hypothesis], height: float) -> bool:
    """Whether a sign's middle lies in the row of the digit next to it."""
    nearest = min(line, key=lambda digit: _gap(box, digit.box)).box
    middle = (box.top + box.bottom) / 2
    return nearest.top - _AROUND * height <= middle <= nearest.bottom + _AROUND * height


def _gap(box: Box, other: Box) -> int:
    return max(box.left - other.right, other.left - box.right)
