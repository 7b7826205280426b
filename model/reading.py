"""What a reading is: the types that every stage and the bot share."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""(H, W) uint8 picture, upright, 0 black to 255 white."""

Colours = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB picture, upright."""

Ink = NDArray[np.float32]
"""(H, W) float32, 0 paper to 1 stroke, whatever the polarity of the photo was."""

Bitmap = NDArray[np.float32]
"""(28, 28) float32 as MNIST was made: 0 paper to 1 stroke, centred by mass."""

SIGNS = ".,-+×÷=/:()%"
"""The signs that are read between digits."""

Hint = Literal["dark", "blurred", "faint", "small"]
"""What may have hidden the digits of a picture in which none was read."""


class Box(NamedTuple):
    """Pixels of the full-size upright picture, half-open: left <= x < right."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, eq=False)
class Digit:
    """One digit that was read."""

    digit: int  # 0..9
    confidence: float  # 0..1
    box: Box
    bitmap: Bitmap  # what the network saw
    probabilities: tuple[float, ...]  # of 0..9, sum 1
    features: tuple[float, ...] = ()  # what the scorer knew of it, in `Reading.edition`; empty for what it never saw

    @property
    def runner_up(self) -> tuple[int, float]:
        """The second most probable digit and its probability."""
        second = int(np.argsort(self.probabilities)[-2])
        return second, self.probabilities[second]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The digits of one picture in reading order, a tuple a line of writing; no lines when there is no digit."""

    lines: tuple[tuple[Digit, ...], ...]
    as_written: tuple[str, ...]  # each line with its signs, `^` before what is raised, a space between groups
    confidence: float  # 0..1, that the whole reading is right; 0 when there is no digit
    size: tuple[int, int]  # (width, height) of the full-size upright picture
    version: str  # of the model that read it
    hint: Hint | None = None  # only when there is no digit, and only when the picture shows which
    other_writing: bool = False  # whether some stands between or beside the digits, which is not read
    doubtful: tuple[Digit, ...] = ()  # what might be digits and is not read, in reading order, 12 at most
    doubtful_after: tuple[int, ...] = ()  # how many digits stand before each of these; empty when there is no digit
    edition: str = ""  # which features the digits have: those of two editions are not to be compared

    @property
    def digits(self) -> tuple[Digit, ...]:
        """All digits in reading order."""
        return tuple(digit for line in self.lines for digit in line)

    @property
    def texts(self) -> tuple[str, ...]:
        """Each line of writing as a string of digits."""
        return tuple("".join(str(digit.digit) for digit in line) for line in self.lines)
