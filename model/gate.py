"""Whether a new model may take the served one's place: both read the same digits; what only one reads is counted.

Digits that both read, or that both miss, say nothing about which is better. Of the others, a model that is just as good
loses each with the toss of a coin (the exact form of McNemar's test); one that loses more than the coin would in one
case of twenty is significantly worse. This module only counts: no network, no file.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import comb
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ALPHA: Final = 0.05
"""How often a model that is just as good is refused, for each set of digits."""


@dataclass(frozen=True, slots=True)
class Paired:
    """Two models on the same digits."""

    digits: int
    old: int  # how many the served model reads right
    new: int  # how many the new one reads right
    only_old: int  # those that only the served model reads: what is lost
    only_new: int  # those that only the new model reads: what is won

    @property
    def old_accuracy(self) -> float:
        """The served model's accuracy, 0..1."""
        return self.old / max(1, self.digits)

    @property
    def new_accuracy(self) -> float:
        """The new model's accuracy, 0..1."""
        return self.new / max(1, self.digits)

    @property
    def chance(self) -> float:
        """How often a model that is just as good would lose as many or more, 0..1."""
        return _tail(self.only_old, self.only_old + self.only_new)

    @property
    def is_worse(self) -> bool:
        """Whether the new model is significantly worse."""
        return self.chance < ALPHA

    @property
    def margin(self) -> int:
        """How many digits may be lost at most, with as many won, before the new model counts as worse."""
        lost = 0
        while _tail(lost + 1, lost + 1 + self.only_new) >= ALPHA:
            lost += 1
        return lost


@dataclass(frozen=True, slots=True)
class Comparison:
    """A new model against the served one, on digits that the new one did not learn from."""

    served: str  # the version that was served
    validation: Paired  # MNIST's last 5,000 training digits
    photos: Paired  # crops of generated photos
    corrections: Paired | None  # corrections held back; None when there are none. They decide nothing: they are few
    is_judged: bool  # False for a model that learned from the validation digits: then all this proves nothing

    @property
    def is_good(self) -> bool:
        """Whether the new model may be served."""
        return self.is_judged and not self.validation.is_worse and not self.photos.is_worse

    def to_json(self) -> dict[str, Any]:
        """Give what metrics.json keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Comparison":
        """Read what `to_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            served=str(fields["served"]),
            validation=_paired(fields["validation"]),
            photos=_paired(fields["photos"]),
            corrections=None if fields["corrections"] is None else _paired(fields["corrections"]),
            is_judged=bool(fields["is_judged"]),
        )


def paired(old: NDArray[Any], new: NDArray[Any], labels: NDArray[Any]) -> Paired:
    """Count the answers of both models, (N,) digits each, against (N,) labels."""
    old_right, new_right = old == labels, new == labels
    return Paired(
        digits=len(labels),
        old=int(old_right.sum()),
        new=int(new_right.sum()),
        only_old=int(np.sum(old_right & ~new_right)),
        only_new=int(np.sum(new_right & ~old_right)),
    )


def _paired(fields: Mapping[str, Any]) -> Paired:
    return Paired(**{name: int(fields[name]) for name in ("digits", "old", "new", "only_old", "only_new")})


def _tail(heads: int, tosses: int) -> float:
    """How often so many tosses of a coin give `heads` or more."""
    return float(sum(comb(tosses, count) for count in range(heads, tosses + 1)) / 2**tosses)
