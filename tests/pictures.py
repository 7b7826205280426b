"""Pictures for the tests: digits written with a drawn pen on paper, and any of them encoded as a file."""

import io
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pillow_heif import from_pillow

Grey = NDArray[np.uint8]

FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "BMP", "GIF", "TIFF")

# The pen's way for each digit, in a box 10 wide and 16 high; a tuple a stroke.
_CURVES: Final[dict[str, tuple[tuple[tuple[int, int], ...], ...]]] = {
    "0": (((5, 0), (2, 1), (0, 5), (0, 11), (2, 15), (5, 16), (8, 15), (10, 11), (10, 5), (8, 1), (5, 0)),),
    "1": (((2, 4), (6, 0), (6, 16)),),
    "2": (((0, 4), (2, 1), (5, 0), (8, 1), (9, 4), (8, 8), (0, 16), (10, 16)),),
    "3": (((0, 1), (5, 0), (9, 3), (8, 6), (4, 8), (8, 9), (10, 12), (8, 15), (4, 16), (0, 14)),),
    "4": (((7, 16), (7, 0), (0, 11), (10, 11)),),
    "5": (((9, 0), (1, 0), (0, 7), (5, 6), (9, 8), (10, 12), (7, 15), (4, 16), (0, 14)),),
    "6": (((8, 0), (4, 3), (1, 8), (0, 12), (3, 16), (7, 16), (9, 13), (8, 9), (4, 8), (1, 11)),),
    "7": (((0, 0), (10, 0), (4, 16)),),
    "8": (
        ((5, 8), (1, 5), (2, 1), (5, 0), (8, 1), (9, 5), (5, 8), (1, 11), (1, 15), (5, 16), (9, 15), (9, 11), (5, 8)),
    ),
    "9": (((9, 4), (7, 1), (4, 0), (1, 2), (1, 6), (4, 8), (8, 6), (9, 3), (9, 8), (6, 16)),),
}


def curves(digit: str) -> tuple[tuple[tuple[int, int], ...], ...]:
    """The pen's way for a digit, in a box 10 wide and 16 high; a tuple a stroke."""
    return _CURVES[digit]


def paper(width: int = 400, height: int = 300, brightness: int = 225) -> Grey:
    """Blank paper: (height, width) uint8."""
    return np.full((height, width), brightness, np.uint8)


def write(
    page: Grey,
    text: str,
    left: int = 60,
    top: int = 60,
    *,
    height: int = 100,
    pen: int = 8,
    ink: int = 40,
    gap: float = 0.5,
) -> Grey:
    """Write digits on a copy of a page, `height` pixels high, `gap` of a digit's width apart."""
    page = page.copy()
    scale = height / 16
    for place, digit in enumerate(text):
        start = np.array([left + place * 10 * scale * (1 + gap), top])
        for curve in _CURVES[digit]:
            points = np.rint((start + np.array(curve) * scale) * 16).astype(np.int32)
            cv2.polylines(page, [points], isClosed=False, color=ink, thickness=pen, lineType=cv2.LINE_AA, shift=4)
    return page


def encode(picture: NDArray[Any] | Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """Encode as a file of one of `FORMATS`; arrays are (H, W) grey or (H, W, 3) RGB."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    if form == "HEIF":
        from_pillow(image).save(file, quality=90, **options)
    else:
        image.save(file, form, **options)
    return file.getvalue()
