import cv2
import numpy as np
import pytest

from model.find import find_digits
from model.ink import ink_depth
from tests.pictures import Grey, paper, write


def shape_of(page: Grey) -> tuple[int, ...]:
    """How many digits were found in each line."""
    return tuple(len(line) for line in find_digits(page))


def lined(page: Grey, step: int, *, squared: bool = False) -> Grey:
    """Paper with printed lines, fainter than ink."""
    page = page.copy()
    page[step // 2 :: step] -= 70
    if squared:
        page[:, step // 2 :: step] = 155
    return page


@pytest.mark.parametrize("brightness", [0, 128, 255])
def test_a_blank_page(brightness: int) -> None:
    """Blank, black and white pictures hold nothing."""
    assert shape_of(paper(brightness=brightness)) == ()


def test_a_grainy_page() -> None:
    """The grain of paper in bad light is not ink."""
    grain = np.random.default_rng(0).normal(0, 12, (300, 400))
    assert shape_of((150 + grain).clip(0, 255).astype(np.uint8)) == ()


def test_a_number() -> None:
    """Each digit is found once, from left to right, and its box is tight."""
    (line,) = find_digits(write(paper(700), "4071"))
    assert [found.box.left for found in line] == sorted(found.box.left for found in line)
    assert len(line) == 4
    for found in line:
        assert found.box.top == pytest.approx(60, abs=8)
        assert found.box.bottom == pytest.approx(160, abs=8)
        assert found.ink.shape == (found.box.bottom - found.box.top, found.box.right - found.box.left)


def test_lines_of_writing() -> None:
    """Lines come from top to bottom, however far they start from the left."""
    page = write(write(write(paper(700, 500), "12", 300, 30), "345", 50, 190), "6", 150, 350)
    assert shape_of(page) == (2, 3, 1)


def test_light_writing_on_a_dark_board() -> None:
    """Which side is ink is found by the picture itself."""
    assert shape_of(255 - write(paper(700), "4071")) == (4,)


def test_uneven_light() -> None:
    """A shadow across the page is paper, and writing in it is found."""
    light = np.linspace(0.35, 1, 700)[None, :]
    assert shape_of((write(paper(700), "4071") * light).astype(np.uint8)) == (4,)


@pytest.mark.parametrize("squared", [False, True])
def test_printed_lines(squared: bool) -> None:  # noqa: FBT001 (a pytest parameter)
    """Ruled and squared paper is paper; digits that cross its lines stay whole."""
    assert shape_of(write(lined(paper(700), 40, squared=squared), "4071")) == (4,)


def test_a_printed_cell() -> None:
    """The border of a form's or puzzle's cell is neither a 1 nor part of the digit in it."""
    page = write(paper(128, 128), "5", 45, 30, height=70, pen=6, ink=110)
    page[:9], page[-6:], page[:, :7] = 20, 20, 60
    assert shape_of(page) == (1,)


def test_specks_and_stray_marks() -> None:
    """Dust, dots and marks at the edge are no digits."""
    page = write(paper(700), "40")
    for x, y in ((400, 250), (450, 40), (600, 200)):
        cv2.circle(page, (x, y), 3, 60, -1)
    page[100:160, :8] = 40
    assert shape_of(page) == (2,)


def test_a_broken_stroke() -> None:
    """A digit that the pen skipped in is one digit."""
    page = write(paper(), "5")
    page[110:114] = 225
    assert shape_of(page) == (1,)


@pytest.mark.parametrize(("left", "right", "joined"), [(150, 200, True), (95, 165, False)])
def test_a_bar_above_a_bowl(left: int, right: int, joined: bool) -> None:  # noqa: FBT001 (a pytest parameter)
    """The bar of a 5 that floats above its bowl, to the right, is part of it; a bar in the middle is a fraction's."""
    page = paper()
    cv2.ellipse(page, (130, 140), (32, 40), 0, -130, 120, 40, 8)
    cv2.line(page, (left, 72), (right, 68), 40, 8)
    ((digit,),) = find_digits(page)
    assert (digit.box.top < 90) == joined


def test_touching_digits() -> None:
    """Two digits that touch are cut where a single stroke crosses."""
    page = write(paper(), "12", gap=0)
    page[155:163, 60:180] = 40
    assert shape_of(page) == (2,)


@pytest.mark.parametrize("pen", [1, 3, 8, 16])
def test_thin_and_thick_pens(pen: int) -> None:
    """A hair-thin line and a marker are both strokes."""
    assert shape_of(write(paper(700), "4071", pen=pen, gap=0.8)) == (4,)


def test_a_thick_digit_that_fills_a_small_picture() -> None:
    """Where strokes cover most of the middle, it is ink all the same: an 8 keeps its waist."""
    page = write(paper(190, 200), "8", 55, 30, height=130, pen=26)
    ((found,),) = find_digits(page)
    left, top, right, bottom = found.box
    written = (page[top:bottom, left:right] < 130).astype(np.uint8)
    assert (found.ink[cv2.erode(written, np.ones((5, 5), np.uint8)) > 0] > 0.5).mean() > 0.98


def test_a_large_dot() -> None:
    """A filled dot is no stroke of a pen, and no ring: it is not found at all."""
    assert shape_of(np.asarray(cv2.circle(paper(190, 190), (95, 95), 60, 40, -1), np.uint8)) == ()


def test_a_drawing_of_28_pixels() -> None:
    """A drawing as small as MNIST's own is found, and its box is in its own pixels."""
    ((found,),) = find_digits(write(paper(28, 28, 255), "3", 8, 5, height=18, pen=2, ink=0))
    assert found.box == pytest.approx((8, 4, 20, 24), abs=2)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (8, 8), (1, 900), (900, 2)])
def test_a_picture_of_a_few_pixels(size: tuple[int, int]) -> None:
    """Pictures too small for a digit hold none, whatever is in them."""
    page = paper(*size)
    page[size[1] // 2 :] = 0
    assert shape_of(page) == ()


def test_a_strip_of_bands() -> None:
    """A small picture whose background is a median over more pixels than OpenCV can count gives no error."""
    strip = np.repeat(np.array([[145, 254, 230]], np.uint8), (143, 1, 54), axis=1).repeat(22, axis=0)
    assert ink_depth(strip).shape == strip.shape


def test_a_page_of_print() -> None:
    """Thousands of letters are not a number, and end at once."""
    page = paper(1280, 1280)
    for row in range(40):
        cv2.putText(page, "the quick brown fox jumps over the lazy dog and runs", (10, 30 + 31 * row), 0, 1.3, 30, 2)
    assert shape_of(page) == ()
