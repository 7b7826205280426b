"""What a thing in a picture looks like and what stands around it, as the sign classifier sees both.

A slash between digits is a slash, alone it is a 1: what a thing is shows in what stands beside it. Training and serving
share this.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.ranks import median, percentiles
from model.reading import Box, Grey
from model.shrink import shrunk

SIDE: Final = 32  # pixels of both pictures
CHANNELS: Final = 3
_AROUND: Final = 2.4  # side of the surroundings over the longer side of the box
_CLOSE: Final = 1.15  # likewise of the close picture
_LEAST: Final = 12.0  # grey levels: fainter than that is noise, and stays faint
_INK: Final = (2, 98)  # percentiles of the box's greys


def window(grey: Grey, box: Box, usual: float = 0.0) -> NDArray[np.float32]:
    """Cut a box of a picture and its surroundings out: (SIDE, SIDE, CHANNELS) float32.

    The channels are the surroundings, 1 where in them the box is, and the box itself, larger. Paper is 0 and ink as
    deep as the box's own is 1, of either polarity; beyond the picture its edge goes on. `usual` is how high in pixels
    the digits of that line are, where that is known: a point alone would show nothing around itself.
    """
    width, height = box.right - box.left, box.bottom - box.top
    reach = max(8.0, _AROUND * max(width, height, usual))
    wide = _cut(grey, box, reach)
    close = _cut(grey, box, max(3.0, _CLOSE * max(width, height)))
    first, last = _part(width / reach), _part(height / reach)
    paper = median(wide)
    dark, light = percentiles(wide[last, first] if max(width, height) > 0.3 * reach else close, *_INK)
    deep, side = (paper - dark, 1) if paper - dark >= light - paper else (light - paper, -1)
    answer = np.zeros((SIDE, SIDE, CHANNELS), np.float32)
    for channel, greys in ((0, wide), (2, close)):
        answer[..., channel] = np.clip((paper - greys) * (side / max(_LEAST, float(deep))), -0.5, 1.5)
    answer[last, first, 1] = 1
    return answer


def _cut(grey: Grey, box: Box, reach: float) -> NDArray[np.float32]:
    """The square of `reach` pixels around the middle of a box, at SIDE pixels: each an average of what it covers."""
    left, top = (box.left + box.right - reach) / 2, (box.top + box.bottom - reach) / 2
    step = reach / SIDE
    if step > 1.5:
        part = _part_of(grey, round(left), round(top), round(left + reach), round(top + reach))
        seen = shrunk(part, (SIDE, SIDE))
    else:
        back = np.array([[step, 0, left + step / 2 - 0.5], [0, step, top + step / 2 - 0.5]], np.float32)
        way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(grey, back, (SIDE, SIDE), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def _part_of(grey: Grey, left: int, top: int, right: int, bottom: int) -> Grey:
    """A part of a picture, beyond whose edges the edge goes on."""
    height, width = grey.shape
    inside = grey[max(0, top) : max(1, bottom), max(0, left) : max(1, right)]
    missing = max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width)
    if not any(missing):
        return inside
    return np.asarray(cv2.copyMakeBorder(inside, *missing, borderType=cv2.BORDER_REPLICATE), np.uint8)


def _part(share: float) -> slice:
    """The middle part of the surroundings that a box takes up, one pixel at least."""
    half = max(0.5, share * SIDE / 2)
    return slice(max(0, round(SIDE / 2 - half)), min(SIDE, max(round(SIDE / 2 + half), round(SIDE / 2 - half) + 1)))
