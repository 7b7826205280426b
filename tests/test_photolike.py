"""The generated photos that models are compared on."""

from pathlib import Path

import numpy as np
import pytest

from model.generate.photolike import make, photolike
from model.mnist import Mnist


def test_photographed_digits_are_found_cropped_and_the_same_each_time(mnist: Mnist) -> None:
    """Most of 40 written digits come back as crops of digits, with their labels in order, twice alike."""
    images, labels = (part[:40] for part in mnist.split()[1])
    crops, kept = make(images, labels)
    assert crops.shape == (len(kept), 28, 28)
    assert len(kept) >= 30
    assert (crops.reshape(len(kept), -1).max(axis=1) > 200).all()  # none of them is blank
    again, labels_again = make(images, labels)
    assert np.array_equal(crops, again)
    assert np.array_equal(kept, labels_again)


def test_the_cached_crops_are_those_of_the_digits_asked_for(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made once, and made for other digits when others are asked for; only whole files are left."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    images, labels = mnist.split()[1]
    crops, kept = photolike(images, labels, 20)
    again, kept_again = photolike(images, labels, 20)
    assert np.array_equal(crops, again)
    assert np.array_equal(kept, kept_again)
    assert len(list(tmp_path.rglob("*.npz"))) == 1
    assert not np.array_equal(crops[:5], photolike(images[20:], labels[20:], 20)[0][:5])
    assert len(list(tmp_path.rglob("*.npz"))) == 2
