"""Whom a correction blames."""

import numpy as np
import pytest

from model.blame import NONE, WIDTH, Blames, blamed, blames, of_edition
from model.decision import Decision
from model.scorer import ALONE, BESIDE

UNKNOWN = np.full(WIDTH, np.nan, np.float32)


def known(**values: float) -> np.ndarray:
    """What the scorer knew: 0 of everything but these."""
    names = [*(f"{name}" for name in ALONE), *(f"beside_{name}" for name in BESIDE)]
    assert values.keys() <= set(names)
    return np.array([values.get(name, 0.0) for name in names], np.float32)


def blame(said: int, label: int, features: np.ndarray) -> str | None:
    """Who erred where one crop was corrected."""
    (found,) = blamed(np.array([said]), np.array([label]), features[None], Decision())
    return found


@pytest.mark.parametrize(
    ("said", "label", "who"), [(7, 1, "classifier"), (7, 7, None), (7, NONE, "judge"), (NONE, 7, "judge")]
)
def test_of_a_crop_of_which_nothing_is_known_the_networks_answers_tell(said: int, label: int, who: str) -> None:
    """Another digit is the classifier's error, a digit or none the judge's."""
    assert blame(said, label, UNKNOWN) == who


def test_where_the_judges_word_would_have_changed_nothing_the_scorer_erred() -> None:
    """What everything else calls a digit stays one, however sure the judge is; what is doubtful follows the judge."""
    certain = known(always=1, beside_always=1, score=5.0, cut=1.0, classical=6.0, placed=6.0, beside_page=1.0)
    doubtful = known(always=1, beside_always=1, score=1.0, cut=1.0, beside_page=1.0)
    assert blame(7, NONE, certain) == "scorer"
    assert blame(7, NONE, doubtful) == "judge"


def test_blames_are_counted() -> None:
    """Right answers blame nobody."""
    said, label = np.array([7, 7, 7, NONE]), np.array([1, 7, NONE, 3])
    assert blames(said, label, np.stack([UNKNOWN] * 4), Decision(), strange=2) == Blames(1, 2, 0, 2)
    assert blames(said, label, np.stack([UNKNOWN] * 4), Decision()).total == 3


def test_features_of_another_edition_are_left_out_and_counted() -> None:
    """So are those of no edition, of which there are none; and all where they are fewer than are known today."""
    rows = np.ones((3, WIDTH + 1), np.float32)
    features, strange = of_edition(rows, np.array(["now", "then", ""]), "now")
    assert features.shape == (3, WIDTH)
    assert np.isfinite(features).all(axis=1).tolist() == [True, False, False]
    assert strange == 1
    assert np.isnan(of_edition(rows[:, :3], np.array(["now"] * 3), "now")[0]).all()
