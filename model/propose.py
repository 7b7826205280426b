"""What both finders see in a picture, to the places where something may be a digit. After `find` and `detect`.

The classical finder cuts digits out exactly where the paper is plain; the learned one says where digits are on any
paper. Where both mean the same thing, it is proposed once.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from model.boxes import OVER, are_side_by_side, covered, covered_by_each, lies_in, pairs, widened
from model.find import Found, find_digits
from model.reading import Box, Grey
from model.sighting import Sighting

_PRINT: Final = 200  # pieces of writing; where there are more, only what the learned finder sees is looked at
_SAME: Final = 0.35  # intersection over union of what both finders mean by one digit
_TALL: Final = 0.6  # of the height of what the learned finder sees, for the one thing in it
_SEEN: Final = 0.3  # the score below which it does not see a digit
_SURE_PART: Final = 0.6  # the score with which it is believed that digits touch
_WORTH_A_LOOK: Final = 0.44  # a score that may be enough alone

# A closer look at what the learned finder alone sees: beside an edge or a shadow, digits are cut out badly in the whole
# picture, well in a window of their own. Not where others are near: the window would cut through them.
_WINDOW: Final = 0.35  # around the box, of its longer side
_LONELY: Final = 1  # so far around it nothing else is seen
_SAME_CLOSE: Final = 0.5  # intersection over union with what is found in the window


class Proposals(NamedTuple):
    """Where something may be a digit."""

    cut: list[tuple[Found, Sighting | None]]  # by the classical finder, and what the learned one means by the same
    only: list[Sighting]  # what the learned finder alone sees, surely enough
    things: int  # how many pieces of writing the classical finder finds


def proposed(grey: Grey, sightings: Sequence[Sighting]) -> Proposals:
    """Propose what both finders see in a picture, (H, W) uint8; `sightings` are the learned one's.

    Ink in which the learned finder surely sees digits side by side is not one of them.
    """
    things = [found for line in find_digits(grey) for found in line]
    sure = [sighting.box for sighting in sightings if sighting.sure >= _SURE_PART]
    few = things if len(things) <= _PRINT else []
    found = [thing for thing in few if not are_side_by_side(sure, thing.box)]
    same = _same(found, sightings)
    return Proposals(
        [(one, sightings[same[i]] if i in same else None) for i, one in enumerate(found)],
        [one for j, one in enumerate(sightings) if j not in same.values() and one.sure >= _WORTH_A_LOOK],
        len(things),
    )


def closer(grey: Grey, sighting: Sighting, sightings: Sequence[Sighting]) -> Found | None:
    """Cut out anew what the learned finder sees, in a window around it; None where that fails or others are near."""
    wide = widened(sighting.box, _LONELY)
    for other in sightings:
        is_near = other is not sighting and covered(other.box, wide) > 0
        if is_near and other.sure >= _SEEN and covered(other.box, sighting.box) < OVER:
            return None
    left, top, right, bottom = widened(sighting.box, _WINDOW)
    left, top = max(0, left), max(0, top)
    window = np.ascontiguousarray(grey[top:bottom, left:right])
    found = [
        Found(Box(one.box.left + left, one.box.top + top, one.box.right + left, one.box.bottom + top), one.ink)
        for line in find_digits(window)
        for one in line
    ]
    same = pairs([sighting], found, _SAME_CLOSE)
    is_broken = sum(lies_in(one.box, sighting.box) for one in found) > 1
    return found[same[0]] if same and not is_broken else None


def _same(found: Sequence[Found], sightings: Sequence[Sighting]) -> dict[int, int]:
    """Which of the sightings means the same as each of what the classical finder found."""
    same = pairs(found, sightings, _SAME)
    over = covered_by_each([one.box for one in sightings], [one.box for one in found]) >= OVER
    # A 1 is much narrower than the learned finder's box around it.
    for j, sighting in enumerate(sightings):
        inside = np.flatnonzero(over[j]).tolist()
        if j in same.values() or len(inside) != 1 or inside[0] in same:
            continue
        box = found[inside[0]].box
        tall = _TALL * (sighting.box.bottom - sighting.box.top)
        if lies_in(box, sighting.box) and box.bottom - box.top >= tall:
            same[inside[0]] = j
    return same
