"""bytes to a grey picture: limits, EXIF turn, alpha on white, bounded size. The first stage, before `find`."""

import ctypes
import io
import struct
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from model import formats
from model.errors import UnreadablePhoto
from model.reading import Grey

# Telegram scales the photos of a chat to this; at it, a digit of 1 % of the picture still has 12 pixels.
MAX_SIDE: Final = 1280

# Above this, freed memory is handed back after a decode; below, that costs more time than it saves memory.
_LARGE_PIXELS: Final = 4_000_000

# One decode at a time: it bounds what several large pictures would take together; and Python's warning filters, which
# have to be silenced around Pillow, belong to the whole process.
_decoding = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded picture, upright."""

    grey: Grey  # (H, W) uint8, long side at most MAX_SIDE
    size: tuple[int, int]  # (width, height) of the full-size upright picture
    scale: float  # full-size pixels per pixel of `grey`, at least 1


class _Pixels(NamedTuple):
    array: NDArray[Any]  # (H, W), (H, W, 3) RGB or (H, W, 4) RGBA; uint8 or uint16
    size: tuple[int, int]  # (width, height) before any scaling and turning
    orientation: int  # as EXIF counts, 1 is upright


def decode(photo: bytes) -> Photo:
    """Decode a picture in any format that phones and chats send. Raises UnreadablePhoto from its cause, nothing else.

    Any thread may call it; one decode runs at a time. The decoders let go of the GIL while they work.
    """
    name = formats.sniff(photo)
    with _decoding, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata, which nobody here can act on
        try:
            pixels = _open(photo, name)
            grey = _turn(_grey(_shrink(pixels.array)), pixels.orientation)
        except UnreadablePhoto:
            raise
        except Image.DecompressionBombError as error:  # Pillow's own limit, far above ours
            raise UnreadablePhoto("too large", f"{name}: {error}") from error
        # Broken files make decoders raise nearly anything: OSError, ValueError, SyntaxError, struct.error, MemoryError.
        except Exception as error:
            raise UnreadablePhoto("cut short", f"the {name} decoder gave up: {type(error).__name__}") from error
        size = pixels.size if pixels.orientation < 5 else pixels.size[::-1]
        del pixels
        if size[0] * size[1] > _LARGE_PIXELS:
            _give_memory_back()
    return Photo(grey, size, max(size) / max(grey.shape))


def _open(photo: bytes, name: formats.Format) -> _Pixels:
    match name:
        case "WEBP":
            return _open_webp(photo)
        case "HEIF":
            return _open_heif(photo)
        case _:
            return _open_with_pillow(photo, name)


def _open_with_pillow(photo: bytes, name: formats.Format) -> _Pixels:
    with Image.open(io.BytesIO(photo), formats=(name,)) as image:
        size = image.size
        formats.check_pixels(name, size, photo)
        factor = max(1, max(size) // MAX_SIDE)
        if name == "JPEG":  # decode at 1/2, 1/4 or 1/8, brightness only
            image.draft("L", (max(1, size[0] // factor), max(1, size[1] // factor)))
        image.load()
        orientation = _orientation(image.getexif)
        grey = _on_white(image)
    factor = max(1, max(grey.size) // MAX_SIDE)
    array = np.asarray(grey.reduce(factor) if factor > 1 else grey)
    if array.dtype == np.int32:  # what 16-bit grey was widened to
        array = array.clip(0, 65535).astype(np.uint16)
    return _Pixels(array, size, orientation)


def _on_white(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes as L, or as I when it has 16 bits, on a white ground; at most 6 bytes a pixel at a time."""
    if image.mode.startswith("I;16"):
        return image.convert("I")  # Pillow can't scale 16 bits
    if "transparency" not in image.info and not image.has_transparency_data:
        return image.convert("L")
    seen = image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    grey, alpha = seen.convert("L"), seen.getchannel("A")
    image.close()
    seen.close()
    paper = Image.new("L", grey.size, 255)
    paper.paste(grey, mask=alpha)
    return paper


def _open_webp(photo: bytes) -> _Pixels:
    # Not by Pillow, whose WebP takes 16 bytes a pixel and holds the GIL; OpenCV takes 6 and lets go of it.
    header = formats.webp_header(photo)
    formats.check_pixels("WEBP", header.size, photo)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # a broken file is no error of ours
    array = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_UNCHANGED)
    if array is None or not header.complete:
        raise UnreadablePhoto("cut short", "libwebp gave up on the pixels")
    code = cv2.COLOR_BGRA2RGBA if array.shape[-1] == 4 else cv2.COLOR_BGR2RGB
    return _Pixels(cv2.cvtColor(_shrink(array), code), header.size, _orientation(partial(_exif, header.exif)))


def _open_heif(photo: bytes) -> _Pixels:
    from pillow_heif import open_heif  # noqa: PLC0415 (20 ms and 8 MB that only HEIC files need)

    image = open_heif(photo)
    formats.check_pixels("HEIF", image.size, photo, alpha=image.has_alpha)
    array = np.asarray(image)  # decoded here, and turned upright
    return _Pixels(array, image.size, 1)


def _exif(chunk: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(chunk)
    return exif


def _orientation(read: Callable[[], Image.Exif]) -> int:
    """EXIF's orientation, 1 to 8; upright when there is none or the metadata is damaged, as viewers show it."""
    try:
        stored = read().get(ExifTags.Base.Orientation)
    except (SyntaxError, ValueError, LookupError, TypeError, OSError, struct.error):
        return 1
    return next((orientation for orientation in range(1, 9) if orientation == stored), 1)


def _shrink(array: NDArray[Any]) -> NDArray[Any]:
    """Scale to a long side of at most MAX_SIDE, averaging."""
    height, width = array.shape[:2]
    scale = MAX_SIDE / max(height, width)
    if scale >= 1:
        return array
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(array, size, interpolation=cv2.INTER_AREA))


def _grey(array: NDArray[Any]) -> Grey:
    """(H, W) uint8 of what is seen on a white ground: 16 bits to 8, colours to brightness, alpha on white."""
    if array.dtype == np.uint16:
        array = cv2.convertScaleAbs(array, alpha=1 / 257)
    if array.ndim == 2:
        return np.ascontiguousarray(array)
    if array.shape[2] == 3:
        return np.asarray(cv2.cvtColor(array, cv2.COLOR_RGB2GRAY))
    if array.shape[2] == 2:  # grey and alpha
        grey, alpha = cv2.split(array)
    else:
        grey, alpha = cv2.cvtColor(array, cv2.COLOR_RGBA2GRAY), cv2.extractChannel(array, 3)
    return np.asarray(cv2.add(cv2.multiply(grey, alpha, scale=1 / 255), cv2.bitwise_not(alpha)))


def _turn(grey: Grey, orientation: int) -> Grey:
    """Turn upright a picture stored with an EXIF orientation."""
    if orientation in {5, 6, 7, 8}:
        grey = np.asarray(cv2.transpose(grey))
    # After the transposition: 5 is done, 6 is mirrored, 8 is upside down and mirrored, 7 is turned by 180 degrees.
    flips = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}
    return np.asarray(cv2.flip(grey, flips[orientation])) if orientation in flips else grey


def _give_memory_back() -> None:
    """Return freed heap pages to the system; glibc keeps tens of megabytes of a large picture otherwise."""
    if (trim := _malloc_trim()) is not None:
        trim(0)


@cache
def _malloc_trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only; musl and macOS return memory by themselves
