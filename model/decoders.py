"""A file's bytes to its pixels, scaled down on the way: one decoder a format. Used by `decode`, one at a time."""

import io
import struct
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin

from model import formats
from model.errors import UnreadablePhoto

# Telegram scales the photos of a chat to this; at it, a digit of 1 % of the picture still has 12 pixels.
MAX_SIDE: Final = 1280

_DIM: Final = 64  # of 256 greys; a picture in which none is brighter looks black in most viewers
_SUBFILE: Final = 254  # TIFF 6.0: what kind of picture a page is; bit 0 for a smaller copy of another

HALF: Final = 127  # what of alpha's 255 is less visible counts as hidden
_SPECKS: Final = 0.003  # of what is visible, at either end of its greys, counts for nothing

Mode = Literal["L", "RGB"]
"""What is wanted of a picture: brightness alone, or colours. It may come as more than that, never as less."""


class Pixels(NamedTuple):
    """A picture as it is stored: with its alpha, its depth, its turn."""

    array: NDArray[Any]  # (H, W), (H, W, 2) grey and alpha, (H, W, 3) RGB or (H, W, 4) RGBA; uint8 or uint16
    size: tuple[int, int]  # (width, height) before any scaling and turning
    orientation: int  # as EXIF counts, 1 is upright


def open_picture(photo: bytes, name: formats.Format, mode: Mode) -> Pixels:
    """Decode a file of a known format. Raises UnreadablePhoto, and whatever else decoders raise for broken files."""
    match name:
        case "WEBP":
            return _open_webp(photo)
        case "HEIF":
            return _open_heif(photo)
        case _:
            return _open_with_pillow(photo, name, mode)


def _open_with_pillow(photo: bytes, name: formats.Format, mode: Mode) -> Pixels:
    with Image.open(io.BytesIO(photo), formats=(name,)) as image:
        size = image.size
        formats.check_pixels(name, size, photo)
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            _check_tiff(image, photo)
        factor = max(1, max(size) // MAX_SIDE)
        if name == "JPEG":  # decode at 1/2, 1/4 or 1/8, and brightness only when that is all that is wanted
            image.draft(mode, (max(1, size[0] // factor), max(1, size[1] // factor)))
        image.load()
        orientation = _orientation(image.getexif)  # a TIFF was turned upright as it was loaded, and forgot how it lay
        picture = _on_ground(image) if mode == "L" else _in_colours(image)
        array = _reduced(picture, max(1, max(picture.size) // MAX_SIDE))
    if name == "PNG" and photo[24] == 16 and array.dtype == np.uint8 and array.max(initial=0) < _DIM:
        array = _deep(photo, array)
    if array.dtype == np.int32:  # what 16-bit grey was widened to
        array = array.clip(0, 65535).astype(np.uint16)
    return Pixels(array, size, orientation)


def _deep(photo: bytes, shallow: NDArray[Any]) -> NDArray[Any]:
    """The 16 bits of a PNG in colours, of which Pillow keeps the upper 8: in a dim one the picture is in the others."""
    array = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_UNCHANGED)
    if array is None or array.dtype != np.uint16 or array.shape[2:] != (3,):
        return shallow
    return np.asarray(cv2.cvtColor(shrink(array), cv2.COLOR_BGR2RGB))


def _check_tiff(image: TiffImagePlugin.TiffImageFile, photo: bytes) -> None:
    """Raise UnreadablePhoto for a TIFF whose first page is no whole picture, or is stored in tiles larger than it."""
    if image.tag_v2.get(_SUBFILE, 0) & 1:
        raise UnreadablePhoto("unsupported", "a TIFF that begins with a smaller copy, as cameras' raw files do")
    tile = image.tag_v2.get(TiffImagePlugin.TILEWIDTH, 0), image.tag_v2.get(TiffImagePlugin.TILELENGTH, 0)
    formats.check_pixels("TIFF", tile, photo)


def _on_ground(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes as L, or as I when it has 16 bits, on a ground; at most 6 bytes a pixel at a time."""
    if image.mode.startswith("I;16"):
        return image.convert("I")  # Pillow can't scale 16 bits
    if "transparency" not in image.info and not image.has_transparency_data:
        return image.convert("L")
    seen = image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    grey, alpha = seen.convert("L"), seen.getchannel("A")
    image.close()
    seen.close()
    visible = alpha.point([255 * (value > HALF) for value in range(256)])
    paper = Image.new("L", grey.size, ground(grey.histogram(visible)))
    paper.paste(grey, mask=alpha)
    return paper


def ground(counts: Sequence[float] | NDArray[np.float32]) -> int:
    """What a transparent picture is laid on, 255 or 0, by how many of its visible pixels have each of 256 greys.

    White, as a chat shows it, unless nearly all that is drawn is so light that it stands out far better on black.
    """
    total = float(np.sum(counts))
    if not total:
        return 255
    share = np.cumsum(counts) / total
    darkest, lightest = np.searchsorted(share, [_SPECKS, 1 - _SPECKS])
    return 0 if 2 * (255 - darkest) < lightest else 255


def _in_colours(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes as L, LA, RGB or RGBA, or as I when it has 16 bits."""
    if image.mode.startswith("I;16"):
        return image.convert("I")
    if image.mode == "1":
        return image.convert("L")
    is_transparent = "transparency" in image.info or image.has_transparency_data
    kept = {"LA", "RGBA"} if is_transparent else {"L", "RGB"}
    return image if image.mode in kept else image.convert("RGBA" if is_transparent else "RGB")


def _reduced(picture: Image.Image, factor: int) -> NDArray[Any]:
    """Scale down, band by band: to reduce a transparent picture as one, Pillow makes another in full."""
    if factor == 1:
        return np.asarray(picture)
    if len(picture.getbands()) == 1:
        return np.asarray(picture.reduce(factor))
    return np.dstack([np.asarray(picture.getchannel(band).reduce(factor)) for band in picture.getbands()])


def _open_webp(photo: bytes) -> Pixels:
    # Not by Pillow, whose WebP takes 16 bytes a pixel and holds the GIL; OpenCV takes 6 and lets go of it.
    header = formats.webp_header(photo)
    formats.check_pixels("WEBP", header.size, photo)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # a broken file is no error of ours
    array = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_UNCHANGED)
    if array is None or not header.complete:
        raise UnreadablePhoto("cut short", "libwebp gave up on the pixels")
    code = cv2.COLOR_BGRA2RGBA if array.shape[-1] == 4 else cv2.COLOR_BGR2RGB
    return Pixels(cv2.cvtColor(shrink(array), code), header.size, _orientation(partial(_exif, header.exif)))


def _open_heif(photo: bytes) -> Pixels:
    from pillow_heif import open_heif  # noqa: PLC0415 (20 ms and 8 MB that only HEIC files need)

    image = open_heif(photo)
    formats.check_pixels("HEIF", image.size, photo, alpha=image.has_alpha)
    array = np.asarray(image)  # decoded here, and turned upright
    return Pixels(array, image.size, 1)


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


def shrink(array: NDArray[Any]) -> NDArray[Any]:
    """Scale to a long side of at most MAX_SIDE, averaging; a smaller array is left as it is."""
    height, width = array.shape[:2]
    scale = MAX_SIDE / max(height, width)
    if scale >= 1:
        return array
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(array, size, interpolation=cv2.INTER_AREA))
