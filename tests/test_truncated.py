"""Files that lack their last bytes."""

import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.decode import decode, upright
from model.errors import UnreadablePhoto
from tests.pictures import encode, paper, write

PAPER = 225

PAGE = write(paper(640, 480, PAPER), "629", 120, 120, height=160, pen=14)
"""A number in the middle: nothing is written in the lowest third."""

KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "JPEG": ("JPEG", "RGB", {"quality": 87}),
    "a large JPEG": ("JPEG", "RGB", {"quality": 87}),
    "JPEG of one channel": ("JPEG", "L", {}),
    "JPEG with restarts": ("JPEG", "RGB", {"restart_marker_rows": 1}),
    "progressive JPEG": ("JPEG", "RGB", {"progressive": True}),
    "PNG": ("PNG", "RGB", {}),
    "PNG of one bit": ("PNG", "1", {}),
    "PNG with a palette": ("PNG", "P", {}),
    "PNG with alpha": ("PNG", "RGBA", {}),
    "deep PNG": ("PNG", "I;16", {}),
    "WebP": ("WEBP", "RGB", {}),
    "WebP without loss": ("WEBP", "RGB", {"lossless": True}),
    "sticker": ("WEBP", "RGBA", {}),
    "HEIC": ("HEIF", "RGB", {}),
    "AVIF": ("AVIF", "RGB", {"speed": 8}),
    "BMP": ("BMP", "RGB", {}),
    "TIFF": ("TIFF", "RGB", {}),
}


def a_file(kind: str) -> bytes:
    """A photo of the page, with its grain, as a file."""
    form, mode, options = KINDS[kind]
    grain = np.random.default_rng(0).normal(0, 3, PAGE.shape)
    page = (PAGE + grain).clip(0, 255).astype(np.uint8)
    if mode == "I;16":
        return encode(Image.fromarray(page.astype(np.uint16) * 257), form, **options)
    picture = Image.fromarray(page).convert(mode)
    return encode(picture.resize((3200, 2400)) if "large" in kind else picture, form, **options)


def reason(photo: bytes) -> str:
    """Why a file can't be read."""
    with pytest.raises(UnreadablePhoto) as caught:
        decode(photo)
    return caught.value.reason


def away(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The mean distance of two pictures, in grey levels."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("missing", [1, 2, 13, 40])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_its_last_bytes_is_seen_as_the_whole_one(kind: str, missing: int) -> None:
    """Every viewer shows it, and what is missing is less than anybody would see."""
    whole = a_file(kind)
    seen, cut = decode(whole), decode(whole[:-missing])
    assert (cut.size, cut.scale) == (seen.size, seen.scale)
    assert away(cut.grey, seen.grey) < 1.5
    most = len(seen.grey) * 9 // 10
    assert away(upright(whole[:-missing])[:most], upright(whole)[:most]) < 1.5


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"progressive JPEG", "AVIF"}])
def test_a_file_that_lacks_a_fortieth_is_seen_without_it(kind: str) -> None:
    """The number is as it was; the lowest rows are paper and no stroke begins where they do."""
    whole = a_file(kind)
    seen, cut = decode(whole).grey, decode(whole[: -len(whole) // 40]).grey
    if kind == "BMP":  # begins at its bottom
        seen, cut = seen[::-1], cut[::-1]
    height = len(seen)
    assert away(cut[: height * 17 // 20], seen[: height * 17 // 20]) < 1.5
    assert np.abs(cut[-3:].astype(int) - np.median(seen)).max() < 25
    if kind != "PNG of one bit":  # its paper is speckled
        assert np.abs(cut[height * 17 // 20 :].astype(int) - np.median(seen)).max() < 25


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "progressive JPEG"])
def test_a_file_that_lacks_a_third_is_said_to_be_cut(kind: str) -> None:
    """A number may be gone with it."""
    whole = a_file(kind)
    assert reason(whole[: len(whole) * 2 // 3]) == "cut short"
    with pytest.raises(UnreadablePhoto):
        upright(whole[: len(whole) * 2 // 3])


def test_a_progressive_jpeg_that_lacks_a_third_is_seen_whole() -> None:
    """Its first scans hold all of the picture; what is missing is sharpness."""
    whole = a_file("progressive JPEG")
    assert away(decode(whole[: len(whole) * 2 // 3]).grey, decode(whole).grey) < 3


def test_a_progressive_jpeg_whose_first_scan_is_cut_is_said_to_be_cut() -> None:
    """Of the rows below there is nothing at all."""
    whole = a_file("progressive JPEG")
    first = whole.index(b"\xff\xda")
    second = whole.index(b"\xff\xc4", first)
    assert reason(whole[: (first + second) // 2]) == "cut short"


def test_a_jpeg_in_the_colours_of_print_that_lacks_a_half() -> None:
    """What is missing of it is not mid grey, and is not taken for a part of the picture."""
    photo = encode(Image.fromarray(PAGE).convert("CMYK"), "JPEG")
    assert reason(photo[: len(photo) // 2]) == "cut short"


def test_a_jpeg_cut_within_a_table_between_its_scans() -> None:
    """What is left of the table is no part of the picture, and does not keep it from being seen."""
    whole = a_file("progressive JPEG")
    table = whole.rindex(b"\xff\xc4")
    assert away(decode(whole[: table + 9]).grey, decode(whole).grey) < 3


def test_an_interlaced_png_without_its_end() -> None:
    """What is missing of it is every second row, which nothing stands in for."""
    page = np.asarray(PAGE > 100, np.uint8)  # so dark that any byte may be the number of a row's filter
    header = b"IHDR" + struct.pack(">IIBBBBB", 640, 480, 8, 0, 0, 0, 1)
    places = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b"".join(b"\0" + row.tobytes() for x, y, across, down in places for row in page[y::down, x::across])
    chunks = (header, b"IDAT" + zlib.compress(rows, 0), b"IEND")
    whole = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )
    assert away(decode(whole).grey, page) == 0
    assert reason(whole[:-2000]) == "cut short"
