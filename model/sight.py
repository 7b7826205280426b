"""What is written in a picture, by everything that reading has: two finders, the classifier, the judge.

The classical finder cuts digits out exactly where the paper is plain; the learned one says where digits are on any
paper. Where the judge and the learned finder bear the classical one out, its digits are taken; else whatever all of
them together have enough evidence for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from model.beside import beside, parted
from model.boxes import OVER, are_side_by_side, covered, in_lines, lies_in, pairs, widened
from model.candidates import ENOUGH, WORTH_A_LOOK, AnyClassifier, AnyJudge, AnySigns, Candidate, Examiner, score
from model.choice import chosen, doubtful, geometric_mean, left_out, of_one_pen
from model.detect import Sighting
from model.find import Found, find_digits
from model.reading import Box, Grey
from model.reread import AnyLineReader, Rereader
from model.written import Sign, as_written, rows, sign_in, sign_of, with_raised

_PRINT: Final = 200  # pieces of writing; where there are more, only what the learned finder sees is looked at
_SAME: Final = 0.35  # intersection over union of what both finders mean by one digit

# When the classical finder's digits are taken as they are (docs/reading-log.md: what moving these does).
_SURE_OF_FEW: Final = 0.4  # the geometric mean of one or two digits' probabilities
_SURE_OF_MANY: Final = 0.8  # of three or more: pictures of other things read as a heap of doubtful ones
_SURE_THOUGH_UNSEEN: Final = 0.9  # of any that the learned finder hardly sees: specks look like 1s
_UNSEEN: Final = 0.2  # the mean of their scores, then
_BORNE_OUT: Final = 0.3  # the mean of what the judge and the learned finder say of them
_NO_DIGIT: Final = 0.05  # what the judge must say of each; less has a crop of two digits, or of half of one

_BADLY_CUT: Final = 0.5  # what the judge says of a crop that is looked at again in the learned finder's box
_SURE_ALONE: Final = 0.9  # the score with which the learned finder is believed against the classical one
_DIRT: Final = 0.1  # of the digits' height: what is smaller is dirt, however much like a 1
_SEES: Final = 0.8  # the score that says that it sees digits in this picture; then it must see each of them
_GLIMPSE: Final = (512,)  # the long side of the picture that is glimpsed at
_GLIMPSED: Final = 0.5  # the score of what counts then: strewn over a texture is much that has less
_SEEN: Final = 0.3  # the score below which it does not see a digit
_SURE_PART: Final = 0.6  # the score with which it is believed that digits touch

# A sign so near to a digit that the classical finder joins them. Strokes and brackets may be pieces of one.
_JOINED: Final = frozenset(".,+×÷=:")
_SURE_SIGN: Final = 0.8

_FREE: Final = 0.3  # of its box or of theirs: what shares more with digits and signs is none besides
_IN_PLACE: Final = 0.5  # how surely a digit is one by what stands around it, that others are compared with

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
    left: float = 0.0  # the evidence of the strongest thing that is not read, other writing too
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
        things = [self._without_signs(grey, found) for line in find_digits(grey) for found in line]
        sightings = self._finder.find(grey)
        sure = [sighting.box for sighting in sightings if score(sighting) >= _SURE_PART]
        few = things if len(things) <= _PRINT else []
        found = [thing for thing in few if not are_side_by_side(sure, thing.box)]
        same = pairs(found, sightings, _SAME)
        alone = [sighting for j, sighting in enumerate(sightings) if j not in same.values()]
        candidates = [
            self._examiner.examine(grey, one, sightings[same[i]] if i in same else None) for i, one in enumerate(found)
        ]
        candidates = self._compared(grey, candidates)
        digits = [one for one in candidates if sign_of(one, candidates) is None]
        if len(found) == len(things) and _is_borne_out(digits) and not _is_missed(digits, alone):
            plain = [replace(one, is_plain=True) for one in digits]
            return self._writing(grey, plain, candidates, len(things))
        # What the judge takes for no digit may have been cut out badly: the learned finder may have it right.
        again = [sightings[same[i]] for i, one in enumerate(candidates) if i in same and one.judged < _BADLY_CUT]
        worth = [other for other in alone if score(other) >= WORTH_A_LOOK]
        candidates += [self._examiner.examine(grey, _closer(grey, one, sightings), one) for one in (*again, *worth)]
        candidates = self._compared(grey, candidates)
        digits = [one for one in candidates if sign_of(one, candidates) is None]
        seen = chosen(of_one_pen(digits))
        if seen:
            return self._writing(grey, seen, candidates, len(things))
        nearest = tuple(one for line in in_lines(doubtful(digits)) for one in line)
        return Writing((), len(things), doubtful=nearest)

    def glimpse(self, grey: Grey) -> float:
        """Say about how many digits there are in a picture, at a fraction of what looking costs."""
        return sum(score(sighting) for sighting in self._finder.find(grey, _GLIMPSE) if score(sighting) >= _GLIMPSED)

    def _without_signs(self, grey: Grey, found: Found) -> Found:
        """What was found without the sign beside it that was taken for a piece of it."""
        for box, rest in parted(found):
            sign = sign_in(self._signs.meanings(grey, [box], rest.box.bottom - rest.box.top)[0], box)
            if sign is not None and sign.sign in _JOINED and sign.sure >= _SURE_SIGN:
                return rest
        return found

    def _compared(self, grey: Grey, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Look once more at what is smaller than the digits in its row, with as much around it as around them."""
        digits = [one.box for one in candidates if one.evidence >= ENOUGH and one.placed >= _IN_PLACE]
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

    def _writing(self, grey: Grey, seen: Sequence[Candidate], candidates: Sequence[Candidate], things: int) -> Writing:
        """Put digits into lines, with the signs among the candidates and beside the digits."""
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
        free = [
            one
            for one in candidates
            if all(max(covered(one.box, box), covered(box, one.box)) < _FREE for box in known)
            and sign_of(one, candidates) is None
        ]
        reread = []
        for row in rows(lines, signs):
            also = left_out([one for one in row if isinstance(one, Candidate)], free)
            free = [one for one in free if one not in also]
            reread.append(self._rereader.reread(grey, row, also))
        read = [tuple(one for one in heard.row if isinstance(one, Candidate)) for heard in reread]
        digits = [digit.box for line in read for digit in line]
        left = [one.evidence for one in candidates if all(covered(one.box, box) < OVER for box in digits)]
        return Writing(
            tuple(line for line in read if line),
            things,
            signs=tuple(one for heard in reread for one in heard.row if isinstance(one, Sign)),
            left=max([*left, *(heard.other for heard in reread)], default=0.0),
            other=max((heard.other for heard in reread), default=0.0),
        )


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


def _is_borne_out(candidates: Sequence[Candidate]) -> bool:
    """Whether the classical finder's digits can be taken as they are.

    Every digit of a number is read about as surely, so it is all of them or none: leaving out single digits would
    turn a number into another number.
    """
    if not candidates:
        return False
    sure = geometric_mean([candidate.classical for candidate in candidates])
    borne_out = float(np.mean([(candidate.judged + candidate.score) / 2 for candidate in candidates]))
    least = min(candidate.judged for candidate in candidates)
    enough = _SURE_OF_FEW if len(candidates) < 3 else _SURE_OF_MANY
    if np.mean([candidate.score for candidate in candidates]) < _UNSEEN:
        enough = _SURE_THOUGH_UNSEEN
    return sure >= enough and borne_out >= _BORNE_OUT and least >= _NO_DIGIT


def _is_missed(candidates: Sequence[Candidate], alone: Sequence[Sighting]) -> bool:
    """Whether the learned finder is sure of digits that are none of the candidates, or does not see one of them."""
    usual = float(np.median([candidate.box.bottom - candidate.box.top for candidate in candidates]))
    elsewhere = [
        sighting
        for sighting in alone
        if score(sighting) >= _SURE_ALONE
        and sighting.box.bottom - sighting.box.top >= _DIRT * usual
        and all(covered(sighting.box, candidate.box) < OVER for candidate in candidates)
    ]
    surest = max((*(candidate.score for candidate in candidates), *(score(sighting) for sighting in alone)))
    least = min(candidate.score for candidate in candidates)
    return bool(elsewhere) or (surest >= _SEES and least < _SEEN)
