from pathlib import Path

import cv2
import numpy as np
import pytest

from model import DigitReader, ModelUnavailable, load_reader
from model.parts import JUDGE, SIGNS
from model.reading import Box, Grey
from model.signs import CLASSES, SignClassifier
from tests.pictures import curves, encode, paper

# The pen's way for each sign, in a box 10 wide and 16 high, as `tests.pictures` has them for digits; a tuple a stroke.
_STROKES = {
    ".": (((4, 16), (5, 16)),),
    "-": (((1, 9), (9, 9)),),
    "+": (((1, 9), (9, 9)), ((5, 5), (5, 13))),
    "×": (((2, 6), (8, 12)), ((8, 6), (2, 12))),
    "=": (((1, 7), (9, 7)), ((1, 11), (9, 11))),
    "/": (((9, -2), (1, 18)),),
    ":": (((5, 6), (5, 7)), ((5, 13), (5, 14))),
    "(": (((7, -1), (4, 4), (3, 8), (4, 12), (7, 17)),),
    ")": (((3, -1), (6, 4), (7, 8), (6, 12), (3, 17)),),
}


def line(text: str, *, height: int = 80, pen: int = 7) -> Grey:
    """Paper with digits and signs in one line."""
    scale = height / 16
    page = paper(round(12 * scale * len(text)) + 120, height + 140)
    for place, character in enumerate(text):
        start = np.array([60 + 12 * scale * place, 70])
        for curve in _STROKES.get(character) or curves(character):
            points = np.rint((start + np.array(curve) * scale) * 16).astype(np.int32)
            cv2.polylines(page, [points], isClosed=False, color=40, thickness=pen, lineType=cv2.LINE_AA, shift=4)
    return page


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader that is served."""
    return load_reader()


@pytest.mark.parametrize("text", ["3.14", "85/20", "7+8=15", "52-3", "(25)", "6×7=42", "12:45", "2) 35"])
def test_signs_are_read_as_what_they_are(reader: DigitReader, text: str) -> None:
    """No sign is a digit more, and each stands between the digits where it was written."""
    reading = reader.read(encode(line(text.replace(" ", ""))))
    assert reading.texts == ("".join(filter(str.isdecimal, text)),)
    assert tuple(each.replace(" ", "") for each in reading.as_written) == (text.replace(" ", ""),)


def test_digits_alone_have_no_signs(reader: DigitReader) -> None:
    """What was a number stays one."""
    assert reader.read(encode(line("4825"))).as_written == ("4825",)


def test_no_boxes_have_no_meanings() -> None:
    """Where nothing is asked, nothing is said."""
    assert SignClassifier(SIGNS).meanings(paper(), []).shape == (0, CLASSES)


def test_meanings_are_probabilities() -> None:
    """A row a box, of sum 1, wherever the box is."""
    meanings = SignClassifier(SIGNS).meanings(line("7"), [Box(0, 0, 5, 5), Box(60, 60, 130, 160), Box(-9, 90, 900, 99)])
    assert meanings.shape == (3, CLASSES)
    assert meanings.sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_another_network_in_its_place() -> None:
    """What maps something else to something else is no sign classifier, and the command that mends it is named."""
    with pytest.raises(ModelUnavailable, match="train --recipe signs"):
        SignClassifier(JUDGE)


def test_a_network_that_is_missing(tmp_path: Path) -> None:
    """The message names the command that mends it."""
    with pytest.raises(ModelUnavailable, match="train --recipe signs"):
        SignClassifier(tmp_path / "signs.tflite")
