"""A file's bytes to an upright picture of bounded size, in this process. Used by `decode`, and in its `box`."""

import ctypes
import warnings
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import formats
from model.decoders import HALF, Mode, Pixels, ground, open_picture, shrink
from model.errors import UnreadablePhoto
from model.truncated import open_truncated

# Above this, freed memory is handed back after a decode; below, that costs more time than it saves memory.
_LARGE_PIXELS: Final = 4_000_000

# A 16-bit picture in which nothing is brighter shows at most 64 of 256 greys, and looks black in most viewers.
_DIM: Final = 1 << 14

Upright = tuple[NDArray[np.uint8], tuple[int, int]]
"""(H, W) or (H, W, 3), the long side at most MAX_SIDE, and the full size, (width, height)."""


def upright_picture(photo: bytes, name: formats.Format, mode: Mode) -> Upright:
    """Decode a file of a known format. Raises UnreadablePhoto from its cause, nothing else.

    One at a time in a process: Python's warning filters, which have to be silenced around Pillow, belong to all of it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata, which nobody here can act on
        try:
            pixels = _opened(photo, name, mode)
            picture = _turn(_seen(shrink(pixels.array), mode), pixels.orientation)
        except UnreadablePhoto:
            raise
        except Image.DecompressionBombError as error:  # Pillow's own limit, far above ours
            raise UnreadablePhoto("too large", f"{name}: {error}") from error
        # Broken files make decoders raise nearly anything: OSError, ValueError, SyntaxError, struct.error, cv2.error.
        except Exception as error:
            if isinstance(error, MemoryError) or "memory" in str(error).lower():
                raise UnreadablePhoto("too large", f"{name}: there is no memory for it") from error
            raise UnreadablePhoto("cut short", f"the {name} decoder gave up: {type(error).__name__}") from error
        size = pixels.size if pixels.orientation < 5 else pixels.size[::-1]
        del pixels
        if size[0] * size[1] > _LARGE_PIXELS:
            _give_memory_back()
    return picture, size


def _opened(photo: bytes, name: formats.Format, mode: Mode) -> Pixels:
    """The pixels of a file, or of what there is of one that lacks its end."""
    try:
        return open_picture(photo, name, mode)
    except Image.DecompressionBombError:
        raise
    except UnreadablePhoto as error:
        if error.reason != "cut short":
            raise
    except Exception:  # noqa: BLE001, S110 (as above: nearly anything; what it is when opened as a cut one, is raised)
        pass
    return open_truncated(photo, name, mode)


def _seen(array: NDArray[Any], mode: Mode) -> NDArray[np.uint8]:
    """What is seen, (H, W) or (H, W, 3) by `mode`: 16 bits to 8, brightness or colours, a ground instead of alpha."""
    if array.dtype == np.uint16:
        array = _in_8_bits(array)
    bands = array.shape[2] if array.ndim == 3 else 1
    shown = np.ascontiguousarray(array[..., : bands - 1]) if bands in {2, 4} else np.ascontiguousarray(array)
    if bands == 3 and mode == "RGB":
        return np.asarray(shown)
    grey = cv2.cvtColor(shown, cv2.COLOR_RGB2GRAY) if bands > 2 else shown.reshape(array.shape[:2])
    if mode == "L":
        shown = grey
    elif bands <= 2:
        shown = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    if bands in {1, 3}:
        return np.asarray(shown)
    alpha = cv2.extractChannel(array, bands - 1)
    visible = cv2.threshold(alpha, HALF, 255, cv2.THRESH_BINARY)[1]
    ground_grey = ground(cv2.calcHist([grey], [0], visible, [256], [0, 256]).ravel())
    if mode == "RGB":
        alpha = cv2.merge([alpha] * 3)
    drawn = cv2.multiply(shown, alpha, scale=1 / 255)
    return np.asarray(cv2.add(drawn, cv2.bitwise_not(alpha)) if ground_grey else drawn)


def _in_8_bits(array: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Bring 16 bits down to 8, stretched to the brightest where a scanner's 10 or 12 bits were stored as they are."""
    brightest = int(array.max())
    return np.asarray(cv2.convertScaleAbs(array, alpha=255 / (max(brightest, 255) if brightest < _DIM else 65535)))


def _turn(picture: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn upright a picture stored with an EXIF orientation."""
    if orientation in {5, 6, 7, 8}:
        picture = np.asarray(cv2.transpose(picture))
    # After the transposition: 5 is done, 6 is mirrored, 8 is upside down and mirrored, 7 is turned by 180 degrees.
    flips = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
    return np.asarray(cv2.flip(picture, flips[orientation])) if orientation in flips else picture


def _give_memory_back() -> None:
    """Return freed heap pages to the system; glibc keeps tens of megabytes of a large picture otherwise."""
    if (trim := _malloc_trim()) is not None:
        trim(0)


@cache
def _malloc_trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only; musl and macOS return memory by themselves
