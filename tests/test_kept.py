"""Arrays in the cache, which several trainings want at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model.generate.kept import Arrays, kept


def test_what_several_want_at_once_is_made_once(tmp_path: Path) -> None:
    """The first makes it, the others wait for it, and all get the same."""
    made, under_way = list[int](), threading.Event()

    def make() -> Arrays:
        made.append(1)
        under_way.wait(5)
        return {"x": np.arange(3)}

    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(kept, tmp_path / "cache" / "some.npz", make) for _ in range(4)]
        under_way.set()
    assert made == [1]
    assert all(np.array_equal(each.result()["x"], np.arange(3)) for each in found)


def test_what_could_not_be_made_is_made_by_the_next(tmp_path: Path) -> None:
    """Nothing half made is left, and nobody waits for who failed."""
    path = tmp_path / "some.npz"

    def fail() -> Arrays:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        kept(path, fail)
    assert not path.exists()
    assert np.array_equal(kept(path, lambda: {"x": np.ones(2)})["x"], np.ones(2))
