import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.confidence import WEIGHTS, confidences, features
from model.hypothesis import Hypothesis
from model.reading import Box
from tests.bench.confidence import Answer, fit, left_out, probabilities
from tests.fakes import a_hypothesis


def a_digit(sure: float = 0.999, **known: Any) -> Hypothesis:
    """A 4 that everything speaks for, but for what is told."""
    answers = np.full(10, (1 - sure) / 9)
    answers[4] = sure
    return replace(a_hypothesis(Box(0, 0, 40, 60), answers), **known)


def test_a_right_number_of_seven_digits_can_be_sure() -> None:
    """Where everything speaks for every digit, the whole number is given with 90 % and more."""
    assert math.prod(confidences([a_digit() for _ in range(7)], left=0.0)) >= 0.9


@pytest.mark.parametrize(
    "doubtful",
    [a_digit(likely=0.7), a_digit(judged=0.05), a_digit(lined=0.05)],
    ids=["likely", "judged", "line"],
)
def test_whatever_speaks_against_a_digit_lowers_its_confidence(doubtful: Hypothesis) -> None:
    """A doubt of any of the networks shows in the digit, and only in that digit."""
    sure = confidences([a_digit(), a_digit()], left=0.0)
    one_doubt = confidences([doubtful, a_digit()], left=0.0)
    assert one_doubt[0] < sure[0] - 0.001
    assert one_doubt[1] == pytest.approx(sure[1])


def test_something_that_is_left_out_lowers_every_confidence() -> None:
    """Beside a thing that may be one more digit, no reading of the others is as sure."""
    alone, beside = (confidences([a_digit()], left)[0] for left in (0.0, 0.3))
    assert beside < alone


def test_features_stand_in_the_order_of_their_weights() -> None:
    """A row a digit, a column a weight; of nothing read there are no rows."""
    assert features([a_digit(), a_digit(0.5)], 0.1).shape == (2, len(WEIGHTS))
    assert features([], 0.0).shape == (0, len(WEIGHTS))
    assert features([a_digit()], 0.25)[0, list(WEIGHTS).index("left")] == pytest.approx(0.25)


def some_answers(count: int, source: str, seed: int) -> list[Answer]:
    """Readings whose digits are right as often as their second feature says."""
    random, found = np.random.default_rng(seed), []
    for _ in range(count):
        rows = np.zeros((int(random.integers(1, 4)), len(WEIGHTS)))
        rows[:, 0], rows[:, 1] = 1, random.normal(2, 1.5, len(rows))
        right = bool((random.random(len(rows)) < 1 / (1 + np.exp(-rows[:, 1]))).all())
        found.append(Answer(source, is_negative=False, is_right=right, features=rows))
    return found


def test_weights_that_were_true_are_found_again() -> None:
    """From what was right and wrong, fitting finds how often each digit was right."""
    of = some_answers(3_000, "one", 1)
    true = np.array([0.0, 1.0, *[0.0] * (len(WEIGHTS) - 2)])
    assert np.abs(probabilities(fit(of), of) - probabilities(true, of)).mean() < 0.03


def test_a_source_is_judged_by_weights_that_have_not_seen_it() -> None:
    """Where one source alone is always wrong, weights from the others can't know it."""
    honest = some_answers(300, "one", 1)
    liars = [replace(each, source="two", is_right=False) for each in some_answers(100, "two", 2)]
    by_others = left_out([*honest, *liars])[len(honest) :].mean()
    assert by_others == pytest.approx(probabilities(fit(honest), liars).mean())
