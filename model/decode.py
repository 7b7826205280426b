"""bytes to a grey picture: limits, EXIF turn, a ground under alpha, bounded size. The first stage, before `find`."""

import threading
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from model.box import DecodingBox
from model.decoders import Mode
from model.formats import sniff
from model.picture import Upright, upright_picture
from model.plain import is_plain
from model.ranks import percentiles
from model.reading import Colours, Grey

_TINTS: Final = (0.5, 99.5)  # percentiles: what stands out may be one pixel in a hundred

_decoding = threading.Lock()  # one decode at a time bounds what several pictures would take together
box = DecodingBox()


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded picture, upright."""

    grey: Grey  # (H, W) uint8, long side at most MAX_SIDE
    size: tuple[int, int]  # (width, height) of the full-size upright picture
    scale: float  # full-size pixels per pixel of `grey`, at least 1


def decode(photo: bytes) -> Photo:
    """Decode a picture in any format that phones and chats send.

    Any thread may call it; one plain picture is decoded at a time, and one in the box. The decoders let go of the GIL.
    Raises UnreadablePhoto from its cause; OSError when no process can be started for what may do harm.
    """
    grey, size = _upright(photo, "L")
    return Photo(grey, size, max(size) / max(grey.shape))


def upright(photo: bytes) -> Colours:
    """Decode the same picture in colours, to be looked at: (H, W, 3), upright, as large as `Photo.grey`.

    Raises UnreadablePhoto; costs what `decode` costs, at most.
    """
    return _upright(photo, "RGB")[0]


def tinted(photo: bytes, least: int) -> Grey | None:
    """Decode the colour in which something stands out, stretched to a grey picture; None where none does.

    For ink as bright as its paper: red on grey, in CIE Lab. It must stand out by `least` of 255 steps. As large as
    `Photo.grey`. Raises as `decode` does.
    """
    pixels = upright(photo)
    some = cv2.cvtColor(np.ascontiguousarray(pixels[::4, ::4]), cv2.COLOR_RGB2LAB)
    low, high = np.transpose([percentiles(some[..., channel], *_TINTS) for channel in (1, 2)])
    spread = high - low
    best = int(spread.argmax())
    if spread[best] < least:
        return None
    scale = 255 / float(spread[best])
    colours = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    return np.asarray(
        cv2.convertScaleAbs(cv2.subtract(colours[..., best + 1], float(low[best])), alpha=scale), np.uint8
    )


def _upright(photo: bytes, mode: Mode) -> Upright:
    """The upright working picture and the full size, (width, height)."""
    name = sniff(photo)
    if not is_plain(photo, name):
        return box.upright_picture(photo, mode)
    with _decoding:
        return upright_picture(photo, name, mode)
