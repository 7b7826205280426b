"""When a new model may take the served one's place."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.gate import (
    ALPHA,
    CALIBRATION,
    LARGEST,
    SLOWER,
    Change,
    Comparison,
    Failing,
    Paired,
    calibration_error,
    paired,
)

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


def test_a_loss_that_is_allowed_is_no_failure_until_it_is_exceeded() -> None:
    """Ten more lost than won are allowed; the eleventh is one too many, and the margin says so."""
    both = Paired(digits=208, old=185, new=177, only_old=10, only_new=2)
    assert both.is_worse
    assert not replace(both, allowed=10).is_worse
    assert replace(both, allowed=10).margin == 12
    assert not replace(both, allowed=10, only_old=12).is_worse
    assert replace(both, allowed=10, only_old=13).is_worse


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


WHOLE = Comparison(
    "v",
    GOOD,
    GOOD,
    None,
    is_judged=True,
    readings=Paired(160, 120, 121, only_old=2, only_new=3),
    things=Paired(200, 180, 180, only_old=2, only_new=2),
    calibration=Change(0.06, 0.07),
    time_ms=Change(60.0, 61.0),
    size=Change(2_700_000, 3_200_000),
    editions={"validation": "1", "photos": "a", "readings": "b", "things": "c"},
)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("readings", {"readings": Paired(160, 120, 111, only_old=12, only_new=3)}),
        ("things", {"things": Paired(200, 180, 171, only_old=12, only_new=3)}),
        ("calibration", {"calibration": Change(0.06, CALIBRATION + 0.01)}),
        ("time", {"time_ms": Change(60, 60 * SLOWER + 1)}),
        ("size", {"size": Change(2_700_000, LARGEST + 1)}),
    ],
)
def test_whole_photos_things_confidence_time_and_size_refuse_by_themselves(
    name: Failing, changes: dict[str, Any]
) -> None:
    """Each is named, and one of them is enough."""
    assert WHOLE.is_good
    assert replace(WHOLE, **changes).failings == (name,)
    assert not replace(WHOLE, **changes).is_good


def test_a_confidence_that_was_off_before_may_stay_so() -> None:
    """Else nothing could be promoted any more; but it may not get worse."""
    assert replace(WHOLE, calibration=Change(0.2, 0.2)).is_good
    assert not replace(WHOLE, calibration=Change(0.2, 0.21)).is_good


def test_the_calibration_error_is_how_far_confidence_is_from_the_truth() -> None:
    """Half of the answers are right: 0.9 is off by 0.4, 0.5 by nothing; sure and unsure ones are looked at apart."""
    right = np.arange(100) % 2 == 0
    assert calibration_error(np.full(100, 0.9), right) == pytest.approx(0.4)
    assert calibration_error(np.full(100, 0.5), right) == pytest.approx(0.0)
    confidences = np.where(np.arange(100) < 40, 0.1, 0.9)
    assert calibration_error(confidences, np.arange(100) >= 40) == pytest.approx(0.1)
    assert calibration_error(np.empty(0), np.empty(0, bool)) == 0


def test_figures_have_the_name_and_the_edition_of_their_set() -> None:
    """They are told from those of other editions; without an edition there are none."""
    assert WHOLE.figures("new") == {"validation 1": 4_982, "photos a": 4_982, "readings b": 121, "things c": 180}
    assert WHOLE.figures("old") == {"validation 1": 4_980, "photos a": 4_980, "readings b": 120, "things c": 180}
    assert Comparison("v", GOOD, GOOD, None, is_judged=True).figures("new") == {}


def test_a_comparison_of_before_is_read_as_it_was() -> None:
    """It knows nothing of whole photos and of bounds, and stays as good as it was."""
    fields = WHOLE.to_json()
    for name in ("readings", "things", "calibration", "time_ms", "size", "editions"):
        del fields[name]
    before = Comparison.from_json(json.loads(json.dumps(fields)))
    assert before == Comparison("v", GOOD, GOOD, None, is_judged=True)
    assert before.is_good


def test_a_comparison_survives_metrics_json() -> None:
    """What is written is what is read."""
    for corrections in (None, BAD):
        before = Comparison("v", GOOD, BAD, corrections, is_judged=True)
        assert Comparison.from_json(json.loads(json.dumps(before.to_json()))) == before
    assert Comparison.from_json(json.loads(json.dumps(WHOLE.to_json()))) == WHOLE
