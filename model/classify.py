"""(N, 28, 28) bitmaps to (N, 10) probabilities, on LiteRT. After `normalize`, before the reading is put together.

The only module that knows LiteRT.
"""

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import ModelUnavailable


class Classifier:
    """A LiteRT digit classifier that any number of threads may use at once.

    LiteRT's interpreter belongs to one thread and lets go of the GIL while it runs, so each thread gets its own,
    made on the thread's first call (a few milliseconds, about 1 MB).
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load the model; `threads` is how many each interpreter may use. Raises ModelUnavailable."""
        self._path = path
        self._threads = threads
        self._local = threading.local()
        try:
            self._model = path.read_bytes()
        except OSError as error:
            raise self._unavailable(f"it can't be read ({error.strerror})") from error
        interpreter = self._interpreter()
        shapes = [
            tuple(part[0]["shape"]) for part in (interpreter.get_input_details(), interpreter.get_output_details())
        ]
        if shapes != [(1, 28, 28, 1), (1, 10)]:
            raise self._unavailable(f"it maps {shapes[0]} to {shapes[1]}, not (1, 28, 28, 1) to (1, 10)")

    def probabilities(self, bitmaps: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classify bitmaps: (N, 28, 28) float32 in 0..1 to (N, 10) float32, each row of sum 1. N may be 0."""
        interpreter = self._interpreter()
        entry = interpreter.get_input_details()[0]["index"]
        result = interpreter.get_output_details()[0]["index"]
        answers = np.empty((len(bitmaps), 10), np.float32)
        # One at a time: resizing the input to N makes LiteRT plan its memory anew, which costs more than it saves.
        for row, bitmap in enumerate(bitmaps):
            interpreter.set_tensor(entry, bitmap[None, :, :, None])
            interpreter.invoke()
            answers[row] = interpreter.get_tensor(result)[0]
        return answers

    def _interpreter(self) -> Any:
        found = getattr(self._local, "interpreter", None)
        if found is None:
            # Imported here because the command line also imports this package for work that needs no LiteRT.
            from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415

            try:
                found = Interpreter(model_content=self._model, num_threads=self._threads)
                found.allocate_tensors()
            except (ValueError, RuntimeError) as error:  # what LiteRT raises on bytes that are no model
                raise self._unavailable("LiteRT can't load it") from error
            self._local.interpreter = found
        return found

    def _unavailable(self, problem: str) -> ModelUnavailable:
        mend = f"python -m model train --output {self._path.parent}"
        return ModelUnavailable(f"the model {self._path} can't be served: {problem}; mend it with: {mend}")
