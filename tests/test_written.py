from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from model.hypothesis import Hypothesis
from model.reading import SIGNS, Box
from model.signs import CLASSES
from model.written import Sign, as_written, sign_in, with_raised
from tests.fakes import a_hypothesis


def digit(value: int, left: int, top: int = 100, *, height: int = 60, width: int = 40) -> Hypothesis:
    """A digit that is seen."""
    return a_hypothesis(Box(left, top, left + width, top + height), np.eye(10, dtype=np.float32)[value])


def sign(character: str, left: int, top: int, width: int, height: int) -> Sign:
    """A sign that is seen."""
    return Sign(character, Box(left, top, left + width, top + height), 0.9)


def meaning(character: str, share: float) -> NDArray[np.float32]:
    """What the sign classifier says of a sign or a digit: so surely that, else other writing."""
    shares = np.zeros(CLASSES, np.float32)
    shares[10 + SIGNS.index(character) if character in SIGNS else int(character)] = share
    shares[-1] = 1 - share
    return shares


@pytest.mark.parametrize(
    ("lines", "found", "text"),
    [
        (((digit(3, 0), digit(1, 60), digit(4, 110)),), [sign(".", 47, 152, 8, 8)], ("3.14",)),
        (((digit(8, 0), digit(5, 50), digit(1, 130), digit(0, 180)),), [sign("/", 95, 90, 30, 80)], ("85/10",)),
        (((digit(1, 40), digit(2, 90)),), [sign("(", 15, 90, 15, 80), sign(")", 140, 90, 15, 80)], ("(12)",)),
        (((digit(5, 60),),), [sign("-", 20, 125, 30, 6)], ("-5",)),
        (
            ((digit(7, 0), digit(1, 250), digit(5, 300)),),
            [sign("=", 200, 120, 35, 20), sign("+", 60, 115, 35, 35)],
            ("7+ =15",),
        ),
        (
            ((digit(1, 0), digit(2, 50)), (digit(3, 0, 200), digit(4, 50, 200))),
            [sign(":", 42, 215, 6, 30)],
            ("12", "3:4"),
        ),
    ],
    ids=["a point", "a slash", "brackets", "a sign before", "a sign beside a sign", "the line it stands in"],
)  # fmt: skip
def test_signs_come_where_they_stand(
    lines: tuple[tuple[Hypothesis, ...], ...], found: Sequence[Sign], text: tuple[str, ...]
) -> None:
    """A line of text holds its signs in the order in which they were written."""
    assert as_written(lines, found) == text


def test_groups_that_stand_apart() -> None:
    """A wide gap between digits is a space, the usual one is none."""
    line = (digit(5, 0), digit(5, 50), digit(0, 200), digit(1, 250))
    assert as_written((line,), []) == ("55 01",)


@pytest.mark.parametrize(
    "far",
    [sign(".", 400, 152, 8, 8), sign(".", 47, 300, 8, 8), sign("-", 5, 120, 30, 30)],
    ids=["beside", "below", "on a digit"],
)
def test_a_sign_that_belongs_to_no_line(far: Sign) -> None:
    """A speck far from the number, or a stroke of a digit itself, is no sign of it."""
    assert as_written(((digit(3, 0), digit(1, 60)),), [far]) == ("31",)


def test_an_exponent() -> None:
    """A small digit at the upper right is read after what it is raised over, not as a line of its own."""
    lines = with_raised(((digit(2, 45, 80, height=30, width=20),), (digit(5, 0), digit(7, 140))))
    assert as_written(lines, []) == ("5^2 7",)


def test_a_small_number_above_another_is_no_exponent() -> None:
    """Lines stay lines: what stands over the middle of a number is not raised."""
    lines = ((digit(2, 0, 20, height=40, width=25),), (digit(5, 0), digit(7, 50)))
    assert with_raised(lines) == lines


@pytest.mark.parametrize(
    ("character", "share", "found"), [("+", 0.6, "+"), ("+", 0.3, None), ("4", 0.9, None), ("%", 0.7, "%")]
)
def test_what_is_a_sign(character: str, share: float, found: str | None) -> None:
    """A sign must be likelier than a digit, and not only likelier than the others."""
    seen = sign_in(meaning(character, share), Box(0, 0, 20, 20))
    assert (seen.sign if seen else None) == found


@pytest.mark.parametrize(
    ("slash", "usual", "found"),
    [(0.54, 60, None), (0.75, 60, "/"), (0.75, 90, None), (0.89, 90, "/")],
    ids=["hardly likelier", "taller", "no taller", "no taller, surely"],
)
def test_what_looks_like_a_1_is_one_unless_a_slash_is_much_likelier(
    slash: float, usual: float, found: str | None
) -> None:
    """People write many more 1s than slashes, and slashes taller than digits."""
    shares = np.zeros(CLASSES, np.float32)
    shares[[1, 10 + SIGNS.index("/"), -1]] = 0.9 - slash, slash, 0.1
    seen = sign_in(shares, Box(0, 0, 20, 90), usual)
    assert (seen.sign if seen else None) == found


def test_two_strokes_that_make_one_sign() -> None:
    """The strokes of an equals sign are no minus signs of their own, where all together look about as sure."""
    strokes = [sign("-", 47, 120, 26, 4), sign("-", 47, 136, 26, 4), sign("=", 47, 120, 26, 20)]
    assert as_written(((digit(3, 0), digit(1, 80)),), strokes) == ("3=1",)


def test_a_point_of_a_sign_that_is_there_already() -> None:
    """What lies over another sign in the line is a piece of it, whatever it looks like by itself."""
    pieces = [sign("÷", 47, 116, 26, 30), sign("÷", 56, 152, 8, 8)]
    assert as_written(((digit(8, 0), digit(2, 80)),), pieces) == ("8÷2",)
