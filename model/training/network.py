"""The networks, as lists of Keras layers: a (28, 28, 1) digit in 0..1 to the probabilities of 0..9.

`seed` is the network of the design, 93,322 parameters, and stays as it is. `full` is the one that is served: 205,930
parameters, batch-normalised; `model.training.recipes` trains it.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

Network = Literal["seed", "full"]

# Layers that the converter folds into the one before them: together they are one stage.
_FUSED: Final = ("BatchNormalization", "Activation", "ReLU", "Dropout")


def build(network: Network) -> Any:
    """Build a fresh, uncompiled `keras.Sequential` with weights drawn from Keras' global seed."""
    import keras

    layers = _seed() if network == "seed" else _full()
    return keras.Sequential([keras.Input((28, 28, 1), name="digit"), *layers], name=network)


def stages(layers: Sequence[Any]) -> list[list[Any]]:
    """Group layers by what LiteRT runs as one: a convolution with its normalisation and activation, a pool …"""
    groups: list[list[Any]] = []
    for layer in layers:
        if groups and type(layer).__name__ in _FUSED:
            groups[-1].append(layer)
        else:
            groups.append([layer])
    return groups


def _seed() -> list[Any]:
    from keras import layers

    return [
        layers.Conv2D(32, 3, activation="relu", name="conv1"),  # (26, 26, 32)
        layers.MaxPooling2D(2, name="pool1"),  # (13, 13, 32)
        layers.Conv2D(64, 3, activation="relu", name="conv2"),  # (11, 11, 64)
        layers.MaxPooling2D(2, name="pool2"),  # (5, 5, 64)
        layers.Conv2D(64, 3, activation="relu", name="conv3"),  # (3, 3, 64)
        layers.Flatten(name="flatten"),  # (576,)
        layers.Dense(64, activation="relu", name="dense1"),
        layers.Dense(10, activation="softmax", name="probabilities"),
    ]


def _full() -> list[Any]:
    from keras import layers

    # Convolutions that take every second pixel, instead of pools: fewer errors on other people's collections of digits.
    return [
        *_convolution("conv1", 32),  # (26, 26, 32)
        *_convolution("conv2", 32),  # (24, 24, 32)
        *_convolution("conv3", 32, halves=True),  # (12, 12, 32)
        *_convolution("conv4", 64),  # (10, 10, 64)
        *_convolution("conv5", 64),  # (8, 8, 64)
        *_convolution("conv6", 64, halves=True),  # (4, 4, 64)
        *_convolution("conv7", 96),  # (2, 2, 96)
        layers.Flatten(name="flatten"),  # (384,)
        *_normalised("dense1", layers.Dense(96, use_bias=False, name="dense1")),
        layers.Dropout(0.3, name="dense1_dropout"),
        layers.Dense(10, activation="softmax", name="probabilities"),
    ]


def _convolution(name: str, maps: int, *, halves: bool = False) -> list[Any]:
    """A normalised 3x3 convolution; one that halves the picture looks beyond its edges."""
    from keras import layers

    way = {"strides": 2, "padding": "same"} if halves else {}
    return _normalised(name, layers.Conv2D(maps, 3, use_bias=False, name=name, **way))


def _normalised(name: str, layer: Any) -> list[Any]:
    """`layer`, which has no bias of its own, then batch normalisation and ReLU."""
    from keras import layers

    return [
        layer,
        layers.BatchNormalization(name=f"{name}_norm"),
        layers.Activation("relu", name=f"{name}_relu"),
    ]
