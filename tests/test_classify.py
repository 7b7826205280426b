from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model import SHIPPED, ModelUnavailable, open_version
from model.classify import Classifier
from model.mnist import Mnist


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """The classifier that comes with the repository."""
    return Classifier(open_version(SHIPPED).classifier_path)


def test_mnist_digits(classifier: Classifier, mnist: Mnist) -> None:
    """The shipped classifier knows MNIST's test digits and gives probabilities."""
    bitmaps = mnist.test_images[:1000].astype(np.float32) / np.float32(255)
    probabilities = classifier.probabilities(bitmaps)
    assert probabilities.shape == (1000, 10)
    assert probabilities.dtype == np.float32
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert (probabilities.argmax(axis=1) == mnist.test_labels[:1000]).mean() > 0.98


def test_no_bitmaps(classifier: Classifier) -> None:
    """Nothing to classify gives no answers, not an error."""
    assert classifier.probabilities(np.empty((0, 28, 28), np.float32)).shape == (0, 10)


def test_several_threads_at_once(classifier: Classifier, mnist: Mnist) -> None:
    """Threads do not disturb each other's answers."""
    batches = [
        mnist.test_images[start : start + 100].astype(np.float32) / np.float32(255) for start in range(0, 800, 100)
    ]
    alone = [classifier.probabilities(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(classifier.probabilities, batches))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_many_at_once_are_answered_as_one_by_one(classifier: Classifier, mnist: Mnist) -> None:
    """What a model is measured by is what it serves; afterwards it takes a single digit again."""
    bitmaps = mnist.test_images[:1030].astype(np.float32) / np.float32(255)
    single = np.concatenate([classifier.probabilities(bitmaps[row : row + 1]) for row in range(len(bitmaps))])
    assert np.abs(classifier.probabilities(bitmaps) - single).max() < 1e-6
    assert np.array_equal(classifier.probabilities(bitmaps[:1]), single[:1])


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x1c\0\0\0TFL3" + b"\xff" * 500])
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes) -> None:
    """A broken model is refused with the command that mends it."""
    path = tmp_path / "model.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match="python -m model train"):
        Classifier(path)


def test_a_missing_model(tmp_path: Path) -> None:
    """A missing model is refused with the command that mends it."""
    with pytest.raises(ModelUnavailable, match="python -m model train"):
        Classifier(tmp_path / "model.tflite")


def test_a_model_of_something_else() -> None:
    """A model with other inputs and outputs is refused when it is loaded, not at the first photo."""
    with pytest.raises(ModelUnavailable, match="28"):
        Classifier(open_version(SHIPPED).layers_path)
