"""The served network's weights for libraries that know nothing of Keras: `fold` ▸ a file ▸ `read`.

Batch normalisation is folded into the layer before it, as LiteRT's converter does, so that no library computes more
than another. Kernels lie as ONNX and PyTorch want them: channels come before rows and columns.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
SIDE: Final = 28


@dataclass(frozen=True, slots=True)
class Stage:
    """A convolution or a dense layer, and what is done to each of its numbers."""

    kernel: Array  # (out, in, 3, 3), or (out, in) of a dense layer
    bias: Array  # (out,)
    then: Literal["linear", "relu", "softmax"] = "linear"
    stride: int = 1
    before: int = 0  # zeros above and to the left
    after: int = 0  # zeros below and to the right
    positions: int = 1  # how often the kernel is applied

    @property
    def is_dense(self) -> bool:
        """Whether it takes all numbers at once; the first such stage takes them channel by channel."""
        return self.kernel.ndim == 2

    @property
    def multiply_adds(self) -> int:
        """How many multiplications, each with its addition, it takes for a digit."""
        return self.positions * self.kernel.size


def fold(layers: Iterable[Any]) -> list[Stage]:
    """Fold the layers of a sequential Keras network for (28, 28, 1). Raises ValueError for a layer of another kind."""
    stages: list[dict[str, Any]] = []
    side, is_flat = SIDE, False
    for layer in layers:
        kind, weights = type(layer).__name__, [np.asarray(each, np.float64) for each in layer.get_weights()]
        if kind == "Conv2D":
            stages.append(_convolution(layer, weights, side))
            side = math.isqrt(stages[-1]["positions"])
        elif kind == "Dense":
            kernel = weights[0]  # (in, out)
            if is_flat:  # Keras flattened rows, columns, channels
                kernel = kernel.reshape(side, side, -1, kernel.shape[1]).transpose(2, 0, 1, 3)
                kernel, is_flat = kernel.reshape(weights[0].shape), False
            stages.append({"kernel": kernel.T, **_ending(layer, weights)})
        elif kind == "BatchNormalization":
            gamma, beta, mean, variance = weights
            scale, last = gamma / np.sqrt(variance + layer.epsilon), stages[-1]
            last["kernel"] = last["kernel"] * scale.reshape(-1, *[1] * (last["kernel"].ndim - 1))
            last["bias"] = (last["bias"] - mean) * scale + beta
        elif kind == "Activation":
            stages[-1]["then"] = layer.activation.__name__
        elif kind == "Flatten":
            is_flat = True
        elif kind not in ("Dropout", "InputLayer"):
            raise ValueError(f"there is no way to rebuild a layer of the kind {kind}")
    for stage in stages:
        stage.update({name: np.ascontiguousarray(stage[name], np.float32) for name in ("kernel", "bias")})
    return [Stage(**stage) for stage in stages]


def _convolution(layer: Any, weights: list[NDArray[np.float64]], side: int) -> dict[str, Any]:
    (stride, _), (size, _) = layer.strides, layer.kernel_size
    reaches_out = layer.padding == "same"  # TensorFlow's: the odd zero comes last
    out = math.ceil((side if reaches_out else side - size + 1) / stride)
    zeros = max((out - 1) * stride + size - side, 0) if reaches_out else 0
    return {
        "kernel": weights[0].transpose(3, 2, 0, 1),
        **_ending(layer, weights),
        "stride": stride,
        "before": zeros // 2,
        "after": zeros - zeros // 2,
        "positions": out**2,
    }


def _ending(layer: Any, weights: list[NDArray[np.float64]]) -> dict[str, Any]:
    bias = weights[1] if layer.use_bias else np.zeros(weights[0].shape[-1])
    return {"bias": bias, "then": layer.activation.__name__}


def write(stages: Iterable[Stage], path: Path) -> None:
    """Write stages to an npz file."""
    arrays: dict[str, Any] = {}
    plan = []
    for number, stage in enumerate(stages):
        arrays |= {f"kernel{number}": stage.kernel, f"bias{number}": stage.bias}
        names = ("then", "stride", "before", "after", "positions")
        plan.append({name: getattr(stage, name) for name in names})
    np.savez(path, plan=np.array(json.dumps(plan)), **arrays)


def read(path: Path) -> list[Stage]:
    """Read what `write` wrote."""
    with np.load(path) as file:
        plan = json.loads(str(file["plan"]))
        return [Stage(file[f"kernel{number}"], file[f"bias{number}"], **rest) for number, rest in enumerate(plan)]
