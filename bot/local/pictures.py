"""What Telegram does to a picture on its way into a chat. Synchronous and slow: call it in a thread."""

import io
from typing import NamedTuple

from PIL import Image, ImageOps

MAX_PHOTO_BYTES = 10 * 1024 * 1024
_MAX_SIDES = 10_000  # width + height
_MAX_RATIO = 20
_BOXES = (90, 320, 800, 1280)  # Telegram's thumbnail types s, m, x, y
_QUALITY = 87
# What Pillow raises for a damaged or hostile file.
_UNDECODABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class NotAPhoto(Exception):
    """This file can't be sent as a photo or sticker; the message is for the person who sent it."""


class Size(NamedTuple):
    """One re-encoded size of a photo."""

    jpeg: bytes
    width: int
    height: int


def photo_sizes(file: bytes) -> list[Size]:
    """Re-encode a picture as Telegram does: upright JPEGs of at most 1280 pixels, smallest first, never enlarged.

    Raises `NotAPhoto` for what Telegram refuses as a photo: over 10 MB, width + height over 10000, a side ratio over
    20, or no picture at all. Transparency becomes white, of an animation the first frame is taken.
    """
    if len(file) > MAX_PHOTO_BYTES:
        raise NotAPhoto("the photo is over 10 MB: send it as a file")
    largest = _upright(file, limit=_BOXES[-1])
    longest = max(largest.size)
    sizes = []
    for box in sorted({*(box for box in _BOXES if box < longest), longest}):
        scaled = largest.copy()
        scaled.thumbnail((box, box), Image.Resampling.LANCZOS)
        sizes.append(_jpeg(scaled))
    return sizes


def gif_preview(file: bytes) -> tuple[Size, tuple[int, int], float] | None:
    """Thumbnail (at most 320 pixels), size and duration in seconds of an animated GIF; None for any other file."""
    try:
        with Image.open(io.BytesIO(file), formats=["GIF"]) as picture:
            frames = getattr(picture, "n_frames", 1)
            if frames < 2:
                return None
            duration_s = frames * picture.info.get("duration", 100) / 1000
            size = picture.size
        first = _upright(file, limit=320)
    except (*_UNDECODABLE, NotAPhoto):
        return None  # a damaged GIF stays an ordinary document
    return _jpeg(first), size, duration_s


def sticker_size(file: bytes) -> tuple[int, int]:
    """Width and height of a static WebP sticker. Raises `NotAPhoto` for another file."""
    try:
        with Image.open(io.BytesIO(file), formats=["WEBP"]) as picture:
            return picture.size
    except _UNDECODABLE as broken:
        raise NotAPhoto("a sticker must be a WebP picture, a .tgs or a .webm") from broken


def _upright(file: bytes, *, limit: int) -> Image.Image:
    """Decode to upright RGB on white, at most `limit` pixels a side; in no more memory than one full-size copy."""
    if file[4:8] == b"ftyp":  # a phone's HEIC, which its client would turn into JPEG before it sends a photo
        from pillow_heif import register_heif_opener  # noqa: PLC0415 (30 ms and 8 MB that only such a file needs)

        register_heif_opener()
    try:
        with Image.open(io.BytesIO(file)) as picture:
            width, height = picture.size
            if width + height > _MAX_SIDES or max(width, height) > _MAX_RATIO * min(width, height):
                raise NotAPhoto(f"a photo of {width}×{height} pixels is refused: send it as a file")
            picture.draft("RGB", (limit, limit))  # a JPEG is decoded at a reduced scale that still covers `limit`
            ImageOps.exif_transpose(picture, in_place=True)
            picture.load()  # whatever is not a copy of it is used once its file is closed
            upright = _on_white(picture)
    except _UNDECODABLE as broken:
        raise NotAPhoto("this file is not a picture that can be sent as a photo") from broken
    upright.thumbnail((limit, limit), Image.Resampling.LANCZOS)
    return upright


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        paper = Image.new("RGB", layer.size, "white")
        paper.paste(layer, mask=layer)
        return paper
    if picture.mode.startswith("I;16"):  # 16-bit grey; convert() would clip it
        picture = picture.point(lambda grey: grey / 256).convert("L")
    return picture if picture.mode == "RGB" else picture.convert("RGB")  # of what is RGB it would make a copy


def _jpeg(picture: Image.Image) -> Size:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    return Size(stream.getvalue(), *picture.size)
