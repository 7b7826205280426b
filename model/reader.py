"""The whole road from a photo to a reading: decode, straighten, see what is written, put together."""

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final, Protocol

from model.candidates import AnyClassifier, Candidate, Floats
from model.confidence import confidences, features
from model.decode import Photo, decode, tinted
from model.hint import hint
from model.illumination import evened
from model.margin import with_margin
from model.reading import Bitmap, Box, Digit, Grey, Hint, Reading
from model.registry import Version
from model.sight import Writing
from model.straighten import View, as_it_is, sheet
from model.why import Why, why

# The mean confidence above which nothing better is looked for. On generated pages, digits that stand upright and are
# seen from above have 0.95 and more; turned or at an angle they seldom have as much.
_CONVINCING: Final = 0.9
# What digits must have that are read only with shadows taken away: among dark things, what is left may look like some.
_UNSHADED: Final = 0.75
# What a sheet seen from above must have to be read where the photo shows nothing.
_DOUBTFUL: Final = 0.75
# By how many of 255 steps a colour must stand out where nothing is read, and what digits must have that are read by it:
# paper in uneven light has up to 10 steps; flowers and printed words have many, and look like a 1 here and there.
_FAINT_IN_GREY: Final = (16, _UNSHADED)
_PLAIN_IN_GREY: Final = (48, _CONVINCING)
# What another way up must reach, and by how much it must be the surer one: upside down, many a number is a number.
_TURNED: Final = 0.95
_TURNED_LIKELY: Final = 0.85  # or as much, where its lines are likely
_CLEARLY: Final = 1.3
_LIKELY: Final = 0.85  # of its lines' probability, what each digit of a page has that is surely the right way up
# Of a turned page's digits: the courses of a brick wall and the words of a printed page are 1s, one way up.
_MOST_ALIKE: Final = 0.7
# A single digit is not turned: one upright digit in ten looks surer turned.
_FEW_TO_TURN: Final = 3
_FEW_UNSEEN: Final = 2  # likewise, where no digit is read as the page lies
_GLIMPSED: Final = 1.0  # digits, about, that a glimpse must show of a way up that is looked at
_GLIMPSED_UNSEEN: Final = 0.6
_GLIMPSED_MORE: Final = 0.5  # than are read in a sheet, that may be one field of what was photographed
_MOSTLY: Final = 0.5  # of what is written on a page is read, where it is surely the right way up
_OTHER_WRITING: Final = 0.5  # how surely there must be some for it to be told
_MANY_TO_TURN: Final = 40  # pieces of writing; more are a page of print, and each look at it takes half a second


class AnySight(Protocol):
    """What is needed of `model.sight.Sight`."""

    def look(self, grey: Grey) -> Writing:
        """See what is written in a picture, (H, W) uint8."""

    def glimpse(self, grey: Grey) -> float:
        """Say about how many digits there are in a picture, at a fraction of what looking costs."""


class DigitReader:
    """Reads the handwritten digits of photos. Any number of threads may use one reader at once."""

    def __init__(self, sight: AnySight, classifier: AnyClassifier, version: Version) -> None:
        """`version` is the one that `classifier`, which `sight` uses too, was loaded from."""
        self.sight = sight
        self._classifier = classifier
        self.version = version

    def read(self, photo: bytes) -> Reading:
        """Read a photo's digits. Raises UnreadablePhoto; a photo without a digit gives a reading without lines."""
        picture = decode(photo)
        look = self._best_look(picture.grey)
        hidden = None if look.seen else hint(picture.grey)
        if not look.seen:  # the ink may be about as bright as its paper
            spread, convincing = _FAINT_IN_GREY if hidden == "faint" else _PLAIN_IN_GREY
            if (grey := tinted(photo, spread)) is not None:
                coloured = self._best_look(grey)
                is_only_strokes = hidden != "faint" and set("".join(coloured.texts)) == {"1"}
                look = coloured if coloured.mean >= convincing and not is_only_strokes else look
        return self._reading(picture, look, hidden)

    def features(self, photo: bytes) -> tuple[tuple[str, ...], Floats]:
        """Give what is read in a photo, and what its confidence is computed from: see `model.confidence.features`."""
        look = self._best_look(decode(photo).grey)
        return tuple(look.texts), features(look.seen, look.writing.left)

    def why(self, bitmap: Bitmap, digit: int) -> Why:
        """Say which pixels of a digit's bitmap made the network answer `digit`, or kept it from it."""
        return why(bitmap, digit, self._classifier.probabilities)

    def _best_look(self, grey: Grey) -> "_Look":
        """The sheet in the photo seen from above, where there is one that can be read; else the photo, upright."""
        photo, flat = with_margin(as_it_is(grey)), sheet(grey)
        above = None if flat is None else self._upright(self._look(flat))
        if above is not None and above.is_upright and not self._is_part(above, photo):
            return above
        look = self._unshaded(self._upright(self._look(photo)), flat or photo)
        is_better = above is not None and above.mean >= _DOUBTFUL and above.weight > look.weight
        return above if above is not None and is_better else look

    def _is_part(self, above: "_Look", photo: View) -> bool:
        """Whether a sheet with a digit or two may be one field of a form, for the photo shows more."""
        few = len(above.sure)
        return few < _FEW_TO_TURN and self.sight.glimpse(photo.grey) >= few + _GLIMPSED_MORE

    def _unshaded(self, look: "_Look", view: View) -> "_Look":
        """The same page in even light, if it was not: what is seen only in uneven light may be a shadow's edge."""
        if look.writing.things > _MANY_TO_TURN or (even := evened(view.grey)) is None:
            return look
        lit = self._upright(self._look(View(even, view.back)))
        is_long = len(look.sure) >= _FEW_TO_TURN
        if look.texts == lit.texts or (is_long and (look.mean >= lit.mean or look.weight >= lit.weight)):
            return look
        if lit.mean >= _UNSHADED:
            return lit
        return _Look(lit.view, replace(lit.writing, lines=(), doubtful=tuple(lit.seen) or lit.writing.doubtful))

    def _look(self, view: View) -> "_Look":
        """What is written in one view of the photo."""
        return _Look(view, self.sight.look(view.grey))

    def _upright(self, look: "_Look") -> "_Look":
        """The same page the way up that makes its digits clearly the surest, if not as it is."""
        # Where no digit is read, one piece is enough: on its side, a number's digits run together.
        pieces, few, glimpsed = (
            (_FEW_TO_TURN, _FEW_TO_TURN, _GLIMPSED) if look.seen else (1, _FEW_UNSEEN, _GLIMPSED_UNSEEN)
        )
        if not pieces <= max(look.writing.things, len(look.sure)) <= _MANY_TO_TURN or look.is_upright:
            return look
        views = [look.view.turned(quarters) for quarters in (1, 2, 3)]
        glimpses = [self.sight.glimpse(view.grey) for view in views]
        if max(glimpses) < glimpsed:
            return look
        turned = self._look(views[glimpses.index(max(glimpses))])
        is_varied = turned.commonest <= _MOST_ALIKE * len(turned.sure)
        is_sure = turned.mean >= _TURNED or (turned.mean >= _TURNED_LIKELY and turned.lined >= _LIKELY)
        is_clear = is_varied and len(turned.sure) >= few and is_sure
        return turned if is_clear and turned.weight >= _CLEARLY * look.weight else look

    def _reading(self, picture: Photo, look: "_Look", hidden: Hint | None) -> Reading:
        """Put the answers together: a digit for each thing seen, lines as they were seen."""

        def digit(seen: Candidate, sure: float) -> Digit:
            return Digit(
                int(seen.probabilities.argmax()),
                sure,
                _full_size(look.view.in_photo(seen.box), picture),
                seen.bitmap,
                tuple(map(float, seen.probabilities)),
            )

        writing = look.writing
        if not writing.lines:
            nearest = tuple(digit(seen, float(seen.probabilities.max())) for seen in writing.doubtful)
            return Reading((), (), 0.0, picture.size, self.version.name, hidden, doubtful=nearest)
        sure = confidences(look.seen, writing.left)
        rest = iter(sure)
        read = tuple(tuple(digit(seen, next(rest)) for seen in line) for line in writing.lines)
        other = writing.other >= _OTHER_WRITING
        return Reading(read, writing.as_written, math.prod(sure), picture.size, self.version.name, other_writing=other)


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What is seen in one view."""

    view: View
    writing: Writing

    @property
    def seen(self) -> list[Candidate]:
        """Every digit, in reading order."""
        return [seen for line in self.writing.lines for seen in line]

    @property
    def sure(self) -> list[float]:
        """How sure each digit is the one it looks most like."""
        return [seen.strength for seen in self.seen]

    @property
    def mean(self) -> float:
        """The geometric mean of that, 0 for nothing."""
        return math.prod(self.sure) ** (1 / len(self.sure)) if self.sure else 0.0

    @property
    def lined(self) -> float:
        """The geometric mean of what each digit has of its line's probability, 0 for nothing."""
        return math.prod(seen.lined for seen in self.seen) ** (1 / len(self.seen)) if self.seen else 0.0

    @property
    def weight(self) -> float:
        """About how many digits are surely and likely read."""
        return sum(self.sure) * self.lined

    @property
    def is_upright(self) -> bool:
        """Whether this is surely the right way up: most of what is written is read, surely and as people write."""
        is_likely = len(self.sure) < _FEW_TO_TURN or self.lined >= _LIKELY
        return self.mean >= _CONVINCING and is_likely and len(self.sure) >= _MOSTLY * self.writing.things

    @property
    def texts(self) -> list[str]:
        """What is read, a line of writing each."""
        return ["".join(str(seen.probabilities.argmax()) for seen in line) for line in self.writing.lines]

    @property
    def commonest(self) -> int:
        """How often the commonest digit is there."""
        digits = Counter(int(seen.probabilities.argmax()) for seen in self.seen)
        return max(digits.values(), default=0)


def _full_size(box: Box, picture: Photo) -> Box:
    """A box of the working picture in pixels of the full-size upright one."""
    width, height = picture.size
    left, top, right, bottom = (round(side * picture.scale) for side in box)
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return Box(left, top, min(max(right, left + 1), width), min(max(bottom, top + 1), height))
