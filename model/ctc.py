"""What a line says, from what is said at each place along it: connectionist temporal classification (Graves 2006).

Each column of an answer holds the logarithms of the probabilities of every label and, last, of none. A label may
fill several columns; between two alike there is a column of none.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.float32]
"""(T, N) natural logarithms of probabilities; the last of N is none."""


def spelled(columns: Columns) -> tuple[int, ...]:
    """Give the labels of the likeliest way along the columns."""
    best = columns.argmax(axis=1)
    changes = best[np.flatnonzero(np.diff(best, prepend=-1))]
    return tuple(changes[changes != columns.shape[1] - 1].tolist())


def likelihood(columns: Columns, labels: Sequence[int]) -> float:
    """Give the logarithm of the probability of labels, over all ways to place them; -inf where they have no room."""
    states = _states(labels, columns.shape[1] - 1)
    said, skipping = columns[:, states].astype(np.float64), np.where(_may_skip(states), 0.0, -np.inf)
    before = np.full(len(states) + 2, -np.inf)  # two that lead to none of the states, then the states
    at = before[2:]
    at[:2] = said[0, :2]
    for row in said[1:]:
        at[:] = np.logaddexp(np.logaddexp(at, before[1:-1]), before[:-2] + skipping) + row
    return float(np.logaddexp.reduce(at[-2:]))


def placed(columns: Columns, labels: Sequence[int]) -> list[tuple[int, int]]:
    """Give the columns, first and behind the last, that each label fills in the likeliest way to place all of them.

    Raises ValueError where they have no room.
    """
    states = _states(labels, columns.shape[1] - 1)
    said, may_skip = columns[:, states].astype(np.float64), _may_skip(states)
    at = np.full(len(states), -np.inf)
    at[:2] = said[0, :2]
    came = np.zeros(said.shape, np.int64)
    for column, row in enumerate(said[1:], 1):
        ways = _ways(at, may_skip)
        came[column] = ways.argmax(axis=0)
        at = ways.max(axis=0) + row
    state = len(states) - 1 - int(len(states) > 1 and at[-2] > at[-1])
    if at[state] == -np.inf:
        raise ValueError(f"{len(labels)} labels do not fit into {len(columns)} columns")
    spans: dict[int, tuple[int, int]] = {}
    for column in range(len(said) - 1, -1, -1):
        if state % 2:
            spans[state // 2] = (column, spans.get(state // 2, (0, column + 1))[1])
        state -= int(came[column, state])
    return [spans[place] for place in range(len(labels))]


def _states(labels: Sequence[int], none: int) -> NDArray[np.int64]:
    """The labels with none before, between and after them."""
    states = np.full(2 * len(labels) + 1, none, np.int64)
    states[1::2] = labels
    return states


def _may_skip(states: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each state may follow the one before the last: a label that differs from the label before it."""
    found = np.zeros(len(states), np.bool_)
    found[3::2] = states[3::2] != states[1:-2:2]
    return found


def _ways(at: NDArray[np.float64], may_skip: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What leads to each state: itself, the one before it, the one before that where it may be skipped."""
    before = np.concatenate([[-np.inf, -np.inf], at])
    return np.stack([at, before[1:-1], np.where(may_skip, before[:-2], -np.inf)])
