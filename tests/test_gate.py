"""When a new model may take the served one's place."""

import json

import numpy as np
import pytest

from model.gate import ALPHA, Comparison, Paired, paired

GOOD = Paired(digits=5_000, old=4_980, new=4_982, only_old=4, only_new=6)
BAD = Paired(digits=5_000, old=4_980, new=4_900, only_old=90, only_new=10)


def test_pairs_count_what_only_one_reads() -> None:
    """Of five digits: one read by both, two by the old alone, one by the new alone, one by neither."""
    labels = np.array([1, 2, 3, 4, 5])
    old, new = np.array([1, 2, 3, 0, 0]), np.array([1, 0, 0, 4, 0])
    assert paired(old, new, labels) == Paired(digits=5, old=3, new=2, only_old=2, only_new=1)


@pytest.mark.parametrize(("lost", "won", "worse"), [(0, 0, False), (4, 0, False), (5, 0, True), (8, 2, False)])
def test_a_loss_is_significant_when_a_coin_would_rarely_lose_so_much(lost: int, won: int, worse: bool) -> None:  # noqa: FBT001 a table's column
    """Five heads in five tosses come in one case of 32, four in one of 16: only the first is below one in twenty."""
    both = Paired(digits=100, old=90 + lost, new=90 + won, only_old=lost, only_new=won)
    assert both.is_worse == worse


@pytest.mark.parametrize("won", [0, 1, 7, 40])
def test_the_margin_is_the_largest_loss_that_passes(won: int) -> None:
    """As many lost as the margin says pass, one more does not."""
    margin = Paired(digits=1_000, old=0, new=0, only_old=0, only_new=won).margin
    assert not Paired(digits=1_000, old=0, new=0, only_old=margin, only_new=won).is_worse
    assert Paired(digits=1_000, old=0, new=0, only_old=margin + 1, only_new=won).is_worse


def test_an_equal_model_is_refused_no_more_often_than_promised() -> None:
    """Two models as good as each other, a thousand times: the new one counts as worse in one case of twenty at most."""
    lost = np.random.default_rng(0).binomial(40, 0.5, 1_000)
    refused = [Paired(1_000, 0, 0, only_old=int(each), only_new=40 - int(each)).is_worse for each in lost]
    assert np.mean(refused) <= ALPHA


def test_a_model_must_hold_its_own_on_both_sets() -> None:
    """Worse on the validation digits or on the photos: not good. Corrections decide nothing."""
    assert Comparison("v", GOOD, GOOD, BAD, is_judged=True).is_good
    assert not Comparison("v", BAD, GOOD, None, is_judged=True).is_good
    assert not Comparison("v", GOOD, BAD, None, is_judged=True).is_good


def test_a_model_that_learned_from_the_validation_digits_is_never_called_good() -> None:
    """What it reads of digits that it trained on proves nothing."""
    assert not Comparison("v", GOOD, GOOD, None, is_judged=False).is_good


def test_a_comparison_survives_metrics_json() -> None:
    """What is written is what is read."""
    for corrections in (None, BAD):
        before = Comparison("v", GOOD, BAD, corrections, is_judged=True)
        assert Comparison.from_json(json.loads(json.dumps(before.to_json()))) == before
