"""What can still be seen of a file that lacks its end, as viewers show it. Asked by `decode` when a decoder gave up.

A file that lost its last bytes on the way lacks the last rows of its picture, or none at all. The rows that are there
are decoded as always; what is missing is filled with paper, so that its edge is not taken for a stroke.
"""

import io
import re
import struct
import zlib
from contextlib import suppress
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import formats
from model.decoders import Mode, Pixels, open_picture
from model.errors import UnreadablePhoto

# Of the picture. Of 376 photos that lacked less, none was read wrong and surely; of 103 with up to a fifth, two were.
_MOST_MISSING: Final = 0.15
_GREY: Final = 128  # what a JPEG's decoder leaves where no data came, and what is shown there of any picture
_LARGEST_BLOCK: Final = 16  # pixels of a JPEG, across and down, that are decoded together
_END: Final = b"\xff\xd9"
# In a scan's data a 0xFF that means itself is followed by 0; restart markers belong to the data too.
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_MOST_SEGMENTS: Final = 1000  # after the last scan's beginning; cameras write a handful
_BLOCK: Final = 1 << 16  # bytes of a PNG's data that are unpacked at a time
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG, by its colour type


def open_truncated(photo: bytes, name: formats.Format, mode: Mode) -> Pixels:
    """Decode what is there of a file without its end, of the full size, as `open_picture` gives it.

    For mode "L" the missing part is as the paper beside it, for "RGB" grey. Raises UnreadablePhoto ("cut short")
    when more than a seventh is missing, and whatever decoders raise.
    """
    match name:
        case "JPEG":
            pixels, missing = _open_jpeg(photo, mode)
        case "PNG":
            pixels, missing = _open_png(photo, mode)
        case _:
            pixels, missing = _open_twice(photo, name, mode)
    share = float(missing.mean())
    if share > _MOST_MISSING:
        raise UnreadablePhoto("cut short", f"{share:.0%} of the {name} is missing")
    array = pixels.array.copy()
    if mode == "RGB":
        array[missing] = _GREY * (257 if array.dtype == np.uint16 else 1)
        if array.ndim == 3 and array.shape[2] in {2, 4}:
            array[missing, -1] = 255
    elif missing.any():
        there = array[~missing]
        array[missing] = np.median(there[-max(1, len(there) // 20) :], axis=0)  # of the last rows
    return pixels._replace(array=array)


def _open_jpeg(photo: bytes, mode: Mode) -> tuple[Pixels, NDArray[np.bool_]]:
    """A JPEG with an end put to it, and where that shows."""
    with Image.open(io.BytesIO(photo), formats=("JPEG",)) as image:
        if image.mode == "CMYK":  # mid grey in each of four inks is another grey for each way to mix them
            raise UnreadablePhoto("cut short", "a JPEG in the colours of print")
    whole = _without_cut_segment(photo)
    # The block that the file ends in is made of what came of it, and of these bits.
    one, other = (open_picture(whole + bits + _END, "JPEG", mode) for bits in (b"", b"\xff\0" * 8))
    differ = (one.array != other.array).reshape(*one.array.shape[:2], -1).any(axis=2).astype(np.uint8)
    # A pixel of it may come out the same both ways.
    block = cv2.dilate(differ, np.ones((_LARGEST_BLOCK + 1, _LARGEST_BLOCK + 1), np.uint8)) > 0
    bare = (one.array == _GREY).reshape(*one.array.shape[:2], -1).all(axis=2)
    return one, _to_the_end(bare | block)


def _without_cut_segment(photo: bytes) -> bytes:
    """A JPEG without a last segment that is not all there: an end after it would be taken for a part of it."""
    at = max(photo.rfind(b"\xff\xda"), 2)
    for _ in range(_MOST_SEGMENTS):
        if at + 4 > len(photo):
            break
        end = at + 2 + int.from_bytes(photo[at + 2 : at + 4], "big")
        if end > len(photo):
            return photo[:at]
        if photo[at + 1] == formats.START_OF_SCAN:
            marker = _MARKER.search(photo, end)
            end = marker.start() if marker else len(photo)
        at = end
    return photo


def _to_the_end(bare: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What of (H, W) pixels lies between some place and the last pixel, in the order in which a JPEG's blocks come."""
    height, width = bare.shape
    missing = np.logical_and.accumulate(bare[:, ::-1], axis=1)[:, ::-1]  # to the right edge
    first = height - _count_at_end(np.asarray(missing.all(axis=1)))  # from this row on nothing is there
    partly = first - min(_LARGEST_BLOCK, _count_at_end(missing[:first, width - 1]))
    missing[:partly] = False
    return np.asarray(missing)


def _count_at_end(flags: NDArray[np.bool_]) -> int:
    """How many of the last flags are set."""
    return int(np.logical_and.accumulate(flags[::-1]).sum())


def _open_png(photo: bytes, mode: Mode) -> tuple[Pixels, NDArray[np.bool_]]:
    """A PNG's rows that are there, by telling its header that it has no more; and which are not.

    An interlaced one is refused by its decoder: it takes more bytes for as many rows than are counted here.
    """
    width, height, depth, colours = struct.unpack(">IIBB", photo[16:26])
    formats.check_pixels("PNG", (width, height), photo)
    row = 1 + (width * depth * _CHANNELS[colours] + 7) // 8  # bytes, its filter's number included
    rows = _unpacked(photo, height * row) // row
    if rows < height * (1 - _MOST_MISSING):
        raise UnreadablePhoto("cut short", f"{height - rows} of {height} rows of the PNG are missing")
    header = b"IHDR" + struct.pack(">II", width, rows) + photo[24:29]
    shorter = photo[:12] + header + zlib.crc32(header).to_bytes(4, "big") + photo[33:]
    pixels = open_picture(shorter, "PNG", mode)
    seen = pixels.array.shape[0]
    total = max(seen, round(seen * height / rows))
    missing = np.zeros((total, pixels.array.shape[1]), np.bool_)
    missing[seen:] = True
    padding = [(0, total - seen), *[(0, 0)] * (pixels.array.ndim - 1)]
    return pixels._replace(array=np.pad(pixels.array, padding), size=(width, height)), missing


def _unpacked(photo: bytes, most: int) -> int:
    """How many bytes of rows are in a PNG's data; no more than `most` are unpacked, and none is kept."""
    inflate, count, at = zlib.decompressobj(), 0, 33
    with suppress(zlib.error):  # what was unpacked before the damage is there
        while at + 8 <= len(photo) and count < most:
            length, kind = struct.unpack(">I4s", photo[at : at + 8])
            waiting = photo[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
            while waiting and count < most:
                count += len(inflate.decompress(waiting, _BLOCK))
                waiting = inflate.unconsumed_tail
            at += 12 + length
    return min(count, most)


def _open_twice(photo: bytes, name: formats.Format, mode: Mode) -> tuple[Pixels, NDArray[np.bool_]]:
    """The picture with any bytes at its end, and which rows hang on them: those that other bytes make different."""
    more = len(photo) // 8 + 64
    one, other = (open_picture(photo + fill * more, name, mode) for fill in (b"\0", b"\x55"))
    differ = (one.array != other.array).reshape(one.array.shape[0], -1).any(axis=1)
    missing = np.zeros(one.array.shape[:2], np.bool_)
    rows = np.flatnonzero(differ)
    if len(rows):
        # A BMP begins at its bottom.
        missing[: rows[-1] + 1] = name == "BMP"
        missing[rows[0] :] |= name != "BMP"
    return one, missing
