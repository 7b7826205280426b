"""A line of writing cut out of a picture."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.boxes import Boxed
from model.reading import Box, Grey
from model.strip import HEIGHT, WIDTHS, Strip, runs, strip
from tests.fakes import a_hypothesis
from tests.pictures import paper, write


def digits(*boxes: tuple[int, int, int, int]) -> list[Boxed]:
    """Digits in these boxes."""
    return [a_hypothesis(Box(*box), np.eye(10)[7]) for box in boxes]


def sevens(slope: float, count: int = 5) -> tuple[Grey, list[Boxed]]:
    """A page with 7s along a line that falls by `slope`, and their boxes."""
    page, boxes = paper(900, 500), []
    for place in range(count):
        left, top = 80 + 120 * place, round(150 + 120 * place * slope)
        page = write(page, "7", left, top, height=80)
        boxes.append((left, top, left + 50, top + 80))
    return page, digits(*boxes)


def cut(page: Grey, line: list[Boxed]) -> Strip:
    """The strip, which is there."""
    found = strip(page, line)
    assert found is not None
    return found


@pytest.mark.parametrize("slope", [0, 0.2, -0.2])
def test_a_line_lies_level_at_one_height(slope: float) -> None:
    """Along a strip every digit's middle is in the middle and its height is 18 pixels, however steep the line was."""
    page, line = sevens(slope)
    found = cut(page, line)
    for digit in line:
        middle = found.onto @ [(digit.box.left + digit.box.right) / 2, (digit.box.top + digit.box.bottom) / 2, 1]
        assert middle[1] == pytest.approx(HEIGHT / 2, abs=0.5)
        ink = found.picture[:, round(middle[0]) - 7 : round(middle[0]) + 7] > 0.5
        rows = np.flatnonzero(ink.any(axis=1))
        assert rows[-1] - rows[0] == pytest.approx(18, abs=4)


def test_light_ink_on_dark_paper_looks_alike() -> None:
    """Paper is 0 and ink about 1, whichever is the darker; what fills the strip up is paper."""
    page, line = sevens(0, 3)
    dark, light = cut(page, line), cut(np.asarray(255 - page, np.uint8), line)
    assert np.abs(dark.picture - light.picture).max() < 0.1
    assert np.percentile(dark.picture, 98) == pytest.approx(1, abs=0.25)
    assert dark.picture.shape[1] in WIDTHS
    assert not dark.picture[:, dark.width :].any()


def test_what_no_finder_saw_beside_a_line_is_in_its_strip() -> None:
    """The first and the last digit of three are there, though only the one in the middle is known."""
    page, line = sevens(0, 3)
    alone = write(paper(900, 500), "7", 200, 150, height=80)
    assert cut(page, line[1:2]).picture[:, :18].max() > 0.8
    assert cut(alone, line[1:2]).picture[:, :18].max() < 0.3


def test_a_line_longer_than_any_strip() -> None:
    """There is no strip of it; told apart by their gaps, its parts have some."""
    page = paper(3000, 100)
    line = digits(*[(30 + 60 * n, 40, 40 + 60 * n, 56) for n in range(45)])
    assert strip(page, line) is None
    assert [len(part) for part in runs(line)] == [1] * 45


def test_digits_far_apart_stand_in_runs_of_their_own() -> None:
    """Columns of a table are read one by one; a wide space in a number is none."""
    line = digits((0, 0, 30, 50), (60, 0, 90, 50), (300, 0, 330, 50))
    assert [[one.box.left for one in part] for part in runs(line)] == [[0, 60], [300]]


@settings(deadline=None, max_examples=80, derandomize=True)
@given(
    st.integers(1, 90), st.integers(1, 90), st.lists(st.tuples(*[st.integers(-20, 120)] * 4), min_size=1, max_size=4)
)
def test_any_boxes_in_any_picture(width: int, height: int, corners: list[tuple[int, int, int, int]]) -> None:
    """Wherever digits are said to be, even in noise, their strip has a strip's shape and no number is missing."""
    page = np.random.default_rng(width).integers(0, 256, (height, width), dtype=np.uint8)
    boxes = [(left, top, left + 1 + abs(right), top + 1 + abs(bottom)) for left, top, right, bottom in corners]
    inside = [box for box in boxes if box[0] < width and box[1] < height and box[2] > 0 and box[3] > 0]
    found = strip(page, digits(*inside)) if inside else None
    if found is not None:
        assert found.picture.shape[0] == HEIGHT
        assert found.picture.shape[1] in WIDTHS
        assert np.isfinite(found.picture).all()


def test_a_large_digit_is_averaged() -> None:
    """A page of fine grain is as plain in the strip as its grain's mean: single pixels would be noise."""
    grain = np.random.default_rng(0).integers(150, 256, (600, 900), dtype=np.uint8)
    page = cv2.min(grain, write(paper(900, 600, 255), "77", 200, 100, height=300, pen=30))
    found = cut(page, digits((200, 100, 390, 400), (480, 100, 670, 400)))
    margin = found.picture[:4, : found.width]
    assert float(margin.std()) < 0.06
