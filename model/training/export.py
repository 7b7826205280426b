"""From a trained Keras network to the three model files of a version, each checked against the network.

Training side: needs TensorFlow, which it imports when it runs.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.registry import CLASSIFIER, KERAS, LAYERS, Layer
from model.training.network import stages

# Two float32 implementations of the same network; more than this means another network.
TOLERANCE: Final = 1e-4


class ExportDiffers(RuntimeError):
    """A converted model does not answer as the network it was made from."""


def export(network: Any, folder: Path, digits: NDArray[np.float32]) -> tuple[Layer, ...]:
    """Write model.keras, model.tflite and layers.tflite of a `keras.Sequential` and describe the stages of the last.

    Each file is compared with the network on `digits`, (N, 28, 28, 1) float32 in 0..1; raises ExportDiffers when one
    answers otherwise or is too small to hold the weights.
    """
    import keras

    groups = stages(network.layers)
    shown = keras.Model(network.inputs[0], {group[0].name: group[-1].output for group in groups})
    served = keras.Model(network.inputs[0], {"probabilities": network.outputs[0]})
    # A copy that was never compiled: the optimiser's state would make the file three times as large.
    bare = keras.Sequential.from_config(network.get_config())
    bare.set_weights(network.get_weights())
    bare.save(folder / KERAS)
    (folder / CLASSIFIER).write_bytes(_to_litert(served))
    (folder / LAYERS).write_bytes(_to_litert(shown))

    expected = {name: np.asarray(output) for name, output in shown(digits, training=False).items()}
    restored = keras.models.load_model(folder / KERAS, compile=False)
    _compare(KERAS, {"probabilities": np.asarray(restored(digits, training=False))}, expected)
    for name, names in ((CLASSIFIER, {"probabilities"}), (LAYERS, set(expected))):
        answers = _run_litert(folder / name, digits)
        if set(answers) != names:
            raise ExportDiffers(f"{name} has the outputs {sorted(answers)}, not {sorted(names)}")
        _compare(name, answers, expected)
        # A conversion that loses its weights still runs, and its answers can look plausible on a few digits.
        if (folder / name).stat().st_size < 4 * sum(weight.size for weight in map(np.asarray, _folded(network))):
            raise ExportDiffers(f"{name} is too small to hold the network's weights")
    return tuple(
        Layer(
            name=group[0].name,
            kind=type(group[0]).__name__,
            shape=tuple(group[-1].output.shape[1:]),
            parts=tuple(layer.name for layer in group),
        )
        for group in groups
    )


def _folded(network: Any) -> list[Any]:
    """Each layer's kernel: what is left of the weights, biases apart, once normalisation is folded in."""
    return [layer.kernel for layer in network.layers if hasattr(layer, "kernel")]


def _to_litert(model: Any) -> bytes:
    """Convert a Keras model with named outputs; the names become the signature's."""
    import tensorflow as tf

    entry = tf.TensorSpec((None, 28, 28, 1), tf.float32, name="digit")
    return to_litert(model, lambda digit: model(digit, training=False), entry)


def to_litert(network: Any, answer: Callable[[Any], dict[str, Any]], entry: Any, *, in_16_bits: bool = False) -> bytes:
    """Convert what `answer` makes of an input, a `tf.TensorSpec`, with the network's weights.

    The names of the input and of the outputs become the signature's. The weights may be kept in 16 bits.
    """
    import tensorflow as tf

    # By TensorFlow alone: Keras' ExportArchive gives the same file to the byte, and takes twice the time.
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]
    signature = tf.function(answer, input_signature=[entry], autograph=False).get_concrete_function()
    with tempfile.TemporaryDirectory() as saved:
        tf.saved_model.save(module, saved, signatures={"serving_default": signature})
        converter = tf.lite.TFLiteConverter.from_saved_model(saved)
        if in_16_bits:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        converted: bytes = converter.convert()
    return converted


def _run_litert(path: Path, digits: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    # The command line imports this module for work that needs no LiteRT.
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

    runner = Interpreter(model_path=str(path), num_threads=1).get_signature_runner("serving_default")
    answers: dict[str, NDArray[np.float32]] = runner(digit=digits)
    return answers


def _compare(name: str, answers: dict[str, NDArray[np.float32]], expected: dict[str, NDArray[np.float32]]) -> None:
    for output, values in answers.items():
        scale = max(1.0, float(np.abs(expected[output]).max()))
        worst = float(np.abs(values - expected[output]).max()) / scale
        if not worst <= TOLERANCE:  # NaN is worse than anything
            raise ExportDiffers(f"{name} differs from the network by {worst:.2g} in {output}")
