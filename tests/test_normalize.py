import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from model.ink import stroke_width
from model.normalize import to_mnist
from model.reading import Ink
from tests.pictures import paper, write


def digit(height: int = 100, pen: int = 8) -> Ink:
    """The ink of a written 2, without a margin."""
    page = write(paper(height * 2, height * 2, 255), "2", height // 2, height // 2, height=height, pen=pen, ink=0)
    ink = (255 - page).astype(np.float32) / np.float32(255)
    left, top, width, height = cv2.boundingRect((ink > 0.5).astype(np.uint8))
    return ink[top : top + height, left : left + width]


@settings(deadline=None, derandomize=True)
@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(0, 40), st.integers(0, 40)),
        elements=st.floats(-2, 2, width=32) | st.sampled_from([np.nan, np.inf, 0, 1]),
    )
)
def test_any_ink(ink: Ink) -> None:
    """Whatever the crop, an empty one too, the bitmap is (28, 28) float32 in 0..1."""
    bitmap = to_mnist(ink)
    assert bitmap.shape == (28, 28)
    assert bitmap.dtype == np.float32
    assert bitmap.min() >= 0
    assert bitmap.max() <= 1


def test_no_ink() -> None:
    """Paper without ink is a bitmap without ink."""
    assert not to_mnist(np.zeros((50, 30), np.float32)).any()


def test_the_place_of_the_digit() -> None:
    """The digit fills a 20x20 box and its centre of mass lies in the middle, as in MNIST."""
    bitmap = to_mnist(digit())
    _, _, width, height = cv2.boundingRect((bitmap > 0.1).astype(np.uint8))
    assert max(width, height) == 20
    rows, columns = np.indices((28, 28))
    centre = ((bitmap * rows).sum() / bitmap.sum(), (bitmap * columns).sum() / bitmap.sum())
    assert centre == pytest.approx((13.5, 13.5), abs=0.51)


def test_a_margin_around_the_digit() -> None:
    """Empty paper around the ink changes nothing."""
    assert np.array_equal(to_mnist(np.pad(digit(), ((10, 60), (35, 0)))), to_mnist(digit()))


@pytest.mark.parametrize("pen", [1, 2, 4, 8, 12])
def test_a_thin_pen(pen: int) -> None:
    """A hair-thin stroke arrives as wide and dark as MNIST's are, not as a grey breath."""
    bitmap = to_mnist(digit(200, pen))
    assert bitmap.max() > 0.8
    assert stroke_width(bitmap) > 1.4


def test_the_same_digit_at_other_sizes() -> None:
    """A digit photographed from nearer gives nearly the same bitmap."""
    near, far = to_mnist(digit(400, 32)), to_mnist(digit(60, 5))
    assert np.abs(near - far).mean() < 0.03
