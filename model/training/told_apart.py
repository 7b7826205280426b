"""Small pictures of one digit or one other thing, with what the scorer knew of each: whether versions tell them apart.

The reader's own networks, which all versions share, see them once; what a version's judge and scorer make of that takes
a second. So a fixed set of them is as cheap as it is telling of what corrections teach. Training side.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model import load_reader
from model.blame import log_odds, with_opinions
from model.decision import decision_of, judge_of
from model.generate.crops import Cutter
from model.generate.kept import Arrays, kept
from model.generate.letters import letters, schooled
from model.generate.pens import Hand, traced
from model.generate.provenance import made_with
from model.mnist import Images, Labels, cache_folder
from model.registry import Version
from model.scorer import logit

COUNT: Final = 240
"""How many pictures are drawn, as many of digits as of other things; one in ten is left out, where more than one thing
or nothing at all is seen."""
_SEED: Final = 5_000_000_029  # of no training
_SIDE, _MARGIN = 120, 36  # pixels of what is drawn, and of the paper around it
_THREADS: Final = 2
_GLYPHS: Final = 1_000  # digits to write with, others than those of the whole photos

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """N things as the reader saw them."""

    bitmaps: Floats  # (N, 28, 28)
    features: Floats  # (N, F) what the scorer knew
    are_digits: NDArray[np.bool_]  # (N,) what they are


def things(images: Images, labels: Labels, road: str, count: int = COUNT) -> tuple[Seen, str]:
    """Give things drawn with the first of these digits, and the name of the set, from the cache.

    `road` names the reader that sees them: another one sees them anew, which takes a quarter of a minute.
    """
    images, labels = images[:_GLYPHS], labels[:_GLYPHS]
    written = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()[:16]
    edition = f"{count}-{written}-{made_with(Path(__file__))}-{road}"
    path = cache_folder().parent / "gate" / f"things-{edition}.npz"

    def make() -> Arrays:
        seen = see(*draw(Hand(traced(images), images, labels), count))
        return {"b": seen.bitmaps, "f": seen.features, "d": seen.are_digits}

    arrays = kept(path, make)
    return Seen(arrays["b"], arrays["f"], arrays["d"]), edition


def draw(hand: Hand, count: int) -> tuple[list[bytes], NDArray[np.bool_]]:
    """Draw one thing each, a digit and another thing in turns: PNG files, and which of them show a digit, (N,)."""
    cutter, random = Cutter(schooled(hand), letters()), np.random.default_rng(_SEED)
    are_digits = np.arange(count) % 2 == 0
    pictures = []
    for is_digit in are_digits.tolist():
        crop = cutter.digit(random)[0] if is_digit else cutter.other(random)
        large = cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC).clip(0, 1)
        ink = np.pad(large, _MARGIN) * random.uniform(0.6, 0.9)
        paper = random.uniform(0.85, 1) * (1 - ink) + random.normal(0, 0.015, ink.shape)
        pictures.append(cv2.imencode(".png", np.rint(255 * paper.clip(0, 1)).astype(np.uint8))[1].tobytes())
    return pictures, are_digits


def see(pictures: list[bytes], are_digits: NDArray[np.bool_]) -> Seen:
    """Let the shipped reader see them; one in which it sees another number of things than one is left out."""
    # One reader for each thread: the threads of one wait for its finder in turn.
    readers = [load_reader() for _ in range(_THREADS)]
    kept = []
    with ThreadPoolExecutor(_THREADS) as threads:
        readings = list(
            threads.map(lambda number: readers[number % _THREADS].read(pictures[number]), range(len(pictures)))
        )
    for reading, is_digit in zip(readings, are_digits.tolist(), strict=True):
        found = reading.digits or reading.doubtful
        if len(found) == 1 and found[0].features:
            kept.append((found[0].bitmap, found[0].features, is_digit))
    bitmaps, features, are = zip(*kept, strict=True)
    return Seen(np.array(bitmaps, np.float32), np.array(features, np.float32), np.array(are, np.bool_))


def taken_for_digits(version: Version, seen: Seen) -> NDArray[np.bool_]:
    """Say which of the things a version reads as a digit: (N,). Raises ModelUnavailable."""
    decision = decision_of(version)
    opinions = judge_of(version, decision).opinions(seen.bitmaps)
    return log_odds(with_opinions(seen.features, logit(opinions.probability), opinions.taught), decision) >= 0
