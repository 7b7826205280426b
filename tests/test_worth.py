"""Which corrections an admin is asked about first: those that would teach most."""

from dataclasses import replace

import numpy as np
import pytest

from bot.learning.worth import by_worth, worth
from bot.store import Correction, Kind
from model.scorer import ALONE, BESIDE, SUREST

EDITION = "e"
CORRECTION = Correction(
    id=1, bitmap=bytes(784), label=9, said=4, confidence=0.9, version="v1", giver_id=7, given_at=0, edition=EDITION
)


def known(**opinions: float) -> bytes:
    """What the scorer knew of a thing that every stage was sure to be a digit, but for these features."""
    sure = {"cut": 1.0, "classical": SUREST, "judged": SUREST, "score": 1.0, "alone": SUREST} | opinions
    return np.array([sure.get(name, 0.0) for name in (*ALONE, *BESIDE)], "<f4").tobytes()


def order(*corrections: Correction, counting: dict[Kind, int] | None = None) -> list[int]:
    """The numbers of corrections, those that would teach most first."""
    return [each.id for each in by_worth(corrections, counting or {}, EDITION)]


def test_what_was_read_less_surely_comes_first() -> None:
    """A half-guessed digit before one that was read as surely as can be."""
    assert order(CORRECTION, replace(CORRECTION, id=2, confidence=0.5)) == [2, 1]


@pytest.mark.parametrize("feature", [{"judged": -SUREST}, {"classical": -SUREST}, {"score": 0.0}, {"alone": -SUREST}])
def test_what_the_stages_disagree_about_comes_first(feature: dict[str, float]) -> None:
    """Whichever of judge, classifier, finder and scorer took it for no digit."""
    agreed, disputed = (replace(CORRECTION, features=known(**each)) for each in ({}, feature))
    assert order(agreed, replace(disputed, id=2)) == [2, 1]


def test_what_the_classifier_was_not_asked_about_it_does_not_dispute() -> None:
    """Where the classical finder cut nothing out, the feature is 0 and means nothing."""
    agreed = worth(replace(CORRECTION, features=known(cut=0.0, classical=0.0)), 0, EDITION)
    assert agreed == pytest.approx(worth(replace(CORRECTION, features=known()), 0, EDITION))


def test_a_kind_that_was_seldom_learned_comes_first() -> None:
    """The third 4 that was read as 9 teaches less than the first 7 that was read as 1."""
    other = replace(CORRECTION, id=2, said=1, label=7)
    assert order(CORRECTION, other, counting={CORRECTION.kind: 2}) == [2, 1]
    assert order(CORRECTION, other, counting={CORRECTION.kind: 2, other.kind: 3}) == [1, 2]


def test_a_digit_that_was_nearly_read_comes_before_one_that_was_far_from_it() -> None:
    """How sure the classifier is of a refused crop says nothing of that: the scorer's opinion does."""
    missed = replace(CORRECTION, was_read=False)
    stages = {"cut": 0.0, "judged": 0.0, "score": 0.5}
    far = replace(missed, features=known(**stages, alone=-0.5), confidence=0.2)
    assert order(far, replace(far, id=2, features=known(**stages, alone=0.5))) == [2, 1]


def test_features_of_another_edition_say_nothing() -> None:
    """They may mean anything by now: it is as if they had not been kept."""
    disputed = replace(CORRECTION, features=known(judged=-SUREST))
    assert worth(disputed, 0, EDITION) > worth(CORRECTION, 0, EDITION)
    assert worth(replace(disputed, edition="before"), 0, EDITION) == worth(CORRECTION, 0, EDITION)


def test_of_two_that_would_teach_as_much_the_older_comes_first() -> None:
    """Nobody waits for ever behind those that came later."""
    assert order(replace(CORRECTION, id=3), CORRECTION, replace(CORRECTION, id=2)) == [1, 2, 3]
