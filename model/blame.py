"""Who erred where a reading was corrected, the classifier, the judge or the scorer: whom a training teaches.

A digit that was taken for another one is the classifier's error. Whether something is a digit at all is the judge's:
had it been sure of the truth, and the scorer had then decided rightly, the judge erred; else the scorer did, which gave
the judge's word too little weight.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from model.decision import Decision
from model.scorer import ALONE, BESIDE, SUREST

Blame = Literal["classifier", "judge", "scorer"]

NONE: Final = -1
"""The label of what is no digit, and what was said of what was taken for none."""

WIDTH: Final = len(ALONE) + len(BESIDE)
"""How much the scorer knows of a hypothesis."""

_ALONE, _BESIDE = list(ALONE), list(BESIDE)
_JUDGED, _TAUGHT, _BY_ITSELF = _ALONE.index("judged"), _ALONE.index("taught"), len(_ALONE) + _BESIDE.index("alone")

Floats = NDArray[np.float32]


def log_odds(features: Floats, decision: Decision) -> Floats:
    """Give the log-odds of a digit from what the scorer knew: (N, F) features to (N,)."""
    alone = features[:, : len(_ALONE)] @ np.array(list(decision.alone.values()), np.float32)
    beside = features[:, len(_ALONE) :].copy()
    beside[:, _BY_ITSELF - len(_ALONE)] = alone.clip(-SUREST, SUREST)
    return np.asarray(beside @ np.array(list(decision.beside.values()), np.float32), np.float32)


def with_opinions(features: Floats, judged: Floats, taught: Floats) -> Floats:
    """Give features in which the judge says something else: (N,) log-odds, and (N,) shifts by what was taught."""
    changed = features.copy()
    changed[:, _JUDGED], changed[:, _TAUGHT] = judged, taught
    return changed


def blamed(said: NDArray[Any], label: NDArray[Any], features: Floats, decision: Decision) -> list[Blame | None]:
    """Say of N corrected crops who erred; None where what was `said`, (N,), is their `label`, (N,).

    `features` is (N, F), a row of NaN where it is not known what the scorer knew: there the judge takes the blame.
    """
    is_digit = label != NONE
    sure = np.where(is_digit, SUREST, -SUREST).astype(np.float32)
    odds = log_odds(with_opinions(features, sure, np.zeros(len(label), np.float32)), decision)
    is_scorers = np.where(is_digit, odds < 0, odds >= 0) & np.isfinite(odds)
    found: list[Blame | None] = []
    for spoken, meant, scorers in zip(said.tolist(), label.tolist(), is_scorers.tolist(), strict=True):
        if spoken == meant:
            found.append(None)
        elif NONE not in (spoken, meant):
            found.append("classifier")
        else:
            found.append("scorer" if scorers else "judge")
    return found


@dataclass(frozen=True, slots=True)
class Blames:
    """How many corrections say that each of them erred."""

    classifier: int = 0
    judge: int = 0
    scorer: int = 0
    strange: int = 0  # of all: what the scorer knew of them is of another edition, and is left out

    @property
    def total(self) -> int:
        """How many are somebody's error."""
        return self.classifier + self.judge + self.scorer


def blames(
    said: NDArray[Any], label: NDArray[Any], features: Floats, decision: Decision, *, strange: int = 0
) -> Blames:
    """Count whom N corrections blame, as `blamed` takes them."""
    found = blamed(said, label, features, decision)
    return Blames(found.count("classifier"), found.count("judge"), found.count("scorer"), strange)


def of_edition(features: Floats, editions: NDArray[Any], edition: str, width: int = WIDTH) -> tuple[Floats, int]:
    """Give what the scorer knew of N crops, (N, width), a row of NaN where that is not known, and how many are strange.

    `features` is (N, F), each row of one of the `editions`, (N,), "" for what is not known; strange are those of
    another edition than `edition`.
    """
    known = np.full((len(editions), width), np.nan, np.float32)
    if features.shape[1] >= width:
        is_ours = (editions == edition) & np.isfinite(features[:, :width]).all(axis=1)
        known[is_ours] = features[is_ours, :width]
    return known, int(((editions != edition) & (editions != "")).sum())
