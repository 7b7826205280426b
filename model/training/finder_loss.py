"""What the finder learns from a batch of scenes. Training side."""

from typing import Any, Final

from model.generate.writing import UNSURE
from model.training.finder_network import CHANNELS, OTHER_CLASS, STRIDE

NOTHING: Final = -2
"""The label that fills up a scene's marks to the number that all scenes of a batch have."""

_SPREAD: Final = 0.13  # of a box: the standard deviation of the target around its middle
_LEAST: Final = 2.4  # pixels, likewise
_MIDDLE: Final = 0.4  # of the target: cells above it answer for the box and the class
_SMOOTHING: Final = 0.03


def finder_loss(answer: Any, boxes: Any, labels: Any, ink: Any) -> Any:
    """The loss of answers (B, H, W, 20) to scenes: boxes (B, K, 4) pixels, labels (B, K), ink (B, 2H, 2W) 0..1.

    A vector: the weighted sum, then objectness, sides, classes, ink each alone, then the share of classes right.
    """
    import tensorflow as tf

    rows, columns = answer.shape[1], answer.shape[2]
    y = (tf.range(rows, dtype=tf.float32) + 0.5) * STRIDE
    x = (tf.range(columns, dtype=tf.float32) + 0.5) * STRIDE
    middle = (tf.floor((boxes[..., :2] + boxes[..., 2:]) / 2 / STRIDE) + 0.5) * STRIDE  # (B, K, 2), on a cell's middle
    sides = boxes[..., 2:] - boxes[..., :2]

    def bumps(spread: float, chosen: Any) -> Any:
        """A bump on each chosen mark: (B, H, W, K), 1 at its middle."""
        sigma = tf.maximum(spread * sides, _LEAST)
        down = tf.exp(-0.5 * ((y[None, :, None] - middle[:, None, :, 1]) / sigma[:, None, :, 1]) ** 2)
        over = tf.exp(-0.5 * ((x[None, :, None] - middle[:, None, :, 0]) / sigma[:, None, :, 0]) ** 2)
        return down[:, :, None] * (over * tf.cast(chosen, tf.float32)[:, None])[:, None]

    marks = bumps(_SPREAD, labels >= 0)
    is_digit = tf.cast((labels >= 0) & (labels < OTHER_CLASS), tf.float32)[:, None, None]
    target = tf.reduce_max(marks * is_digit, axis=-1)
    other = tf.reduce_max(marks * (1 - is_digit), axis=-1)
    unsure = tf.reduce_max(bumps(0.3, labels == UNSURE), axis=-1)

    logit = answer[..., CHANNELS["objectness"]][..., 0]
    found = tf.sigmoid(logit)
    positive = tf.cast(target > 0.999, tf.float32)
    missed = positive * (1 - found) ** 2 * tf.nn.softplus(-logit)
    # Letters weigh double: they are what is most like a digit.
    false = (1 - positive) * (1 - target) ** 4 * found**2 * tf.nn.softplus(logit) * (1 - unsure) * (1 + other)
    objectness = tf.reduce_sum(missed + false) / tf.maximum(tf.reduce_sum(positive), 1.0)

    owner = tf.argmax(marks, axis=-1)  # (B, H, W)
    share = tf.reduce_max(marks, axis=-1)
    share = tf.where(share > _MIDDLE, share, 0.0)
    box = tf.gather(boxes, owner, batch_dims=1)  # (B, H, W, 4)
    label = tf.cast(tf.gather(labels, owner, batch_dims=1), tf.int32)
    of_digit = share * tf.cast((label >= 0) & (label < OTHER_CLASS), tf.float32)
    place = tf.stack(tf.meshgrid(x, y), axis=-1)[None]
    reach = tf.concat([place - box[..., :2], box[..., 2:] - place], axis=-1)
    error = tf.abs(answer[..., CHANNELS["sides"]] - tf.math.log(tf.maximum(reach / STRIDE, 0.15)))
    huber = tf.where(error < 1, 0.5 * error**2, error - 0.5)
    box_loss = tf.reduce_sum(of_digit[..., None] * huber) / tf.maximum(tf.reduce_sum(of_digit), 1.0)

    classes = answer[..., CHANNELS["classes"]]
    count = classes.shape[-1]
    wanted = tf.one_hot(label, count) * (1 - _SMOOTHING) + _SMOOTHING / count
    cross = tf.nn.softmax_cross_entropy_with_logits(wanted, classes)
    class_loss = tf.reduce_sum(share * cross) / tf.maximum(tf.reduce_sum(share), 1.0)
    right = tf.cast(tf.argmax(classes, -1, output_type=tf.int32) == label, tf.float32)
    accuracy = tf.reduce_sum(of_digit * right) / tf.maximum(tf.reduce_sum(of_digit), 1.0)

    drawn = tf.nn.depth_to_space(answer[..., CHANNELS["ink"]], 2)[..., 0]
    entropy = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(ink, drawn))
    covered = tf.sigmoid(drawn)
    dice = 1 - (2 * tf.reduce_sum(covered * ink) + 1) / (tf.reduce_sum(covered) + tf.reduce_sum(ink) + 1)
    ink_loss = 2 * entropy + 0.5 * dice
    total = objectness + 0.7 * box_loss + 1.2 * class_loss + ink_loss
    return tf.stack([total, objectness, box_loss, class_loss, ink_loss, accuracy])
