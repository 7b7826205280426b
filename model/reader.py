"""The whole road from a photo to a reading: decode, read the best view of it, put together."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.blame import Blames, blames, of_edition
from model.confidence import confidences, features
from model.decision import Decision
from model.decode import Photo, decode, tinted
from model.describe import AnyClassifier
from model.hint import hint
from model.hypothesis import Floats, Hypothesis
from model.reading import Bitmap, Box, Digit, Hint, Reading
from model.registry import Version
from model.views import CONVINCING, UNSHADED, AnyPage, Look, Views
from model.why import Why, why

# By how many of 255 steps a colour must stand out where nothing is read, and what digits must have that are read by it:
# paper in uneven light has up to 10 steps; flowers and printed words have many, and look like a 1 here and there.
_FAINT_IN_GREY: Final = (16, UNSHADED)
_PLAIN_IN_GREY: Final = (48, CONVINCING)
Labels = NDArray[np.int_]
Editions = NDArray[np.str_]

_OTHER_WRITING: Final = 0.5  # how surely there must be some for it to be told


class DigitReader:
    """Reads the handwritten digits of photos. Any number of threads may use one reader at once."""

    def __init__(
        self,
        page: AnyPage,
        classifier: AnyClassifier,
        version: Version,
        decision: Decision | None = None,
        edition: str = "",
    ) -> None:
        """`version` is the one that `classifier`, which `page` uses too, and `decision` were loaded from."""
        self.page = page
        self._decision = decision or Decision()
        self._weights = self._decision.confidence
        self._edition = edition
        self._views = Views(page)
        self._classifier = classifier
        self.version = version

    def read(self, photo: bytes) -> Reading:
        """Read a photo's digits. Raises UnreadablePhoto; a photo without a digit gives a reading without lines."""
        picture = decode(photo)
        look = self._views.best(picture.grey)
        hidden = None if look.seen else hint(picture.grey)
        if not look.seen:  # the ink may be about as bright as its paper
            spread, convincing = _FAINT_IN_GREY if hidden == "faint" else _PLAIN_IN_GREY
            if (grey := tinted(photo, spread)) is not None and self.page.hints(grey):
                coloured = self._views.best(grey)
                is_only_strokes = hidden != "faint" and set("".join(coloured.texts)) == {"1"}
                look = coloured if coloured.mean >= convincing and not is_only_strokes else look
        return self._reading(picture, look, hidden)

    def features(self, photo: bytes) -> tuple[tuple[str, ...], Floats]:
        """Give what is read in a photo, and what its confidence is computed from: see `model.confidence.features`."""
        look = self._views.best(decode(photo).grey)
        return tuple(look.texts), features(look.seen, look.writing.left)

    def why(self, bitmap: Bitmap, digit: int) -> Why:
        """Say which pixels of a digit's bitmap made the network answer `digit`, or kept it from it."""
        return why(bitmap, digit, self._classifier.probabilities)

    def blames(self, said: Labels, label: Labels, features: Floats, editions: Editions) -> Blames:
        """Count who erred in N corrected crops: whom a training would teach.

        `said`, (N,), is what they were read as, `label` what they are, both 0..9, or -1 for no digit; `features` is
        (N, F) float32, what was kept of `Digit.features`, each row of one of the `editions`, "" for none.
        """
        known, strange = of_edition(features, editions, self._edition)
        return blames(said, label, known, self._decision, strange=strange)

    def _reading(self, picture: Photo, look: Look, hidden: Hint | None) -> Reading:
        """Put the answers together: a digit for each thing seen, lines as they were seen."""

        def digit(seen: Hypothesis, sure: float) -> Digit:
            return Digit(
                int(seen.probabilities.argmax()),
                sure,
                _full_size(look.view.in_photo(seen.box), picture),
                seen.bitmap,
                tuple(map(float, seen.probabilities)),
                tuple(map(float, seen.features)),
            )

        writing = look.writing
        nearest = tuple(digit(seen, float(seen.probabilities.max())) for seen in writing.doubtful)
        if not writing.lines:
            return Reading(
                (), (), 0.0, picture.size, self.version.name, hidden, doubtful=nearest, edition=self._edition
            )
        sure = confidences(look.seen, writing.left, self._weights)
        rest = iter(sure)
        read = tuple(tuple(digit(seen, next(rest)) for seen in line) for line in writing.lines)
        other = writing.other >= _OTHER_WRITING
        return Reading(
            read,
            writing.as_written,
            math.prod(sure),
            picture.size,
            self.version.name,
            other_writing=other,
            doubtful=nearest,
            doubtful_after=writing.doubtful_after,
            edition=self._edition,
        )


def _full_size(box: Box, picture: Photo) -> Box:
    """A box of the working picture in pixels of the full-size upright one."""
    width, height = picture.size
    left, top, right, bottom = (round(side * picture.scale) for side in box)
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return Box(left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height))
