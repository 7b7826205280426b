"""Fixtures that several test modules share."""

import pytest

from model.mnist import Mnist, load_mnist


@pytest.fixture(scope="session")
def mnist() -> Mnist:
    """MNIST itself, from MNIST_DIR or the cache; fetched once when it is in neither."""
    return load_mnist()
