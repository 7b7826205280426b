"""What the served network makes of one digit, stage by stage: every feature map, and the first stage's kernels.

Beside `classify`, on the same weights: each version has a second LiteRT file with every stage as an output. What the
converter fuses (a convolution, its batch normalisation, its ReLU) is one stage, named after its first layer, with the
others in its `parts`.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelUnavailable
from model.litert import Network
from model.reading import Bitmap
from model.registry import LAYERS, METRICS, Layer, Version, sha256

Floats = NDArray[np.float32]

_CONVOLUTION: Final = "Conv2D"


class Layers:
    """The stages of one version's network. Any number of threads may use one at once."""

    def __init__(self, version: Version) -> None:
        """Load and check the version's layers.tflite. Raises ModelUnavailable when it is damaged or lacks a stage."""
        self._network = Network(_verified(version), mend=_mend(version))
        self.stages: tuple[Layer, ...] = version.metrics.layers
        if not self.stages:
            raise self._network.unavailable("metrics.json names none of its layers")
        if self._network.shapes[0] != (1, 28, 28, 1):
            raise self._network.unavailable(f"it takes {self._network.shapes[0]}, not (1, 28, 28, 1)")
        shapes = {name: values.shape for name, values in self._run(np.zeros((28, 28), np.float32)).items()}
        for stage in self.stages:
            if shapes.get(stage.name) != stage.shape:
                raise self._network.unavailable(f"its {stage.name} is {shapes.get(stage.name)}, not {stage.shape}")
        self.kernels: Floats | None = self._first_kernels()
        """(filters, height, width) of the first stage as they are served, with the normalisation folded in: a filter's
        kernel times what it was normalised by. None when the first stage is no convolution."""

    def activations(self, bitmap: Bitmap) -> tuple[Floats, ...]:
        """Run the network on one (28, 28) bitmap and give each stage's output, in the order and shape of `stages`."""
        answers = self._run(bitmap)
        return tuple(answers[stage.name] for stage in self.stages)

    def _run(self, bitmap: Bitmap) -> dict[str, Floats]:
        values = np.ascontiguousarray(bitmap, np.float32)[None, :, :, None]
        return {name: answer[0] for name, answer in self._network.run_all(values).items()}

    def _first_kernels(self) -> Floats | None:
        first = self.stages[0]
        if first.kind != _CONVOLUTION:
            return None
        filters = first.shape[-1]
        # LiteRT keeps a kernel as (filters, height, width, channels); only the first stage's has one channel.
        found = [
            constant[..., 0]
            for constant in self._network.constants()
            if constant.ndim == 4 and constant.shape[0] == filters and constant.shape[3] == 1
            if constant.dtype == np.float32 and max(constant.shape[1:3]) < first.shape[0]
        ]
        if len(found) != 1:
            raise self._network.unavailable(f"it holds {len(found)} kernels for {first.name}, not one")
        return np.asarray(found[0], np.float32)


def _verified(version: Version) -> Path:
    """The file's path, after checking it again: it was verified when the version was opened, and may be gone since."""
    path = version.layers_path
    try:
        found = sha256(path)
    except OSError as error:
        problem = f"can't be read ({error.strerror})"
        raise ModelUnavailable(f"{path} {problem}; mend it with: {_mend(version)}") from error
    if found != version.metrics.files.get(LAYERS):
        raise ModelUnavailable(f"{path} is not the file that {METRICS} vouches for; mend it with: {_mend(version)}")
    return path


def _mend(version: Version) -> str:
    return f"python -m model train --output {version.folder}"
