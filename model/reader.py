"""The whole road from a photo to a reading: decode, straighten, find, normalize, classify, put together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.classify import Classifier
from model.decode import Photo, decode
from model.find import Found, find_digits
from model.hint import hint
from model.normalize import to_mnist
from model.reading import Bitmap, Box, Digit, Grey, Reading
from model.registry import Version
from model.straighten import View, as_it_is, sheet

# Of three things or more, the mean confidence below which they are not digits. On the development photos, numbers
# have 0.95 and more, ordinary pictures 0.57 to 0.83; a number with two digits in ten at a coin's toss has 0.87.
_SURE_OF_MANY: Final = 0.8
# Of one or two, which say little together: below it the answer is more likely wrong than right.
_SURE_OF_FEW: Final = 0.5
# How often what was framed as one digit is one whole digit; the classifier can't know that it is not.
_WHOLE: Final = 0.98
# The mean confidence above which nothing better is looked for. On generated pages, digits that stand upright and are
# seen from above have 0.95 and more; turned or at an angle they seldom have as much.
_CONVINCING: Final = 0.9
# What another way up must reach, and by how much it must be the surer one: upside down, many a number is a number.
_TURNED: Final = 0.95
_CLEARLY: Final = 1.1
# A single digit is not turned: one upright digit in ten looks surer turned.
_FEW_TO_TURN: Final = 3


class DigitReader:
    """Reads the handwritten digits of photos. Any number of threads may use one reader at once."""

    def __init__(self, classifier: Classifier, version: Version) -> None:
        """`version` is the one that the classifier was loaded from."""
        self._classifier = classifier
        self.version = version

    def read(self, photo: bytes) -> Reading:
        """Read a photo's digits. Raises UnreadablePhoto; a photo without a digit gives a reading without lines."""
        picture = decode(photo)
        return _reading(picture, self._best_look(picture.grey))

    def _best_look(self, grey: Grey) -> "_Look":
        """The sheet in the photo seen from above, where there is one that can be read; else the photo, upright."""
        flat = sheet(grey)
        if flat is not None:
            look = self._upright(self._look(flat))
            if look.mean >= _CONVINCING:
                return look
        return self._upright(self._look(as_it_is(grey)))

    def _look(self, view: View) -> "_Look":
        """What there is in one view of the photo: find, normalize, classify."""
        lines = find_digits(view.grey)
        bitmaps = [[to_mnist(found.ink) for found in line] for line in lines]
        return _Look(
            view, lines, bitmaps, [self._classifier.probabilities(np.reshape(line, (-1, 28, 28))) for line in bitmaps]
        )

    def _upright(self, look: "_Look") -> "_Look":
        """The same page the way up that makes its digits clearly the surest, if not as it is."""
        if len(look.sure) < _FEW_TO_TURN or look.mean >= _CONVINCING:
            return look
        turned = max((self._look(look.view.turned(quarters)) for quarters in (1, 2, 3)), key=lambda other: other.mean)
        is_clear = len(turned.sure) >= _FEW_TO_TURN and turned.mean >= max(_TURNED, _CLEARLY * look.mean)
        return turned if is_clear else look


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What was found in one view, a line a line of writing."""

    view: View
    lines: Sequence[Sequence[Found]]
    bitmaps: Sequence[Sequence[Bitmap]]
    probabilities: Sequence[NDArray[np.float32]]  # (N, 10) a line

    @property
    def sure(self) -> list[float]:
        """How sure each thing is the digit it looks most like."""
        return [float(row.max()) for line in self.probabilities for row in line]

    @property
    def mean(self) -> float:
        """The geometric mean of that, 0 for nothing."""
        return math.prod(self.sure) ** (1 / len(self.sure)) if self.sure else 0.0

    @property
    def is_refused(self) -> bool:
        """Whether what was found are no digits.

        Every digit of a number is read about as surely; a picture of other things gives a heap of doubtful ones. So it
        is the whole picture that is refused: leaving out single digits would turn a number into another number.
        """
        return self.mean < (_SURE_OF_FEW if len(self.sure) < 3 else _SURE_OF_MANY)


def _reading(picture: Photo, look: _Look) -> Reading:
    """Put the answers together: a digit for each thing found, lines as they were found."""
    if look.is_refused:
        return Reading((), 0.0, picture.size, hint(picture.grey))
    read = tuple(
        tuple(
            Digit(
                int(row.argmax()),
                float(row.max()),
                _full_size(look.view.in_photo(found.box), picture),
                bitmap,
                tuple(map(float, row)),
            )
            for found, bitmap, row in zip(*line, strict=True)
        )
        for line in zip(look.lines, look.bitmaps, look.probabilities, strict=True)
    )
    return Reading(read, math.prod(_WHOLE * confidence for confidence in look.sure), picture.size)


def _full_size(box: Box, picture: Photo) -> Box:
    """A box of the working picture in pixels of the full-size upright one."""
    width, height = picture.size
    left, top, right, bottom = (round(side * picture.scale) for side in box)
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return Box(left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height))
