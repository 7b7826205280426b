import cv2
import numpy as np
import pytest

from model.cells import borders
from model.find import find_digits
from model.ink import Mask
from tests.pictures import Grey, paper, write


def grid(page: Grey, columns: int, rows: int, *, side: int = 100, line: int = 4, left: int = 80, top: int = 80) -> Grey:
    """Boxes printed on a copy of a page, `side` pixels wide and high."""
    page = page.copy()
    for column in range(columns + 1):
        cv2.line(page, (left + column * side, top), (left + column * side, top + rows * side), (60,), line)
    for row in range(rows + 1):
        cv2.line(page, (left, top + row * side), (left + columns * side, top + row * side), (60,), line)
    return page


def found(page: Grey) -> tuple[int, ...]:
    """How many digits were found in each line."""
    return tuple(len(line) for line in find_digits(page))


def mask(page: Grey) -> Mask:
    """The ink of a clean page."""
    return (page < 150).astype(np.uint8)


@pytest.mark.parametrize("line", [1, 3, 6])
def test_digits_in_the_boxes_of_a_form(line: int) -> None:
    """The borders are no 1s, however thick; empty boxes are nothing."""
    page = grid(paper(900, 260), 7, 1, line=line)
    for place, digit in enumerate("40718"):
        page = write(page, digit, 110 + 100 * place, 100, height=60, pen=5)
    assert found(page) == (5,)


def test_a_table() -> None:
    """Its rows are lines of digits."""
    page = grid(paper(500, 500), 3, 3)
    for row, text in enumerate(("123", "456", "709")):
        for column, digit in enumerate(text):
            page = write(page, digit, 110 + 100 * column, 100 + 100 * row, height=60, pen=5)
    assert found(page) == (3, 3, 3)


def test_a_digit_that_runs_into_its_border() -> None:
    """It stays, its border goes, and so do the others of its form."""
    page = write(grid(paper(900, 260), 4, 1), "5", 110, 100, height=60, pen=5)
    page = write(page, "3", 217, 78, height=60, pen=5)
    assert found(page) == (2,)


def test_squared_paper_is_no_table() -> None:
    """Where digits are written across many small squares, nothing of them is taken for a border."""
    page = grid(paper(700, 400), 27, 15, side=24, line=2, left=20, top=20)
    written = write(page, "4071", 60, 100, height=160, pen=7)
    only_digits = mask(written) & ~mask(page)
    assert not (borders(mask(written)) & only_digits).any()


def test_circled_digits() -> None:
    """The ring goes, the digit stays; a 0 among them stays too."""
    page = paper(700)
    for middle, digit in ((120, "7"), (340, "2")):
        cv2.circle(page, (middle, 150), 80, (60,), 5)
        page = write(page, digit, middle - 25, 110, height=80, pen=6)
    page = write(page, "0", 520, 110, height=80, pen=6)
    boxes = [one.box for line in find_digits(page) for one in line]
    assert [box.bottom - box.top < 100 for box in boxes] == [True] * 3


def test_a_page_without_ink() -> None:
    """There are no boxes on it."""
    assert not borders(np.zeros((200, 300), np.uint8)).any()
