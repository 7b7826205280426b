"""A number as somebody typed it, against what was read: which crop is which of its digits. Pure; used by `corrections`.

The alignment is the one of the smallest edit distance over the digits. Of several as small it is the one that fits what
else is known: a mark was typed where something was read as a digit that is none, a missed digit stands where a crop was
doubted, and what was unsure was misread rather than what was sure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

MARK: Final = None
"""What is typed between digits, whichever mark it is."""

Typed = Sequence[int | None]
"""A number: digits 0..9 and MARK."""

_MOST: Final = 40  # digits read or typed: with more, those of another length are not aligned
_AGREED: Final = 0.5  # of the digits read, and of those typed: with fewer it may be another number

# What speaks against an alignment among those of one edit distance, beside the confidence of what was misread.
_MISSED: Final = 2.0  # a digit of which there is no crop: two misread digits side by side are likelier
_UNLIKE: Final = 1.0  # a digit where a crop was doubted that looks like another one
_ALIKE: Final = -1.0  # one where it looks like that
_MARKED: Final = -1.0  # a mark where a digit was read


@dataclass(frozen=True, slots=True)
class Seen:
    """A crop of a reading."""

    digit: int  # 0..9, what it looks like most
    confidence: float  # 0..1
    is_read: bool = True  # False: it was doubted, and taken for no digit


@dataclass(frozen=True, slots=True)
class Aligned:
    """What a typed number says of crops."""

    # What each is, by its place among those that were given; None: not a digit. Of what was doubted the digits alone;
    # of what was read all but what nobody can tell.
    labels: dict[int, int | None]
    missed: int = 0  # how many typed digits have no crop of their own


class _Step(NamedTuple):
    """A crop and what was typed for it; or one of both alone."""

    place: int | None  # of the crop
    typed: tuple[int | None] | None  # a digit or MARK

    @property
    def digit(self) -> int | None:
        """The digit that was typed, if one was."""
        return None if self.typed is None else self.typed[0]


def align(seen: Sequence[Seen], typed: Typed) -> Aligned | None:
    """Say what crops, in reading order, are by the number that was typed; None where too little agrees to tell.

    As many digits as were read, or else doubted, may all be others than those.
    """
    typed = [each for place, each in enumerate(typed) if each is not MARK or typed[place - 1 : place] != [MARK]]
    read = [place for place, one in enumerate(seen) if one.is_read]
    digits = [each for each in typed if each is not MARK]
    if max(len(read), len(digits)) <= _MOST:
        runs = list(_runs(seen, _steps(seen, typed)))
        agreed = sum(_agrees(seen, step) for run in runs for step in run)
        if agreed and agreed >= _AGREED * max(len(read), len(digits)):
            return _told(seen, runs)
    places = read or range(len(seen))
    return Aligned(dict(zip(places, digits, strict=True))) if len(places) == len(digits) else None


def _told(seen: Sequence[Seen], runs: Sequence[Sequence[_Step]]) -> Aligned:
    """Take the labels from an alignment, run by run."""
    labels: dict[int, int | None] = {}
    missed = 0
    for run in runs:
        said = {step.place: step.digit for step in run if step.place is not None}
        read = [place for place in said if seen[place].is_read]
        labels |= {place: digit for place, digit in said.items() if place not in read and digit is not None}
        alone = sum(step.place is None for step in run)
        given = alone + sum(said[place] is not None for place in read)
        missed += alone
        if not given or len(read) == given:
            labels |= {place: said[place] for place in read}
        elif len(read) + given == 3:  # two crops hold halves of one digit, or one holds two digits: none is a digit
            labels |= dict.fromkeys(read)
            missed += given - alone
    return Aligned(labels, missed)


def _runs(seen: Sequence[Seen], steps: Sequence[_Step]) -> Iterator[list[_Step]]:
    """Part steps where what was read agrees with what was typed, and where a mark was; marks alone are left out."""
    run: list[_Step] = []
    for step in steps:
        is_told = step.place is not None and seen[step.place].is_read and step.typed is not None
        if is_told and (step.digit is MARK or _agrees(seen, step)):
            yield run
            yield [step]
            run = []
        elif step.place is not None or step.digit is not MARK:
            run.append(step)
    yield run


def _agrees(seen: Sequence[Seen], step: _Step) -> bool:
    return step.place is not None and step.digit == seen[step.place].digit


def _steps(seen: Sequence[Seen], typed: Typed) -> list[_Step]:
    """Align crops with what was typed: Wagner and Fischer's table of edits, each with what speaks against it."""
    table: dict[tuple[int, int], tuple[int, float]] = {(0, 0): (0, 0.0)}
    last: dict[tuple[int, int], _Step] = {}
    for i in range(len(seen) + 1):
        for j in range(len(typed) + 1):
            ways = []
            if i and j:
                ways.append((table[i - 1, j - 1], _Step(i - 1, (typed[j - 1],))))
            if i:
                ways.append((table[i - 1, j], _Step(i - 1, None)))
            if j:
                ways.append((table[i, j - 1], _Step(None, (typed[j - 1],))))
            for (edits, against), step in ways:
                more, doubt = _price(seen, step)
                total = edits + more, against + doubt
                if (i, j) not in table or total < table[i, j]:
                    table[i, j], last[i, j] = total, step
    steps: list[_Step] = []
    i, j = len(seen), len(typed)
    while i or j:
        steps.append(step := last[i, j])
        i, j = i - (step.place is not None), j - (step.typed is not None)
    return steps[::-1]


def _price(seen: Sequence[Seen], step: _Step) -> tuple[int, float]:
    """How many edits a step is, and what speaks against it beside."""
    if step.place is None:
        return (0, 0.0) if step.digit is MARK else (1, _MISSED)
    crop = seen[step.place]
    if not crop.is_read:
        if step.typed is None:
            return 0, 0.0
        return (1, _ALIKE if _agrees(seen, step) else _UNLIKE) if step.digit is not MARK else (1, _MISSED)
    if _agrees(seen, step):
        return 0, 0.0
    return 1, crop.confidence + (_MARKED if step.typed == (MARK,) else 0.0)
