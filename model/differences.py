"""Where two ways to read one line differ. Used by `reread`."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from model.line import OTHER, Read

_AWAY: Final = 12.0  # pixels of a strip: further apart, two are not the same
_UNLIKE: Final = 0.5  # the price of taking one for the other, of that of leaving one out
_FAR: Final = 0.4  # likewise of taking one for another as far away as that
_NEVER: Final = 9.0  # more than leaving out both
_PASSED: Final = 0.3  # likewise of other writing, which is no difference


def differences(labels: Sequence[int], at: Sequence[float], read: Sequence[Read]) -> list[tuple[range, range]]:
    """Give the stretches of both that differ, by the cheapest way to make one of the other.

    Other writing is no difference.
    """
    cost = np.zeros((len(labels) + 1, len(read) + 1))
    cost[:, 0] = np.arange(len(labels) + 1)
    cost[0, 1:] = np.cumsum([_price(one) for one in read])
    for i, label in enumerate(labels):
        for j, one in enumerate(read):
            cost[i + 1, j + 1] = min(
                cost[i, j] + _unlike(label, at[i], one), cost[i, j + 1] + 1, cost[i + 1, j] + _price(one)
            )
    i, j = len(labels), len(read)
    steps: list[tuple[int, int, bool]] = []  # backwards: how many of each, and whether they are the same
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + _unlike(labels[i - 1], at[i - 1], read[j - 1]):
            steps.append((1, 1, labels[i - 1] == read[j - 1].label))
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            steps.append((1, 0, False))
        else:
            steps.append((0, 1, read[j - 1].label == OTHER))
        i, j = i - steps[-1][0], j - steps[-1][1]
    found: list[tuple[range, range]] = []
    starts: tuple[int, int] | None = None
    for mine, other, is_same in [*steps[::-1], (0, 0, True)]:
        if is_same and starts is not None:
            found.append((range(starts[0], i), range(starts[1], j)))
            starts = None
        elif not is_same and starts is None:
            starts = (i, j)
        i, j = i + mine, j + other
    return found


def _price(one: Read) -> float:
    return _PASSED if one.label == OTHER else 1.0


def _unlike(label: int, at: float, one: Read) -> float:
    away = abs(at - one.middle) / _AWAY
    return _NEVER if away > 1 else _FAR * away + (0.0 if label == one.label else _UNLIKE)
