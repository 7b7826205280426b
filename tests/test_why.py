"""What an answer hangs on, for networks whose answer is known, and for the served one."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from model import SHIPPED, open_version
from model.classify import Classifier
from model.mnist import Mnist
from model.why import why

Floats = NDArray[np.float32]


def bitmap_of(*pixels: tuple[int, int]) -> Floats:
    """A bitmap with ink at these (row, column)."""
    bitmap = np.zeros((28, 28), np.float32)
    for pixel in pixels:
        bitmap[pixel] = 1
    return bitmap


@dataclass
class Network:
    """Says 7, 91 % sure while there is ink at `pixel`, and `without` when there is none."""

    pixel: tuple[int, int]
    without: float = 0.1
    asked: list[Floats] = field(default_factory=list)

    def probabilities(self, bitmaps: Floats) -> Floats:
        """Answer, and remember the question."""
        self.asked.append(bitmaps)
        answers = np.full((len(bitmaps), 10), 0.01, np.float32)
        answers[:, 7] = np.where(bitmaps[:, self.pixel[0], self.pixel[1]] > 0, 0.91, self.without)
        answers[:, 1] = 0.92 - answers[:, 7]
        return answers


def test_the_pixel_that_the_answer_hangs_on_is_the_reddest() -> None:
    """The effect is strongest at that pixel and ends where no patch reaches it; the rest of the ink has none."""
    network = Network((10, 10))
    found = why(bitmap_of((10, 10), (20, 20)), 7, network.probabilities)
    assert found.effect.argmax() == 10 * 28 + 10
    assert found.effect[10, 10] == pytest.approx(np.log(0.91 / 0.09) - np.log(0.1 / 0.9), rel=1e-3)
    near = np.zeros((28, 28), bool)
    near[6:15, 6:15] = True
    assert (found.effect[~near] == 0).all()
    assert found.least == pytest.approx(0.1)
    assert found.probabilities == pytest.approx((0.01, 0.01, *[0.01] * 5, 0.91, 0.01, 0.01))


def test_ink_that_speaks_against_the_answer_is_below_zero() -> None:
    """Erasing it makes the answer surer, so nothing is left of the doubt, and all of the answer."""
    found = why(bitmap_of((10, 10)), 7, Network((10, 10), without=0.915).probabilities)
    assert found.effect[10, 10] < 0
    assert found.least == pytest.approx(0.91)


def test_the_network_is_asked_once_and_only_where_there_is_ink() -> None:
    """One batch: the bitmap, and one for each of the 25 places of the patch that erase its only pixel."""
    network = Network((0, 27))
    bitmap = bitmap_of((0, 27))
    why(bitmap, 7, network.probabilities)
    (asked,) = network.asked
    assert asked.shape == (26, 28, 28)
    assert (asked[0] == bitmap).all()
    assert not asked[1:].any()


def test_a_blank_bitmap_gives_no_reason() -> None:
    """Nothing to erase, nothing that mattered."""
    found = why(np.zeros((28, 28), np.float32), 7, Network((3, 3)).probabilities)
    assert not found.effect.any()
    assert found.least == pytest.approx(0.1)


def test_an_answer_that_nothing_moves_has_no_effect_at_all() -> None:
    """A network that always says the same, as surely as can be, gives zeros and no infinity."""

    def certain(bitmaps: Floats) -> Floats:
        return np.eye(10, dtype=np.float32)[[7] * len(bitmaps)]

    for digit, least in ((7, 1.0), (3, 0.0)):
        found = why(bitmap_of((10, 10)), digit, certain)
        assert not found.effect.any()
        assert found.least == least


def test_what_the_served_network_finds_in_mnist(mnist: Mnist) -> None:
    """Erasing all that is red costs it more answers than erasing as much of the other ink."""
    network = Classifier(open_version(SHIPPED).classifier_path)
    bitmaps = mnist.test_images[:10].astype(np.float32) / 255
    lost = {"red": 0.0, "other": 0.0}
    for bitmap, label in zip(bitmaps, mnist.test_labels[:10], strict=True):
        found = why(bitmap, int(label), network.probabilities)
        ink = np.flatnonzero(bitmap)
        by_effect = ink[np.argsort(found.effect.ravel()[ink])]
        for name, erased in (("red", by_effect[-len(ink) // 4 :]), ("other", by_effect[: len(ink) // 4])):
            without = bitmap.copy()
            without.ravel()[erased] = 0
            lost[name] += found.probabilities[label] - network.probabilities(without[None])[0, label]
    assert lost["red"] > 2 * lost["other"]
