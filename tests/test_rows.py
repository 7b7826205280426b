"""Single lines of writing that the line reader learns from."""

import numpy as np

from model.generate.lines import Scribe
from model.generate.material import Material
from model.generate.pens import Hand
from model.generate.rows import row
from model.generate.writing import OTHER, labelled

LETTER = (np.array([[-0.5, -0.5], [0.5, 0.5]], np.float32),)


def scribe() -> Scribe:
    """Someone whose digits are all a stroke, in one of three ways."""
    strokes = [np.array([[0, -0.5], [lean, 0.5]], np.float32) for lean in (-0.1, 0, 0.1)]
    glyphs = tuple((strokes[number // 10],) for number in range(30))
    return Scribe(
        Hand(glyphs, np.zeros((0, 28, 28), np.uint8), np.arange(30, dtype=np.uint8) % 10), (LETTER,), Material()
    )


def test_a_line_has_all_the_paper_that_it_needs() -> None:
    """However long it is, its digits keep their size, and hardly any is cut by the paper's end."""
    widths, unsure, count = [], 0, 0
    for seed in range(60):
        picture, sheet = row(scribe(), np.random.default_rng(seed))
        boxes, labels = labelled(sheet.marks, sides=sheet.sides)
        assert picture.shape == sheet.sides[::-1]
        assert picture.dtype == np.uint8
        digits = (labels >= 0) & (labels < 10)
        assert ((boxes[digits, 3] - boxes[digits, 1]) >= 8).all()
        widths.append(picture.shape[1] / picture.shape[0])
        unsure, count = unsure + int((labels < 0).sum()), count + len(labels)
    assert min(widths) < 1.5
    assert max(widths) > 5
    assert unsure < 0.1 * count


def test_what_is_written_shows() -> None:
    """Where a digit's box is, the picture is not as it is elsewhere; a line beside it is labelled too."""
    seen = 0
    for seed in range(30):
        picture, sheet = row(scribe(), np.random.default_rng(seed))
        boxes, labels = labelled(sheet.marks, sides=sheet.sides)
        for left, top, right, bottom in np.rint(boxes[(labels >= 0) & (labels < OTHER)]).astype(int):
            seen += np.ptp(picture[top:bottom, left:right].astype(int)) >= 12
    assert seen > 100


def test_one_hand_makes_a_digit_in_one_way_or_two() -> None:
    """Of thousands of digits one writer has a few."""
    own = scribe().one_hand(np.random.default_rng(0))
    assert [{number % 10 for number in numbers} for numbers in own] == [{value} for value in range(10)]
    assert {len(numbers) for numbers in own} == {1, 2}
