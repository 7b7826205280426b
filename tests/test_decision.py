"""The numbers that decide what is read: kept with a version, taught by corrections, and who erred in one."""

from pathlib import Path

import numpy as np
import pytest

from model import ModelUnavailable, load_reader, open_version
from model.blame import NONE, blamed
from model.decision import Decision, decision_of, edition
from model.scorer import ALONE, BESIDE, SUREST
from model.taught import MOST, Taught
from model.training.examples import TrainingFailed, read_examples
from tests.versions import a_version

WIDTH = len(ALONE) + len(BESIDE)


def features(**known: float) -> np.ndarray:
    """What the scorer knew of one hypothesis that stands alone; 0 for what is not named."""
    row = np.zeros((1, WIDTH), np.float32)
    row[0, 0] = row[0, len(ALONE)] = 1
    for name, value in known.items():
        row[0, list(ALONE).index(name)] = value
    return row


A_SHIFT = Taught(np.zeros(2, np.float32), np.ones(2, np.float32), np.array([1, 0, -2], np.float32))


def test_a_decision_is_read_as_it_was_written() -> None:
    """All weights, and what was taught, to the last digit that is kept."""
    written = Decision(taught=A_SHIFT)
    read = Decision.from_json(written.to_json())
    assert (read.alone, read.beside, read.confidence) == (ALONE, BESIDE, dict(written.confidence))
    assert read.taught is not None
    assert read.taught.to_json() == A_SHIFT.to_json()


def test_what_was_taught_shifts_no_further_than_the_most() -> None:
    """A crop that is like nothing that was seen can't be shifted without bounds."""
    assert A_SHIFT(np.array([[0, 0], [3, 9], [99, 0], [-99, 0]], np.float32)).tolist() == [-2, 1, MOST, -MOST]


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"alone": {"always": 1}, "beside": {}, "confidence": {}, "taught": null}']
)
def test_a_version_that_weighs_other_things_is_not_served(tmp_path: Path, text: str) -> None:
    """Its features mean something else, or nothing: one line says so, and what mends it."""
    version = open_version(a_version(tmp_path, "v1", decision=text))
    with pytest.raises(ModelUnavailable, match=r"weighs other things .*train a new one"):
        decision_of(version)


def test_a_version_reads_by_its_own_decision(tmp_path: Path) -> None:
    """One whose scorer takes nothing for a digit reads nothing."""
    blind = Decision(beside={**BESIDE, "always": -40.0})
    photo = Path("bot/local/page/samples/a-seven.jpg")
    assert load_reader().read(photo.read_bytes()).texts
    assert load_reader(a_version(tmp_path, "v1", decision=blind.to_json())).read(photo.read_bytes()).texts == ()


@pytest.mark.parametrize(
    ("said", "label", "known", "expected"),
    [
        (7, 1, features(), "classifier"),
        (7, 7, features(), None),
        (7, NONE, features(score=1, judged=3), "judge"),
        (7, NONE, features(score=1, judged=-SUREST, classical=SUREST, cut=1, placed=SUREST), "scorer"),
        (NONE, 7, features(judged=-3, cut=1, classical=3), "judge"),
        (NONE, 7, features(judged=SUREST, large=-9), "scorer"),
        (NONE, 7, np.full((1, WIDTH), np.nan, np.float32), "judge"),
    ],
    ids=["another digit", "right", "no digit", "no digit all the same", "refused", "refused all the same", "unknown"],
)
def test_who_erred(said: int, label: int, known: np.ndarray, expected: str | None) -> None:
    """The judge, where its being sure of the truth would have been enough; the scorer, where it would not."""
    assert blamed(np.array([said]), np.array([label]), known, Decision()) == [expected]


def test_features_of_another_edition_are_left_out_and_counted(tmp_path: Path) -> None:
    """They mean something else; the crop itself still teaches."""
    file = tmp_path / "corrections.npz"
    known = np.ones((3, WIDTH), np.float32)
    crops = np.zeros((3, 28, 28), np.float32)
    np.savez(file, x=crops, y=[NONE, 3, 4], said=[3, NONE, 4], features=known, edition=[edition(), "another", ""])
    examples, left_out = read_examples(file, edition(), WIDTH)
    assert left_out == 1
    assert np.isfinite(examples.features).all(axis=1).tolist() == [True, False, False]
    assert len(examples.digits) == 2


@pytest.mark.parametrize(
    "wrong",
    [{"said": [0]}, {"said": [11, 0]}, {"features": np.ones(2, np.float32)}, {"y": [-2, 0]}],
    ids=["another number of words", "no digit's word", "features without rows", "no label"],
)
def test_corrections_that_make_no_sense_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    """One line says what is wrong with the file."""
    file = tmp_path / "corrections.npz"
    np.savez(file, **{"x": np.zeros((2, 28, 28), np.float32), "y": [1, NONE], **wrong})  # type: ignore[arg-type]
    with pytest.raises(TrainingFailed, match=r"corrections\.npz is wrong"):
        read_examples(file, edition(), WIDTH)
