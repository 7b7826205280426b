import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from model.formats import sniff
from model.plain import is_plain
from tests.pictures import FORMATS, encode, paper, write

PAGE = write(paper(400, 300), "7")


def plain(photo: bytes) -> bool:
    """Whether a file may be decoded beside the bot."""
    return is_plain(photo, sniff(photo))


def chunked(kind: bytes, data: bytes, times: int = 1) -> bytes:
    """A PNG with more chunks after its header."""
    photo = encode(PAGE)
    chunk = struct.pack(">I", len(data)) + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    return photo[:33] + times * chunk + photo[33:]


@pytest.mark.parametrize(
    "photo",
    [
        encode(PAGE, "JPEG"),
        encode(PAGE, "JPEG", progressive=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0", icc_profile=bytes(3000)),
        encode(np.dstack([PAGE] * 3), "JPEG", quality=95, subsampling=0),
        encode(PAGE),
        encode(Image.fromarray(PAGE).convert("RGBA")),
        encode(Image.fromarray(PAGE).quantize(4), dpi=(72, 72)),
        encode(PAGE, "JPEG")[:-200],
        chunked(b"tEXt", b"Software\0a pad to draw on"),
        chunked(b"eXIf", b"II*\0\x08\0\0\0\0\0"),
        chunked(b"iCCP", b"sRGB\0\0" + zlib.compress(bytes(3000))),
        chunked(b"vpAg", bytes(9)),
    ],
    ids=[
        "jpeg",
        "progressive",
        "colours",
        "png",
        "transparent png",
        "palette",
        "cut short",
        "text",
        "exif",
        "profile",
        "a program's own",
    ],
)
def test_what_cameras_clients_and_browsers_write(photo: bytes) -> None:
    """Nearly every picture of a chat is decoded at once, beside the bot."""
    assert plain(photo)


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"JPEG", "PNG"}))
def test_any_other_format(form: str) -> None:
    """Formats whose header does not say what their decoder will do are for the box."""
    assert not plain(encode(PAGE, form))


def scans(photo: bytes) -> bytes:
    """The last scan of a progressive JPEG, again and again."""
    last = photo.rfind(b"\xff\xda")
    return photo[:-2] + photo[last:-2] * 1200 + photo[-2:]


def junk(photo: bytes) -> bytes:
    """A byte between two segments, which decoders skip."""
    at = photo.find(b"\xff\xc4")
    return photo[:at] + b"\0" + photo[at:]


def segments(size: int, count: int) -> Callable[[bytes], bytes]:
    """More metadata than any camera writes."""
    return lambda photo: photo[:2] + (b"\xff\xe5" + struct.pack(">H", size) + bytes(size - 2)) * count + photo[2:]


def large(photo: bytes) -> bytes:
    """A progressive JPEG of 30 megapixels in a single scan: few passes, but all of its coefficients are kept."""
    frame, second = photo.find(b"\xff\xc2"), photo.find(b"\xff\xda", photo.find(b"\xff\xda") + 2)
    return photo[: frame + 5] + struct.pack(">HH", 5000, 6000) + photo[frame + 9 : second] + photo[-2:]


@pytest.mark.parametrize(
    "worse",
    [scans, junk, large, segments(10, 500), segments(60_000, 10), lambda photo: photo[:20]],
    ids=["scans", "junk", "large", "segments", "metadata", "no scan"],
)
def test_a_jpeg_that_no_camera_writes(worse: Callable[[bytes], bytes]) -> None:
    """Many scans, junk, many pixels in one scan, much metadata, no scan at all: it may cost more than a camera's."""
    assert not plain(worse(encode(PAGE, "JPEG", progressive=True)))


@pytest.mark.parametrize(
    "photo",
    [
        chunked(b"tEXt", b"a\0b", times=101),
        chunked(b"zTXt", b"a\0\0" + zlib.compress(bytes(300_000), 0)),
        chunked(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)), times=20),
        chunked(b"acTL", bytes(8)),
        chunked(b"NEXT", b"unknown, and needed"),
        chunked(b"IHDR", struct.pack(">IIBBBBB", 9000, 9000, 8, 0, 0, 0, 0)),
        encode(paper(3000, 3000)),
        encode(Image.fromarray(PAGE.astype(np.uint16))),
        encode(PAGE)[:20],
    ],
    ids=[
        "texts",
        "a long text",
        "texts that grow",
        "an animation",
        "a needed chunk",
        "another header",
        "large",
        "16 bits",
        "no header",
    ],
)
def test_a_png_that_costs_more_than_it_seems(photo: bytes) -> None:
    """Many texts or a long one, frames, a second header, many pixels: for the box, which may still read it."""
    assert not plain(photo)
