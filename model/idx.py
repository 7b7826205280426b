"""The four files of MNIST as LeCun et al. (1998) published them: read, verified to the byte, written, taken apart.

`model.mnist` gets them from somewhere; this module only knows what they are.
"""

import gzip
import hashlib
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.errors import DatasetUnavailable

# md5 of the unpacked files, by the names they were published under.
MD5: Final[Mapping[str, str]] = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}

Files = dict[str, bytes]
"""The four files by name, in the order of MD5."""


def read_folder(folder: Path) -> Files:
    """Read and verify the four files in `folder`, plain or gzipped. Raises DatasetUnavailable, which names the file."""
    files: Files = {}
    for name in MD5:
        plain, packed = folder / name, folder / f"{name}.gz"
        path = packed if packed.exists() and not plain.exists() else plain
        try:
            content = gzip.decompress(path.read_bytes()) if path is packed else path.read_bytes()
        except FileNotFoundError as error:
            raise DatasetUnavailable(f"{path} is missing, and so is {packed.name}; add either") from error
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetUnavailable(f"{path} can't be read ({error}); replace it by a good copy") from error
        verify(str(path), name, content)
        files[name] = content
    return files


def verify(where: str, name: str, content: bytes) -> None:
    """Raise DatasetUnavailable, which says `where`, unless `content` is the file published as `name`."""
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != MD5[name]:
        raise DatasetUnavailable(f"{where} is damaged (its md5 is not {MD5[name]}); replace it by a good copy")


def write_folder(files: Files, folder: Path) -> None:
    """Write the files so that each gets its name only when it is whole. Raises DatasetUnavailable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            # Named after the process: two that fetch at once must not write into one file.
            fresh = folder / f".{name}-{os.getpid()}"
            try:
                fresh.write_bytes(content)
                fresh.replace(folder / name)
            finally:
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetUnavailable(f"MNIST can't be kept in {folder}: {error.strerror}; make room for 55 MB") from error


def to_idx(array: NDArray[np.uint8]) -> bytes:
    """Build the published file of an array: two zeros, 8 for unsigned bytes, the axes, their sizes, the values."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


def from_idx(content: bytes) -> NDArray[np.uint8]:
    """The array, read-only, in a verified file."""
    axes = content[3]
    shape = np.frombuffer(content, ">u4", count=axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)
