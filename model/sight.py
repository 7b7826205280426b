"""What is written in a picture, by everything that reading has: two finders, the classifier, the judge.

The classical finder cuts digits out exactly where the paper is plain; the learned one says where digits are on any
paper. Where the judge and the learned finder bear the classical one out, its digits are taken; else whatever all of
them together have enough evidence for.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.boxes import are_in_line, are_side_by_side, covered, in_lines, pairs
from model.candidates import ENOUGH, WORTH_A_LOOK, Candidate, Examiner, Floats, score
from model.classify import Classifier
from model.detect import Finder, Sighting
from model.find import find_digits
from model.judge import Judge
from model.reading import Bitmap, Box, Grey

_SAME: Final = 0.35  # intersection over union of what both finders mean by one digit

# When the classical finder's digits are taken as they are (docs/reading.md: what moving these does).
_SURE_OF_FEW: Final = 0.4  # the geometric mean of one or two digits' probabilities
_SURE_OF_MANY: Final = 0.8  # of three or more: pictures of other things read as a heap of doubtful ones
_SURE_THOUGH_UNSEEN: Final = 0.9  # of any that the learned finder hardly sees: specks look like 1s
_UNSEEN: Final = 0.2  # the mean of their scores, then
_BORNE_OUT: Final = 0.3  # the mean of what the judge and the learned finder say of them
_NO_DIGIT: Final = 0.05  # what the judge must say of each; less has a crop of two digits, or of half of one

# Otherwise: what speaks for a digit.
_ENOUGH_MEAN: Final = 0.5  # the geometric mean of all digits, for a picture of digits
_FAINT: Final = 0.4  # of the surest one's contrast
_OVER: Final = 0.55  # of the smaller of two boxes: as much in common only one of them is a digit

# A weaker candidate in line with sure ones.
_SURE_OF_ONE: Final = 0.6  # the evidence of a sure one
_LINE: Final = 2  # so many of them make a line
_ENOUGH_IN_LINE: Final = 0.2  # evidence
_AS_TALL: Final = (0.65, 1.5)  # of their usual height
_FREE: Final = 0.3  # what it shares with any other digit, at most
_GAP: Final = 1.2  # of their usual height, to the nearest

# Of a picture that is refused: what somebody who says that there is a number may have meant.
_LEAST: Final = 0.05  # the evidence of a crop that is worth keeping
_AS_GOOD: Final = 0.5  # of the strongest evidence
_MOST_DOUBTFUL: Final = 12

_BADLY_CUT: Final = 0.5  # what the judge says of a crop that is looked at again in the learned finder's box
_LETTER: Final = 0.2  # and of what is a letter rather than a digit
_SURE_ALONE: Final = 0.9  # the score with which the learned finder is believed against the classical one
_SEES: Final = 0.8  # the score that says that it sees digits in this picture; then it must see each of them
_SEEN: Final = 0.3  # the score below which it does not see a digit
_SURE_PART: Final = 0.6  # the score of each of several digits that touch, for the learned finder to be believed


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One digit that is seen in a picture."""

    box: Box
    bitmap: Bitmap
    probabilities: Floats  # (10,), sum 1
    evidence: float  # 0..1, how surely it is a digit at all

    @property
    def confidence(self) -> float:
        """How surely it is a digit, and the one it looks most like."""
        return math.sqrt(self.evidence) * float(self.probabilities.max())


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """What is written in a picture."""

    lines: tuple[tuple[Seen, ...], ...]  # a tuple a line of writing, top line first, left to right; empty for no digits
    things: int  # how many pieces of writing were found, digits or not
    doubtful: tuple[Seen, ...] = ()  # without digits: what comes nearest to being some, in reading order


class Sight:
    """Looks at pictures. Any number of threads may use one at once."""

    def __init__(self, classifier: Classifier, finder: Finder, judge: Judge) -> None:
        """Take the networks."""
        self._classifier, self._finder, self._judge = classifier, finder, judge
        self._examiner = Examiner(classifier, judge)

    def warm_up(self) -> None:
        """Run every network once: the first run of a LiteRT model is the slow one."""
        blank = np.zeros((1, 28, 28), np.float32)
        self._classifier.probabilities(blank)
        self._judge.sureness(blank)
        self._finder.find(np.full((64, 64), 255, np.uint8))

    def look(self, grey: Grey) -> Writing:
        """See the digits in a picture, (H, W) uint8. A picture of other things gives no lines."""
        things = [found for line in find_digits(grey) for found in line]
        sightings = self._finder.find(grey)
        sure = [sighting.box for sighting in sightings if score(sighting) >= _SURE_PART]
        found = [thing for thing in things if not are_side_by_side(sure, thing.box)]
        same = pairs(found, sightings, _SAME)
        alone = [sighting for j, sighting in enumerate(sightings) if j not in same.values()]
        candidates = [
            self._examiner.examine(grey, one, sightings[same[i]] if i in same else None) for i, one in enumerate(found)
        ]
        if len(found) == len(things) and _is_borne_out(candidates) and not _is_missed(candidates, alone):
            seen = [Seen(c.box, c.bitmap, c.probabilities, 1.0) for c in candidates]
            return Writing(in_lines(seen), len(things))
        # What the judge takes for no digit may have been cut out badly: the learned finder may have it right.
        again = [sightings[same[i]] for i, one in enumerate(candidates) if i in same and one.judged < _BADLY_CUT]
        worth = [other for other in alone if score(other) >= WORTH_A_LOOK]
        candidates += [self._examiner.examine(grey, None, other) for other in (*again, *worth)]
        chosen = _chosen(_of_one_pen(candidates))
        doubtful = () if chosen else tuple(seen for line in in_lines(_doubtful(candidates)) for seen in line)
        return Writing(in_lines(chosen), len(things), doubtful)


def _is_borne_out(candidates: Sequence[Candidate]) -> bool:
    """Whether the classical finder's digits can be taken as they are.

    Every digit of a number is read about as surely, so it is all of them or none: leaving out single digits would
    turn a number into another number.
    """
    if not candidates:
        return False
    sure = _geometric_mean([candidate.classical for candidate in candidates])
    borne_out = float(np.mean([(candidate.judged + candidate.score) / 2 for candidate in candidates]))
    least = min(candidate.judged for candidate in candidates)
    enough = _SURE_OF_FEW if len(candidates) < 3 else _SURE_OF_MANY
    if np.mean([candidate.score for candidate in candidates]) < _UNSEEN:
        enough = _SURE_THOUGH_UNSEEN
    return sure >= enough and borne_out >= _BORNE_OUT and least >= _NO_DIGIT


def _is_missed(candidates: Sequence[Candidate], alone: Sequence[Sighting]) -> bool:
    """Whether the learned finder is sure of digits that are none of the candidates, or does not see one of them."""
    elsewhere = [
        sighting
        for sighting in alone
        if score(sighting) >= _SURE_ALONE
        and all(covered(sighting.box, candidate.box) < _OVER for candidate in candidates)
    ]
    surest = max((*(candidate.score for candidate in candidates), *(score(sighting) for sighting in alone)))
    least = min(candidate.score for candidate in candidates)
    return bool(elsewhere) or (surest >= _SEES and least < _SEEN)


def _of_one_pen(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those about as black as the surest: what is much fainter is the paper's pattern, or shines through."""
    surest = max(candidates, key=lambda candidate: candidate.evidence, default=None)
    return [one for one in candidates if surest and one.contrast >= _FAINT * surest.contrast]


def _chosen(candidates: Sequence[Candidate]) -> list[Seen]:
    """Those with enough evidence that no surer one lies over; none when they are doubtful together."""
    kept = _uncovered([candidate for candidate in candidates if candidate.evidence >= ENOUGH])
    kept = _without_words([*kept, *_in_line(kept, candidates)], candidates)
    return kept if kept and _geometric_mean([seen.evidence for seen in kept]) >= _ENOUGH_MEAN else []


def _in_line(kept: Sequence[Seen], candidates: Sequence[Candidate]) -> list[Seen]:
    """The weaker ones that stand free beside sure digits, as tall as they are: numbers seldom have gaps.

    Those of the classical finder: what only the learned one sees, faintly, is as often none.
    """
    sure = [seen.box for seen in kept if seen.evidence >= _SURE_OF_ONE]
    if len(sure) < _LINE:
        return []
    usual = float(np.median([box.bottom - box.top for box in sure]))
    weaker = [
        candidate
        for candidate in candidates
        if _ENOUGH_IN_LINE <= candidate.evidence < ENOUGH
        and _AS_TALL[0] * usual <= candidate.box.bottom - candidate.box.top <= _AS_TALL[1] * usual
        and all(covered(candidate.box, seen.box) < _FREE for seen in kept)
        and any(are_in_line(candidate.box, box, _GAP * usual) for box in sure)
    ]
    return _uncovered(weaker)


def _without_words(kept: Sequence[Seen], candidates: Sequence[Candidate]) -> list[Seen]:
    """Leave out the digits of lines that are mostly something else: strokes of letters look like 1s and 7s."""
    usual = float(np.median([seen.box.bottom - seen.box.top for seen in kept])) if kept else 0.0
    letters = [
        Seen(candidate.box, candidate.bitmap, candidate.probabilities, 0.0)
        for candidate in candidates
        if candidate.judged < _LETTER
        and candidate.evidence < ENOUGH
        and candidate.box.bottom - candidate.box.top >= _AS_TALL[0] * usual  # smaller are specks
        and all(covered(candidate.box, seen.box) < _OVER for seen in kept)
    ]
    lines = in_lines([*kept, *letters])
    return [
        seen
        for line in lines
        for seen in line
        if seen.evidence and 2 * sum(one.evidence > 0 for one in line) >= len(line)
    ]


def _doubtful(candidates: Sequence[Candidate]) -> list[Seen]:
    """Those that come nearest to being digits; none when too many do, for then it is no number that was missed."""
    most = max((candidate.evidence for candidate in candidates), default=0.0)
    kept = _uncovered([candidate for candidate in candidates if candidate.evidence >= max(_LEAST, _AS_GOOD * most)])
    return kept if len(kept) <= _MOST_DOUBTFUL else []


def _uncovered(candidates: Sequence[Candidate]) -> list[Seen]:
    """Those that no surer one lies over, the surest first."""
    kept: list[Seen] = []
    for candidate in sorted(candidates, key=lambda candidate: -candidate.evidence):
        if all(covered(candidate.box, other.box) < _OVER for other in kept):
            kept.append(Seen(candidate.box, candidate.bitmap, candidate.probabilities, candidate.evidence))
    return kept


def _geometric_mean(values: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(np.maximum(values, 1e-6)))))
