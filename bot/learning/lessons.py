"""What a training learns from people's corrections, and what it does not, so that models can be compared on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.store import Correction

_HOLD_BACK_EVERY: Final = 5
_NONE: Final = -1  # as the label of what is no digit, and as what was said of what was taken for none


@dataclass(frozen=True, slots=True)
class Lessons:
    """Corrections, sorted by their use."""

    learned: tuple[Correction, ...]
    held_back: tuple[Correction, ...]

    @property
    def total(self) -> int:
        """All that are of use."""
        return len(self.learned) + len(self.held_back)


def lessons(corrections: Sequence[Correction]) -> Lessons:
    """Sort approved corrections.

    Every fifth is held back, by its number: so it is held back for ever, and no model has learned from what a later
    one is compared on. So is what an admin judged of a candidate's reading.
    """

    def is_held_back(each: Correction) -> bool:
        return each.is_held_back or each.id % _HOLD_BACK_EVERY == 0

    return Lessons(
        learned=tuple(each for each in corrections if not is_held_back(each)),
        held_back=tuple(each for each in corrections if is_held_back(each)),
    )


def as_arrays(corrections: Sequence[Correction]) -> dict[str, NDArray[Any]]:
    """Give N corrections as `model` takes them, without their crops: what they are (y) and were read as, and by what.

    A training takes the same, see `model.training.examples`.
    """
    known = [np.frombuffer(each.features or b"", "<f4") for each in corrections]
    features = np.full((len(known), max((len(row) for row in known), default=0)), np.nan, np.float32)
    for row, values in zip(features, known, strict=True):
        row[: len(values)] = values
    return {
        "y": np.array([_NONE if each.label is None else each.label for each in corrections], int),
        "said": np.array([each.said if each.was_read else _NONE for each in corrections], int),
        "features": features,
        "edition": np.array([each.edition or "" for each in corrections], str),
    }


def save(corrections: Sequence[Correction], path: Path) -> None:
    """Write corrections as `python -m model train` takes them. Raises OSError."""
    bitmaps = np.frombuffer(b"".join(each.bitmap for each in corrections), np.uint8).reshape(-1, 28, 28)
    known = as_arrays(corrections)
    with path.open("wb") as file:
        np.savez(
            file,
            x=bitmaps.astype(np.float32) / np.float32(255),
            y=known["y"],
            said=known["said"],
            features=known["features"],
            edition=known["edition"],
        )
