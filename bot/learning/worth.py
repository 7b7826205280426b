"""Which corrections would teach most: what an admin is asked about first. Pure.

The worth of a correction is the sum of three things, each in 0..1 and none of them more than another:
- unsure: how unsure the reading was of what it said; of a digit that was refused, how nearly it was read;
- disputed: how far the stages (finder, classifier, judge, scorer) are apart about its being a digit at all;
- rare: 1 where nothing of its kind counts yet, 1/2 where one does, 1/3 where two do.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from bot.store import Correction, Kind
from model import opinions

CONSIDERED: Final = 1000
"""The most that wait, the oldest, which are weighed against each other: that takes about 20 ms."""

_UNKNOWN: Final = 0.5  # how nearly a digit was read of which no stage's opinion was kept


def by_worth(waiting: Iterable[Correction], counting: Mapping[Kind, int], edition: str) -> list[Correction]:
    """Order corrections by how much they would teach, the older first of two that would teach as much.

    `counting` is how many of each kind count already; `edition` is that of the features whose meaning is known.
    """

    def key(correction: Correction) -> tuple[float, int]:
        return -worth(correction, counting.get(correction.kind, 0), edition), correction.id

    return sorted(waiting, key=key)


def worth(correction: Correction, of_its_kind: int, edition: str) -> float:
    """Say how much a correction would teach, 0..3, when so many of its kind count already."""
    known = _opinions(correction, edition)
    unsure = 1 - correction.confidence if correction.was_read else known.get("scorer", _UNKNOWN)
    disputed = max(known.values()) - min(known.values()) if known else 0.0
    return unsure + disputed + 1 / (1 + of_its_kind)


def _opinions(correction: Correction, edition: str) -> Mapping[str, float]:
    """What each stage thought of it; nothing where that was not kept, or means something else by now."""
    if correction.features is None or correction.edition != edition:
        return {}
    return opinions(np.frombuffer(correction.features, "<f4"))
