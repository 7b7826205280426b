"""Whether decoding a file can do no harm, as nearly all that chats send: what may be decoded beside the bot itself.

A JPEG or PNG as cameras, clients and browsers write them, told by its structure alone. Everything else is decoded in
a process of its own (`box`), for what its decoder will do is known only when it has done it. After `formats`.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Final

from model import formats

_MOST_PIXELS: Final = 25e6  # 0.2 s of a JPEG; of one that is not sequential, 150 MB of coefficients
_MOST_SCANNED: Final = 125e6  # pixels that a progressive JPEG's scans go over, as long; of 12 megapixels 10 scans
_MOST_SEGMENTS: Final = 100  # of a JPEG before its first scan, of a PNG beside its picture
_MOST_METADATA: Final = 1 << 18  # bytes beside the picture: a preview and a colour profile fit
_PNG_PIXELS: Final = 4.2e6  # a screenshot, a drawing
_PNG_BYTES: Final = 8 << 20
_PNG_HEADER: Final = 33  # bytes, the signature included
_PNG_CHUNKS: Final = 2000  # some write one for each 8 kB
_PNG_PICTURE: Final = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_PNG_INFLATED: Final = {b"zTXt", b"iTXt", b"iCCP"}  # each to a megabyte, by Pillow
_MOST_INFLATED: Final = 8
_PNG_MOVING: Final = {b"acTL", b"fcTL", b"fdAT"}  # an animation's


def is_plain(photo: bytes, name: formats.Format) -> bool:
    """Say whether a file of a known format is decoded in little time and memory, whatever its bytes are."""
    match name:
        case "JPEG":
            return _is_plain_jpeg(photo)
        case "PNG":
            return _is_plain_png(photo)
        case _:
            return False


def _is_plain_jpeg(photo: bytes) -> bool:
    header = formats.jpeg_header(photo)
    pixels = header.size[0] * header.size[1]
    return (
        header.is_clean
        and header.segments <= _MOST_SEGMENTS
        and header.length <= _MOST_METADATA
        and pixels <= _MOST_PIXELS
        and (header.is_sequential or pixels * formats.jpeg_scans(photo) <= _MOST_SCANNED)
    )


def _is_plain_png(photo: bytes) -> bool:
    if not _PNG_HEADER <= len(photo) <= _PNG_BYTES or not _is_small(photo):
        return False
    chunks = list(islice(_chunks(photo), _PNG_CHUNKS))
    notes = [(kind, length) for kind, length in chunks if kind not in _PNG_PICTURE]
    return (
        len(chunks) < _PNG_CHUNKS
        and [place for place, (kind, _) in enumerate(chunks) if kind == b"IHDR"] == [0]
        # What begins with a capital can't be left out.
        and all(kind[:1].islower() and kind not in _PNG_MOVING for kind, _ in notes)
        and len(notes) <= _MOST_SEGMENTS
        and sum(length for _, length in notes) <= _MOST_METADATA
        and sum(kind in _PNG_INFLATED for kind, _ in notes) <= _MOST_INFLATED
    )


def _chunks(photo: bytes) -> Iterator[tuple[bytes, int]]:
    """The kind of each chunk of a PNG, and how many bytes it has."""
    at = 8
    while at + 8 <= len(photo):
        length, kind = struct.unpack(">I4s", photo[at : at + 8])
        yield kind, length
        at += 12 + length


def _is_small(photo: bytes) -> bool:
    length, width, height, depth = struct.unpack(">I4xIIB", photo[8:25])
    return bool(length == 13 and width * height <= _PNG_PIXELS and depth <= 8)
