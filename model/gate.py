"""Whether a new version may take the served one's place: both read the same things; what only one reads is counted.

Digits that both read, or that both miss, say nothing about which is better; so with whole photos. Of the others, a
version that is just as good loses each with the toss of a coin (the exact form of McNemar's test); one that loses more
than the coin would in one case of twenty is significantly worse. Its confidence, its time and its size have a bound
each. This module only counts: no network, no file.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import comb
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

ALPHA: Final = 0.05
"""How often a model that is just as good is refused, for each set of digits."""

CALIBRATION: Final = 0.12
"""How far the confidence of whole readings may be off, on average (`calibration_error`), unless the served version's is
off as far: twice what the shipped one's is on the generated photos, whose readings are few enough that chance moves it
by a third."""

SLOWER: Final = 1.5
"""How many times as long as the served version a reading may take. A network of the same form takes as long as before;
two medians of the same version, measured beside six other busy processes, were up to a tenth apart."""

LARGEST: Final = 8_000_000
"""How many bytes a version may take up on the disk: three times the shipped one; a dozen of them are kept."""

STYLE: Final = 0.05
"""Which share of the things may be told apart less, even where that is significant: people may teach a style that looks
like a letter. Twenty 0s with a bar have some letters with a bar taken for 0s, which costs 4 %."""

_BINS: Final = 5  # of readings that are about as sure as each other: with more of them, chance fills them unevenly

Failing = Literal["validation", "photos", "readings", "things", "calibration", "time", "size"]
"""What a version is refused for."""


@dataclass(frozen=True, slots=True)
class Paired:
    """Two models on the same digits."""

    digits: int
    old: int  # how many the served model reads right
    new: int  # how many the new one reads right
    only_old: int  # those that only the served model reads: what is lost
    only_new: int  # those that only the new model reads: what is won
    allowed: int = 0  # more than is won may be lost by so many, even where that is significant

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
        """Whether the new model is significantly worse, and by more than is allowed."""
        return self.chance < ALPHA and self.only_old - self.only_new > self.allowed

    @property
    def margin(self) -> int:
        """How many digits may be lost at most, with as many won, before the new model counts as worse."""
        lost = self.only_new + self.allowed
        while _tail(lost + 1, lost + 1 + self.only_new) >= ALPHA:
            lost += 1
        return lost


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of the served version and of the new one."""

    old: float
    new: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A new version against the served one, on what the new one did not learn from.

    What stands below `is_judged` was not measured when older versions were compared: then it refuses nothing.
    """

    served: str  # the version that was served
    validation: Paired  # MNIST's last 5,000 training digits
    photos: Paired  # crops of generated photos
    corrections: Paired | None  # corrections held back; None when there are none. They decide nothing: they are few
    is_judged: bool  # False for a model that learned from the validation digits: then all this proves nothing
    readings: Paired | None = None  # whole generated photos, read by the whole of each version
    things: Paired | None = None  # pictures of a digit or another thing: told apart by judge and scorer
    calibration: Change | None = None  # how far the confidence of those readings is off, 0..1
    time_ms: Change | None = None  # a reading's time on one core, the median
    size: Change | None = None  # bytes on the disk
    editions: Mapping[str, str] = field(default_factory=dict)  # of the sets by their names: figures of others differ

    @property
    def failings(self) -> tuple[Failing, ...]:
        """What the new version is refused for."""
        calibration, time, size = self.calibration, self.time_ms, self.size
        is_failing: Mapping[Failing, bool] = {
            "validation": self.validation.is_worse,
            "photos": self.photos.is_worse,
            "readings": self.readings is not None and self.readings.is_worse,
            "things": self.things is not None and self.things.is_worse,
            "calibration": calibration is not None and calibration.new > max(CALIBRATION, calibration.old),
            "time": time is not None and time.new > SLOWER * time.old,
            "size": size is not None and size.new > LARGEST,
        }
        return tuple(name for name, fails in is_failing.items() if fails)

    @property
    def is_good(self) -> bool:
        """Whether the new version may be served."""
        return self.is_judged and not self.failings

    def figures(self, of: Literal["old", "new"]) -> dict[str, int]:
        """Give how many of each fixed set a version reads right, by the name and edition of the set."""
        sets = {
            "validation": self.validation,
            "photos": self.photos,
            "readings": self.readings,
            "things": self.things,
        }
        return {
            f"{name} {self.editions[name]}": getattr(both, of)
            for name, both in sets.items()
            if both is not None and name in self.editions
        }

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
            readings=_paired(fields["readings"]) if fields.get("readings") else None,
            things=_paired(fields["things"]) if fields.get("things") else None,
            calibration=_change(fields.get("calibration")),
            time_ms=_change(fields.get("time_ms")),
            size=_change(fields.get("size")),
            editions={str(name): str(edition) for name, edition in dict(fields.get("editions", {})).items()},
        )


def paired(old: NDArray[Any], new: NDArray[Any], labels: NDArray[Any], allowed: float = 0.0) -> Paired:
    """Count the answers of both models, (N,) digits each, against (N,) labels; `allowed` is a share of these."""
    old_right, new_right = old == labels, new == labels
    return Paired(
        digits=len(labels),
        old=int(old_right.sum()),
        new=int(new_right.sum()),
        only_old=int(np.sum(old_right & ~new_right)),
        only_new=int(np.sum(new_right & ~old_right)),
        allowed=round(allowed * len(labels)),
    )


def calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Give the expected calibration error, 0..1, of (N,) confidences in 0..1 in answers of which these were right.

    That is how far the mean confidence of answers that are about as sure as each other is from the share of them that
    are right, on average over all; 0 when there are none.
    """
    order = np.argsort(confidences, kind="stable")
    bins = np.array_split(order, _BINS)
    off = sum(len(each) * abs(confidences[each].mean() - right[each].mean()) for each in bins if len(each))
    return float(off / max(1, len(order)))


def _change(fields: Mapping[str, Any] | None) -> Change | None:
    return None if fields is None else Change(float(fields["old"]), float(fields["new"]))


def _paired(fields: Mapping[str, Any]) -> Paired:
    counted = {name: int(fields[name]) for name in ("digits", "old", "new", "only_old", "only_new")}
    return Paired(**counted, allowed=int(fields.get("allowed", 0)))


def _tail(heads: int, tosses: int) -> float:
    """How often so many tosses of a coin give `heads` or more."""
    return float(sum(comb(tosses, count) for count in range(heads, tosses + 1)) / 2**tosses)
