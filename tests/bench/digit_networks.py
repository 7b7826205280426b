"""One network in one library, timed: what `tests.bench.one_digit` starts, with the interpreter that has the library.

    python -m tests.bench.digit_networks LIBRARY THREADS SECONDS FOLDER

FOLDER holds digits.npy and the weights; the answers go to answers.npy there, the times to standard output.
"""

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.bench.folded import Array, Stage, fold, read, write

BATCHES: Final = (1, 256)
DIGITS, WEIGHTS, ANSWERS = "digits.npy", "weights.npz", "answers.npy"
_LEAST: Final = 5  # calls that are timed, however long they take
# Of the matrices whose product shows the machine's peak. Large ones come nearest to it on a machine that does nothing
# else; on a busy one only small ones are ever done before somebody else has the core.
_SIDES: Final = (256, 512, 1024, 2048)

Probabilities = Callable[[Array], Array]
"""(N, 28, 28) digits to (N, 10)."""


def ours(_folder: Path, threads: int) -> Probabilities:
    """The classifier as the bot serves it."""
    from model import SHIPPED, open_version
    from model.classify import Classifier

    return Classifier(open_version(SHIPPED).classifier_path, threads).probabilities


def keras_predict(_folder: Path, threads: int) -> Probabilities:
    """What a handler usually calls. One step for the whole batch, which Keras would cut into 32s."""
    network = _keras(threads)

    def probabilities(digits: Array) -> Array:
        answers: Array = network.predict(digits[..., None], batch_size=len(digits), verbose=0)
        return answers

    return probabilities


def tf_function(_folder: Path, threads: int) -> Probabilities:
    """The network as a TensorFlow graph for batches of any size."""
    network = _keras(threads)
    import tensorflow as tf

    graph = tf.function(
        lambda digits: network(digits, training=False), input_signature=[tf.TensorSpec((None, 28, 28, 1), tf.float32)]
    )

    def probabilities(digits: Array) -> Array:
        answers: Array = graph(digits[..., None]).numpy()
        return answers

    return probabilities


def onnx_runtime(folder: Path, threads: int) -> Probabilities:
    """ONNX Runtime on a graph of the folded weights."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(_onnx(read(folder / WEIGHTS)), options, providers=["CPUExecutionProvider"])

    def probabilities(digits: Array) -> Array:
        answers: Array = session.run(None, {"digits": digits[:, None]})[0]
        return answers

    return probabilities


def pytorch(folder: Path, threads: int) -> Probabilities:
    """PyTorch's functions on the folded weights, with no record kept for gradients."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    endings = {"linear": lambda values: values, "relu": torch.relu, "softmax": lambda each: torch.softmax(each, 1)}
    stages = [(stage, torch.from_numpy(stage.kernel), torch.from_numpy(stage.bias)) for stage in read(folder / WEIGHTS)]

    def probabilities(digits: Array) -> Array:
        with torch.inference_mode():
            values = torch.from_numpy(digits[:, None])
            for stage, kernel, bias in stages:
                if stage.is_dense:
                    values = functional.linear(values.flatten(1), kernel, bias)
                else:
                    if stage.before != stage.after:
                        values = functional.pad(values, [stage.before, stage.after] * 2)
                    padding = stage.before if stage.before == stage.after else 0
                    values = functional.conv2d(values, kernel, bias, stage.stride, padding)
                values = endings[stage.then](values)
        answers: Array = values.numpy()
        return answers

    return probabilities


LIBRARIES: Final = {
    "ours": ours,
    "keras": keras_predict,
    "tf_function": tf_function,
    "onnx_runtime": onnx_runtime,
    "pytorch": pytorch,
}


def timed(probabilities: Probabilities, digits: Array, batch: int, seconds: float) -> list[float]:
    """Microseconds a digit, of each call in this time."""
    batches = [digits[start : start + batch] for start in range(0, len(digits), batch)]
    found = list[float]()
    until = time.perf_counter() + seconds
    for some in itertools.cycle(batches):
        start = time.perf_counter()
        if start > until and len(found) >= _LEAST:
            break
        probabilities(some)
        found.append(1e6 * (time.perf_counter() - start) / len(some))
    return found


def peak(seconds: float) -> float:
    """Multiply-adds a second in the quickest of many products of float32 matrices."""
    return max(_rate(side, seconds / len(_SIDES)) for side in _SIDES)


def _rate(side: int, seconds: float) -> float:
    matrix = np.random.default_rng(0).random((side, side), np.float32)
    product = np.empty_like(matrix)

    def multiply(_: Array) -> Array:
        return np.matmul(matrix, matrix, out=product)

    return 1e6 * side**3 / min(timed(multiply, matrix[:1], 1, seconds))


def main() -> None:
    """Do one of the works that the parent asks for."""
    work, threads, seconds, folder = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    if work == "weights":
        write(fold(_keras(threads).layers), folder / WEIGHTS)
    elif work == "peak":
        print(json.dumps(peak(seconds)))
    else:
        probabilities = LIBRARIES[work](folder, threads)
        digits: Array = np.load(folder / DIGITS)
        np.save(folder / ANSWERS, probabilities(digits))
        times = dict[int, list[float]]()
        for batch in BATCHES:
            timed(probabilities, digits, batch, seconds / 10)  # the first calls take longer
            times[batch] = timed(probabilities, digits, batch, seconds)
        print(json.dumps(times))


def _keras(threads: int) -> Any:
    """The shipped version's network on so many threads."""
    import keras
    import tensorflow as tf

    from model import SHIPPED, open_version

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return keras.models.load_model(open_version(SHIPPED).keras_path, compile=False)


def _onnx(stages: list[Stage]) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    nodes, kept, name = [], [], "digits"
    for number, stage in enumerate(stages):
        weights = [f"kernel{number}", f"bias{number}"]
        kept += [numpy_helper.from_array(stage.kernel, weights[0]), numpy_helper.from_array(stage.bias, weights[1])]
        if stage.is_dense:
            nodes.append(helper.make_node("Flatten", [name], [f"flat{number}"], axis=1))
            nodes.append(helper.make_node("Gemm", [f"flat{number}", *weights], [f"sum{number}"], transB=1))
        else:
            pads = [stage.before, stage.before, stage.after, stage.after]
            strides = [stage.stride] * 2
            nodes.append(helper.make_node("Conv", [name, *weights], [f"sum{number}"], pads=pads, strides=strides))
        name = f"sum{number}"
        if stage.then != "linear":
            kind = {"relu": "Relu", "softmax": "Softmax"}[stage.then]
            nodes.append(helper.make_node(kind, [name], [f"values{number}"]))
            name = f"values{number}"
    entry = helper.make_tensor_value_info("digits", TensorProto.FLOAT, ["n", 1, 28, 28])
    result = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 10])
    graph = helper.make_graph(nodes, "digit", [entry], [result], kept)
    # An older operator set than the newest: any runtime of these years reads it.
    network: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    return network


if __name__ == "__main__":
    main()
