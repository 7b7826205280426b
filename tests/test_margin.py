import cv2
import numpy as np
import pytest

from model import DigitReader, load_reader
from model.margin import with_margin
from model.reading import Box, Grey
from model.straighten import as_it_is
from tests.pictures import encode, paper, write


def cut_out(digit: str, *, ink: int = 50, brightness: int = 225) -> Grey:
    """A digit of a thick pen, cut out along its ink."""
    page = write(paper(500, 500, brightness), digit, 150, 100, height=280, pen=32, ink=ink)
    rows, columns = np.nonzero(np.abs(page.astype(int) - brightness) > 60)
    return np.ascontiguousarray(page[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader that is served."""
    return load_reader()


@pytest.mark.parametrize("digit", "0123456789")
def test_a_digit_that_is_cut_out_along_its_ink_is_read(reader: DigitReader, digit: str) -> None:
    """A picture without any paper around its digit is read as the same digit with paper would be."""
    assert reader.read(encode(cut_out(digit))).texts == (digit,)


def test_where_the_digit_is_in_a_picture_that_got_a_margin(reader: DigitReader) -> None:
    """The box is one of the picture that was sent, and not of the one with paper around it."""
    page = cut_out("3")
    height, width = page.shape
    (digit,) = reader.read(encode(page)).digits
    assert (np.abs(np.array(digit.box) - np.array(Box(0, 0, width, height))) < 0.1 * height).all()


@pytest.mark.parametrize(("ink", "brightness"), [(50, 225), (230, 30)], ids=["dark on light", "light on dark"])
def test_the_margin_is_of_the_papers_grey(ink: int, brightness: int) -> None:
    """What is added looks like the paper that is there."""
    view = with_margin(as_it_is(cut_out("5", ink=ink, brightness=brightness)))
    assert set(view.grey[0]) == {brightness}


def test_a_straight_stem_is_no_printed_line() -> None:
    """A 9 that was cut out along its ink, its stem straight and as thick as its ring, gets paper around it."""
    page = np.full((91, 36), 255, np.uint8)
    cv2.ellipse(page, (17, 21), (14, 20), 0, 0, 360, (0,), 3)
    cv2.line(page, (31, 21), (31, 75), (0,), 3)
    cv2.ellipse(page, (17, 75), (14, 12), 0, 0, 180, (0,), 3)
    view = as_it_is(page)
    assert with_margin(view) is not view


def _lined() -> Grey:
    page = cut_out("7")
    page[::40] = 90
    return page


@pytest.mark.parametrize(
    "page",
    [
        write(paper(), "7"),
        paper(),
        _lined(),
        np.asarray(cv2.resize(np.random.default_rng(1).integers(0, 255, (12, 16), np.uint8), (400, 300)), np.uint8),
        np.tile(np.linspace(0, 255, 300, dtype=np.uint8), (300, 1)),
        paper(1, 1),
    ],
    ids=["paper around it", "blank", "rules", "a texture", "a shade", "one pixel"],
)
def test_a_picture_that_no_digit_fills_is_left_as_it_is(page: Grey) -> None:
    """Paper is added only where a few strokes run from edge to edge."""
    view = as_it_is(page)
    assert with_margin(view) is view
