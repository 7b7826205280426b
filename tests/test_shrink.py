"""Pictures with fewer pixels."""

import cv2
import numpy as np
import pytest

from model.shrink import at_most, shrunk
from tests.pictures import paper, write


@pytest.mark.parametrize("size", [(96, 72), (288, 216), (512, 384), (1279, 959), (1280, 960)])
def test_a_pixel_is_the_average_of_those_it_stands_for(size: tuple[int, int]) -> None:
    """Halving first gives what averaging at once gives, within a tenth of the range at the edges of strokes."""
    page = write(paper(1280, 960), "38", 300, 200, height=500)
    at_once = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    assert shrunk(page, size).shape == (size[1], size[0])
    difference = np.abs(shrunk(page, size).astype(int) - at_once.astype(int))
    assert difference.mean() < 1
    assert np.percentile(difference, 99.5) <= 25


def test_odd_sides_lose_less_than_a_pixel_in_every_half() -> None:
    """A page of 1,277 by 961 pixels has its stroke where it is in the page itself, to half a pixel."""
    page = paper(1277, 961)
    page[480:484, 640:648] = 0
    small = shrunk(page, (128, 96))
    row, column = np.unravel_index(small.argmin(), small.shape)
    assert abs(float(column) + 0.5 - 644 * 128 / 1277) <= 1
    assert abs(float(row) + 0.5 - 482 * 96 / 961) <= 1


def test_a_small_picture_stays_as_it_is() -> None:
    """Nothing is enlarged, and no side is ever less than a pixel."""
    small = paper(40, 30)
    assert at_most(small, 40) is small
    assert at_most(paper(4000, 3), 100).shape == (1, 100)
