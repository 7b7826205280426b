"""What a training learns from people's corrections, and what it does not, so that models can be compared on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bot.store import Correction

_HOLD_BACK_EVERY: Final = 5


@dataclass(frozen=True, slots=True)
class Lessons:
    """Corrections, sorted by their use."""

    learned: tuple[Correction, ...]
    held_back: tuple[Correction, ...]
    no_digits: int  # how many say "not a digit": the networks know ten answers, so nothing is learned from them

    @property
    def total(self) -> int:
        """All that are of use."""
        return len(self.learned) + len(self.held_back)


def lessons(corrections: Sequence[Correction]) -> Lessons:
    """Sort approved corrections.

    Every fifth is held back, by its number: so it is held back for ever, and no model has learned from what a later
    one is compared on.
    """
    digits = [each for each in corrections if each.label is not None]
    return Lessons(
        learned=tuple(each for each in digits if each.id % _HOLD_BACK_EVERY),
        held_back=tuple(each for each in digits if each.id % _HOLD_BACK_EVERY == 0),
        no_digits=len(corrections) - len(digits),
    )


def save(corrections: Sequence[Correction], path: Path) -> None:
    """Write corrections as `python -m model train` takes them. Raises OSError."""
    bitmaps = np.frombuffer(b"".join(each.bitmap for each in corrections), np.uint8).reshape(-1, 28, 28)
    with path.open("wb") as file:
        np.savez(
            file, x=bitmaps.astype(np.float32) / np.float32(255), y=np.array([each.label for each in corrections], int)
        )
