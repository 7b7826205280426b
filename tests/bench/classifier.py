"""The served classifier by itself: `python -m tests.bench.classifier`. MNIST's validation digits, time and size.

The test digits are not looked at: `python -m model evaluate` reports them, once a model is chosen.
"""

import argparse
import sys
import time
from statistics import median

import numpy as np

from model import SHIPPED, open_version
from model.classify import Classifier
from model.mnist import load_mnist
from model.quiet import quiet_native_code


def main() -> int:
    """Print accuracy, milliseconds a digit on one thread, and the size of the file."""
    argparse.ArgumentParser("python -m tests.bench.classifier", description="The classifier by itself.").parse_args()
    version = open_version(SHIPPED)
    _, (images, labels) = load_mnist().split()
    with quiet_native_code():
        classifier = Classifier(version.classifier_path)
    bitmaps = np.divide(images.reshape(-1, 28, 28), 255, dtype=np.float32)
    classifier.probabilities(bitmaps[:10])
    rounds, answers = [], []
    for batch in np.array_split(bitmaps, 50):
        start = time.perf_counter()
        answers.append(classifier.probabilities(batch))
        rounds.append(1000 * (time.perf_counter() - start) / len(batch))
    right = np.concatenate(answers).argmax(axis=1) == labels
    wrong = len(right) - right.sum()
    print(f"{version.name}: {right.mean():.2%} of {len(right):,} validation digits right, {wrong} wrong")
    print(f"{median(rounds):.3f} ms a digit, {version.classifier_path.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
