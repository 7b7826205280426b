"""The pages of `tests.bench.growth` are what they say."""

import cv2
import pytest

from tests.bench.growth import enlarged, told, with_digits, with_letters
from tests.pictures import Grey, paper


def pieces(page: Grey) -> int:
    """How many pieces of ink are on a page."""
    return cv2.connectedComponents((page < 150).astype("uint8"), connectivity=8)[0] - 1


@pytest.mark.parametrize("count", [1, 5, 30])
def test_a_page_has_as_many_digits_as_it_is_said_to_have(count: int) -> None:
    """None is cut off by the page's edge, and none touches another."""
    page = with_digits(count)
    assert pieces(page) == count
    assert all((edge == paper()[0, 0]).all() for edge in (page[0], page[-1], page[:, 0], page[:, -1]))


def test_letters_lie_beside_the_digit_and_not_on_it() -> None:
    """Each of 2,000 letters adds ink of its own; the digit's stays as it is."""
    digit, page = with_digits(1), with_letters(2_000)
    assert (page[:220] == digit[:220]).all()
    assert pieces(page) >= 2_000


def test_an_enlarged_page_has_so_many_times_the_pixels() -> None:
    """Twice is 1.41 times each side."""
    assert enlarged(2).size / enlarged(1).size == pytest.approx(2, rel=0.01)


def test_costs_are_ratios_to_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Medians count, not means."""
    assert told("pages", "ms", {"one": [10, 12, 90], "two": [30, 24, 20]}) == {"one": 1.0, "two": 2.0}
    assert "2.00" in capsys.readouterr().out
