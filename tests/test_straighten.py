import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model import DigitReader, load_reader
from model.arrange import Writing
from model.reading import Box, Grey
from model.straighten import as_it_is, sheet
from tests.fakes import a_hypothesis
from tests.pictures import encode, paper, write

SIZE = (1000, 800)  # of the desk
CORNERS = np.array([[220, 130], [800, 210], [730, 640], [150, 560]], np.float32)  # of the sheet on it


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader that is served."""
    return load_reader()


def desk(page: Grey, corners: NDArray[np.float32] = CORNERS) -> Grey:
    """A sheet that lies on a dark, uneven desk with its corners there."""
    height, width = page.shape
    grain = np.random.default_rng(0).normal(0, 6, SIZE[::-1])
    table = (70 + cv2.GaussianBlur(grain, (0, 0), 3) * 4).astype(np.uint8)
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    onto = cv2.getPerspectiveTransform(whole, corners)
    seen = cv2.warpPerspective(page, onto, SIZE)
    covered = cv2.warpPerspective(np.full_like(page, 255), onto, SIZE)
    return np.asarray(np.where(covered > 127, seen, table), np.uint8)


def test_a_sheet_at_an_angle_is_seen_from_above() -> None:
    """What was a rectangle in the middle of the sheet is one again, and its box leads back to where it is."""
    page = paper(600, 450)
    page[200:260, 250:350] = 30
    view = sheet(desk(page))
    assert view is not None
    dark = np.argwhere(view.grey < 100)
    (top, left), (bottom, right) = dark.min(0), dark.max(0) + 1
    assert len(dark) > 0.95 * (bottom - top) * (right - left)  # upright and square: nothing else is in its box
    place = view.in_photo(Box(int(left), int(top), int(right), int(bottom)))
    truth = np.argwhere(desk(page) < 45)
    assert np.abs(np.array(place) - [*truth.min(0)[::-1], *truth.max(0)[::-1]]).max() < 15


@pytest.mark.parametrize("page", [paper(600, 450), np.zeros((450, 600), np.uint8), paper(60, 60)])
def test_a_picture_that_is_all_paper_has_no_sheet(page: Grey) -> None:
    """Blank, black and tiny pictures have nothing to straighten."""
    assert sheet(page) is None


def test_a_bright_disc_is_no_sheet() -> None:
    """A plate on the desk has no four straight edges."""
    picture = np.full((600, 800), 60, np.uint8)
    cv2.circle(picture, (400, 300), 220, 230, -1)
    assert sheet(picture) is None


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_turned_views_boxes_lead_back(quarters: int) -> None:
    """Whichever way a view is turned, the box of a thing in it is where the thing is in the photo."""
    grey = paper(300, 200)
    grey[30:50, 100:160] = 0
    view = as_it_is(grey).turned(quarters)
    dark = np.argwhere(view.grey < 50)
    (top, left), (bottom, right) = dark.min(0).tolist(), (dark.max(0) + 1).tolist()
    assert view.in_photo(Box(left, top, right, bottom)) == Box(100, 30, 160, 50)


def test_a_number_on_a_sheet_at_an_angle_is_read_in_its_place(reader: DigitReader) -> None:
    """The digits are read from above; their boxes are in the photo, left to right along the sheet."""
    page = write(paper(600, 450), "4725", 90, 160, height=110, pen=9)
    reading = reader.read(encode(desk(page)))
    assert reading.texts == ("4725",)
    lefts = [digit.box.left for digit in reading.digits]
    assert lefts == sorted(lefts)
    assert all(150 < digit.box.left < digit.box.right < 800 for digit in reading.digits)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_upside_down_turns_itself(reader: DigitReader, quarters: int) -> None:
    """Three digits or more whose other way up is clearly surer are read that way up."""
    page = write(paper(700, 300), "45273", 60, 90, height=120, pen=10)
    assert reader.read(encode(np.rot90(page, quarters))).texts == ("45273",)


@pytest.mark.parametrize("quarters", [1, 3])
def test_a_page_on_its_side_in_a_hard_shadow(reader: DigitReader, quarters: int) -> None:
    """Without its shadow it is turned too: in the shade nothing shows which way is up."""
    page = write(write(paper(900, 600), "40718", 80, 80, height=130), "5382", 80, 330, height=130)
    page[:, 495:] = page[:, 495:] * 0.3
    assert reader.read(encode(np.ascontiguousarray(np.rot90(page, quarters)))).texts == ("40718", "5382")


class FromAbove:
    """Sees a 4, so surely, where there is no desk in the picture."""

    def __init__(self, sure: float) -> None:
        """Take how surely."""
        self._answers = np.where(np.arange(10) == 4, sure, (1 - sure) / 9).astype(np.float32)

    def look(self, grey: Grey) -> Writing:
        """The 4, or nothing."""
        if np.percentile(grey, 10) < 100:
            return Writing((), 1)
        return Writing(((a_hypothesis(Box(10, 10, 50, 70), self._answers),),), 1)

    def glimpse(self, grey: Grey) -> float:
        """Whether it would see the 4."""
        return float(len(self.look(grey).lines))

    def hints(self, grey: Grey) -> bool:
        """Likewise."""
        return self.glimpse(grey) > 0

    def probabilities(self, bitmaps: NDArray[np.float32]) -> NDArray[np.float32]:
        """Nobody asks why."""
        raise AssertionError(f"asked about {len(bitmaps)} bitmaps")


@pytest.mark.parametrize(("sure", "texts"), [(0.95, ("4",)), (0.85, ("4",)), (0.6, ())])
def test_a_sheet_that_reads_doubtfully(reader: DigitReader, sure: float, texts: tuple[str, ...]) -> None:
    """What is read on it from above counts, where the photo as it is shows nothing; much doubt is none the less."""
    pages = FromAbove(sure)
    assert DigitReader(pages, pages, reader.version).read(encode(desk(paper(600, 450)))).texts == texts


def test_an_upright_six_and_nine_are_not_turned(reader: DigitReader) -> None:
    """What reads well as it is stays as it is, though upside down it would be a number too."""
    page = write(paper(700, 300), "6981", 60, 90, height=120, pen=10)
    assert reader.read(encode(page)).texts == ("6981",)
