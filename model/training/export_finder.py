"""From the Keras networks of the finder and the judge to the files that LiteRT runs, checked. Training side."""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version as release
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.registry import METRICS, sha256
from model.training.export import ExportDiffers, to_litert
from model.training.train import LIBRARIES, Job

# Weights are kept in 16 bits (half the file, the same speed), which moves answers by about 0.001 of their range.
_TOLERANCE: Final = 0.01


def export_checked(
    network: Any,
    path: Path,
    pictures: NDArray[np.float32],
    shape: tuple[int | None, ...],
    more: Mapping[str, Any] | None = None,
) -> float:
    """Write a network of one input and one output, `answer`, as a LiteRT file that takes inputs of `shape`.

    `more` are further outputs: networks that share its input and its layers.

    The answers to each of `pictures`, (N, H, W, 1) float32 in 0..1, are compared; gives the largest difference, in
    ranges of an answer. Raises ExportDiffers.
    """
    import tensorflow as tf

    entry = tf.TensorSpec(shape, tf.float32, name="picture")

    def answers(picture: Any) -> dict[str, Any]:
        others = {name: part(picture, training=False) for name, part in (more or {}).items()}
        return {"answer": network(picture, training=False), **others}

    converted = to_litert(network, answers, entry, in_16_bits=True)
    path.write_bytes(converted)
    # A conversion that loses its weights still runs.
    if path.stat().st_size < 1.9 * network.count_params():
        raise ExportDiffers(f"{path.name} is too small to hold the network's weights")
    expected = [np.asarray(network(picture[None], training=False)) for picture in pictures]
    found = [_run(path, picture[None]) for picture in pictures]
    span = max(1e-6, max(float(values.max()) for values in expected) - min(float(v.min()) for v in expected))
    worst = max(float(np.abs(a - b).max()) for a, b in zip(expected, found, strict=True)) / span
    if not worst <= _TOLERANCE:  # NaN is worse than anything
        raise ExportDiffers(f"{path.name} differs from the network by {worst:.2g} of its range")
    return worst


def write_metrics(path: Path, recipe: str, job: Job, began: datetime, known: Mapping[str, Any]) -> None:
    """Write the metrics.json beside a network's file: what is known of it, and how, when and with what it was made."""
    metrics = {
        **known,
        "version": f"{began:%Y%m%d-%H%M%S}-{recipe}-{job.seed}",
        "recipe": recipe,
        "seed": job.seed,
        "command": job.command,
        "libraries": {library: release(library) for library in LIBRARIES},
        "date": began.isoformat(timespec="seconds"),
        "files": {path.name: sha256(path)},
    }
    (path.parent / METRICS).write_text(json.dumps(metrics, indent=1, sort_keys=True) + "\n")


def _run(path: Path, picture: NDArray[np.float32]) -> NDArray[np.float32]:
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - as in model.classify

    interpreter = Interpreter(model_path=str(path), num_threads=1)
    entry = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(entry, picture.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry, picture)
    interpreter.invoke()
    answer = interpreter.get_signature_runner().get_output_details()["answer"]["index"]
    found: NDArray[np.float32] = interpreter.get_tensor(answer)
    return found
