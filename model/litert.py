"""LiteRT, for the stages that run a network: as many interpreters as run it at once, made when first needed.

The only module that knows LiteRT.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelUnavailable


@dataclass(slots=True, eq=False)
class _Interpreter:
    """LiteRT's interpreter, and the shape of the input that it is ready for."""

    lite: Any
    shape: tuple[int, ...]


class Network:
    """A LiteRT model with one input that any number of threads may use at once.

    LiteRT's interpreter serves one thread at a time and lets go of the GIL while it runs. Whoever runs the model takes
    one that waits, or makes one, and leaves it for the next: there are never more than ran at once.
    """

    def __init__(
        self, path: Path, threads: int = 1, *, mend: str, shared: bool = False, model: bytes | None = None
    ) -> None:
        """Load the model; `threads` is how many each interpreter may use, `model` what was read of the file before.

        A `shared` model has one interpreter, which threads take in turn: for a network that needs a lot of memory.

        Raises ModelUnavailable, whose message ends with `mend`, the command that mends it.
        """
        self._path, self._threads, self._mend, self._shared = path, threads, mend, shared
        try:
            self._model = path.read_bytes() if model is None else model
        except OSError as error:
            raise self.unavailable(f"it can't be read ({error.strerror})") from error
        self._turn: AbstractContextManager[object] = threading.Lock() if shared else nullcontext()
        self._waiting: list[_Interpreter] = []
        with self._interpreter() as interpreter:
            entry, result = interpreter.lite.get_input_details()[0], interpreter.lite.get_output_details()[0]
        self._entry, self._result = entry["index"], result["index"]
        self.shapes: tuple[tuple[int, ...], tuple[int, ...]] = _sides(entry["shape"]), _sides(result["shape"])

    def another(self) -> "Network":
        """Give the same model with interpreters of its own, ready for inputs of another shape."""
        return Network(self._path, self._threads, mend=self._mend, shared=self._shared, model=self._model)

    @property
    def entry(self) -> tuple[int, ...]:
        """The shape of the input."""
        return self.shapes[0]

    @property
    def results(self) -> dict[str, tuple[int, ...]]:
        """The shape of every output, by its name in the signature."""
        with self._interpreter() as interpreter:
            outputs = {each["index"]: _sides(each["shape"]) for each in interpreter.lite.get_output_details()}
        return {name: outputs[index] for name, index in self._named.items()}

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the first output for an input of the model's shape, or of another where the model allows it."""
        with self._interpreter() as interpreter:
            if interpreter.shape != values.shape:
                interpreter.lite.resize_tensor_input(self._entry, values.shape)
                interpreter.lite.allocate_tensors()
                interpreter.shape = values.shape
            interpreter.lite.set_tensor(self._entry, values)
            interpreter.lite.invoke()
            answer: NDArray[np.float32] = interpreter.lite.get_tensor(self._result)
        return answer

    def run_all(self, values: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Give every output by its name in the signature. Only for a model whose input keeps its shape."""
        named = self._named
        with self._interpreter() as interpreter:
            interpreter.lite.set_tensor(self._entry, values)
            interpreter.lite.invoke()
            return {name: interpreter.lite.get_tensor(index) for name, index in named.items()}

    def constants(self) -> list[NDArray[Any]]:
        """Give the values that are stored in the model itself: weights, biases, shapes."""
        with self._interpreter() as interpreter:
            found = []
            for tensor in interpreter.lite.get_tensor_details():
                try:
                    found.append(interpreter.lite.get_tensor(tensor["index"]))
                except ValueError:  # a tensor that holds nothing: the inside of a fused stage
                    continue
        return found

    def unavailable(self, problem: str) -> ModelUnavailable:
        """Make the error that says what is wrong with the model."""
        return ModelUnavailable(f"the model {self._path} can't be served: {problem}; mend it with: {self._mend}")

    @cached_property
    def _named(self) -> dict[str, int]:
        """The outputs' names in the signature, and their tensors. A file's own order of outputs means nothing."""
        with self._interpreter() as interpreter:
            signatures = interpreter.lite.get_signature_list()
            if len(signatures) != 1:
                raise self.unavailable("it has no signature that names its outputs")
            runner = interpreter.lite.get_signature_runner(next(iter(signatures)))
            return {name: detail["index"] for name, detail in runner.get_output_details().items()}

    @contextmanager
    def _interpreter(self) -> Iterator[_Interpreter]:
        """Take an interpreter that waits, or a new one, and leave it for the next. Nobody gets one that failed."""
        with self._turn:
            try:
                interpreter = self._waiting.pop()
            except IndexError:
                interpreter = self._made()
            yield interpreter
            self._waiting.append(interpreter)

    def _made(self) -> _Interpreter:
        # Imported here because the command line also imports this package for work that needs no LiteRT.
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

        try:
            lite = Interpreter(model_content=self._model, num_threads=self._threads)
            lite.allocate_tensors()
        except (ValueError, RuntimeError) as error:  # what LiteRT raises on bytes that are no model
            raise self.unavailable("LiteRT can't load it") from error
        return _Interpreter(lite, _sides(lite.get_input_details()[0]["shape"]))


def _sides(shape: NDArray[np.int32]) -> tuple[int, ...]:
    return tuple(int(side) for side in shape)
