"""What a training learns from people's corrections, and what it does not.

Some is held back, so that models can be compared on it; some is left out, so that nobody makes the model theirs.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.learning.suspicion import Reason, suspected
from bot.store import Correction, Corrections

_HOLD_BACK_EVERY: Final = 5
MOST_SHARE: Final = 0.5
"""How much of what is learned one person may give whose corrections others approve: no one is the majority."""

_ALWAYS: Final = 16  # so many have the least weight that corrections ever have, a 64th of what a training sees
_NONE: Final = -1  # as the label of what is no digit, and as what was said of what was taken for none


@dataclass(frozen=True, slots=True)
class Lessons:
    """Corrections, sorted by their use."""

    learned: tuple[Correction, ...]
    held_back: tuple[Correction, ...]
    over_share: tuple[Correction, ...] = ()  # left out: their giver would weigh more than everybody else together
    suspected: Mapping[int, Reason] = field(default_factory=dict)  # left out: numbers of those that look wrong, and why

    @property
    def total(self) -> int:
        """All that are of use."""
        return len(self.learned) + len(self.held_back)


async def gather_lessons(corrections: Corrections) -> Lessons:
    """Sort what counts by now; what looks wrong waits for /review from then on. Raises StoreUnavailable."""
    sorted_out = await asyncio.to_thread(lessons, await corrections.approved())
    await corrections.set_aside(sorted_out.suspected)
    return sorted_out


async def note_suspicions(corrections: Corrections) -> None:
    """Note of what waits for /review why it looks wrong, where it does. Raises StoreUnavailable."""
    waiting = await corrections.waiting()
    if waiting:
        found = await asyncio.to_thread(suspected, (*waiting, *await corrections.approved()))
        await corrections.set_aside({each.id: found[each.id] for each in waiting if each.id in found})


def lessons(corrections: Sequence[Correction]) -> Lessons:
    """Sort approved corrections.

    What looks wrong is left out, see `bot.learning.suspicion`. Of the others every fifth is held back, by its number:
    so it is held back for ever, and no model has learned from what a later one is compared on. So is what an admin
    judged of a candidate's reading. Of the rest, one person whose corrections somebody else approved gives no more than
    half, but sixteen always.
    """
    wrong = suspected(corrections)
    counting = [each for each in corrections if each.id not in wrong]

    def is_held_back(each: Correction) -> bool:
        return each.is_held_back or each.id % _HOLD_BACK_EVERY == 0

    to_learn = [each for each in counting if not is_held_back(each)]
    left_out = _over_share(to_learn)
    return Lessons(
        learned=tuple(each for each in to_learn if each.id not in left_out),
        held_back=tuple(each for each in counting if is_held_back(each)),
        over_share=tuple(each for each in to_learn if each.id in left_out),
        suspected=wrong,
    )


def _over_share(corrections: Sequence[Correction]) -> set[int]:
    """The numbers of those by which one person would weigh too much: their oldest, which earlier models learned from.

    Who is trusted is not cut short, nor what was approved before it was kept by whom; nor who is the only one to have
    given any: there is nobody whom they outweigh.
    """
    if not corrections:
        return set()
    ((giver, given),) = Counter(each.giver_id for each in corrections).most_common(1)  # only one can be over half
    others = len(corrections) - given
    too_many = given - max(_ALWAYS, round(others * MOST_SHARE / (1 - MOST_SHARE)))
    if not others or too_many <= 0:
        return set()
    theirs = [each for each in corrections if each.giver_id == giver]
    by_others = sorted(each.id for each in theirs if each.approved_by not in (None, giver))
    return set(by_others[:too_many])


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
