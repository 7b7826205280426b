"""A row of digits and signs, and what the line reader reads in it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.describe import Describer
from model.hypothesis import Hypothesis
from model.judge import Opinions
from model.line import LABELS, STEP
from model.reading import SIGNS, Box, Grey
from model.reread import Rereader
from model.signs import CLASSES
from model.strip import Strip
from model.written import Row, Sign
from tests.fakes import a_hypothesis
from tests.pictures import paper, write

Floats = NDArray[np.float32]
CHARACTERS = "0123456789" + SIGNS + "?"


class Hears:
    """A line reader that hears characters at places along the picture, with what is left of a certainty elsewhere.

    It is the other networks too: every crop is an 8.
    """

    def __init__(self, heard: str, at: Sequence[int], sure: float, instead: str) -> None:
        """Take what is heard, where in the picture, how surely, and what else it may be at each place, "_" for none."""
        self.heard, self.at, self.sure, self.instead = heard, at, sure, instead

    def columns(self, strip: Strip) -> Floats:
        """Nothing but the characters."""
        said = np.full((strip.picture.shape[1] // STEP, LABELS), 1e-4, np.float32)
        said[:, -1] = 1
        for character, other, at in zip(self.heard, self.instead, self.at, strict=True):
            column = round(float(strip.onto[0] @ [at, 0, 1])) // STEP
            said[column] = 1e-4
            for label, share in ((other, 1 - self.sure), (character, self.sure)):
                said[column, -1 if label == "_" else CHARACTERS.index(label)] = share
        return np.asarray(np.log(said / said.sum(axis=1, keepdims=True)), np.float32)

    def probabilities(self, bitmaps: Floats) -> Floats:
        """An 8."""
        return np.tile(np.eye(10, dtype=np.float32)[8] * 0.91 + 0.009, (len(bitmaps), 1))

    def opinions(self, bitmaps: Floats) -> Opinions:
        """Surely a digit."""
        return Opinions(np.full(len(bitmaps), 0.9, np.float32), np.zeros(len(bitmaps), np.float32))

    def meanings(self, grey: Grey, boxes: Sequence[Box], usual: float = 0.0) -> Floats:  # noqa: ARG002
        """An 8."""
        return np.tile(np.eye(CLASSES, dtype=np.float32)[8], (len(boxes), 1))


LEFTS = (60, 154, 248)


def page() -> Grey:
    """A 577 on paper."""
    return write(paper(500, 220), "577", 60, 60)


def row(text: str, sure: float = 0.9) -> Row:
    """What was seen on the page: a character at each place, a digit so surely, "_" for nothing."""
    found: list[Hypothesis | Sign] = []
    for left, character in zip(LEFTS, text, strict=True):
        box = Box(left, 60, left + 62, 160)
        if character.isdigit():
            found.append(a_hypothesis(box, np.where(np.arange(10) == int(character), sure, (1 - sure) / 9)))
        elif character != "_":
            found.append(Sign(character, box, sure))
    return tuple(found)


def text(found: Row) -> str:
    """What a row says."""
    return "".join(one.sign if isinstance(one, Sign) else str(one.probabilities.argmax()) for one in found)


def reread(seen: str, heard: str, sure: float, instead: str, seen_sure: float = 0.9) -> Row:
    """The row after it is compared."""
    hears = Hears(heard, [left + 31 for left in LEFTS], sure, instead)
    return Rereader(hears, Describer(hears, hears, hears)).reread(page(), row(seen, seen_sure)).row


@pytest.mark.parametrize(
    ("seen", "heard", "instead", "then"),
    [
        ("577", "577", "___", "577"),
        ("571", "577", "__1", "577"),
        ("57_", "577", "___", "577"),
        ("547", "5+7", "_4_", "5+7"),
        ("5+7", "547", "_+_", "547"),
        ("557", "_57", "5__", "57"),
        ("57/", "57?", "__/", "57"),
        ("591", "5?_", "_91", "5"),
    ],
)
def test_what_is_surely_read_otherwise_is_taken(seen: str, heard: str, instead: str, then: str) -> None:
    """Another digit, one more, one less, a sign for a digit and a digit for a sign, other writing for either."""
    assert text(reread(seen, heard, 0.9999, instead, 0.6)) == then


@pytest.mark.parametrize(
    ("seen", "heard", "instead"), [("571", "577", "__1"), ("547", "5+7", "_4_"), ("577", "5_7", "_7_")]
)
def test_what_is_hardly_read_otherwise_is_not(seen: str, heard: str, instead: str) -> None:
    """Where the line reader itself finds both about as likely, what was cut out stays."""
    assert text(reread(seen, heard, 0.6, instead)) == seen


def test_a_single_digit_is_left_to_its_crops() -> None:
    """What would change the first of three digits changes none that stands alone: there is no line to know more by."""
    assert text(reread("777", "177", 0.97, "7__")) == "177"
    assert text(reread("7__", "1__", 0.97, "7__")) == "7"


def test_no_sign_is_taken_where_nobody_writes_one() -> None:
    """A stroke that is a slash between digits is a 1 where it begins a line."""
    assert text(reread("717", "7/7", 0.97, "_1_")) == "7/7"
    assert text(reread("177", "/77", 0.9, "1__")) == "177"


def test_a_digit_that_only_the_line_reader_sees_lies_on_its_ink() -> None:
    """It has a box, a bitmap and an answer of its own: here its crop says 8, and the line reader is surer of the 7."""
    found = reread("57_", "577", 0.9999, "___")[-1]
    assert isinstance(found, Hypothesis)
    assert found.box.left == pytest.approx(LEFTS[2], abs=12)
    assert found.box.right == pytest.approx(LEFTS[2] + 62, abs=12)
    assert found.bitmap.max() > 0.9
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-4)


def test_how_surely_each_digit_is_read_in_the_line() -> None:
    """A line that is surely read so is shared by its digits; what is hardly read, or disputed in vain, is doubted."""
    agreed, doubted, disputed = (
        [one.lined for one in row if isinstance(one, Hypothesis)]
        for row in (
            reread("577", "577", 0.999, "111"),
            reread("577", "577", 0.6, "111"),
            reread("571", "577", 0.7, "__1"),
        )
    )
    assert min(agreed) > 0.9
    assert max(doubted) < 0.65
    assert max(disputed) < 0.8
    assert len(set(agreed)) == len(set(doubted)) == len(set(disputed)) == 1


def test_a_row_of_signs_alone_is_left_as_it_is() -> None:
    """Without a digit nothing says how high the line is."""
    assert text(reread("+__", "577", 0.9999, "___")) == "+"


def test_what_was_doubted_alone_is_a_digit_where_it_is_read_in_its_line() -> None:
    """It keeps its own box; where the line reader reads nothing there it stays left out, and then so does its doubt."""
    known, doubtful = row("57_"), [replace(one, likely=0.2) for one in row("__7") if isinstance(one, Hypothesis)]
    for heard, then in (("577", "577"), ("57_", "57")):
        hears = Hears(heard, [left + 31 for left in LEFTS], 0.9999, "___")
        found = Rereader(hears, Describer(hears, hears, hears)).reread(page(), known, doubtful).row
        assert text(found) == then
        assert (found[-1].box == doubtful[0].box) == (then == "577")
    assert isinstance(found[0], Hypothesis)
    assert doubtful[0].likely < 0.4


def test_a_line_that_only_the_line_reader_makes_out() -> None:
    """Far from its row, what is doubted is read by itself, and is as sure as it is read."""
    hears = Hears("7", [LEFTS[2] + 31], 0.9999, "_")
    doubtful = [replace(one, likely=0.2) for one in row("__7") if isinstance(one, Hypothesis)]
    alone = Rereader(hears, Describer(hears, hears, hears)).reread(page(), (), doubtful).row
    assert text(alone) == "7"
    assert isinstance(alone[0], Hypothesis)
    assert alone[0].likely > 0.9


def test_other_writing_is_told_where_no_character_stands() -> None:
    """Beside the digits, and where it takes a digit's place; not under a digit that is kept."""
    said = []
    for seen, heard, sure in (("57_", "57?", 0.95), ("57_", "577", 0.95), ("577", "57?", 0.6)):
        hears = Hears(heard, [left + 31 for left in LEFTS], sure, "__7")
        said.append(Rereader(hears, Describer(hears, hears, hears)).reread(page(), row(seen, 0.95)))
    assert [text(one.row) for one in said] == ["57", "577", "577"]
    assert [one.other > 0.5 for one in said] == [True, False, False]


@pytest.mark.parametrize(
    ("seen", "then"), [("5×7", "5×7"), ("5×+", "5+"), ("5=×", "5="), ("5×(", "5×("), ("5)×", "5)×"), ("57×", "57×")]
)
def test_a_cross_beside_a_sign_is_the_letter_x(seen: str, then: str) -> None:
    """It is other writing: nobody multiplies by a plus. A times sign may stand beside brackets, and last."""
    hears = Hears(seen, [left + 31 for left in LEFTS], 0.9999, "___")
    heard = Rereader(hears, Describer(hears, hears, hears)).reread(page(), row(seen))
    assert text(heard.row) == then
    assert (heard.other > 0.5) == (seen != then)
