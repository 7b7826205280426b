"""One view of a page, as it lies, to what is written in it: propose, describe, score, arrange."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Final, Protocol

import numpy as np

from model.arrange import Arranger, Writing
from model.describe import AnyClassifier, AnyJudge, AnySigns, Describer
from model.hypothesis import Hypothesis
from model.propose import closer, proposed
from model.reading import Box, Grey
from model.reread import AnyLineReader, Rereader
from model.scorer import LIKELY, Scorer
from model.sighting import Sighting

_BADLY_CUT: Final = 0.8  # what the judge says of a crop that is looked at again in the learned finder's box
_GLIMPSES: Final = (288, 512)  # the long sides of the picture that are glimpsed at; the first costs a third as much
_HINTED: Final = 0.3  # the score of what must be seen at the first: with nothing there, the second shows no digits
_GLIMPSED: Final = 0.5  # the score of what counts at the second: strewn over a texture is much that has less
_MAY_SHOW: Final = ((96, 160, 288), (512,))  # the long sides that show whether there may be digits, large or small ones
_MAY_BE: Final = 0.35  # the score of what may be one there; flowers, rooms and skies seldom show as much


class AnyFinder(Protocol):
    """What is needed of `model.detect.Finder`."""

    def find(self, grey: Grey, sides: Sequence[int] = ...) -> tuple[Sighting, ...]:
        """Find what looks like digits in a picture, (H, W) uint8, surest first, at the given long sides."""


class PageReader:
    """Reads pages as they lie. Any number of threads may use one at once."""

    def __init__(
        self,
        classifier: AnyClassifier,
        finder: AnyFinder,
        judge: AnyJudge,
        signs: AnySigns,
        line: AnyLineReader,
        *,
        scorer: Scorer | None = None,
    ) -> None:
        """Take the networks, and who scores; None: the weights of the package."""
        self._classifier, self._finder, self._judge, self._signs = classifier, finder, judge, signs
        self._describer = Describer(classifier, judge, signs)
        self._rereader = Rereader(line, self._describer)
        self._scorer = scorer or Scorer()
        self._arranger = Arranger(signs, self._rereader, self._scorer)

    def warm_up(self) -> None:
        """Run every network once: the first run of a LiteRT model is the slow one."""
        blank = np.zeros((1, 28, 28), np.float32)
        self._classifier.probabilities(blank)
        self._judge.opinions(blank)
        self._finder.find(np.full((64, 64), 255, np.uint8))
        self._signs.meanings(np.full((64, 64), 255, np.uint8), [Box(16, 16, 48, 48)])
        self._rereader.warm_up()

    def look(self, grey: Grey) -> Writing:
        """See the digits in a picture, (H, W) uint8. A picture of other things gives no lines."""
        return self._arranger.arrange(grey, *self.hypotheses(grey))

    def hypotheses(self, grey: Grey) -> tuple[list[Hypothesis], int]:
        """Give all that may be a digit in a picture, (H, W) uint8, and the number of pieces of writing in it.

        Signs are among them; none is scored yet.
        """
        sightings = self._finder.find(grey)
        cut, only, things = proposed(grey, sightings)
        described = [self._describer.describe(grey, found, same) for found, same in cut]
        # What the judge doubts may be cut out badly, with a sign beside it: the learned finder may have it right.
        again = [
            same for (_, same), one in zip(cut, described, strict=True) if same is not None and one.judged < _BADLY_CUT
        ]
        described += [self._describer.describe(grey, closer(grey, one, sightings), one) for one in (*again, *only)]
        return self._compared(grey, described), things

    def glimpse(self, grey: Grey) -> float:
        """Say about how many digits there are in a picture, at a fraction of what looking costs."""
        coarse, fine = _GLIMPSES
        if all(sighting.sure < _HINTED for sighting in self._finder.find(grey, (coarse,))):
            return 0.0
        return sum(sighting.sure for sighting in self._finder.find(grey, (fine,)) if sighting.sure >= _GLIMPSED)

    def hints(self, grey: Grey) -> bool:
        """Say whether anything in a picture may be a digit, likewise."""
        return any(seen.sure >= _MAY_BE for sides in _MAY_SHOW for seen in self._finder.find(grey, sides))

    def _compared(self, grey: Grey, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
        """Look once more at what is smaller than the digits in its row, with as much around it as around them."""
        if not hypotheses:
            return []
        digits = [
            one.box for one, sure in zip(hypotheses, self._scorer.alone(hypotheses), strict=True) if sure >= LIKELY
        ]
        compared = []
        for one in hypotheses:
            middle = (one.box.top + one.box.bottom) / 2
            heights = [box.bottom - box.top for box in digits if box is not one.box and box.top <= middle <= box.bottom]
            usual = median(heights) if heights else 0.0
            if max(one.box.right - one.box.left, one.box.bottom - one.box.top) < usual:
                compared.append(replace(one, meaning=self._signs.meanings(grey, [one.box], usual)[0]))
            else:
                compared.append(one)
        return compared
