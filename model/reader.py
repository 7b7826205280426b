"""The whole road from a photo to a reading: decode, find, normalize, classify, put together."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.classify import Classifier
from model.decode import Photo, decode
from model.find import Found, find_digits
from model.hint import hint
from model.normalize import to_mnist
from model.reading import Bitmap, Box, Digit, Reading
from model.registry import Version

# Of three things or more, the mean confidence below which they are not digits. On the development photos, numbers
# have 0.95 and more, ordinary pictures 0.57 to 0.83; a number with two digits in ten at a coin's toss has 0.87.
_SURE_OF_MANY: Final = 0.8
# Of one or two, which say little together: below it the answer is more likely wrong than right.
_SURE_OF_FEW: Final = 0.5
# How often what was framed as one digit is one whole digit; the classifier can't know that it is not.
_WHOLE: Final = 0.98


class DigitReader:
    """Reads the handwritten digits of photos. Any number of threads may use one reader at once."""

    def __init__(self, classifier: Classifier, version: Version) -> None:
        """`version` is the one that the classifier was loaded from."""
        self._classifier = classifier
        self.version = version

    def read(self, photo: bytes) -> Reading:
        """Read a photo's digits. Raises UnreadablePhoto; a photo without a digit gives a reading without lines."""
        picture = decode(photo)
        lines = find_digits(picture.grey)
        bitmaps = [[to_mnist(found.ink) for found in line] for line in lines]
        probabilities = [self._classifier.probabilities(np.reshape(line, (-1, 28, 28))) for line in bitmaps]
        return _reading(picture, lines, bitmaps, probabilities)


def _reading(
    picture: Photo,
    lines: Sequence[Sequence[Found]],
    bitmaps: Sequence[Sequence[Bitmap]],
    probabilities: Sequence[NDArray[np.float32]],
) -> Reading:
    """Put the answers together: a digit for each thing found, lines as they were found.

    Every digit of a number is read about as surely; a picture of other things gives a heap of doubtful ones. So it is
    the whole picture that is refused, by the geometric mean of its digits' confidences: leaving out single digits
    would turn a number into another number.
    """
    sure = [float(row.max()) for line in probabilities for row in line]
    if not sure or math.prod(sure) ** (1 / len(sure)) < (_SURE_OF_FEW if len(sure) < 3 else _SURE_OF_MANY):
        return Reading((), 0.0, picture.size, hint(picture.grey))
    read = tuple(
        tuple(
            Digit(int(row.argmax()), float(row.max()), _full_size(found.box, picture), bitmap, tuple(map(float, row)))
            for found, bitmap, row in zip(*line, strict=True)
        )
        for line in zip(lines, bitmaps, probabilities, strict=True)
    )
    return Reading(read, math.prod(_WHOLE * confidence for confidence in sure), picture.size)


def _full_size(box: Box, picture: Photo) -> Box:
    """A box of the working picture in pixels of the full-size upright one."""
    width, height = picture.size
    left, top, right, bottom = (round(side * picture.scale) for side in box)
    left, top = min(left, width - 1), min(top, height - 1)
    return Box(left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height))
