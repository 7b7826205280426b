"""Arrays in the user's cache, made once, by whichever of several processes comes first. Training side."""

import fcntl
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def kept(path: Path, make: Callable[[], Arrays]) -> Arrays:
    """Give the arrays in the npz file `path`, which are made and written there first when it is missing.

    Whoever wants the same meanwhile waits for them. The file appears whole: it is written in a folder of its own beside
    it; and the lock on the file beside it dies with its process. Raises OSError.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                _write(path, make())
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _write(path: Path, made: Arrays) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as own:
        fresh = Path(own) / path.name
        np.savez_compressed(fresh, allow_pickle=False, **made)
        fresh.replace(path)
