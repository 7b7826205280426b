"""The generated photos that models are compared on."""

import numpy as np

from model.generate.photolike import make
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
