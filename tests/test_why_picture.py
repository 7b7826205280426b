"""The picture that explains a reading: what is where in it, told from its pixels."""

import io
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.drawn.why import MOST_ROWS, Row, explained, of_crops, of_reading
from bot.store import Crop
from model import Bitmap, Why
from tests.fakes import BLANK, a_reading
from tests.pictures import encode, paper

ROW, TOP = 212, 68  # pixels: a row, and the headings above the first where there is no photo
MAP = slice(646, 814)  # the columns of what mattered
Floats = NDArray[np.float32]


@dataclass
class Explainer:
    """Says of every digit that it is sure, and that one corner of the bitmap mattered."""

    sign: float = 1.0
    asked: list[int] = field(default_factory=list)

    def why(self, bitmap: Bitmap, digit: int) -> Why:
        """Explain, and remember what was asked."""
        self.asked.append(digit)
        effect = np.zeros_like(bitmap)
        effect[2:10, 2:10] = 3 * self.sign
        return Why(tuple(np.eye(10)[digit].tolist()), effect, 0.25)


def pixels(picture: bytes) -> NDArray[np.int64]:
    """A JPEG's pixels: (H, W, 3)."""
    image = Image.open(io.BytesIO(picture))
    assert image.format == "JPEG"
    return np.asarray(image, np.int64)


def a_row(digit: int = 7, confidence: float = 0.97, name: str = "") -> Row:
    """A row of a blank bitmap."""
    return Row(name, digit, confidence, np.zeros((28, 28), np.float32))


def redness(part: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much redder than blue each pixel is."""
    return part[..., 0] - part[..., 2]


def test_a_row_a_digit_and_no_more_than_can_be_seen() -> None:
    """Each digit adds a row, up to the limit; the photo comes on top."""
    heights = [len(pixels(explained(Explainer(), [a_row()] * count, None))) for count in (1, 2, MOST_ROWS, 9)]
    assert heights == [TOP + count * ROW for count in (1, 2, MOST_ROWS, MOST_ROWS)]
    assert len(pixels(explained(Explainer(), [a_row()], BLANK))) > TOP + ROW + 300


def test_a_chat_need_not_shrink_it() -> None:
    """Telegram shows 1280 pixels of a photo: more rows leave the photo on top less room."""
    tall = encode(paper(300, 900))
    assert len(pixels(explained(Explainer(), [a_row()] * MOST_ROWS, tall))) == 1280
    assert len(pixels(explained(Explainer(), [a_row()], tall))) < 800


def test_the_least_sure_come_first() -> None:
    """Of a long number the doubtful digits are what somebody asks about."""
    explainer = Explainer()
    rows = [a_row(digit, confidence) for digit, confidence in enumerate((0.9, 0.5, 0.99, 0.7, 0.95, 0.6))]
    explained(explainer, rows, None)
    assert explainer.asked == [1, 5, 3, 0]


@pytest.mark.parametrize("sign", [1, -1])
def test_red_is_less_sure_and_blue_is_surer(sign: int) -> None:
    """The corner that mattered is painted, in the colour of its direction, and the rest of the map is not."""
    found = redness(pixels(explained(Explainer(sign), [a_row()], None))[TOP:, MAP])
    assert (sign * found[20:50, 20:50] > 100).all()
    assert np.abs(found[90:160, 90:160]).max() < 30


def test_what_hardly_matters_is_painted_faintly() -> None:
    """A hundredth of a log odds is no reason, and must not look like one."""
    found = redness(pixels(explained(Explainer(0.01 / 3), [a_row()], None))[TOP:, MAP])
    assert np.abs(found).max() < 30


def test_the_photo_shows_its_boxes() -> None:
    """With its reading the digits are boxed on it; without, it is as it came."""
    photo = encode(paper(200, 100))
    reading = a_reading("7")
    boxed, plain = (pixels(explained(Explainer(), of_reading(reading), photo, of)) for of in (reading, None))
    blue = [int((redness(picture[:440]) < -100).sum()) for picture in (boxed, plain)]
    assert blue[0] > 500
    assert blue[1] == 0


@pytest.mark.parametrize("size", [(4000, 20), (20, 4000), (1, 1)])
def test_a_photo_of_any_shape(size: tuple[int, int]) -> None:
    """It is fitted in, however slim or small it is."""
    height, width, _ = pixels(explained(Explainer(), [a_row()], encode(paper(*size)))).shape
    assert (width, TOP + ROW < height < 800) == (854, True)


def test_a_photo_that_broke_on_the_way_is_left_out() -> None:
    """The digits are worth showing without it."""
    assert len(pixels(explained(Explainer(), [a_row()], b"broken"))) == TOP + ROW


def test_which_digit_a_row_is() -> None:
    """A single digit needs no name; of several each has its place, in an album its picture as well."""
    assert [row.name for row in of_reading(a_reading("7"))] == [""]
    names = [row.name for row in of_reading(a_reading("7" * 23))]
    assert [names[place - 1] for place in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23)] == [
        f"{place} of 23" for place in ("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd")
    ]
    crops = [Crop(reading, place, 7, 0.9, bytes(784), "v1") for reading, place in ((5, 0), (9, 0), (9, 1))]
    names = [row.name for row in of_crops(crops, (5, 6, 9))]
    assert names == ["picture 1", "picture 3\n1st of 2", "picture 3\n2nd of 2"]
    assert [row.name for row in of_crops(crops[:1])] == [""]


def test_a_kept_crop_is_the_bitmap_that_was_seen() -> None:
    """Its 784 bytes come back as (28, 28) in 0..1."""
    kept = np.rint(255 * np.linspace(0, 1, 784)).astype(np.uint8)
    (row,) = of_crops([Crop(1, 0, 7, 0.9, kept.tobytes(), "v1")])
    assert row.bitmap.dtype == np.float32
    assert row.bitmap.ravel() == pytest.approx(np.linspace(0, 1, 784), abs=0.002)
