"""The served classifier by itself: `python -m tests.bench.classifier [--test]`. MNIST's validation digits, time, size.

The test digits are looked at with `--test` alone, as `python -m model evaluate` does: once a model is chosen.
"""

import argparse
import sys
import time
from statistics import median

import numpy as np

from model import SHIPPED, open_version
from model.classify import Classifier
from model.evaluate import evaluate
from model.mnist import load_mnist
from model.quiet import quiet_native_code
from tests.bench.figures import note


def main() -> int:
    """Print accuracy, milliseconds a digit on one thread, and the size of the file."""
    parser = argparse.ArgumentParser("python -m tests.bench.classifier", description="The classifier by itself.")
    parser.add_argument("--test", action="store_true", help="report the test digits too")
    is_tested = parser.parse_args().test
    version, mnist = open_version(SHIPPED), load_mnist()
    _, (images, labels) = mnist.split()
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
    size = version.classifier_path.stat().st_size / 1e6
    print(f"{median(rounds):.3f} ms a digit, {size:.2f} MB")
    note("validation", "MNIST's 5,000 validation digits", "{:.2f} %", 100 * float(right.mean()))
    note("digit", "a digit of a hundred at once, one thread", "{:.3f} ms", *rounds)
    note("size", "the file", "{:.2f} MB", size)
    if is_tested:
        accuracy = evaluate(version.classifier_path, mnist.test_images, mnist.test_labels).accuracy
        print(f"{accuracy:.2%} of {len(mnist.test_labels):,} test digits right")
        note("test", "MNIST test set", "{:.2f} %", 100 * accuracy)
    return 0


if __name__ == "__main__":
    sys.exit(main())
