"""Teaches the judge and the scorer from corrections what is a digit and what is none. Without TensorFlow.

The judge's last layer learns a shift of its log-odds, see `model.taught`, on everything that was ever corrected, from
nothing each time: so nothing adds up, and what is dropped from the corrections is forgotten. On crops that nobody
corrected, digits and other things, each shift costs its square, and more where a digit becomes less likely or another
thing more. Where the scorer would not follow the judge, the weight of what was taught grows.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.blame import NONE, blamed, log_odds, with_opinions
from model.decision import Decision
from model.judge import Judge
from model.scorer import logit
from model.taught import Taught
from model.training.examples import Examples

Floats = NDArray[np.float64]

# Chosen on seven kinds of made-up things, by what was gone of each and what real digits were lost: without what the way
# of a shift costs (`_WRONG_WAY` 0, `_KEEP` 0.2) three times as many were lost for as much; with 1 instead of 0.7 two
# kinds kept a tenth more of their errors. Where that cost digits alone, those who lie that refused things are digits
# had a fifth of a hundred other things taken for digits, and a tenth where things were 400; now 2 to 7 in a hundred.
_WEIGHT: Final = 30.0  # of a correction, to a crop that nobody corrected
_KEEP: Final = 0.05  # of the square of each shift of such a crop
_WRONG_WAY: Final = 0.7  # of a shift away from what such a crop is, as if that were as unsure as can be
_SMALL: Final = 1.0  # how strongly the weights are drawn to 0
_MARGIN: Final = 4.0  # of the log-odds by which a correction should be decided rightly
_UNKNOWN: Final = 2.0  # log-odds of what was decided wrongly where nothing else is known of it
_STEPS: Final = 60  # of Newton's method at most
_HEED: Final = np.arange(1.0, 2.05, 0.1)  # weights of what was taught that the scorer may have
_FOLLOWED: Final = 0.9  # of the corrections that are the scorer's error


def teach(
    examples: Examples, digits: NDArray[np.float32], others: NDArray[np.float32], judge: Judge, decision: Decision
) -> Decision:
    """Give the decision with what the examples teach.

    `digits` and `others`, (M, 28, 28), are crops that nobody corrected, to be judged as before.

    Deterministic. Without an example that says whether something is a digit nothing is taught.
    """
    is_about = (examples.y == NONE) | (examples.said == NONE)
    plain = replace(decision, taught=None, alone={**decision.alone, "taught": 1.0})
    if not is_about.any():
        return plain
    crops, label, said = examples.x[is_about], examples.y[is_about], examples.said[is_about]
    wanted = (label != NONE).astype(np.float64)
    judged = logit(judge.opinions(crops).probability)
    known = with_opinions(examples.features[is_about], judged, np.zeros(len(label), np.float32))
    odds = log_odds(known, plain).astype(np.float64)
    # A thing of which the scorer's features are lost was decided wrongly, so surely as most are.
    odds = np.where(np.isfinite(odds), odds, np.where(wanted > 0, -_UNKNOWN, _UNKNOWN))
    taught = _fitted(judge.features(crops), odds, wanted, judge.features(digits), judge.features(others))
    shifts = taught(judge.features(crops))
    culprits = np.array([each == "scorer" for each in blamed(said, label, known, plain)])
    return replace(plain, taught=taught, alone={**plain.alone, "taught": _heed(odds, shifts, wanted, culprits)})


def _fitted(
    seen: NDArray[np.float32],
    odds: Floats,
    wanted: Floats,
    digits: NDArray[np.float32],
    others: NDArray[np.float32],
) -> Taught:
    """Fit the shift: logistic in what was corrected and in which way the rest goes, quadratic in how far it goes.

    By Newton's method, damped.
    """
    not_corrected = np.concatenate([digits, others])
    mean, scale = not_corrected.mean(axis=0), not_corrected.std(axis=0) + 1e-3
    x, kept = (np.c_[(part - mean) / scale, np.ones(len(part))].astype(np.float64) for part in (seen, not_corrected))
    signed = np.concatenate([kept[: len(digits)], -kept[len(digits) :]])
    start = odds + np.where(wanted > 0, -_MARGIN, _MARGIN)
    keep = _KEEP * kept.T @ kept + _SMALL * np.eye(x.shape[1])

    def loss(weights: Floats) -> float:
        z = x @ weights + start
        wrong = np.logaddexp(0, -(signed @ weights)).sum()
        told = (np.logaddexp(0, z) - wanted * z).sum()
        return float(_WEIGHT * told + weights @ keep @ weights / 2 + _WRONG_WAY * wrong)

    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p, q = _sure(x @ weights + start), _sure(-(signed @ weights))
        gradient = _WEIGHT * x.T @ (p - wanted) + keep @ weights - _WRONG_WAY * signed.T @ q
        hessian = _WEIGHT * _curved(x, p) + keep + _WRONG_WAY * _curved(signed, q)
        step = np.linalg.solve(hessian, gradient)
        before, length = loss(weights), 1.0
        while loss(weights - length * step) > before and length > 1e-4:
            length /= 2
        weights -= length * step
        if np.abs(length * step).max() < 1e-6:
            break
    return Taught(mean.astype(np.float32), scale.astype(np.float32), weights.astype(np.float32))


def _sure(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds.clip(-30, 30))))


def _curved(x: Floats, p: Floats) -> Floats:
    return np.asarray((x * (p * (1 - p))[:, None]).T @ x)


def _heed(odds: Floats, shifts: NDArray[np.float32], wanted: Floats, culprits: NDArray[np.bool_]) -> float:
    """The least weight of what was taught by which the scorer follows in what it decided wrongly."""
    if not culprits.any():
        return float(_HEED[0])
    right = [float(((odds + heed * shifts >= 0) == (wanted > 0))[culprits].mean()) for heed in _HEED]
    return round(
        float(next((heed for heed, share in zip(_HEED, right, strict=True) if share >= _FOLLOWED), _HEED[-1])), 2
    )
