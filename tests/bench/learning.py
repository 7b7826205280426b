"""Learning a writer: what 20 corrections and one plain retraining give on other digits of the same hand.

python -m tests.bench.learning [--writers N …] [--seeds N …] [--real FOLDER/NAME.npz]

Writers are numbered from 0; by default all five, seeds 0 to 2 (a minute a training on 2 cores). A writer writes
digits, those that are misread are corrected until there are 20, every fifth of which the bot holds back, as ever.
`--real` takes a set of real digits instead, x (N, H, W) bright on black and y (N,): one half is sent, the other is
measured on.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.classify import Classifier
from model.normalize import to_mnist
from model.registry import SHIPPED, Version, open_version
from model.training.train import Job, train
from tests.bench.writers import WRITERS, write

CORRECTIONS: Final = 20
_HELD_BACK_EVERY: Final = 5
_UNSEEN: Final = 40  # of each digit

Bitmaps = NDArray[np.float32]
Labels = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Somebody's digits: in the order they send them, and others to measure on."""

    name: str
    sent: tuple[Bitmaps, Labels]
    unseen: tuple[Bitmaps, Labels]


def of_writer(writer: str, seed: int) -> Lesson:
    """Let a made-up writer write: any digit is as likely as any other."""
    sent = np.random.default_rng(seed).integers(0, 10, 2_000)
    unseen = np.repeat(np.arange(10), _UNSEEN)
    return Lesson(
        f"{writer}, seed {seed}",
        (write(writer, list(sent), 2 * seed), sent),
        (write(writer, list(unseen), 2 * seed + 1), unseen),
    )


def of_real(path: Path, seed: int) -> Lesson:
    """Split real digits by halves, at random."""
    with np.load(path, allow_pickle=False) as arrays:
        x, y = arrays["x"], arrays["y"].astype(int)
    order = np.random.default_rng(seed).permutation(len(y))
    bitmaps = np.array([to_mnist(each.astype(np.float32) / 255) for each in x[order]])
    half = len(y) // 2
    return Lesson(f"{path.stem}, seed {seed}", (bitmaps[:half], y[order][:half]), (bitmaps[half:], y[order][half:]))


def learn(lesson: Lesson, seed: int, folder: Path) -> tuple[Version, set[int]]:
    """Correct the first misread digits, and retrain as plain /retrain does; the version, and what was corrected."""
    x, y = lesson.sent
    wrong = np.flatnonzero(answers(SHIPPED, x) != y)[:CORRECTIONS]
    held_back = wrong[_HELD_BACK_EVERY - 1 :: _HELD_BACK_EVERY]
    learned = np.setdiff1d(wrong, held_back)
    files = {}
    for name, chosen in (("learned", learned), ("held_back", held_back)):
        files[name] = folder / f"{name}.npz"
        np.savez(files[name], x=x[chosen], y=y[chosen])
    job = Job(
        "continue",
        seed=seed,
        models=folder,
        corrections=files["learned"],
        held_back=files["held_back"] if len(held_back) else None,
        served=SHIPPED,
    )
    return train(job, lambda _event: None), {int(label) for label in y[wrong]}


def answers(version: Path, x: Bitmaps) -> Labels:
    """What a version reads, (N,)."""
    answered: Labels = Classifier(version / "model.tflite").probabilities(x).argmax(axis=1)
    return answered


def main() -> int:
    """Print a line a training, and the means."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.learning", description="Measure learning a writer.")
    parser.add_argument("--writers", type=int, nargs="*", default=list(range(len(WRITERS))), metavar="N")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2], metavar="N")
    parser.add_argument("--real", type=Path, metavar="NPZ")
    options = parser.parse_args()
    shipped = open_version(SHIPPED).metrics
    rows = []
    for lesson, seed in _lessons(options):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            version, corrected = learn(lesson, seed, Path(folder))
            x, y = lesson.unseen
            before, after = answers(SHIPPED, x) != y, answers(version.folder, x) != y
        worst = max(float(before[y == digit].mean()) for digit in range(10))
        others = ~np.isin(y, list(corrected))
        lost = 100 * float(after[others].mean() - before[others].mean()) if others.any() else 0.0
        comparison = version.metrics.comparison
        assert comparison is not None  # it was trained against the shipped one
        test = 100 * (version.metrics.test_accuracy - shipped.test_accuracy)
        rows.append((float(before.sum()), float(after.sum()), lost, test, float(comparison.is_good)))
        print(
            f"{lesson.name}: most missed {worst:.0%}, corrected {sorted(corrected)}, errors {before.sum()} → "
            f"{after.sum()} of {len(y)}, other digits {lost:+.2f} points of errors, validation "
            f"-{comparison.validation.only_old} +{comparison.validation.only_new}, photo-like "
            f"-{comparison.photos.only_old} +{comparison.photos.only_new}, "
            f"{'promoted' if comparison.is_good else 'refused'}, MNIST test {test:+.2f} points, "
            f"{time.monotonic() - began:.0f} s",
            flush=True,
        )
    before, after, lost, test, promoted = np.array(rows).T
    print(
        f"mean of {len(rows)}: {100 * np.mean(1 - after / before.clip(1)):.0f} % of the errors gone, other digits "
        f"{lost.mean():+.2f} points of errors (worst {lost.max():+.2f}), MNIST test {test.mean():+.3f} points, "
        f"{promoted.mean():.0%} promoted"
    )
    return 0


def _lessons(options: argparse.Namespace) -> Iterator[tuple[Lesson, int]]:
    for seed in options.seeds:
        if options.real:
            yield of_real(options.real, seed), seed
        else:
            for writer in options.writers:
                yield of_writer(list(WRITERS)[writer], seed), seed


if __name__ == "__main__":
    raise SystemExit(main())
