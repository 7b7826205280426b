"""What is written in a picture, by everything that reading has: two finders, the classifier, the judge.

The classical finder cuts digits out exactly where the paper is plain; the learned one says where digits are on any
paper. What either sees is a candidate, and `scorer` says how likely it is a digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from model.beside import beside
from model.boxes import OVER, are_side_by_side, covered, covered_by_each, in_lines, lies_in, pairs, widened
from model.candidates import WORTH_A_LOOK, AnyClassifier, AnyJudge, AnySigns, Candidate, Examiner, score
from model.detect import Sighting
from model.find import Found, find_digits
from model.reading import Box, Grey
from model.reread import AnyLineReader, Rereader
from model.scorer import LIKELY, alone, chosen, doubtful, left_out, scored
from model.written import Sign, as_written, rows, sign_in, sign_of, with_raised

_PRINT: Final = 200  # pieces of writing; where there are more, only what the learned finder sees is looked at
_SAME: Final = 0.35  # intersection over union of what both finders mean by one digit
_TALL: Final = 0.6  # of the height of what the learned finder sees, for the one thing in it

_BADLY_CUT: Final = 0.5  # what the judge says of a crop that is looked at again in the learned finder's box
_GLIMPSE: Final = (512,)  # the long side of the picture that is glimpsed at
_GLIMPSED: Final = 0.5  # the score of what counts then: strewn over a texture is much that has less
_SEEN: Final = 0.3  # the score below which it does not see a digit
_SURE_PART: Final = 0.6  # the score with which it is believed that digits touch

_FREE: Final = 0.3  # of its box or of theirs: what shares more with digits and signs is none besides

# A closer look at what the learned finder alone sees: beside an edge or a shadow, digits are cut out badly in the whole
# picture, well in a window of their own. Not where others are near: the window would cut through them.
_WINDOW: Final = 0.35  # around the box, of its longer side
_LONELY: Final = 1  # so far around it nothing else is seen
_SAME_CLOSE: Final = 0.5  # intersection over union with what is found in the window


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """What is written in a picture."""

    lines: tuple[
        tuple[Candidate, ...], ...
    ]  # a tuple a line of writing, top line first, left to right; empty for no digits
    things: int  # how many pieces of writing were found, digits or not
    doubtful: tuple[Candidate, ...] = ()  # without digits: what comes nearest to being some, in reading order
    signs: tuple[Sign, ...] = ()  # in any order
    left: float = 0.0  # how likely the likeliest thing that is not read is a digit, or other writing, 0..1
    other: float = 0.0  # how surely other writing stands between or beside the digits

    @property
    def as_written(self) -> tuple[str, ...]:
        """Each line with its signs, `^` before what is raised, a space where groups stand apart."""
        return as_written(self.lines, self.signs)


class AnyFinder(Protocol):
    """What is needed of `model.detect.Finder`."""

    def find(self, grey: Grey, sides: Sequence[int] = ...) -> tuple[Sighting, ...]:
        """Find what looks like digits in a picture, (H, W) uint8, surest first, at the given long sides."""


class Sight:
    """Looks at pictures. Any number of threads may use one at once."""

    def __init__(
        self, classifier: AnyClassifier, finder: AnyFinder, judge: AnyJudge, signs: AnySigns, line: AnyLineReader
    ) -> None:
        """Take the networks."""
        self._classifier, self._finder, self._judge, self._signs = classifier, finder, judge, signs
        self._examiner = Examiner(classifier, judge, signs)
        self._rereader = Rereader(line, self._examiner)

    def warm_up(self) -> None:
        """Run every network once: the first run of a LiteRT model is the slow one."""
        blank = np.zeros((1, 28, 28), np.float32)
        self._classifier.probabilities(blank)
        self._judge.digit_probability(blank)
        self._finder.find(np.full((64, 64), 255, np.uint8))
        self._signs.meanings(np.full((64, 64), 255, np.uint8), [Box(16, 16, 48, 48)])
        self._rereader.warm_up()

    def look(self, grey: Grey) -> Writing:
        """See the digits in a picture, (H, W) uint8. A picture of other things gives no lines."""
        candidates, things = self.candidates(grey)
        digits = scored([one for one in candidates if sign_of(one, candidates) is None])
        if seen := chosen(digits):
            return self._writing(grey, seen, digits, candidates, things)
        nearest = tuple(one for line in in_lines(doubtful(digits)) for one in line)
        return Writing((), things, doubtful=nearest)

    def candidates(self, grey: Grey) -> tuple[list[Candidate], int]:
        """Give all that may be a digit in a picture, (H, W) uint8, and the number of pieces of writing in it.

        Signs are among them; none is scored yet.
        """
        things = [found for line in find_digits(grey) for found in line]
        sightings = self._finder.find(grey)
        sure = [sighting.box for sighting in sightings if score(sighting) >= _SURE_PART]
        few = things if len(things) <= _PRINT else []
        found = [thing for thing in few if not are_side_by_side(sure, thing.box)]
        same = _same(found, sightings)
        candidates = [
            self._examiner.examine(grey, one, sightings[same[i]] if i in same else None) for i, one in enumerate(found)
        ]
        # What the judge takes for no digit may have been cut out badly: the learned finder may have it right.
        again = [sightings[same[i]] for i, one in enumerate(candidates) if i in same and one.judged < _BADLY_CUT]
        only = [other for j, other in enumerate(sightings) if j not in same.values() and score(other) >= WORTH_A_LOOK]
        candidates += [self._examiner.examine(grey, _closer(grey, one, sightings), one) for one in (*again, *only)]
        return self._compared(grey, candidates), len(things)

    def glimpse(self, grey: Grey) -> float:
        """Say about how many digits there are in a picture, at a fraction of what looking costs."""
        return sum(score(sighting) for sighting in self._finder.find(grey, _GLIMPSE) if score(sighting) >= _GLIMPSED)

    def _compared(self, grey: Grey, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Look once more at what is smaller than the digits in its row, with as much around it as around them."""
        if not candidates:
            return []
        digits = [one.box for one, sure in zip(candidates, alone(candidates), strict=True) if sure >= LIKELY]
        compared = []
        for one in candidates:
            middle = (one.box.top + one.box.bottom) / 2
            heights = [box.bottom - box.top for box in digits if box is not one.box and box.top <= middle <= box.bottom]
            usual = float(np.median(heights)) if heights else 0.0
            if max(one.box.right - one.box.left, one.box.bottom - one.box.top) < usual:
                compared.append(replace(one, meaning=self._signs.meanings(grey, [one.box], usual)[0]))
            else:
                compared.append(one)
        return compared

    def _writing(
        self,
        grey: Grey,
        seen: Sequence[Candidate],
        others: Sequence[Candidate],
        candidates: Sequence[Candidate],
        things: int,
    ) -> Writing:
        """Put digits into lines, with the signs among the candidates, those beside the digits and what is left out."""
        lines = with_raised(in_lines(seen))
        signs = [one for candidate in candidates if (one := sign_of(candidate, candidates)) is not None]
        for line in lines:
            boxes = [one.box for one in line]
            usual = float(np.median([box.bottom - box.top for box in boxes]))
            pieces = beside(grey, boxes)
            meanings = self._signs.meanings(grey, pieces, usual)
            seen_beside = (sign_in(row, box, usual) for row, box in zip(meanings, pieces, strict=True))
            signs += [one for one in seen_beside if one is not None]
        known = [*(one.box for one in seen), *(one.box for one in signs)]
        known_by = covered_by_each([one.box for one in others], known)
        free = [one for one, by in zip(others, known_by, strict=True) if one not in seen and (by < _FREE).all()]
        reread = []
        for row in rows(lines, signs):
            also = left_out([one for one in row if isinstance(one, Candidate)], free)
            free = [one for one in free if one not in also]
            reread.append(self._rereader.reread(grey, row, also))
        read = [tuple(one for one in heard.row if isinstance(one, Candidate)) for heard in reread]
        digits = [digit.box for line in read for digit in line]
        read_over = covered_by_each([one.box for one in others], digits)
        left = [one.likely for one, by in zip(others, read_over, strict=True) if (by < OVER).all()]
        return Writing(
            tuple(line for line in read if line),
            things,
            signs=tuple(one for heard in reread for one in heard.row if isinstance(one, Sign)),
            left=max([*left, *(heard.other for heard in reread)], default=0.0),
            other=max((heard.other for heard in reread), default=0.0),
        )


def _same(found: Sequence[Found], sightings: Sequence[Sighting]) -> dict[int, int]:
    """Which of the sightings means the same as each of what the classical finder found."""
    same = pairs(found, sightings, _SAME)
    over = covered_by_each([one.box for one in sightings], [one.box for one in found]) >= OVER
    # A 1 is much narrower than the learned finder's box around it.
    for j, sighting in enumerate(sightings):
        inside = np.flatnonzero(over[j]).tolist()
        if j in same.values() or len(inside) != 1 or inside[0] in same:
            continue
        box = found[inside[0]].box
        tall = _TALL * (sighting.box.bottom - sighting.box.top)
        if lies_in(box, sighting.box) and box.bottom - box.top >= tall:
            same[inside[0]] = j
    return same


def _closer(grey: Grey, sighting: Sighting, sightings: Sequence[Sighting]) -> Found | None:
    """What the classical finder finds in a window around what the learned one sees, where it stands alone."""
    wide = widened(sighting.box, _LONELY)
    for other in sightings:
        is_near = other is not sighting and covered(other.box, wide) > 0
        if is_near and score(other) >= _SEEN and covered(other.box, sighting.box) < OVER:
            return None
    left, top, right, bottom = widened(sighting.box, _WINDOW)
    left, top = max(0, left), max(0, top)
    window = np.ascontiguousarray(grey[top:bottom, left:right])
    found = [
        Found(Box(one.box.left + left, one.box.top + top, one.box.right + left, one.box.bottom + top), one.ink)
        for line in find_digits(window)
        for one in line
    ]
    same = pairs([sighting], found, _SAME_CLOSE)
    is_broken = sum(lies_in(one.box, sighting.box) for one in found) > 1
    return found[same[0]] if same and not is_broken else None
