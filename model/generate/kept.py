"""Arrays in the user's cache, made once: by several processes at the same time, too. Training side."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


def kept(path: Path, make: Callable[[], Arrays]) -> Arrays:
    """Give the arrays in the npz file `path`, which are made and written there first when it is missing.

    The file appears whole: whoever makes it writes to a folder of its own beside it. Raises OSError.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = make()
        with tempfile.TemporaryDirectory(dir=path.parent) as own:
            fresh = Path(own) / path.name
            np.savez_compressed(fresh, allow_pickle=False, **made)
            fresh.replace(path)
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)
