"""A photo to its best view: the sheet in it from above, or all of it, in even light, the right way up. After `decode`.

Every view is read, and what is read says which view is the best. Views are made only where they may be better.
"""

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final, Protocol

from model.arrange import Writing
from model.hypothesis import Hypothesis
from model.illumination import evened
from model.margin import with_margin
from model.reading import Grey
from model.straighten import View, as_it_is, sheet

# The mean confidence above which nothing better is looked for. On generated pages, digits that stand upright and are
# seen from above have 0.95 and more; turned or at an angle they seldom have as much.
CONVINCING: Final = 0.9
# What digits must have that are read only with shadows taken away: among dark things, what is left may look like some.
UNSHADED: Final = 0.75
# What a sheet seen from above must have to be read where the photo shows nothing.
_DOUBTFUL: Final = 0.75
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
_MOST_WAYS: Final = 2  # other ways up that are looked at, the next one where the first is not clearly right
_NEARLY: Final = 0.75  # of what the best way up shows at a glimpse, the next one must show
_MOSTLY: Final = 0.5  # of what is written on a page is read, where it is surely the right way up
_MANY_TO_TURN: Final = 100  # pieces of writing; more are a page of print, and each look at it takes half a second


class AnyPage(Protocol):
    """What is needed of `model.page.PageReader`."""

    def look(self, grey: Grey) -> Writing:
        """See what is written in a picture, (H, W) uint8."""

    def glimpse(self, grey: Grey) -> float:
        """Say about how many digits there are in a picture, at a fraction of what looking costs."""

    def hints(self, grey: Grey) -> bool:
        """Say whether anything in a picture may be a digit, likewise."""


class Views:
    """Chooses among the views of photos. Any number of threads may use one at once."""

    def __init__(self, page: AnyPage) -> None:
        """Take who reads a view."""
        self._page = page

    def best(self, grey: Grey) -> "Look":
        """The sheet in the photo seen from above, where there is one that can be read; else the photo, upright."""
        photo, flat = with_margin(as_it_is(grey)), sheet(grey)
        above = None if flat is None else self._upright(self._look(flat))
        if above is not None and above.is_upright and not self._is_part(above, photo):
            return above
        look = self._unshaded(self._upright(self._look(photo)), flat or photo)
        is_better = above is not None and above.mean >= _DOUBTFUL and above.weight > look.weight
        return above if above is not None and is_better else look

    def _is_part(self, above: "Look", photo: View) -> bool:
        """Whether a sheet with a digit or two may be one field of a form, for the photo shows more."""
        few = len(above.sure)
        return few < _FEW_TO_TURN and self._page.glimpse(photo.grey) >= few + _GLIMPSED_MORE

    def _unshaded(self, look: "Look", view: View) -> "Look":
        """The same page in even light, if it was not: what is seen only in uneven light may be a shadow's edge."""
        if look.writing.things > _MANY_TO_TURN or (even := evened(view.grey)) is None:
            return look
        if not look.seen and not self._page.hints(even):
            return look
        lit = self._upright(self._look(View(even, view.back)))
        is_long = len(look.sure) >= _FEW_TO_TURN
        if look.texts == lit.texts or (is_long and (look.mean >= lit.mean or look.weight >= lit.weight)):
            return look
        if lit.mean >= UNSHADED:
            return lit
        nearest = tuple(lit.seen) or lit.writing.doubtful
        return Look(lit.view, replace(lit.writing, lines=(), doubtful=nearest, doubtful_after=()))

    def _look(self, view: View) -> "Look":
        """What is written in one view of the photo."""
        return Look(view, self._page.look(view.grey))

    def _upright(self, look: "Look") -> "Look":
        """The same page the way up that makes its digits clearly the surest, if not as it is."""
        # Where no digit is read, one piece is enough: on its side, a number's digits run together.
        pieces, few, glimpsed = (
            (_FEW_TO_TURN, _FEW_TO_TURN, _GLIMPSED) if look.seen else (1, _FEW_UNSEEN, _GLIMPSED_UNSEEN)
        )
        if not pieces <= max(look.writing.things, len(look.sure)) <= _MANY_TO_TURN or look.is_upright:
            return look
        # Upside down first: the finder is ready for pictures of the shape that it saw last.
        views = [look.view.turned(quarters) for quarters in (2, 1, 3)]
        glimpses = [self._page.glimpse(view.grey) for view in views]
        if max(glimpses) < glimpsed:
            return look
        least = max(glimpsed, _NEARLY * max(glimpses))
        for way in sorted(range(3), key=lambda way: -glimpses[way])[:_MOST_WAYS]:
            if glimpses[way] >= least and (turned := self._look(views[way])).is_clear(few, look):
                return turned
        return look


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is seen in one view."""

    view: View
    writing: Writing

    @property
    def seen(self) -> list[Hypothesis]:
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
        return self.mean >= CONVINCING and is_likely and len(self.sure) >= _MOSTLY * self.writing.things

    def is_clear(self, few: int, other: "Look") -> bool:
        """Whether so `few` digits or more, of several kinds, are surely and likely read, clearly more than there."""
        is_varied = self.commonest <= _MOST_ALIKE * len(self.sure)
        is_sure = self.mean >= _TURNED or (self.mean >= _TURNED_LIKELY and self.lined >= _LIKELY)
        return is_varied and len(self.sure) >= few and is_sure and self.weight >= _CLEARLY * other.weight

    @property
    def texts(self) -> list[str]:
        """What is read, a line of writing each."""
        return ["".join(str(seen.probabilities.argmax()) for seen in line) for line in self.writing.lines]

    @property
    def commonest(self) -> int:
        """How often the commonest digit is there."""
        digits = Counter(int(seen.probabilities.argmax()) for seen in self.seen)
        return max(digits.values(), default=0)
