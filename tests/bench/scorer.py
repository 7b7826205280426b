"""Fits the weights of `model/scorer.py` on labelled photos: `python -m tests.bench.scorer FOLDER…`.

Each FOLDER holds photos and labels.csv. What may be a digit in a photo that shows none is none. In a photo of one digit
the likeliest hypothesis that looks like it is one; in other photos all are that are read, where they are read right.
Prints how many hypotheses are told right with the weights that serve and with weights fitted without the photo's
source, and then weights fitted on all.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model import DigitReader, UnreadablePhoto, load_reader
from model.arrange import Writing
from model.boxes import covered, overlaps
from model.decode import decode
from model.hypothesis import Hypothesis
from model.margin import with_margin
from model.page import PageReader
from model.scorer import ALONE, BESIDE, LIKELY, Scorer, alone_features, beside_features
from model.straighten import as_it_is
from model.written import sign_of
from tests.bench.photos import labels_in
from tests.bench.scoring import Label, is_right

Floats = NDArray[np.float64]

_STEPS: Final = 30  # of Newton's method
_SMALL: Final = 1.0  # how strongly weights are drawn to 0
_THE_SAME: Final = 0.6  # intersection over union with a digit that is read
_ANOTHER: Final = 0.3  # of the smaller box; what shares more with a digit is neither it nor another thing


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A photo whose hypotheses are told."""

    source: str
    kind: str
    hypotheses: Sequence[Hypothesis]
    told: NDArray[np.int8]  # (N,) 1 a digit, 0 none, -1 neither


def examples(reader: DigitReader, folders: Sequence[Path]) -> list[Example]:
    """Tell the hypotheses of every photo of the folders, as it lies; leave out what is not told."""
    page = reader.page
    assert isinstance(page, PageReader)
    found = []
    for folder in folders:
        for label in labels_in(folder):
            try:
                grey = with_margin(as_it_is(decode((folder / label["file"]).read_bytes()).grey)).grey
            except UnreadablePhoto:
                continue
            everything, _ = page.hypotheses(grey)
            hypotheses = Scorer().scored([one for one in everything if sign_of(one, everything) is None])
            if hypotheses:
                told = _told(label, hypotheses, page.look(grey))
                found.append(Example(label["source_repo"], label["kind"], hypotheses, told))
    return found


def _told(label: Label, hypotheses: Sequence[Hypothesis], writing: Writing) -> NDArray[np.int8]:
    if label["kind"] == "negative":
        return np.zeros(len(hypotheses), np.int8)
    told = np.full(len(hypotheses), -1, np.int8)
    if label["kind"] == "single":
        good = [one for one in hypotheses if str(one.probabilities.argmax()) == label["label"]]
        digits = [max(good, key=lambda one: one.likely)] if good else []
    else:
        digits = [one for line in writing.lines for one in line]
        texts = ["".join(str(one.probabilities.argmax()) for one in line) for line in writing.lines]
        digits = digits if is_right(label, {"lines": texts}) else []
    if not digits:
        return told
    boxes = np.array([one.box for one in digits], np.float32)
    same = overlaps(np.array([one.box for one in hypotheses], np.float32), boxes).max(axis=1)
    for place, one in enumerate(hypotheses):
        if same[place] > _THE_SAME:
            told[place] = 1
        elif max(covered(one.box, digit.box) for digit in digits) < _ANOTHER:
            told[place] = 0
    return told


def fit(of: Sequence[Example], features: Sequence[Floats]) -> Floats:
    """Fit a logistic regression by Newton's method; a photo counts as the root of how many hypotheses it has."""
    told = [each.told >= 0 for each in of]
    rows = np.concatenate([known[which] for known, which in zip(features, told, strict=True)]).astype(np.float64)
    is_digit = np.concatenate([each.told[which] for each, which in zip(of, told, strict=True)])
    counts = np.concatenate([np.full(which.sum(), max(1, which.sum()) ** -0.5) for which in told])
    weights, shrunk = np.zeros(rows.shape[1]), np.full(rows.shape[1], _SMALL)
    shrunk[0] = 0
    for _ in range(_STEPS):
        sure = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (counts * (sure - is_digit)) + shrunk * weights
        bend = (rows * (counts * sure * (1 - sure))[:, None]).T @ rows + np.diag(shrunk + 1e-6)
        weights = weights - np.linalg.solve(bend, slope)
    return weights


def fit_both(of: Sequence[Example]) -> tuple[Floats, Floats]:
    """Fit the weights of hypotheses alone, and beside others."""
    known = [alone_features(each.hypotheses).astype(np.float64) for each in of]
    first = fit(of, known)
    return first, fit(of, [_beside(each, first) for each in of])


def _beside(each: Example, first: Floats) -> Floats:
    by_itself = 1 / (1 + np.exp(-alone_features(each.hypotheses) @ first))
    return beside_features(each.hypotheses, by_itself.astype(np.float32)).astype(np.float64)


def told_right(of: Sequence[Example], weights: Callable[[Example], tuple[Floats, Floats]]) -> str:
    """Say in which share of the photos of each kind every hypothesis is told right."""
    right: dict[str, list[bool]] = {}
    for each in of:
        first, second = weights(each)
        is_digit = 1 / (1 + np.exp(-_beside(each, first) @ second)) >= LIKELY
        right.setdefault(each.kind, []).append(bool(((is_digit == each.told) | (each.told < 0)).all()))
    return "  ".join(f"{kind} {np.mean(found):.3f} of {len(found)}" for kind, found in sorted(right.items()))


def main() -> None:
    """Print the figures and the weights."""
    parser = argparse.ArgumentParser("python -m tests.bench.scorer", description="Fits what is taken for a digit.")
    parser.add_argument("folders", nargs="+", type=Path)
    report(examples(load_reader(), parser.parse_args().folders))


def report(of: Sequence[Example]) -> None:
    """Print how many are told right, by left-out source too, and weights fitted on all."""
    served = np.array(list(ALONE.values())), np.array(list(BESIDE.values()))
    others = {source: fit_both([each for each in of if each.source != source]) for source in {e.source for e in of}}
    both = fit_both(of)
    print(f"{'as served':20} {told_right(of, lambda _: served)}")
    print(f"{'by left-out source':20} {told_right(of, lambda each: others[each.source])}")
    print(f"{'fitted on all':20} {told_right(of, lambda _: both)}\n")
    for names, weights in zip((ALONE, BESIDE), both, strict=True):
        print(*(f'    "{name}": {weight:.2f},' for name, weight in zip(names, weights, strict=True)), "", sep="\n")


if __name__ == "__main__":
    main()
