"""What is said of pictures in which nothing was read, on drawn pages: each is spoiled in one way."""

import cv2
import numpy as np
import pytest

from model import DigitReader, load_reader
from model.hint import hint
from tests.pictures import Grey, encode, paper, write


def page(width: int = 900, height: int = 700) -> Grey:
    """A page with a number that could not be plainer."""
    return write(paper(width, height), "47", 200, 150, height=300, pen=24)


def grainy(picture: Grey, grain: float = 3) -> Grey:
    """The same through a sensor."""
    noise = np.random.default_rng(0).normal(0, grain, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_a_plain_page() -> None:
    """Where nothing is amiss, nothing is made up."""
    assert hint(grainy(page())) is None


@pytest.mark.parametrize("share", [0.05, 0.15, 0.3])
def test_a_page_in_the_dark(share: float) -> None:
    """A share of the light is left: what is missing is light, not contrast."""
    assert hint(grainy((page() * share).astype(np.uint8))) == "dark"


def test_chalk_on_a_black_board_is_not_called_dark() -> None:
    """A dark ground with bright writing has all the light that it needs."""
    assert hint(255 - page()) is None


@pytest.mark.parametrize("blur", [8.0, 16.0])
def test_a_page_out_of_focus(blur: float) -> None:
    """Strokes are there but no edge is sharp."""
    assert hint(grainy(cv2.GaussianBlur(page(), (0, 0), blur))) == "blurred"


@pytest.mark.parametrize("ink", [195, 210, 225])
def test_faint_writing_and_none(ink: int) -> None:
    """A pen that hardly differs from the paper, down to a blank sheet."""
    assert hint(grainy(write(paper(900, 700), "47", 200, 150, height=300, pen=24, ink=ink))) == "faint"


@pytest.mark.parametrize("height", [6, 12])
def test_tiny_writing(height: int) -> None:
    """All that stands out is a speck."""
    assert hint(grainy(write(paper(900, 700), "4", 400, 300, height=height, pen=2))) == "small"


def test_a_tiny_picture() -> None:
    """An icon says nothing about light or focus: it is small."""
    assert hint(paper(8, 8, 0)) == "small"


@pytest.mark.parametrize("shape", [(1, 1280), (1280, 1), (1, 1)])
def test_a_picture_of_any_shape_is_measured(shape: tuple[int, int]) -> None:
    """A strip of pixels is no reason to fail."""
    assert hint(np.zeros(shape, np.uint8)) in ("dark", "small")


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader that is served."""
    return load_reader()


def test_a_picture_that_was_read_has_no_hint(reader: DigitReader) -> None:
    """Advice is for those who got no digit."""
    assert reader.read(encode(page())).hint is None


def test_a_reading_without_a_digit_has_the_hint_of_its_picture(reader: DigitReader) -> None:
    """What was measured comes with the reading."""
    reading = reader.read(encode(paper(brightness=20)))
    assert (reading.texts, reading.hint) == ((), "dark")
