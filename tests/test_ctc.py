"""What a line says, from what is said at each place along it."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.ctc import likelihood, placed, spelled


def said(seed: int, length: int, labels: int = 3) -> NDArray[np.float32]:
    """Some answer of `length` columns."""
    odds = np.random.default_rng(seed).normal(0, 2, (length, labels))
    return np.asarray(odds - np.logaddexp.reduce(odds, axis=1, keepdims=True), np.float32)


def spells(way: tuple[int, ...], none: int) -> tuple[int, ...]:
    """What one way along the columns spells, by the definition."""
    kept = [label for place, label in enumerate(way) if place == 0 or label != way[place - 1]]
    return tuple(label for label in kept if label != none)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 5), st.lists(st.integers(0, 1), max_size=4))
def test_a_likelihood_is_the_sum_over_all_ways(seed: int, length: int, labels: list[int]) -> None:
    """All 3^T ways along the columns, summed one by one, give the same; none at all where there is no room."""
    columns = said(seed, length)
    ways = [
        sum(float(columns[place, label]) for place, label in enumerate(way))
        for way in product(range(3), repeat=length)
        if spells(way, 2) == tuple(labels)
    ]
    expected = np.logaddexp.reduce(ways) if ways else -np.inf
    assert likelihood(columns, labels) == pytest.approx(expected, rel=1e-4)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 7))
def test_labels_lie_where_they_are_said(seed: int, length: int) -> None:
    """The likeliest way's own labels lie in its own columns, in order and apart."""
    columns = said(seed, length)
    labels = spelled(columns)
    best = columns.argmax(axis=1)
    spans = placed(columns, labels)
    assert [set(best[first:behind].tolist()) for first, behind in spans] == [{label} for label in labels]
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_labels_without_room() -> None:
    """Two alike need a column between them."""
    with pytest.raises(ValueError, match="2 labels do not fit into 2 columns"):
        placed(said(0, 2), (1, 1))
    assert len(placed(said(0, 3), (1, 1))) == 2
