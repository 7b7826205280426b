"""What is spelled out of what is said along a strip."""

import numpy as np
import pytest

from model.line import LABELS, STEP, Transcript, oddities
from model.reading import SIGNS
from model.strip import HEIGHT, Strip

CHARACTERS = "0123456789" + SIGNS + "?"


def labels(text: str) -> list[int]:
    """A text as labels."""
    return [CHARACTERS.index(character) for character in text]


def transcript(*places: dict[str, float]) -> Transcript:
    """What is read where, every eight columns, these characters are said with these probabilities."""
    said = np.full((64, LABELS), 1e-6, np.float32)
    said[:, -1] = 1
    for number, shares in enumerate(places):
        said[4 + 8 * number, -1] = 1e-6
        for character, share in shares.items():
            said[4 + 8 * number, CHARACTERS.index(character)] = share
    columns = np.asarray(np.log(said / said.sum(axis=1, keepdims=True)), np.float32)
    return Transcript.of(Strip(np.zeros((HEIGHT, 64 * STEP), np.float32), 64 * STEP, np.eye(2, 3)), columns)


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        *[("12/05/2023", 0), ("3.14", 0), ("-(3×2)/4", 0), ("36+24=", 0), ("85%", 0), ("(-3)=5", 0), ("100.-", 0)],
        ("?5", 0),
        *[("/05", 1), ("5×", 1), ("3+×2", 1), ("=+", 2), ("5/?", 1), ("", 0)],
    ],
)  # fmt: skip
def test_where_signs_stand(text: str, odd: int) -> None:
    """Dates, prices and sums have none in an odd place; other writing is passed over."""
    assert oddities(labels(text)) == odd


def test_what_is_nearly_as_likely_and_less_odd_is_read() -> None:
    """A 1 that is a slash a little rather begins a line as a 1; a sure slash stays one, and one between digits too."""
    slash = {"/": 0.8, "1": 0.2}
    assert transcript(slash, {"7": 1}).labels == labels("17")
    assert transcript({"/": 0.99, "1": 0.01}, {"7": 1}).labels == labels("/7")
    assert transcript({"7": 1}, slash, {"7": 1}).labels == labels("7/7")


def test_where_and_how_surely_each_is_read() -> None:
    """In pixels of the strip, and with the probability of its own column."""
    found = transcript({"7": 0.9, "1": 0.1}, {"+": 1}, {"5": 1})
    assert [one.middle for one in found.read] == [9, 25, 41]
    assert found.sure(0) == pytest.approx(0.9, abs=1e-3)
    assert found.said(0)[1] == pytest.approx(0.1, abs=1e-3)
