"""Compares a new version with the served one on what the new one did not learn from. After `train`, before the gate.

MNIST's validation digits and the crops of photographed ones go through the classifiers alone; whole photos go the
whole road, so that what judges, scores and says how sure it is is compared too.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import cycle
from statistics import median
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from model import load_reader
from model.classify import Classifier
from model.gate import STYLE, Change, Comparison, Paired, calibration_error, paired
from model.generate.kept import Arrays, kept
from model.generate.photolike import edition as photolike_edition
from model.generate.photolike import photolike
from model.generate.provenance import made_with
from model.generate.whole import COUNT, Photo, whole_photos
from model.generate.whole import edition as whole_edition
from model.mnist import Images, Labels, cache_folder
from model.parts import FINDER, JUDGE, LINE, SIGNS
from model.reading import Reading
from model.registry import SHIPPED, Version, sha256
from model.training.batches import Digits
from model.training.told_apart import COUNT as THINGS
from model.training.told_apart import taken_for_digits, things

_THREADS: Final = 2
_TIMED: Final = 8  # photos that both versions read in turns: two of each kind
_VALIDATION_EDITION: Final = "1"


class Reads(Protocol):
    """What is needed of `model.DigitReader`."""

    def read(self, photo: bytes) -> Reading:
        """Read a photo's digits."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """How a version reads N whole photos."""

    right: NDArray[np.bool_]  # (N,) as written, signs and lines and all
    digits_right: NDArray[np.bool_]  # (N,) the digits alone, which is what the confidence speaks of
    confidences: NDArray[np.float64]  # (N,) 0..1, of each whole reading; 0 where no digit is read

    @property
    def calibration_error(self) -> float:
        """How far the confidence is off where digits are read, 0..1."""
        read = self.confidences > 0
        return calibration_error(self.confidences[read], self.digits_right[read])


def compare(
    served: Version,
    fresh: Version,
    held_out: tuple[Images, Labels],
    held_back: Digits,
    *,
    is_judged: bool,
    count: int = COUNT,
    single: int = THINGS,
) -> Comparison:
    """Let the served version and the new one read what the new one did not learn from. Raises ModelUnavailable.

    `held_out` are MNIST's validation digits, `held_back` corrections; `count` whole photos are read, and pictures of
    `single` things are told apart. Not judged, it has learned from the digits of all sets but the corrections, and
    neither is done.
    """
    images, labels = held_out
    classifiers = [Classifier(version.classifier_path, _THREADS) for version in (served, fresh)]

    def both(x: NDArray[np.float32], y: NDArray[Any]) -> Paired:
        old, new = (classifier.probabilities(x).argmax(axis=1) for classifier in classifiers)
        return paired(old, new, y)

    comparison = Comparison(
        served=served.name,
        validation=both(images.astype(np.float32) / np.float32(255), labels),
        photos=both(*photolike(images, labels)),
        corrections=both(held_back.x[..., 0], held_back.y.argmax(axis=1)) if len(held_back) else None,
        is_judged=is_judged,
    )
    if not is_judged:
        return comparison
    road = _road()
    photos, edition = whole_photos(images, labels, count), f"{count}-{whole_edition(images, labels)}-{road}"
    seen, things_edition = things(images, labels, road, single)
    taken = [taken_for_digits(version, seen) for version in (served, fresh)]
    old, new = (_remembered(version, edition, photos) for version in (served, fresh))
    always = np.ones(len(photos), np.bool_)
    return replace(
        comparison,
        readings=paired(old.right, new.right, always),
        things=paired(taken[0], taken[1], seen.are_digits, STYLE),
        calibration=Change(old.calibration_error, new.calibration_error),
        time_ms=timed(load_reader(served.folder), load_reader(fresh.folder), photos[:_TIMED]),
        size=Change(_size(served), _size(fresh)),
        editions={
            "validation": _VALIDATION_EDITION,
            "photos": photolike_edition(images, labels),
            "readings": edition,
            "things": things_edition,
        },
    )


def read_all(readers: Sequence[Reads], photos: Sequence[Photo]) -> Readings:
    """Read whole photos; readers of the same version share the work, each in a thread of its own."""
    shares = [photos[start :: len(readers)] for start in range(len(readers))]
    with ThreadPoolExecutor(len(readers)) as threads:
        read = list(threads.map(lambda reader, share: [reader.read(photo.file) for photo in share], readers, shares))
    readings = [read[place % len(readers)][place // len(readers)] for place in range(len(photos))]
    texts = ["\n".join(line.replace(" ", "") for line in reading.as_written) for reading in readings]
    digits = ["\n".join(reading.texts) for reading in readings]
    return Readings(
        np.array([text == photo.text for text, photo in zip(texts, photos, strict=True)], np.bool_),
        np.array([text == photo.digits for text, photo in zip(digits, photos, strict=True)], np.bool_),
        np.array([reading.confidence for reading in readings], np.float64),
    )


def timed(old: Reads, new: Reads, photos: Sequence[Photo]) -> Change:
    """Measure the median time that both need to read a photo, in turns.

    It is the processor's time of this thread, in milliseconds, so that what else the machine does counts little.
    """
    times: dict[Reads, list[float]] = {old: [], new: []}
    for photo, turn in zip(photos, cycle([(old, new), (new, old)]), strict=False):
        for reader in turn:
            start = time.thread_time()
            reader.read(photo.file)
            times[reader].append(1000 * (time.thread_time() - start))
    return Change(median(times[old]), median(times[new]))


def _remembered(version: Version, edition: str, photos: Sequence[Photo]) -> Readings:
    """What a version reads of the photos: read once, then kept in the user's cache."""
    # What reads; the cards and charts of the same version may change.
    own = [entry for entry in sorted(version.metrics.files.items()) if entry[0].endswith((".tflite", ".json"))]
    key = hashlib.sha256(json.dumps([version.name, own, edition]).encode()).hexdigest()[:16]

    def read() -> Arrays:
        # One reader for each thread: the threads of one wait for its finder in turn.
        readings = read_all([load_reader(version.folder) for _ in range(_THREADS)], photos)
        return {"r": readings.right, "d": readings.digits_right, "c": readings.confidences}

    arrays = kept(cache_folder().parent / "gate" / f"read-{key}.npz", read)
    return Readings(arrays["r"], arrays["d"], arrays["c"])


def _road() -> str:
    """A key that changes with the code and the networks of the reader that all versions share."""
    package = SHIPPED.parent
    code = [made_with(package / name) for name in ("judge.py", "page.py", "views.py")]
    files = [sha256(path) for path in (package / "reader.py", FINDER, JUDGE, LINE, SIGNS)]
    return hashlib.sha256("".join((*code, *files)).encode()).hexdigest()[:16]


def _size(version: Version) -> int:
    return sum((version.folder / name).stat().st_size for name in version.metrics.files)
