"""What the bot draws on a photo, looked at as pixels."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ExifTags, Image

from bot.drawn.pictures import annotated
from model import Box, Digit, Reading
from tests.pictures import encode, paper, write


def a_reading(size: tuple[int, int], *boxes: tuple[int, int, int, int], confidence: float = 0.99) -> Reading:
    """A line of sevens in these boxes of a picture of this size."""
    share = (1 - confidence) / 9
    probabilities = tuple(confidence if digit == 7 else share for digit in range(10))
    bitmap = np.zeros((28, 28), np.float32)
    digits = tuple(Digit(7, confidence, Box(*box), bitmap, probabilities) for box in boxes)
    return Reading((digits,), ("7" * len(digits),), confidence, size, "v1")


def drawn(page: NDArray[Any] | Image.Image, *boxes: tuple[int, int, int, int], confidence: float = 0.99) -> Image.Image:
    """The photo of a page with sevens drawn on it."""
    size = page.size if isinstance(page, Image.Image) else page.shape[1::-1]
    return Image.open(io.BytesIO(annotated(encode(page), a_reading(size, *boxes, confidence=confidence))))


def test_writing_is_not_hidden() -> None:
    """Nothing is drawn on what was written: inside the boxes the photo is as it was."""
    page = write(paper(1280, 960), "77", 400, 400, height=200, pen=16)
    picture = drawn(page, (392, 392, 534, 608), (580, 392, 722, 608))
    assert picture.size == (1280, 960)
    now = np.asarray(picture.convert("L")).astype(float)
    for left, right in ((392, 534), (580, 722)):
        assert np.abs(now[392:608, left:right] - page[392:608, left:right]).max() < 60  # what JPEG does to edges
    assert np.abs(now - page).max() > 100  # but something was drawn


@pytest.mark.parametrize("ground", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (20, 71, 192), (179, 64, 10)])
@pytest.mark.parametrize("confidence", [0.99, 0.5])
def test_boxes_and_labels_stand_out_from_any_ground(ground: tuple[int, int, int], confidence: float) -> None:
    """Paper, boards, and even the very colours that boxes and labels have."""
    picture = drawn(
        Image.new("RGB", (800, 600), ground), (300, 250, 360, 350), (400, 250, 460, 350), confidence=confidence
    )
    away = np.abs(np.asarray(picture).astype(int) - ground).max(axis=2)
    across = away[300]  # a row through both boxes
    assert (across[270:300] > 80).any()
    assert (across[360:400] > 80).any()
    label = np.asarray(picture.convert("L"))[195:240, 300:360]
    assert int(label.max()) - int(label.min()) > 120  # the digit on its plate


def test_a_digit_in_doubt_looks_different() -> None:
    """In another colour, and with a wider label: it has a question mark."""
    page = paper(800, 600)
    sure, unsure = (np.asarray(drawn(page, (300, 250, 360, 350), confidence=share)) for share in (0.95, 0.6))
    blue, orange = (np.abs(sure.astype(int) - colour).max(axis=2) < 40 for colour in ((20, 71, 192), (179, 64, 10)))
    assert (blue.sum() > 300, orange.sum()) == (True, 0)
    orange = np.abs(unsure.astype(int) - (179, 64, 10)).max(axis=2) < 40
    assert np.ptp(np.nonzero(orange[200:240])[1]) > 1.3 * np.ptp(np.nonzero(blue[200:240])[1])


@pytest.mark.parametrize(
    ("size", "wanted"), [((4000, 3000), (1280, 960)), ((1280, 700), (1280, 700)), ((100, 60), (800, 480))]
)
def test_the_size_of_the_picture(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    """As large as a chat shows it; small ones are enlarged, for the labels to be legible."""
    width, height = size
    box = (width // 3, height // 3, width // 2, height // 2)
    picture = drawn(paper(width, height), box)
    assert (picture.format, picture.size) == ("JPEG", wanted)


def test_a_line_up_to_the_edges_gets_room_for_its_labels() -> None:
    """The picture grows, and still is not larger than a chat shows it."""
    picture = drawn(paper(1280, 300, 40), (2, 2, 600, 298), (640, 2, 1278, 298))
    assert picture.width <= 1280
    assert picture.height / picture.width > 1.1 * 300 / 1280


def test_a_photo_stored_turned_is_drawn_upright() -> None:
    """Boxes are of the upright picture, and that is what comes back."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    stored = Image.new("RGB", (900, 600), "white")
    reading = a_reading((600, 900), (100, 700, 160, 800))
    picture = Image.open(io.BytesIO(annotated(encode(stored, "JPEG", exif=exif), reading)))
    assert picture.size == (600, 900)
    lower = np.asarray(picture.convert("L"))[640:, :300]
    assert int(lower.max()) - int(lower.min()) > 120


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.tuples(st.integers(1, 1500), st.integers(1, 400)) | st.tuples(st.integers(1, 400), st.integers(1, 1500)),
    st.lists(st.tuples(*[st.floats(0, 1)] * 4), min_size=1, max_size=6),
)
def test_any_boxes_in_any_picture(size: tuple[int, int], corners: list[tuple[float, float, float, float]]) -> None:
    """Whatever was framed, a picture comes out that Telegram takes as a photo."""
    width, height = size
    boxes = []
    for x, y, across, down in corners:
        left, top = int(x * (width - 1)), int(y * (height - 1))
        boxes.append((left, top, left + 1 + int(across * (width - 1 - left)), top + 1 + int(down * (height - 1 - top))))
    picture = drawn(paper(width, height), *boxes)
    assert max(picture.size) <= 1280
    assert max(picture.size) < 20 * min(picture.size)
