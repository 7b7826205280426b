"""Fits the weights of `model/confidence.py` on labelled photos: `python -m tests.bench.confidence FOLDER…`.

Each FOLDER holds photos and labels.csv. Prints how honest the confidence is with the weights that serve, with weights
fitted on all photos but those of a source, for each source in turn, and with weights fitted on all; then those.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model import UnreadablePhoto, load_reader
from model.confidence import WEIGHTS
from tests.bench.photos import labels_in
from tests.bench.scoring import calibration_error, is_right

Floats = NDArray[np.float64]

_STEPS: Final = 3_000
_RATE: Final = 0.02
_SMALL: Final = 0.02  # how strongly weights are drawn to 0, a photo
_SURE: Final = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A photo in which digits were read."""

    source: str
    is_negative: bool
    is_right: bool
    features: Floats  # (N digits, weights)


def answers(folders: Sequence[Path]) -> list[Answer]:
    """Read every photo of the folders; leave out those in which nothing is read."""
    reader = load_reader()
    found = []
    for folder in folders:
        for label in labels_in(folder):
            try:
                texts, known = reader.features((folder / label["file"]).read_bytes())
            except UnreadablePhoto:
                continue
            if texts:
                right = is_right(label, {"lines": list(texts)})
                negative = label["kind"] == "negative"
                found.append(Answer(label["source_repo"], negative, right, known.astype(np.float64)))
    return found


def probabilities(weights: Floats, of: Sequence[Answer]) -> Floats:
    """Give each reading's probability of being right."""
    return np.array([float(np.prod(_sigmoid(each.features @ weights))) for each in of])


def fit(of: Sequence[Answer]) -> Floats:
    """Find the weights under which what was right and wrong is likeliest, by Adam on all readings at once."""
    rows = np.concatenate([each.features for each in of])
    owner = np.repeat(np.arange(len(of)), [len(each.features) for each in of])
    right = np.array([each.is_right for each in of])
    scale = np.maximum(rows.std(axis=0), 1e-6)
    scale[0] = 1.0
    rows = rows / scale
    weights, first, second = np.zeros(rows.shape[1]), np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    weights[0] = 2.0
    for step in range(1, _STEPS + 1):
        sure = _sigmoid(rows @ weights)
        whole = np.exp(np.bincount(owner, np.log(sure), len(of)))
        pull = np.where(right, 1.0, -whole / np.maximum(1 - whole, 1e-6))[owner] * (1 - sure)
        shrunk = np.concatenate([[0.0], weights[1:]]) * _SMALL * len(of) / 10
        slope = -(rows.T @ pull - shrunk) / len(of)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        weights = weights - _RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return np.asarray(weights / scale)


def left_out(of: Sequence[Answer]) -> Floats:
    """Give each reading's probability by weights that were fitted without its source."""
    found = np.zeros(len(of))
    for source in {each.source for each in of}:
        weights = fit([each for each in of if each.source != source])
        here = [place for place, each in enumerate(of) if each.source == source]
        found[here] = probabilities(weights, [of[place] for place in here])
    return found


def honesty(sure: Floats, of: Sequence[Answer]) -> str:
    """Say how honest probabilities are: calibration error, likelihood, what is sure and how much of that is wrong."""
    among = [(float(p), each.is_right) for p, each in zip(sure, of, strict=True) if not each.is_negative]
    right = np.array([each.is_right for each in of])
    likely = float(np.mean(np.log(np.clip(np.where(right, sure, 1 - sure), 1e-6, 1))))
    most = sure >= _SURE
    wrong = float((~right[most]).mean()) if most.any() else float("nan")
    return (
        f"ece {calibration_error(among):.3f}  log-likelihood {likely:.3f}  sure {int(most.sum())} of {len(of)}, "
        f"wrong of those {wrong:.3f}"
    )


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)))


def main() -> None:
    """Print the figures and the weights."""
    parser = argparse.ArgumentParser("python -m tests.bench.confidence", description="Fits the confidence.")
    parser.add_argument("folders", nargs="+", type=Path)
    of = answers(parser.parse_args().folders)
    print(f"{'as served':22} {honesty(probabilities(np.array(list(WEIGHTS.values())), of), of)}")
    print(f"{'by left-out source':22} {honesty(left_out(of), of)}")
    weights = fit(of)
    print(f"{'fitted on all':22} {honesty(probabilities(weights, of), of)}\n")
    for name, weight in zip(WEIGHTS, weights, strict=True):
        print(f'    "{name}": {weight:.3f},')


if __name__ == "__main__":
    main()
