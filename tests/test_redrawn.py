"""The crops that every plain training needs."""

from pathlib import Path

import numpy as np
import pytest

from model.generate.crops import Cutter
from model.generate.pens import load_hand
from model.generate.redrawn import others, redrawn
from model.mnist import Mnist


def test_what_is_kept_is_what_would_be_drawn_again(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Digits and other things, the same the second time, when nothing is drawn; another seed draws other digits."""
    hand = load_hand(mnist.train_images[:500], mnist.train_labels[:500])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    images, labels = redrawn(hand, 12, 0)
    things = others(hand, 8)
    assert images.shape == (12, 28, 28)
    assert things.shape == (8, 28, 28)
    assert things.max() <= 1
    assert not np.array_equal(images, redrawn(hand, 12, 1)[0])
    monkeypatch.setattr(Cutter, "digit", None)
    monkeypatch.setattr(Cutter, "other", None)
    again, same = redrawn(hand, 12, 0)
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(labels, same)
    np.testing.assert_array_equal(things, others(hand, 8))
