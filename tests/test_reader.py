import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model
from model import Box, DigitReader, ModelUnavailable, Reading, UnreadablePhoto, load_reader
from model.arrange import Writing
from model.hypothesis import Floats
from tests.fakes import a_hypothesis
from tests.pictures import FORMATS, Grey, encode, paper, write
from tests.processes import ROOT


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader that is served."""
    return load_reader()


def test_the_public_names() -> None:
    """What the bot may use of model/, and nothing less, is in the façade."""
    assert set(model.__all__) == {
        "CALIBRATION",
        "LARGEST",
        "SHIPPED",
        "SIGNATURE",
        "SLOWER",
        "Bitmap",
        "Blames",
        "Box",
        "Change",
        "Comparison",
        "CropReader",
        "DatasetUnavailable",
        "Digit",
        "DigitReader",
        "Hint",
        "KeyUnusable",
        "Layer",
        "Layers",
        "Metrics",
        "ModelError",
        "ModelUnavailable",
        "Opinion",
        "Paired",
        "Reading",
        "Signer",
        "UnreadablePhoto",
        "UnreadableReason",
        "Verifier",
        "Version",
        "Why",
        "edition",
        "load_reader",
        "open_version",
        "opinions",
        "upright",
        "writing_version",
    }
    assert all(hasattr(model, name) for name in model.__all__)


def test_what_importing_costs() -> None:
    """Reading loads neither TensorFlow nor what draws charts, nor parts of NumPy that it can do without: 10 MB."""
    check = (
        "import sys; from pathlib import Path; from model import load_reader; reader = load_reader();"
        "[reader.read(Path(photo).read_bytes()) for photo in sys.argv[1:]];"
        "unwanted = {'tensorflow', 'keras', 'matplotlib', 'rich', 'numpy.ma'} & set(sys.modules);"
        "assert not unwanted, unwanted"
    )
    photos = sorted((ROOT / "bot" / "local" / "page" / "samples").iterdir())
    subprocess.run([sys.executable, "-c", check, *photos], check=True, capture_output=True)


def test_a_missing_model(tmp_path: Path) -> None:
    """A folder without a model is refused with the command that mends it."""
    with pytest.raises(ModelUnavailable, match="python -m model train"):
        load_reader(tmp_path)


@pytest.mark.parametrize("form", FORMATS)
def test_a_number_in_each_format(reader: DigitReader, form: str) -> None:
    """A written number is read from a file of any format, with a confidence and a box for each digit."""
    reading = reader.read(encode(write(paper(700), "4567"), form))
    assert reading.texts == ("4567",)
    assert reading.version == reader.version.name
    assert 0.5 < reading.confidence <= 1
    assert reading.size == (700, 300)
    for digit in reading.digits:
        assert digit.bitmap.shape == (28, 28)
        assert digit.probabilities[digit.digit] == max(digit.probabilities)
        assert reading.confidence <= digit.confidence <= 1
        assert sum(digit.probabilities) == pytest.approx(1, abs=1e-4)


def test_lines_of_writing(reader: DigitReader) -> None:
    """Lines are read top first, each from left to right."""
    page = write(write(paper(700, 500), "45", 300, 40), "678", 50, 250)
    assert reader.read(encode(page)).texts == ("45", "678")


@settings(deadline=None, max_examples=15, derandomize=True)
@given(left=st.integers(20, 300), top=st.integers(20, 180), light=st.booleans(), pen=st.integers(5, 12))
def test_moving_and_inverting_the_page(reader: DigitReader, left: int, top: int, light: bool, pen: int) -> None:  # noqa: FBT001 (hypothesis names it)
    """The reading stays when the writing moves, and when it is chalk instead of ink."""
    page = write(paper(600, 320), "45", left, top, pen=pen)
    assert reader.read(encode(255 - page if light else page)).texts == ("45",)


def test_the_boxes_of_a_large_photo(reader: DigitReader) -> None:
    """Boxes are in pixels of the full-size picture, whatever size it was read at."""
    reading = reader.read(encode(write(paper(4000, 3000), "4", 1500, 1000, height=1200, pen=100), "JPEG"))
    assert reading.size == (4000, 3000)
    assert reading.digits[0].box == pytest.approx(Box(1450, 950, 2300, 2250), abs=30)


def test_a_photo_stored_turned(reader: DigitReader) -> None:
    """A phone's photo that is stored on its side is read, and boxed, upright."""
    exif = encode_orientation(6)
    stored = cv2.rotate(write(paper(700), "4567"), cv2.ROTATE_90_COUNTERCLOCKWISE)
    reading = reader.read(encode(stored, "JPEG", exif=exif))
    assert reading.texts == ("4567",)
    assert reading.size == (700, 300)
    assert [digit.box.left for digit in reading.digits] == sorted(digit.box.left for digit in reading.digits)


def encode_orientation(orientation: int) -> bytes:
    """EXIF that holds nothing but an orientation."""
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00" + bytes([orientation, 0, 0, 0])
    return b"Exif\0\0II*\0\x08\0\0\0\x01\x00" + entry + b"\0\0\0\0"


@pytest.mark.parametrize("brightness", [0, 200, 255])
def test_a_blank_page(reader: DigitReader, brightness: int) -> None:
    """A picture without writing is an empty reading of no confidence, not an error."""
    reading = reader.read(encode(paper(brightness=brightness)))
    assert (reading.lines, reading.texts, reading.confidence, reading.doubtful) == ((), (), 0, ())


def test_a_picture_of_other_things(reader: DigitReader) -> None:
    """Blobs and boxes of all sizes are no number."""
    rng = np.random.default_rng(3)
    page = paper(800, 600)
    for _ in range(60):
        x, y, size, shade = rng.integers((0, 0, 5, 0), (800, 600, 90, 255)).tolist()
        cv2.ellipse(page, (x, y), (size, 1 + size // 3), x % 180, 0, 200 + y % 160, shade, 1 + size // 6)
    reading = reader.read(encode(page))
    assert reading.texts == ()
    assert len(reading.doubtful) <= 12


@pytest.mark.parametrize("words", [("EIEE", "HEHE"), ("see here", "the rest"), ("THE HILL", "LITTLE", "FILL")])
def test_a_page_of_words(reader: DigitReader, words: tuple[str, ...]) -> None:
    """Bold printed words look like digits when the page is turned: it is not turned for them, and nothing is read."""
    page = paper(700, 500)
    for row, word in enumerate(words):
        cv2.putText(page, word, (50, 110 + 110 * row), cv2.FONT_HERSHEY_SIMPLEX, 2.6, 40, 14, cv2.LINE_AA)
    assert reader.read(encode(page)).texts == ()


class Unasked:
    """The classifier of a reader that is never asked why."""

    def probabilities(self, bitmaps: Floats) -> Floats:
        """Fail."""
        raise AssertionError(f"asked about {len(bitmaps)} bitmaps")


class Glimpses:
    """At a glimpse, every way up holds so many digits, and every picture may hold some, or not."""

    glimpsed = 3.0
    hinted = True

    def glimpse(self, grey: Grey) -> float:  # noqa: ARG002 (the real one's)
        """The same for all."""
        return self.glimpsed

    def hints(self, grey: Grey) -> bool:  # noqa: ARG002 (the real one's)
        """The same for all."""
        return self.hinted


class Looks(Glimpses):
    """Sees so many pieces of writing in every picture, no digits, and counts how often it looked."""

    def __init__(self, things: int, glimpsed: float = 3.0, *, hinted: bool = True) -> None:
        """Take the number of pieces, and what a glimpse shows."""
        self.things, self.glimpsed, self.hinted, self.count = things, glimpsed, hinted, 0

    def look(self, grey: Grey) -> Writing:  # noqa: ARG002 (the real one's)
        """The same for all."""
        self.count += 1
        return Writing((), self.things)


@pytest.mark.parametrize(("things", "glimpsed", "looks"), [(0, 3, 1), (1, 3, 3), (80, 3, 3), (80, 0.5, 1), (500, 3, 1)])
def test_how_often_a_page_is_looked_at(reader: DigitReader, things: int, glimpsed: float, looks: int) -> None:
    """A page that may lie on its side, also the two ways up that promise most, if any does; a page of print once.

    Seen from the side, three digits may be one piece of writing.
    """
    pages = Looks(things, glimpsed)
    DigitReader(pages, Unasked(), reader.version).read(encode(paper()))
    assert pages.count == looks


@pytest.mark.parametrize(("things", "hinted", "looks"), [(1, True, 2), (1, False, 1), (500, True, 1)])
def test_how_often_a_page_half_in_the_shade_is_looked_at(
    reader: DigitReader,
    things: int,
    hinted: bool,  # noqa: FBT001 (a parameter of the test)
    looks: int,
) -> None:
    """Once more without its shadow, if a glimpse then hints at a digit; a page of print would take too long."""
    pages, page = Looks(things, glimpsed=0, hinted=hinted), paper()
    page[:, :150] //= 2
    DigitReader(pages, Unasked(), reader.version).read(encode(page))
    assert pages.count == looks


@pytest.mark.parametrize(("hinted", "looks"), [(True, 2), (False, 1)])
def test_how_often_a_page_with_a_colour_is_looked_at(
    reader: DigitReader,
    hinted: bool,  # noqa: FBT001 (a parameter of the test)
    looks: int,
) -> None:
    """Once more in that colour, if a glimpse of it hints at a digit: most flowers and rooms do not."""
    pages = Looks(0, glimpsed=0, hinted=hinted)
    page = cv2.cvtColor(paper(), cv2.COLOR_GRAY2BGR)
    page[80:220, 100:300] = (150, 230, 255)  # as bright as the paper
    DigitReader(pages, Unasked(), reader.version).read(encode(page))
    assert pages.count == looks


class InTheLight(Glimpses):
    """Sees one digit, not surely, where no part of the picture is dark."""

    def look(self, grey: Grey) -> Writing:
        """The digit, once the shadow is gone."""
        if grey.min() < 150:
            return Writing((), 1)
        answers = np.full(10, 0.5 / 9, np.float32)
        answers[4] = 0.5
        return Writing(((a_hypothesis(Box(10, 10, 50, 70), answers),),), 1)


def test_a_digit_refused_in_the_shade_is_kept_for_who_says_that_there_is_one(reader: DigitReader) -> None:
    """Without its shadow it is not sure enough to be read, and is still what a correction would mean."""
    page = paper()
    page[:, :150] //= 2
    reading = DigitReader(InTheLight(), Unasked(), reader.version).read(encode(page))
    assert (reading.lines, [digit.digit for digit in reading.doubtful]) == ((), [4])


class Sideways(Glimpses):
    """Sees two pieces of writing in a page, and in the page on its side three digits, so surely, in such a line."""

    def __init__(self, digits: tuple[int, ...], sure: float, lined: float) -> None:
        """Take the digits, how sure each of them is, and what it has of its line's probability."""
        self.digits, self.sure, self.lined = digits, sure, lined

    def look(self, grey: Grey) -> Writing:
        """The digits in what is taller than wide."""
        if grey.shape[0] < grey.shape[1]:
            return Writing((), 2)
        rest = (1 - self.sure) / 9
        answers = [np.full(10, rest, np.float32) + (self.sure - rest) * (np.arange(10) == each) for each in self.digits]
        line = [
            replace(a_hypothesis(Box(50 * n, 10, 50 * n + 40, 70), answer), lined=self.lined)
            for n, answer in enumerate(answers)
        ]
        return Writing((tuple(line),), 3)


@pytest.mark.parametrize(
    ("digits", "sure", "lined", "texts"),
    [
        ((1, 2, 3), 0.97, 0.3, ("123",)),
        ((1, 2, 3), 0.9, 0.9, ("123",)),
        ((1, 2, 3), 0.9, 0.3, ()),
        ((1, 2, 3), 0.6, 0.9, ()),
        ((1, 1, 1), 0.97, 0.9, ()),
        ((1, 2), 0.97, 0.9, ("12",)),
        ((1, 1), 0.97, 0.9, ()),
        ((1,), 0.97, 0.9, ()),
    ],
)
def test_how_sure_a_turned_page_must_be(
    reader: DigitReader, digits: tuple[int, ...], sure: float, lined: float, texts: tuple[str, ...]
) -> None:
    """Where nothing is read as it is, another way up is taken when its digits, or its lines, are sure, and differ.

    Words turned look like some, and the courses of a brick wall like 1s.
    """
    sideways = DigitReader(Sideways(digits, sure, lined), Unasked(), reader.version)
    assert sideways.read(encode(paper())).texts == texts


class UpsideDown(Glimpses):
    """Sees digits, all surely, in a page either way up: 123 upside down, with its dark corner below."""

    def __init__(self, digits: tuple[int, ...], lined: float, things: int) -> None:
        """Take the digits of the page as it is, what each has of its line's probability, and the pieces it is of."""
        self.digits, self.lined, self.things = digits, lined, things

    def look(self, grey: Grey) -> Writing:
        """Digits as it is and upside down, nothing on its side."""
        height, width = grey.shape
        if height > width:
            return Writing((), 3)
        is_turned = grey[-8:, -8:].mean() < grey[:8, :8].mean()
        line = [
            replace(a_hypothesis(Box(50 * n, 10, 50 * n + 40, 70), answer), lined=0.97 if is_turned else self.lined)
            for n, answer in enumerate(np.eye(10, dtype=np.float32)[[1, 2, 3] if is_turned else list(self.digits)])
        ]
        return Writing((tuple(line),), self.things)

    def glimpse(self, grey: Grey) -> float:
        """Most where the dark corner is below."""
        return 3.0 if grey[-8:, -8:].mean() < grey[:8, :8].mean() else 0.0


@pytest.mark.parametrize(
    ("digits", "lined", "things", "texts"),
    [
        ((3, 2, 1), 0.5, 3, ("123",)),
        ((3, 2, 1), 0.5, 1, ("123",)),
        ((3, 2, 1), 0.95, 3, ("321",)),
        ((8, 0), 0.95, 2, ("80",)),
        ((8, 0), 0.95, 5, ("123",)),
    ],
)
def test_a_page_upside_down_whose_digits_are_digits_either_way(
    reader: DigitReader, digits: tuple[int, ...], lined: float, things: int, texts: tuple[str, ...]
) -> None:
    """What looks like sure digits is turned where its line is unlikely, or most of the page is not read.

    The other way up it must be likely. Digits that touch are one piece of writing, and as many digits.
    """
    page, pages = paper(), UpsideDown(digits, lined, things)
    page[:8, :8] = 0
    assert DigitReader(pages, Unasked(), reader.version).read(encode(page)).texts == texts


@pytest.mark.parametrize("ink", [200, 170])
def test_a_digit_that_shines_through(reader: DigitReader, ink: int) -> None:
    """What is much fainter than the rest was not written with the same pen on the same side."""
    page = write(write(paper(700), "45", 60, 90), "7", 500, 90, ink=ink)
    assert reader.read(encode(page)).texts == ("45",)


def test_digits_half_in_the_shade(reader: DigitReader) -> None:
    """A hard shadow over half of a number leaves every digit of it."""
    page = write(paper(700), "4567")
    page[:, 330:] = page[:, 330:] // 2
    assert reader.read(encode(page)).texts == ("4567",)


def test_what_was_refused_is_told_apart_from_what_was_read(reader: DigitReader) -> None:
    """Two letters that are refused come with their crops, in reading order; a number that is read has none to doubt."""
    page = paper(700)
    for left in (100, 400):
        cv2.line(page, (left, 50), (left + 100, 250), 30, 10)
        cv2.line(page, (left + 100, 50), (left, 250), 30, 10)
    refused = reader.read(encode(page))
    assert (refused.lines, refused.digits, refused.confidence) == ((), (), 0)
    assert [digit.box.left for digit in refused.doubtful] == pytest.approx([95, 395], abs=15)
    assert all(digit.bitmap.max() > 0.9 for digit in refused.doubtful)
    assert reader.read(encode(write(paper(700), "4567"))).doubtful == ()


def drawn(*points: tuple[float, float], pen: int = 10) -> Grey:
    """A page with one line of a pen."""
    page = paper()
    cv2.polylines(page, [np.array(points).astype(np.int32)], isClosed=False, color=30, thickness=pen)
    return page


_LOOPS = [(200 + 90 * np.sin(3 * t) * np.cos(t), 150 + 90 * np.sin(2 * t + 1)) for t in np.linspace(0, 40, 400)]


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        (drawn(*_LOOPS, pen=4), ()),
        (drawn((130, 60), (200, 240), (270, 60)), ()),
        (drawn((150, 60), (150, 240), (260, 240)), ()),
        (drawn((140, 60), (260, 60), (180, 240)), ("7",)),
    ],
    ids=["loops", "V", "L", "7"],
)
def test_a_line_that_is_no_digit(reader: DigitReader, page: Grey, texts: tuple[str, ...]) -> None:
    """What the classifier takes for a digit is not read where it is a scribble or a letter; a digit of that pen is."""
    assert reader.read(encode(page)).texts == texts


def in_colours(ink: tuple[int, int, int], ground: tuple[int, int, int]) -> bytes:
    """A 582 of one colour on another, as a photo."""
    drawn = write(paper(600), "582")[..., None] < 130
    return encode(np.where(drawn, np.array(ink, np.uint8), np.array(ground, np.uint8)), "JPEG", quality=90)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [((220, 90, 100), (130, 130, 130)), ((130, 130, 130), (60, 160, 150)), ((40, 130, 220), (190, 100, 40))],
    ids=["red on grey", "grey on green", "blue on brown"],
)
def test_ink_as_bright_as_its_paper(
    reader: DigitReader, ink: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    """What differs in its colour alone is read, and lies where it is in the photo."""
    reading = reader.read(in_colours(ink, ground))
    assert reading.texts == ("582",)
    assert reading.digits[0].box.left == pytest.approx(55, abs=20)


def on_wood(text: str) -> bytes:
    """Red on a brown whose grain is as deep as the red is dark."""
    drawn = write(paper(600), text)[..., None] < 130
    grain = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, (300, 600)), (0, 0), sigmaX=25, sigmaY=2)
    seen = np.where(drawn, np.array((225, 100, 90)), np.array((150, 132, 112))) + 25 / grain.std() * grain[..., None]
    return encode(seen.clip(0, 255).astype(np.uint8), "JPEG", quality=90)


def test_ink_that_its_colour_shows_best(reader: DigitReader) -> None:
    """Where brightness shows no digit, though it shows much, a strong colour is looked at."""
    assert reader.read(on_wood("582")).texts == ("582",)


class InColour(Glimpses):
    """Sees one digit, surely, at the second look."""

    def __init__(self, digit: int) -> None:
        """Take the digit."""
        self.digit, self.count = digit, 0

    def look(self, grey: Grey) -> Writing:  # noqa: ARG002 (the real one's)
        """Nothing, then the digit."""
        self.count += 1
        seen = a_hypothesis(Box(10, 10, 50, 70), np.eye(10, dtype=np.float32)[self.digit])
        return Writing(((seen,),) if self.count > 1 else (), 1)


@pytest.mark.parametrize(("digit", "texts"), [(7, ("7",)), (1, ())])
def test_a_lone_coloured_stroke(reader: DigitReader, digit: int, texts: tuple[str, ...]) -> None:
    """It is as often part of a flower or of a word as a 1; a 7 is hardly one by chance."""
    assert DigitReader(InColour(digit), Unasked(), reader.version).read(on_wood("582")).texts == texts


def test_faint_paper_of_one_colour(reader: DigitReader) -> None:
    """Where no colour stands out either, the picture is faint, as ever."""
    reading = reader.read(encode(np.full((300, 400, 3), (190, 180, 150), np.uint8), "JPEG"))
    assert (reading.texts, reading.hint) == ((), "faint")


def test_several_threads_at_once(reader: DigitReader) -> None:
    """One reader serves several threads, and each gets its own photo's reading."""
    texts = ["45", "67", "89", "74"] * 4
    photos = [encode(write(paper(600), text)) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert [reading.texts for reading in pool.map(reader.read, photos)] == [(text,) for text in texts]


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    st.binary(max_size=100)
    | st.builds(
        lambda form, cut, junk: (photo := encode(write(paper(), "47"), form))[: cut % len(photo)] + junk,
        st.sampled_from(FORMATS),
        st.integers(0, 10**6),
        st.binary(max_size=20),
    )
)
def test_any_bytes(reader: DigitReader, photo: bytes) -> None:
    """Any bytes give a Reading or an UnreadablePhoto, and nothing else."""
    try:
        reading = reader.read(photo)
    except UnreadablePhoto:
        return
    assert isinstance(reading, Reading)
    assert 0 <= reading.confidence <= 1


class Framed(Glimpses):
    """Sees one digit, in a box that need not lie in the picture."""

    def __init__(self, box: Box) -> None:
        """Take the box."""
        self.box = box

    def look(self, grey: Grey) -> Writing:  # noqa: ARG002 (the real one's)
        """The digit."""
        seen = a_hypothesis(self.box, np.eye(10, dtype=np.float32)[4])
        return Writing(((seen,),), 1)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(st.integers(1, 60), st.integers(1, 60), st.tuples(*[st.integers(-70, 130)] * 4))
def test_any_box_in_any_small_picture(
    reader: DigitReader, width: int, height: int, corners: tuple[int, int, int, int]
) -> None:
    """Whatever is framed, what is told of it has an inside and lies in the picture."""
    framed = DigitReader(Framed(Box(*corners)), Unasked(), reader.version).read(encode(paper(width, height)))
    ((digit,),) = framed.lines
    left, top, right, bottom = digit.box
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


@settings(deadline=None, max_examples=15, derandomize=True)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_any_small_picture(reader: DigitReader, width: int, height: int, seed: int) -> None:
    """Noise of any shape, down to a pixel, gives a reading of no digit."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    assert reader.read(encode(noise)).texts == ()


@pytest.mark.parametrize("side", [20, 28, 60])
@pytest.mark.parametrize("digit", "258")
def test_a_digit_in_a_small_picture(reader: DigitReader, digit: str, side: int) -> None:
    """A picture as small as MNIST's own is read, and its box is around the ink."""
    page = write(
        paper(side, side, 255), digit, side // 4, side // 6, height=side * 2 // 3, pen=max(2, side // 12), ink=0
    )
    reading = reader.read(encode(page))
    assert reading.texts == (digit,)
    rows, columns = np.nonzero(page < 128)
    ink = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert list(reading.digits[0].box) == pytest.approx(ink, abs=3)
