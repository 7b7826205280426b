"""Figures of a model on labelled digits."""

import numpy as np
import pytest

from model.evaluate import score


def probabilities(*answers: int) -> np.ndarray:
    """(N, 10): each row gives its answer 0.91 and everything else 0.01."""
    rows = np.full((len(answers), 10), 0.01, np.float32)
    rows[range(len(answers)), answers] = 0.91
    return rows


def test_right_and_wrong_answers_are_counted_by_digit() -> None:
    """Accuracy, each digit's accuracy and the confusion say the same of the same answers."""
    found = score(probabilities(1, 1, 7, 3), np.array([1, 1, 1, 3], np.uint8))
    assert found.accuracy == 0.75
    assert found.per_digit == {1: pytest.approx(2 / 3), 3: 1.0}
    assert found.confusion[1][1] == 2
    assert found.confusion[1][7] == 1
    assert sum(map(sum, found.confusion)) == 4


def test_loss_is_the_mean_cross_entropy() -> None:
    """The loss is what Keras calls categorical cross-entropy: the mean of -ln of what the true digit was given."""
    found = score(probabilities(1, 7), np.array([1, 1], np.uint8))
    assert found.loss == pytest.approx(-(np.log(0.91) + np.log(0.01)) / 2, abs=1e-6)


def test_true_digit_given_nothing_leaves_the_loss_finite() -> None:
    """One digit that the model rules out entirely does not make the mean infinite."""
    row = np.zeros((1, 10), np.float32)
    row[0, 4] = 1
    assert np.isfinite(score(row, np.array([9], np.uint8)).loss)
