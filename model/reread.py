"""A row of digits and signs, compared with what the line reader reads in the whole of it. After `written`.

Cut into characters, writing is misread where digits touch, where one lacks, where a stroke is a sign or a digit by what
stands beside it. Read as a whole, it is misread where it is like no line that was learned from. Where the two differ,
`edits` decides. What was doubted alone is a digit where it is read as one in its line.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple, Protocol

import cv2
import numpy as np

from model.ctc import Columns, likelihood
from model.describe import Describer
from model.edits import Edit, along, edits, label_of
from model.find import Found
from model.hypothesis import Hypothesis
from model.ink import ink_depth
from model.line import FIRST_SIGN, OTHER, Transcript
from model.ranks import percentiles
from model.reading import SIGNS, Box, Grey
from model.strip import HEIGHT, WIDTHS, Strip, runs, strip
from model.written import Row, Sign

_INK: Final = 0.4  # of the ink of a strip: less is blur
_WIDEST: Final = 12  # pixels of a strip, to each side of the middle of a character
_BEFORE_TIMES: Final = frozenset(["", *")%"])  # the signs beside a times sign; "" is a digit, or an end of the line
_AFTER_TIMES: Final = frozenset(["", *"(-.,"])
_AROUND: Final = 0.5  # of a box's longer side: what is looked at around it to tell its ink from the paper


class AnyLineReader(Protocol):
    """What is needed of `model.line.LineReader`."""

    def columns(self, strip: Strip) -> Columns:
        """Say what stands at each place along a strip."""


class Heard(NamedTuple):
    """A row as it is after it was read as a whole."""

    row: Row
    other: float  # how surely other writing stands between or beside what it holds, 0..1


class Rereader:
    """Compares rows with what the line reader reads. Any number of threads may use one at once."""

    def __init__(self, reader: AnyLineReader, describer: Describer) -> None:
        """Take the network, and who examines the digits that only it sees."""
        self._reader, self._describer = reader, describer

    def warm_up(self) -> None:
        """Run the network once on a strip of each width: the first run is the slow one."""
        for width in WIDTHS[:3]:
            self._reader.columns(Strip(np.zeros((HEIGHT, width), np.float32), width, np.eye(2, 3)))

    def reread(self, grey: Grey, row: Row, doubtful: Sequence[Hypothesis] = ()) -> Heard:
        """Give the row as it stands after each difference is decided; a row may end without digits.

        What is `doubtful` in its line belongs to it where the line reader reads it there.
        """
        everything = sorted([*row, *doubtful], key=lambda one: one.box.left + one.box.right)
        heard = [self._run(grey, run, doubtful) for run in runs(everything)]
        return Heard(tuple(one for run, _ in heard for one in run), max((other for _, other in heard), default=0.0))

    def _run(
        self, grey: Grey, everything: Sequence[Hypothesis | Sign], doubtful: Sequence[Hypothesis]
    ) -> tuple[list[Hypothesis | Sign], float]:
        run = [one for one in everything if one not in doubtful]
        digits = [one for one in everything if isinstance(one, Hypothesis)]
        line = strip(grey, digits) if digits else None
        if line is None:
            return run, 0.0
        heard = Transcript.of(line, self._reader.columns(line))
        doubted = [one for one in digits if one in doubtful]
        kept: list[Hypothesis | Sign] = []
        labels: list[int] = []
        at = theirs = 0
        for edit in [*edits(run, heard), Edit(range(len(run), len(run)), range(len(heard.read), len(heard.read)), {})]:
            kept += run[at : edit.mine.start]
            labels += heard.labels[theirs : edit.theirs.start]
            mine = run[edit.mine.start : edit.mine.stop]
            kept += self._taken(grey, mine, heard, edit, doubted) if edit.is_wanted else mine
            labels += heard.labels[edit.theirs.start : edit.theirs.stop] if edit.is_wanted else map(label_of, mine)
            at, theirs = edit.mine.stop, edit.theirs.stop
        count = sum(isinstance(one, Hypothesis) for one in kept)
        lined = math.exp(likelihood(heard.columns, labels) / max(1, count))
        letters = _letters(kept)
        rated = [
            replace(one, lined=lined) if isinstance(one, Hypothesis) else one for one in kept if one not in letters
        ]
        return rated, max([_other(kept, heard), *(letter.sure for letter in letters)])

    def _taken(
        self,
        grey: Grey,
        mine: Sequence[Hypothesis | Sign],
        heard: Transcript,
        edit: Edit,
        doubted: Sequence[Hypothesis],
    ) -> list[Hypothesis | Sign]:
        """What the line reader reads: those of the row where there are as many, else what was doubted, or new ones."""
        wanted = [place for place in edit.theirs if heard.read[place].label != OTHER]
        if len(mine) == len(wanted):
            return [self._as_read(grey, one, heard, place, edit.sure) for one, place in zip(mine, wanted, strict=True)]
        old = [_there(doubted, heard, place, edit.sure) for place in wanted]
        read = [self._as_read(grey, one, heard, place, edit.sure) for one, place in zip(old, wanted, strict=True)]
        return [one for one in read if not (isinstance(one, Hypothesis) and _is_taught_none(one, edit.sure))]

    def _as_read(
        self, grey: Grey, old: Hypothesis | Sign | None, heard: Transcript, place: int, likely: float
    ) -> Hypothesis | Sign:
        """What is read at one place, where `old` was seen; a digit where none was, is so `likely` one."""
        label, sure = heard.read[place].label, heard.sure(place)
        box = _box(heard, place) if old is None else old.box
        if label >= FIRST_SIGN:
            return Sign(SIGNS[label - FIRST_SIGN], box, sure)
        digit = old
        if not isinstance(digit, Hypothesis):
            digit = replace(self._describer.describe(grey, _cut_out(grey, box), None), likely=likely)
        said = heard.said(place)[:FIRST_SIGN]
        both = digit.probabilities * said
        answer = both if both.argmax() == label else said
        return replace(digit, probabilities=np.asarray(answer / answer.sum(), np.float32))


def _letters(run: Sequence[Hypothesis | Sign]) -> list[Sign]:
    """The crosses that are the letter x: beside most signs nobody writes a times sign."""
    signs = ["", *(one.sign if isinstance(one, Sign) else "" for one in run), ""]
    return [
        one
        for one, before, after in zip(run, signs, signs[2:], strict=False)
        if isinstance(one, Sign) and one.sign == "×" and not (before in _BEFORE_TIMES and after in _AFTER_TIMES)
    ]


def _other(kept: Sequence[Hypothesis | Sign], heard: Transcript) -> float:
    """How surely other writing is read where nothing that is kept stands."""
    spans = [sorted(along(one, heard.strip, side) for side in (0.0, 1.0)) for one in kept]
    return max(
        (
            heard.sure(place)
            for place, one in enumerate(heard.read)
            if one.label == OTHER and not any(left <= one.middle <= right for left, right in spans)
        ),
        default=0.0,
    )


def _there(doubted: Sequence[Hypothesis], heard: Transcript, place: int, sure: float) -> Hypothesis | None:
    """What was doubted and stands where something is read, so surely a digit as that is read."""
    middle = heard.read[place].middle
    near = [one for one in doubted if abs(along(one, heard.strip) - middle) <= _WIDEST]
    nearest = min(near, key=lambda one: abs(along(one, heard.strip) - middle), default=None)
    return None if nearest is None else replace(nearest, likely=max(sure, nearest.likely))


def _is_taught_none(one: Hypothesis, sure: float) -> bool:
    """Whether corrections say of what the line reader reads as a digit, so surely, that it is none."""
    return one.taught < 0 and math.log(sure / (1 - sure)) + one.taught < 0


def _box(heard: Transcript, place: int) -> Box:
    """The box in the picture of the ink around the place where something is read, as far as its neighbours' places."""
    line, read = heard.strip, heard.read
    middle = read[place].middle
    left, right = max(0.0, middle - _WIDEST), min(float(line.width), middle + _WIDEST)
    if place:
        left = max(left, (read[place - 1].middle + middle) / 2)
    if place + 1 < len(read):
        right = min(right, (read[place + 1].middle + middle) / 2)
    first, behind = int(left), max(int(left) + 2, int(np.ceil(right)))
    ink = line.picture[:, first:behind] > _INK
    rows, across = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (HEIGHT // 4, HEIGHT * 3 // 4)
    if len(across):
        first, behind = first + int(across[0]), first + int(across[-1]) + 1
    corners = np.array([[x, y, 1] for x in (first, behind) for y in (top, bottom)], np.float64)
    there = corners @ cv2.invertAffineTransform(line.onto).T
    (left, above), (right, below) = there.min(axis=0), there.max(axis=0)
    return Box(round(left), round(above), max(round(left) + 1, round(right)), max(round(above) + 1, round(below)))


def _cut_out(grey: Grey, box: Box) -> Found:
    """The ink in a box, of what stands out from the paper around it."""
    height, width = grey.shape
    left, top = min(max(0, box.left), width - 1), min(max(0, box.top), height - 1)
    inside = Box(left, top, min(width, max(left + 1, box.right)), min(height, max(top + 1, box.bottom)))
    reach = round(_AROUND * max(inside.right - left, inside.bottom - top))
    first, above = max(0, left - reach), max(0, top - reach)
    depth = ink_depth(np.ascontiguousarray(grey[above : inside.bottom + reach, first : inside.right + reach]))
    own = depth[top - above : inside.bottom - above, left - first : inside.right - first]
    deep = max(1.0, percentiles(own[own > 0], 90)[0]) if (own > 0).any() else 1.0
    return Found(inside, np.asarray((own / (0.8 * deep)).clip(0, 1), np.float32))
