"""The finder: a grey picture to where digits are, which ones, and where their ink is. Training side.

Every fourth pixel of the picture answers. `CHANNELS` says what the numbers of an answer are.
"""

from typing import Any, Final

import numpy as np

STRIDE: Final = 4
CHANNELS: Final = {
    "objectness": slice(0, 1),  # logit: a digit has its middle here
    "sides": slice(1, 5),  # log of the distances to the box's left, top, right, bottom, in strides
    "classes": slice(5, 16),  # logits of 0..9 and of other writing
    "ink": slice(16, 20),  # logits of the four quarters: is this ink of a digit
}
OTHER_CLASS: Final = 10  # signs too: the finder learns that they are no digits
MULTIPLE: Final = 32  # of both sides of a picture

_WIDTHS: Final = (16, 24, 40, 64, 96)  # at strides 2, 4, 8, 16, 32
_BLOCKS: Final = (0, 1, 2, 2, 1)  # residual blocks at each
_JOINED: Final = 40  # channels of the features that all levels add to


def build_finder() -> Any:
    """Build the network: (N, H, W, 1) float32 in 0..1 to (N, H/4, W/4, 20), H and W multiples of 32."""
    import keras

    layers = keras.layers

    def convolved(x: Any, width: int, stride: int = 1, *, active: bool = True) -> Any:
        x = layers.Conv2D(width, 3, stride, padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization(momentum=0.98, epsilon=1e-3)(x)
        return layers.ReLU()(x) if active else x

    picture = keras.Input((None, None, 1))
    x, levels = picture, []
    for width, blocks in zip(_WIDTHS, _BLOCKS, strict=True):
        x = convolved(x, width, 2)
        for _ in range(blocks):
            x = layers.ReLU()(layers.Add()([x, convolved(convolved(x, width), width, active=False)]))
        levels.append(x)
    joined = None
    for level in reversed(levels[1:]):
        own = layers.Conv2D(_JOINED, 1)(level)
        joined = own if joined is None else layers.Add()([own, Twice()(joined)])
    x = convolved(convolved(joined, _JOINED), _JOINED)
    answer = layers.Conv2D(20, 1, bias_initializer=_first_guess)(x)
    return keras.Model(picture, answer, name="finder")


def _first_guess(shape: Any, dtype: Any = None) -> Any:
    """Most places have no digit: an objectness of 2 % to start with keeps the first steps calm (Lin et al. 2017)."""
    bias = np.zeros(shape, dtype or "float32")
    bias[0] = -4.0
    return bias


def Twice() -> Any:  # noqa: N802 - stands for a layer
    """Make a layer that doubles height and width, each pixel four times.

    Its graph holds no sizes, so that LiteRT can change them.
    """
    import keras
    import tensorflow as tf

    return keras.layers.Lambda(lambda x: tf.nn.depth_to_space(tf.concat([x, x, x, x], -1), 2))
