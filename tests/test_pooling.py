"""Pools with a quicker gradient: the same numbers as TensorFlow's."""

from typing import Any

import numpy as np
import pytest

from model.mnist import Mnist
from model.training.batches import Digits
from model.training.network import build
from model.training.pooling import halved, quick

# Keras 3.15 copies TensorFlow's arrays in a way that NumPy 2 deprecates; not ours to mend.
pytestmark = [
    pytest.mark.slow,  # TensorFlow
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]


@pytest.mark.parametrize("shape", [(3, 4, 6, 2), (2, 11, 7, 3), (1, 5, 4, 1)])
@pytest.mark.parametrize("values", [None, 2], ids=["any numbers", "many equal ones"])
def test_maxima_and_their_gradient_are_tensorflows_to_the_bit(shape: tuple[int, ...], values: int | None) -> None:
    """Sides may be odd, and of equal numbers the same one gets the gradient."""
    import tensorflow as tf

    random = np.random.default_rng(0)
    numbers = random.normal(size=shape) if values is None else random.integers(values, size=shape)
    x = tf.constant(numbers, tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        ours, theirs = halved(x), tf.nn.max_pool2d(x, 2, 2, "VALID")
        weights = tf.constant(random.normal(size=theirs.shape), tf.float32)
        sums = tf.reduce_sum(ours * weights), tf.reduce_sum(theirs * weights)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(tape.gradient(sums[0], x), tape.gradient(sums[1], x))


def test_the_seed_network_learns_the_same_to_the_bit(mnist: Mnist) -> None:
    """Trained by its quick twin it has the weights that Keras gives it."""
    import keras

    digits = Digits.of(mnist.train_images[:200], mnist.train_labels[:200])

    def weights(*, is_quick: bool) -> list[Any]:
        keras.utils.set_random_seed(0)
        network = build("seed")
        trained = quick(network) if is_quick else network
        trained.compile(optimizer="adam", loss="categorical_crossentropy")
        trained.fit(digits.x, digits.y, batch_size=50, epochs=2, verbose=0)
        learned: list[Any] = network.get_weights()
        return learned

    for ours, theirs in zip(weights(is_quick=True), weights(is_quick=False), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_pool_of_another_size_is_refused() -> None:
    """The quick gradient knows squares of 2x2 only."""
    import keras

    with pytest.raises(AssertionError, match="wide"):
        quick(keras.Sequential([keras.Input((9, 9, 1)), keras.layers.MaxPooling2D(3, name="wide")]))
