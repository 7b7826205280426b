"""What promotions may lose in all: each loses little by chance, and a hundred of them could lose much.

The fixed sets are those of `model.gate`: MNIST's validation digits, crops of generated photos, whole generated photos,
and pictures of digits and other things to be told apart.
Of each set the store keeps the most that any version in service ever read right. A version's loss is counted in digits
against these records, set by set: a digit or a crop counts as one, and so does a whole photo, however much is written
in it; what is won in one set pays for nothing in another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.store import Record
from model import Metrics

ALLOWED: Final = 12
"""How many digits a version may lose in all and still be promoted: 0.2 % of the three sets, which is what real digits
may lose. Of the validation digits a training for one writer has cost up to four: three like that in a row end it."""

_BESIDE: Final = {"things": 10}
"""What may be lost of a set besides: what people teach may look like a letter (`model.gate.STYLE`)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The records, and how much of what may be lost the served version has used."""

    best: Mapping[str, Record]  # by the name of the set, of its latest edition
    used: int | None  # digits; None: the served version was not measured on these sets

    @property
    def left(self) -> int:
        """How many more digits a version may lose than the served one."""
        return ALLOWED - (self.used or 0)


def own_figures(metrics: Metrics) -> Mapping[str, int]:
    """Give how many of each set a version reads right, as its comparison found.

    None for one that has learned from the digits of the sets, or goes on from one that has: that proves nothing.
    """
    comparison = metrics.comparison
    if comparison is None or not comparison.is_judged or metrics.validation_accuracy is None:
        return {}
    return comparison.figures("new")


def figures_of(metrics: Metrics, others: Iterable[Metrics]) -> Mapping[str, int]:
    """Likewise, with what others' comparisons with it found: the shipped version was not compared itself."""
    found: dict[str, int] = {}
    for other in sorted(others, key=lambda each: each.date):
        comparison = other.comparison
        if comparison is not None and comparison.is_judged and comparison.served == metrics.version:
            found |= comparison.figures("old")
    return {} if metrics.validation_accuracy is None else {**found, **own_figures(metrics)}


def lost(figures: Mapping[str, int], best: Mapping[str, Record]) -> int | None:
    """Count the digits that are lost against the records; None when no set was measured that has one."""
    shared = figures.keys() & best.keys()
    return sum(max(0, best[name].right - _beside(name) - figures[name]) for name in shared) if shared else None


def _beside(name: str) -> int:
    return _BESIDE.get(name.partition(" ")[0], 0)


def latest(best: Mapping[str, Record]) -> Mapping[str, Record]:
    """Give the records of each set's latest edition by the name of the set alone."""
    ordered = sorted(best.items(), key=lambda each: each[1].since)
    return {name.partition(" ")[0]: record for name, record in ordered}
