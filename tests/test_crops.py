"""The crops that the judge and the classifier learn from."""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.crops import Cutter, strays
from model.generate.letters import numerals, schooled
from model.generate.pens import Hand, traced
from model.mnist import Mnist
from tests.pictures import paper


def hand_of(mnist: Mnist, count: int) -> Hand:
    """The first training digits as lines."""
    images, labels = mnist.train_images[:count], mnist.train_labels[:count]
    return Hand(traced(images), images, labels)


def test_redrawn_digits_are_as_mnist_was_made_and_keep_their_labels(mnist: Mnist) -> None:
    """20x20 in 28x28, ink from nothing to full, every digit there, and the same seed gives the same digits."""
    cutter = Cutter(hand_of(mnist, 60))
    crops, labels = cutter.digits(120, seed=3)
    assert crops.shape == (120, 28, 28)
    assert set(labels.tolist()) == set(range(10))
    ink = crops.reshape(120, -1).astype(float)
    middles = ink @ np.indices((28, 28)).reshape(2, -1).T / ink.sum(axis=1, keepdims=True)
    assert np.median(np.abs(middles - 13.5)) < 0.3  # centred by mass, but for what would not fit then
    assert np.abs(middles - 13.5).max() < 4
    extents = [np.ptp(np.nonzero(crop > 100)[axis]) + 1 for crop in crops for axis in (0, 1)]
    assert max(extents) <= 22  # 20, and what a thin pen is thickened by
    assert (crops.reshape(120, -1).max(axis=1) > 200).all()
    again, labels_again = cutter.digits(120, seed=3)
    assert np.array_equal(crops, again)
    assert np.array_equal(labels, labels_again)
    assert not np.array_equal(crops, cutter.digits(120, seed=4)[0])


def test_a_schooled_hand_writes_its_own_digits_and_those_of_other_schools(mnist: Mnist) -> None:
    """Its own stay as they are; one in ten or so is a numeral, as lines and as a bitmap, with its value."""
    own = hand_of(mnist, 1_000)
    hand = schooled(own)
    assert hand.glyphs[:1_000] == own.glyphs
    assert len(hand.glyphs) == len(hand.images) == len(hand.labels)
    assert 0.05 < 1 - 1_000 / len(hand.glyphs) < 0.2
    values = [digit for digit, _ in numerals()]
    assert hand.labels[1_000 : 1_000 + len(values)].tolist() == values
    assert (hand.images[1_000:].reshape(len(hand.images) - 1_000, -1).max(axis=1) > 200).all()


def test_a_filled_dot_is_something_else(mnist: Mnist) -> None:
    """Among what is no digit are full stops and blots: filled where a 0 has its hole."""
    cutter, random = Cutter(hand_of(mnist, 30), (trace_of_a_cross(),)), np.random.default_rng(2)
    crops = np.array([cutter.other(random) for _ in range(300)])
    filled = (crops[:, 10:18, 10:18] > 0.5).all(axis=(1, 2))
    assert 5 < filled.sum() < 60


def test_scanned_digits_and_strays_come_as_they_are(mnist: Mnist) -> None:
    """A few digits are scans, with their values, and some of what is none are pieces of photos: none is redrawn."""
    scan, stray = np.full((28, 28), 0.25, np.float32), np.full((28, 28), 0.75, np.float32)
    cutter = Cutter(hand_of(mnist, 30), (trace_of_a_cross(),), [(scan, 7)], [stray])
    random = np.random.default_rng(5)
    digits = [cutter.digit(random) for _ in range(200)]
    assert {value for crop, value in digits if crop is scan} == {7}
    assert 2 < sum(crop is scan for crop, _ in digits) < 30
    assert 10 < sum(cutter.other(random) is stray for _ in range(200)) < 60


def test_strays_are_what_reading_takes_for_writing_but_no_narrow_ones() -> None:
    """An arc on a photo is cut out as reading would; a bar beside it could be a 1 and is not."""
    photo = paper(400, 300)
    cv2.ellipse(photo, (120, 150), (50, 50), 0, 20, 200, (40,), 8)
    cv2.line(photo, (300, 80), (305, 220), (40,), 8)
    (cut,) = strays([photo])
    assert cut.shape == (28, 28)
    rows, columns = (np.flatnonzero((cut > 0.5).any(axis=axis)) for axis in (1, 0))
    assert np.ptp(columns) > 0.45 * np.ptp(rows)
    assert strays([paper(400, 300)]) == []


def trace_of_a_cross() -> tuple[NDArray[np.float32], ...]:
    """A sign of two strokes."""
    return np.array([[-0.5, -0.5], [0.5, 0.5]], np.float32), np.array([[-0.5, 0.5], [0.5, -0.5]], np.float32)
