"""LiteRT, for the stages that run a network: an interpreter a thread, made when first needed, or one for all.

The only module that knows LiteRT.
"""

import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelUnavailable


class Network:
    """A LiteRT model with one input and one output that any number of threads may use at once.

    LiteRT's interpreter belongs to one thread and lets go of the GIL while it runs.
    """

    def __init__(self, path: Path, threads: int = 1, *, mend: str, shared: bool = False) -> None:
        """Load the model; `threads` is how many each interpreter may use.

        A `shared` model has one interpreter, which threads take in turn: for a network that needs a lot of memory.

        Raises ModelUnavailable, whose message ends with `mend`, the command that mends it.
        """
        self._path, self._threads, self._mend = path, threads, mend
        self._local: Any = SimpleNamespace() if shared else threading.local()
        self._turn: AbstractContextManager[object] = threading.Lock() if shared else nullcontext()
        try:
            self._model = path.read_bytes()
        except OSError as error:
            raise self.unavailable(f"it can't be read ({error.strerror})") from error
        entry, result = (part[0] for part in self._details())
        self.shapes: tuple[tuple[int, ...], tuple[int, ...]] = _sides(entry["shape"]), _sides(result["shape"])

    @property
    def entry(self) -> tuple[int, ...]:
        """The shape of the input."""
        return self.shapes[0]

    @property
    def results(self) -> dict[str, tuple[int, ...]]:
        """The shape of every output, by its name in the signature."""
        outputs = {detail["index"]: _sides(detail["shape"]) for detail in self._details()[1]}
        return {name: outputs[index] for name, index in self._named().items()}

    def run(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the output for an input of the model's shape, or of another where the model allows it."""
        with self._turn:
            interpreter = self._interpreter()
            entry, result = (part[0]["index"] for part in self._details())
            if self._local.shape != values.shape:
                interpreter.resize_tensor_input(entry, values.shape)
                interpreter.allocate_tensors()
                self._local.shape = values.shape
            interpreter.set_tensor(entry, values)
            interpreter.invoke()
            answer: NDArray[np.float32] = interpreter.get_tensor(result)
        return answer

    def rest(self) -> None:
        """Give the memory back that a shared model's last run needed; the next run takes some milliseconds longer."""
        assert isinstance(self._local, SimpleNamespace)  # other threads have interpreters of their own otherwise
        with self._turn:
            self._local = SimpleNamespace()

    def run_all(self, values: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Give every output by its name in the signature. Only for a model whose input keeps its shape."""
        with self._turn:
            interpreter = self._interpreter()
            interpreter.set_tensor(self._details()[0][0]["index"], values)
            interpreter.invoke()
            return {name: interpreter.get_tensor(index) for name, index in self._named().items()}

    def constants(self) -> list[NDArray[Any]]:
        """Give the values that are stored in the model itself: weights, biases, shapes."""
        with self._turn:
            interpreter = self._interpreter()
            found = []
            for tensor in interpreter.get_tensor_details():
                try:
                    found.append(interpreter.get_tensor(tensor["index"]))
                except ValueError:  # a tensor that holds nothing: the inside of a fused stage
                    continue
        return found

    def unavailable(self, problem: str) -> ModelUnavailable:
        """Make the error that says what is wrong with the model."""
        return ModelUnavailable(f"the model {self._path} can't be served: {problem}; mend it with: {self._mend}")

    def _details(self) -> tuple[Any, Any]:
        if not hasattr(self._local, "details"):
            interpreter = self._interpreter()
            self._local.details = interpreter.get_input_details(), interpreter.get_output_details()
            self._local.shape = _sides(self._local.details[0][0]["shape"])
        details: tuple[Any, Any] = self._local.details
        return details

    def _named(self) -> dict[str, int]:
        """The outputs' names in the signature, and their tensors. A file's own order of outputs means nothing."""
        if not hasattr(self._local, "named"):
            signatures = self._interpreter().get_signature_list()
            if len(signatures) != 1:
                raise self.unavailable("it has no signature that names its outputs")
            runner = self._interpreter().get_signature_runner(next(iter(signatures)))
            self._local.named = {name: detail["index"] for name, detail in runner.get_output_details().items()}
        named: dict[str, int] = self._local.named
        return named

    def _interpreter(self) -> Any:
        found = getattr(self._local, "interpreter", None)
        if found is None:
            # Imported here because the command line also imports this package for work that needs no LiteRT.
            from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

            try:
                found = Interpreter(model_content=self._model, num_threads=self._threads)
                found.allocate_tensors()
            except (ValueError, RuntimeError) as error:  # what LiteRT raises on bytes that are no model
                raise self.unavailable("LiteRT can't load it") from error
            self._local.interpreter = found
        return found


def _sides(shape: NDArray[np.int32]) -> tuple[int, ...]:
    return tuple(int(side) for side in shape)
