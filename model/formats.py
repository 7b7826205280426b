"""Which kind of picture a file is, and what decoding it would cost, judged by its first bytes. Before `decode`.

Nothing here touches a pixel: a file that would cost too much is refused before memory is spent on it.
"""

import struct
from typing import Final, Literal, NamedTuple

from model.errors import UnreadablePhoto

Format = Literal["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "BMP", "GIF", "TIFF"]

_SIGNATURES: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"BM", "BMP"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),  # of either byte order, and with addresses of 64 bits
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
# Pictures whose decoders are not worth their memory and their attack surface in a chat where nobody sends them.
_UNREAD: Final = {
    b"8BPS": "PSD",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\1\0": "ICO",
}
_HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF_BRANDS: Final = {b"avif", b"avis"}

# What decoding costs was measured a pixel (tests/bench/read_speed.py prints it near each limit): Pillow keeps 4 bytes
# a pixel and up to 6 for 16-bit and transparent ones, libheif 6, OpenCV's WebP 8, libavif 11. With a file of at most
# 20 MB beside it, each limit stays under 200 MB. 25 megapixels let every phone's usual 12 and 24 through.
_MAX_MEGAPIXELS: Final[dict[Format, float]] = {
    "PNG": 25,
    "WEBP": 20,
    "HEIF": 25,
    "AVIF": 14,
    "BMP": 25,
    "GIF": 25,
    "TIFF": 20,
}
# A sequential JPEG is decoded row by row and scaled on the way, so it costs time (about 5 ms a megapixel), not memory.
_MAX_SEQUENTIAL_JPEG: Final = 120.0
# Any other JPEG keeps the coefficients of the whole picture, 2 bytes for each component of a pixel.
_MAX_COEFFICIENTS: Final = 75e6
# Cameras and optimisers write about 10; thousands of empty scans in a small file would hold a processor for minutes.
_MAX_JPEG_SCANS: Final = 100

START_OF_SCAN: Final = 0xDA
_SEQUENTIAL: Final = {0xC0, 0xC1}  # baseline and extended, Huffman coding
_PROGRESSIVE: Final = {0xC2}
_STANDALONE: Final = {0x01, *range(0xD0, 0xD9)}  # JPEG markers that no length follows
_FILL: Final = {0x00, 0xFF}  # what after 0xFF is no marker


class Jpeg(NamedTuple):
    """What a JPEG says before its first scan."""

    frame: int | None  # the marker of its kind, SOF0 to SOF15
    components: int
    size: tuple[int, int]  # (width, height)
    first_scan: int  # how many components are in it; 0 without one
    segments: int
    length: int  # bytes before the first scan
    is_clean: bool  # nothing stands between the segments

    @property
    def is_sequential(self) -> bool:
        """Whether its pixels come row by row: components in scans of their own make libjpeg keep the whole picture."""
        return self.frame in _SEQUENTIAL and self.first_scan == self.components


class Webp(NamedTuple):
    """What a WebP file's chunks say before anything is decoded."""

    size: tuple[int, int]  # (width, height)
    exif: bytes  # the EXIF chunk; empty when there is none
    complete: bool  # False: the file is shorter than it says


def sniff(photo: bytes) -> Format:
    """Tell the format by the bytes. Raises UnreadablePhoto: empty, not an image, unsupported."""
    if not photo:
        raise UnreadablePhoto("empty", "0 bytes")
    for signature, name in _SIGNATURES:
        if photo.startswith(signature):
            return name
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return "WEBP"
    if photo[4:8] == b"ftyp":  # ISO 14496-12: size, "ftyp", major brand, minor version, compatible brands
        end = min(int.from_bytes(photo[:4], "big"), 256)
        brands = {photo[8:12], *(photo[at : at + 4] for at in range(16, end, 4))}
        if brands & _AVIF_BRANDS:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    for signature, kind in _UNREAD.items():
        if photo.startswith(signature):
            raise UnreadablePhoto("unsupported", f"{kind} is not read")
    raise UnreadablePhoto("not an image", f"{len(photo)} bytes of no known picture format")


def check_pixels(name: Format, size: tuple[int, int], photo: bytes, *, alpha: bool = False) -> None:
    """Raise UnreadablePhoto ("too large") when a picture of `size` pixels can't be decoded in bounded memory.

    `alpha` is for HEIF, whose transparency is a second picture in the file, decoded beside the first.
    """
    limit = _jpeg_limit(photo) if name == "JPEG" else _MAX_MEGAPIXELS[name]
    if alpha:
        limit *= 0.6
    megapixels = size[0] * size[1] / 1e6
    if megapixels > limit:
        raise UnreadablePhoto("too large", f"{megapixels:.0f} megapixels of {name}, at most {limit:.0f} are read")


def webp_header(photo: bytes) -> Webp:
    """Read the chunks of a WebP file (RFC 9649). Raises UnreadablePhoto when there is no picture header in it."""
    size, exif, at = None, b"", 12
    end = 8 + int.from_bytes(photo[4:8], "little")
    while at + 8 <= min(end, len(photo)):
        kind, length = photo[at : at + 4], int.from_bytes(photo[at + 4 : at + 8], "little")
        body = photo[at + 8 : at + 8 + min(length, 10)]
        if size is None and kind == b"VP8X" and len(body) == 10:
            size = (int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1)
        elif size is None and kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) == 10:
            width, height = struct.unpack("<HH", body[6:10])
            size = (width & 0x3FFF, height & 0x3FFF)  # the top bits are a scaling hint
        elif size is None and kind == b"VP8L" and body[:1] == b"\x2f" and len(body) >= 5:
            bits = int.from_bytes(body[1:5], "little")
            size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        elif kind == b"EXIF":
            exif = photo[at + 8 : at + 8 + length]
        at += 8 + length + length % 2  # chunks are padded to even lengths
    if size is None:
        raise UnreadablePhoto("cut short", "a WebP file without a picture header")
    return Webp(size, exif, complete=len(photo) >= end - 1)  # some writers leave the last padding byte out


def jpeg_header(photo: bytes) -> Jpeg:
    """Read the segments of a JPEG (ITU T.81) up to its first scan; what stands between two of them is skipped."""
    frame, components, size, segments, at = None, 0, (0, 0), 0, 2
    is_clean = True
    while (marker_at := photo.find(b"\xff", at)) >= 0 and marker_at + 9 < len(photo):
        is_clean &= marker_at == at
        at, marker = marker_at, photo[marker_at + 1]
        if marker in _FILL:  # a fill byte, or data that means itself
            at += 1
            continue
        if marker == START_OF_SCAN:
            return Jpeg(frame, components, size, photo[at + 4], segments, at, is_clean)
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:  # a start of frame, table B.1
            frame, components = marker, photo[at + 9]
            size = (int.from_bytes(photo[at + 7 : at + 9], "big"), int.from_bytes(photo[at + 5 : at + 7], "big"))
        segments += 1
        at += 2 if marker in _STANDALONE else 2 + int.from_bytes(photo[at + 2 : at + 4], "big")
    return Jpeg(frame, components, size, 0, segments, len(photo), is_clean=False)


def jpeg_scans(photo: bytes) -> int:
    """Count the scans of a JPEG, or more: what looks like one counts as one."""
    return photo.count(b"\xff\xda")


def _jpeg_limit(photo: bytes) -> float:
    """The most megapixels for this JPEG. Raises UnreadablePhoto for a kind of JPEG that is not read."""
    header = jpeg_header(photo)
    if header.frame is not None and header.frame not in _SEQUENTIAL | _PROGRESSIVE:
        raise UnreadablePhoto("unsupported", f"a JPEG of kind SOF{header.frame - 0xC0}")
    if header.is_sequential:
        return _MAX_SEQUENTIAL_JPEG
    if jpeg_scans(photo) > _MAX_JPEG_SCANS:
        raise UnreadablePhoto("unsupported", "a JPEG of more scans than any camera writes")
    # Without a scan where one should be, the decoder will say so, under the strict limit.
    return _MAX_COEFFICIENTS / max(header.components, 1 if header.first_scan else 4) / 1e6
