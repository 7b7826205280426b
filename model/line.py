"""A strip of writing to what is said at each place along it, on LiteRT. Beside `signs`."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.ctc import Columns, likelihood, placed, spelled
from model.litert import Network
from model.reading import SIGNS
from model.strip import HEIGHT, Strip

LABELS: Final = 12 + len(SIGNS)  # 0..9, each of SIGNS, other writing, none
FIRST_SIGN: Final = 10
OTHER: Final = LABELS - 2
ODD: Final = 2.0  # log of how much less likely people write a line with an oddity more
_POSSIBLE: Final = 0.01  # a label's probability where another one is read
# Signs that begin no line, that end none, and those beside which another sign may stand.
_NEVER_FIRST: Final = frozenset("/×÷=),:%")
_NEVER_LAST: Final = frozenset("/×÷+(:")
_BEFORE_SIGNS: Final = frozenset(")%=(")
_AFTER_SIGNS: Final = frozenset("(-)=")
STEP: Final = 2  # pixels of a strip to one column of the answer


@dataclass(frozen=True, slots=True)
class Read:
    """One label that the line reader reads, and where in the strip."""

    label: int  # 0..9, those of SIGNS from FIRST_SIGN on, OTHER
    columns: range

    @property
    def middle(self) -> float:
        """Where it is said, in pixels of the strip."""
        return STEP * (self.columns.start + self.columns.stop) / 2


class LineReader:
    """A LiteRT network that reads a whole line at once. Any number of threads may use one at once."""

    def __init__(self, path: Path) -> None:
        """Load the model. Raises ModelUnavailable."""
        self._network = Network(path, mend=f"python -m model train --recipe line --output {path.parent}")
        entry, result = self._network.shapes
        if len(entry) != 4 or (entry[1], entry[3], result[-1]) != (HEIGHT, 1, LABELS):
            raise self._network.unavailable(f"it maps {entry} to {result}, not strips to {LABELS} labels")

    def columns(self, strip: Strip) -> Columns:
        """Say what stands at each place along a strip: (its width over STEP, LABELS)."""
        odds = self._network.run(strip.picture[None, ..., None])[0, 0]
        return np.asarray(odds - np.logaddexp.reduce(odds, axis=1, keepdims=True), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Transcript:
    """What is read in a strip, by the likeliest way."""

    strip: Strip
    columns: Columns
    read: list[Read]  # from left to right

    @classmethod
    def of(cls, strip: Strip, columns: Columns) -> "Transcript":
        """Spell out what is said along a strip, in a way that people write."""
        labels = _plausible(columns, spelled(columns))
        return cls(
            strip, columns, [Read(*each) for each in zip(labels, map(_span, placed(columns, labels)), strict=True)]
        )

    @property
    def labels(self) -> list[int]:
        """What is read, without the places."""
        return [one.label for one in self.read]

    def said(self, place: int) -> NDArray[np.float32]:
        """How surely each label, or none, is said where something is read: (LABELS,) probabilities, at its surest."""
        span = self.read[place].columns
        return np.asarray(np.exp(self.columns[span.start : span.stop].max(axis=0)), np.float32)

    def sure(self, place: int) -> float:
        """How surely what is read is read."""
        return float(self.said(place)[self.read[place].label])


def oddities(labels: Sequence[int]) -> int:
    """How many signs stand where none is written: a slash first, a cross last, two that never stand together."""
    text = "".join("0" if label < FIRST_SIGN else SIGNS[label - FIRST_SIGN] for label in labels if label != OTHER)
    beside = sum(
        "0" not in {one, other} and one not in _BEFORE_SIGNS and other not in _AFTER_SIGNS
        for one, other in pairwise(text)
    )
    return beside + (text[:1] in _NEVER_FIRST) + (text[-1:] in _NEVER_LAST)


def _plausible(columns: Columns, labels: tuple[int, ...]) -> tuple[int, ...]:
    """Those labels, or nearly those, by what is about as likely and less odd."""
    while odd := oddities(labels):
        said = np.exp(np.array([columns[first:behind].max(axis=0) for first, behind in placed(columns, labels)]))
        others = [
            (*labels[:place], *instead, *labels[place + 1 :])
            for place, label in enumerate(labels)
            if label >= FIRST_SIGN
            for instead in [(), *((int(other),) for other in np.flatnonzero(said[place, :OTHER] > _POSSIBLE))]
        ]
        less = [other for other in others if oddities(other) < odd]
        best = max(less, key=lambda other: likelihood(columns, other), default=labels)
        lost = likelihood(columns, labels) - likelihood(columns, best)
        if not less or lost > ODD * (odd - oddities(best)):
            break
        labels = best
    return labels


def _span(ends: tuple[int, int]) -> range:
    return range(*ends)
