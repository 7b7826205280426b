"""Small pictures of single things, and whether a version tells digits among them from the rest."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model import SHIPPED, open_version
from model.decision import Decision
from model.generate.pens import Hand, load_hand
from model.mnist import Mnist
from model.record import record
from model.registry import DECISION
from model.scorer import BESIDE
from model.training.told_apart import draw, taken_for_digits, things


@pytest.fixture(scope="module")
def hand(mnist: Mnist) -> Hand:
    """A few digits to write with."""
    return load_hand(mnist.train_images[:500], mnist.train_labels[:500])


def test_every_other_picture_shows_a_digit_and_all_are_the_same_each_time(hand: Hand) -> None:
    """To the byte, or what versions read of them could not be compared."""
    pictures, are_digits = draw(hand, 6)
    again, _ = draw(hand, 6)
    assert pictures == again
    assert are_digits.tolist() == [True, False] * 3


def test_the_shipped_version_tells_most_apart_and_one_that_refuses_less_tells_fewer(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are seen once and kept; a version whose decision takes everything for a digit is right for digits alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    images, labels = mnist.split()[1]
    seen, edition = things(images[:60], labels[:60], "a road", 30)
    again, same = things(images[:60], labels[:60], "a road", 30)
    assert same == edition
    np.testing.assert_array_equal(seen.bitmaps, again.bitmaps)
    assert things(images[:60], labels[:60], "another road", 1)[1] != edition
    shipped = taken_for_digits(open_version(SHIPPED), seen)
    assert (shipped == seen.are_digits).mean() > 0.75
    folder = shutil.copytree(SHIPPED, tmp_path / "lenient")
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["files"]
    (folder / DECISION).write_text(Decision(beside={**BESIDE, "always": 100.0}).to_json())
    record(folder, metrics)
    assert taken_for_digits(open_version(folder), seen).all()
