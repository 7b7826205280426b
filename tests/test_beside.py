import cv2
import numpy as np
import pytest

from model.beside import beside
from model.reading import Box, Grey
from tests.pictures import paper, write

DIGITS = Box(60, 60, 123, 160), Box(260, 60, 323, 160)


def between(*strokes: tuple[int, int, int, int], thickness: int = 7) -> Grey:
    """Two digits, with strokes drawn between them: x and y of both ends."""
    page = write(write(paper(), "3"), "8", left=260)
    for left, top, right, bottom in strokes:
        cv2.line(page, (left, top), (right, bottom), (40,), thickness, cv2.LINE_AA)
    return page


def found(page: Grey) -> list[Box]:
    """What is found beside the digits, but for pieces of a few pixels."""
    return [box for box in beside(page, DIGITS) if box.right - box.left > 3]


@pytest.mark.parametrize(
    "strokes",
    [
        [(190, 156, 191, 156)],
        [(170, 110, 210, 110)],
        [(170, 95, 210, 95), (170, 120, 210, 120)],
        [(190, 90, 191, 90), (190, 140, 191, 140)],
        [(190, 82, 191, 82), (165, 110, 215, 110), (190, 138, 191, 138)],
        [(210, 55, 170, 165)],
    ],
    ids=["a point", "a minus", "equals", "a colon", "an obelus", "a slash"],
)
def test_what_stands_between_digits_is_found_whole(strokes: list[tuple[int, int, int, int]]) -> None:
    """One of the boxes holds all of the sign, and nothing else."""
    sides = np.array(strokes).reshape(-1, 2)
    whole = np.array([*(sides.min(axis=0) - 4), *(sides.max(axis=0) + 4)])
    assert any(np.abs(np.array(box) - whole).max() <= 5 for box in found(between(*strokes)))


def test_the_digits_themselves_are_none() -> None:
    """Beside plain digits nothing is found, at any size."""
    for zoom in (0.3, 1, 4):
        page = np.asarray(cv2.resize(between(), None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8)
        line = [Box(*(round(side * zoom) for side in box)) for box in DIGITS]
        assert beside(page, line) == []


def test_a_texture_is_no_heap_of_signs() -> None:
    """Where specks are everywhere none of them is looked at."""
    page = between()
    page[70:150:12, 130:250:12] = page[71:151:12, 130:250:12] = 40
    page[70:150:12, 131:251:12] = page[71:151:12, 131:251:12] = 40
    assert beside(page, DIGITS) == []


def test_a_line_of_another_height_is_far() -> None:
    """What stands well above or below the digits is no sign of their line."""
    assert found(between((170, 250, 210, 250))) == []
