"""What admins read, below the list of models, of what promotions may lose in all. As pure as `replies`."""

import html
from collections.abc import Mapping

from bot.learning.budget import ALLOWED, Budget
from bot.words.language import Plural, Text

_BUDGET = Text("<b>What promotions may lose in all</b>")

_USED = Plural(
    "of {allowed} digits the served model has lost {n}: {left} are left",
    "of {allowed} digits the served model has lost {n}: {left} are left",
)

_NOT_MEASURED = Text("{allowed} digits; the served model was not measured on today's sets")

_BESTS: Mapping[str, Text] = {
    "validation": Text("most validation digits: {right} ({name})"),
    "photos": Text("most photo-like digits: {right} ({name})"),
    "readings": Text("most whole photos: {right} ({name})"),
    "things": Text("most digits and other things told apart: {right} ({name})"),
}
"""The record of each fixed set."""


def budget(spent: Budget) -> str:
    """Say how much of what promotions may lose is used, and against which versions that is counted."""
    if not spent.best:
        return ""  # nothing was compared yet
    used = (
        _NOT_MEASURED(allowed=ALLOWED)
        if spent.used is None
        else _USED(spent.used, allowed=ALLOWED, left=max(0, spent.left))
    )
    bests = [
        _BESTS[name](right=spent.best[name].right, name=html.escape(spent.best[name].version))
        for name in _BESTS
        if name in spent.best
    ]
    return "\n\n" + "\n".join((_BUDGET(), used, *bests))
