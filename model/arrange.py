"""What may be digits in a picture, to lines of digits with the signs between them. After `scorer` and `written`."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from model.beside import beside
from model.boxes import OVER, covered_by_each, in_lines
from model.choose import chosen, doubtful, left_out, unread
from model.describe import AnySigns
from model.hypothesis import Hypothesis
from model.reading import Grey
from model.reread import Rereader
from model.scorer import Scorer
from model.written import Lines, Sign, as_written, rows, sign_in, sign_of, with_raised

_FREE: Final = 0.3  # of its box or of theirs: what shares more with digits and signs is none besides


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """What is written in a picture."""

    lines: Lines  # a tuple a line of writing, top line first, left to right; empty for no digits
    things: int  # how many pieces of writing were found, digits or not
    doubtful: tuple[Hypothesis, ...] = ()  # what comes nearest to being digits and is not read, in reading order
    doubtful_after: tuple[int, ...] = ()  # how many digits stand before each of these; empty without digits
    signs: tuple[Sign, ...] = ()  # in any order
    left: float = 0.0  # how likely the likeliest thing that is not read is a digit, or other writing, 0..1
    other: float = 0.0  # how surely other writing stands between or beside the digits

    @property
    def as_written(self) -> tuple[str, ...]:
        """Each line with its signs, `^` before what is raised, a space where groups stand apart."""
        return as_written(self.lines, self.signs)


class Arranger:
    """Puts what was found into lines. Any number of threads may use one at once."""

    def __init__(self, signs: AnySigns, rereader: Rereader, scorer: Scorer) -> None:
        """Take who says what small pieces are, who reads whole lines, and who says how likely things are digits."""
        self._signs, self._rereader, self._scorer = signs, rereader, scorer

    def arrange(self, grey: Grey, hypotheses: Sequence[Hypothesis], things: int) -> Writing:
        """Decide what is read in a picture, (H, W) uint8, with its number of pieces of writing."""
        digits = self._scorer.scored([one for one in hypotheses if sign_of(one, hypotheses) is None])
        seen = chosen(digits)
        if not seen:
            nearest = tuple(one for line in in_lines(doubtful(digits)) for one in line)
            return Writing((), things, doubtful=nearest)
        lines = with_raised(in_lines(seen))
        signs = [one for each in hypotheses if (one := sign_of(each, hypotheses)) is not None]
        signs += [one for line in lines for one in self._beside(grey, line)]
        known = [*(one.box for one in seen), *(one.box for one in signs)]
        shared = covered_by_each([one.box for one in digits], known)
        free = [one for one, by in zip(digits, shared, strict=True) if one not in seen and (by < _FREE).all()]
        reread = []
        heeded: list[list[Hypothesis]] = []
        for row in rows(lines, signs):
            also = left_out([one for one in row if isinstance(one, Hypothesis)], free)
            free = [one for one in free if one not in also]
            reread.append(self._rereader.reread(grey, row, also))
            heeded.append([one for one in (*row, *also) if isinstance(one, Hypothesis)])
        read = [tuple(one for one in heard.row if isinstance(one, Hypothesis)) for heard in reread]
        over = covered_by_each([one.box for one in digits], [digit.box for line in read for digit in line])
        left = [one.likely for one, by in zip(digits, over, strict=True) if (by < OVER).all()]
        nearest, after = unread(heeded, read)
        return Writing(
            tuple(line for line in read if line),
            things,
            doubtful=nearest,
            doubtful_after=after if any(read) else (),
            signs=tuple(one for heard in reread for one in heard.row if isinstance(one, Sign)),
            left=max([*left, *(heard.other for heard in reread)], default=0.0),
            other=max((heard.other for heard in reread), default=0.0),
        )

    def _beside(self, grey: Grey, line: Sequence[Hypothesis]) -> list[Sign]:
        """The signs among the small pieces beside a line's digits."""
        boxes = [one.box for one in line]
        usual = median(box.bottom - box.top for box in boxes)
        pieces = beside(grey, boxes)
        meanings = self._signs.meanings(grey, pieces, usual)
        seen = (sign_in(row, box, usual) for row, box in zip(meanings, pieces, strict=True))
        return [one for one in seen if one is not None]
