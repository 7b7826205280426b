"""Whether decoding a file can do no harm, as nearly all that chats send: what may be decoded beside the bot itself.

A JPEG or PNG as cameras, clients and browsers write them, told by its structure alone. Everything else is decoded in
a process of its own (`box`), for what its decoder will do is known only when it has done it. After `formats`.
"""

import struct
from typing import Final

from model import formats

_MOST_PIXELS: Final = 25e6  # 0.2 s of a JPEG
_MOST_SCANNED: Final = 60e6  # pixels that a progressive JPEG's scans go over: 0.1 s; a chat's have 10 of 1.2 megapixels
_MOST_SEGMENTS: Final = 100
_MOST_METADATA: Final = 1 << 18  # bytes before the first scan: a preview and a colour profile fit
_PNG_PIXELS: Final = 4.2e6  # a screenshot, a drawing
_PNG_BYTES: Final = 8 << 20
_PNG_HEADER: Final = 33  # bytes, the signature included
_PNG_CHUNKS: Final = 2000  # some write one for each 8 kB
_PNG_KNOWN: Final = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT", b"bKGD"}


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
    if not header.is_clean or header.segments > _MOST_SEGMENTS or header.length > _MOST_METADATA:
        return False
    if header.is_sequential:
        return pixels <= _MOST_PIXELS
    return pixels * formats.jpeg_scans(photo) <= _MOST_SCANNED


def _is_plain_png(photo: bytes) -> bool:
    if not _PNG_HEADER <= len(photo) <= _PNG_BYTES:
        return False
    at = 8
    for _ in range(_PNG_CHUNKS):
        if at + 8 > len(photo):
            break
        length, kind = struct.unpack(">I4s", photo[at : at + 8])
        if kind not in _PNG_KNOWN:
            return False
        if kind == b"IHDR" and (at != 8 or length != 13 or not _is_small(photo)):
            return False
        at += 12 + length
    else:
        return False
    return True


def _is_small(photo: bytes) -> bool:
    width, height, depth = struct.unpack(">IIB", photo[16:25])
    return bool(width * height <= _PNG_PIXELS and depth <= 8)
