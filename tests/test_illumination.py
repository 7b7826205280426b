import cv2
import numpy as np
import pytest

from model import DigitReader, load_reader
from model.illumination import evened
from model.reading import Grey
from tests.pictures import encode, paper, write

WIDTH, HEIGHT = 640, 480


def shaded(page: Grey, angle: float = 0.9, past: float = 0.0, blur: float = 1.5, depth: float = 0.5) -> Grey:
    """A page half of which lies in a shadow with a straight edge, `past` of its size from the middle."""
    height, width = page.shape
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    shade = (np.cos(angle) * x + np.sin(angle) * y > past).astype(np.float32)
    return np.asarray(page * (1 - depth * cv2.GaussianBlur(shade, (0, 0), blur)), np.uint8)


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader that is served."""
    return load_reader()


@pytest.mark.parametrize("angle", [0.0, 0.9, 2.5, 4.0])
def test_a_hard_shadow_is_taken_away_and_its_strokes_stay(angle: float) -> None:
    """The paper is equally bright on both sides of the edge, and the ink as dark as it would be without it."""
    page = write(paper(WIDTH, HEIGHT), "38", 150, 100, height=260, pen=16)
    even = evened(shaded(page, angle))
    assert even is not None
    ink, bare = page < 60, cv2.erode((page > 200).astype(np.uint8), np.ones((9, 9))) > 0
    assert np.percentile(even[bare], 1) > 200
    assert np.percentile(even[ink], 95) < 90


@pytest.mark.parametrize(
    "page",
    [
        paper(WIDTH, HEIGHT),
        write(paper(WIDTH, HEIGHT), "38", 150, 100, height=260, pen=16),
        shaded(paper(WIDTH, HEIGHT), depth=0.2),
        shaded(paper(WIDTH, HEIGHT, 70)),
        write(paper(WIDTH, HEIGHT, 30), "38", 150, 100, height=260, pen=16, ink=230),
        paper(1, 1),
        paper(3, 900),
    ],
    ids=["blank", "written on", "a soft shade", "dark", "a board", "one pixel", "a strip"],
)
def test_a_picture_in_even_light_is_left_as_it_is(page: Grey) -> None:
    """Where there is no clear shadow, or where ink may be the bright part, nothing is made even."""
    assert evened(page) is None


def test_a_thick_brush_is_no_shadow() -> None:
    """What is dark and broad in the middle of the paper is ink: a shadow comes in from an edge."""
    page = write(paper(WIDTH, HEIGHT), "3", 220, 70, height=330, pen=110)
    assert evened(page) is None


@pytest.mark.parametrize(("digit", "angle"), [("0", 0.9), ("2", 0.0), ("4", 0.9), ("7", 2.5)])
def test_a_digit_that_a_hard_shadow_crosses_is_read(reader: DigitReader, digit: str, angle: float) -> None:
    """The edge of a hand's or a phone's shadow is no stroke, and cuts no digit in two."""
    page = write(paper(300, 300, 190), digit, 94, 60, height=180, pen=14, ink=110)
    assert reader.read(encode(shaded(page, angle, 0.01))).texts == (digit,)


@pytest.mark.parametrize("angle", [0.0, 0.9, 2.5])
def test_a_shadow_on_bare_paper_is_no_digit(reader: DigitReader, angle: float) -> None:
    """Its edge is long and straight as a 1 is."""
    assert not reader.read(encode(shaded(paper(WIDTH, HEIGHT), angle))).digits


def test_a_digit_that_is_read_the_same_in_both_lights_keeps_its_confidence(reader: DigitReader) -> None:
    """Looking again in even light never makes the bot less sure of what it saw."""
    page = write(paper(WIDTH, HEIGHT), "3", 100, 150, height=200, pen=14)
    beside = shaded(page, 0.0, 0.2)
    assert evened(beside) is not None
    assert reader.read(encode(beside)).confidence >= 0.9
