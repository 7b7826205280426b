"""The whole road from a photo to a reading: decode, find, normalize, classify, put together."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.classify import Classifier
from model.decode import Photo, decode
from model.find import Found, find_digits
from model.normalize import to_mnist
from model.reading import Bitmap, Box, Digit, Reading
from model.registry import Version


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
    """Put the answers together: a digit for each thing found, lines as they were found."""
    read = tuple(
        tuple(
            Digit(int(row.argmax()), float(row.max()), _full_size(found.box, picture), bitmap, tuple(map(float, row)))
            for found, bitmap, row in zip(*line, strict=True)
        )
        for line in zip(lines, bitmaps, probabilities, strict=True)
    )
    confidence = math.prod(digit.confidence for line in read for digit in line) if read else 0.0
    return Reading(read, confidence, picture.size)


def _full_size(box: Box, picture: Photo) -> Box:
    """A box of the working picture in pixels of the full-size upright one."""
    width, height = picture.size
    left, top, right, bottom = (round(side * picture.scale) for side in box)
    left, top = min(left, width - 1), min(top, height - 1)
    return Box(left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height))
