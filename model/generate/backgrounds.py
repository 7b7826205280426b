"""Real pictures as backgrounds: crops of photos, and photographed materials as paper. Training side."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.surfaces import SIDE, Picture

_SMALLEST: Final = 150  # pixels of a photo that fill a scene, at least
_ROUGHEST: Final = 24.0  # grey levels: the deviation of a material that ink still shows on

Grey = NDArray[np.uint8]
"""(H, W) uint8 grey levels."""


def photographed(photos: Sequence[Grey], random: np.random.Generator) -> Picture:
    """Give a random crop of one of the photos, of any size, flipped or turned by quarters.

    The photos are best kept at 800 pixels a side or fewer: larger ones take longer than a scene may.
    """
    photo = photos[int(random.integers(len(photos)))]
    short = min(photo.shape)
    least = min(short, _SMALLEST)
    side = round(float(np.exp(random.uniform(np.log(least), np.log(short))))) if random.random() < 0.7 else short
    side = max(least, min(short, side))
    high = wide = side
    if side == short and random.random() < 0.5:  # more of a long picture, squeezed
        high, wide = (min(length, round(side * 1.33)) for length in photo.shape)
    top, left = random.integers(0, photo.shape[0] - high + 1), random.integers(0, photo.shape[1] - wide + 1)
    return _turned(_resized(photo[top : top + high, left : left + wide]), random)


def textured(textures: Sequence[Grey], random: np.random.Generator, *, calm: bool = True) -> Picture:
    """Give one of the materials as paper: mirrored to a larger piece, enlarged; `calm` keeps ink legible on it."""
    tile = textures[int(random.integers(len(textures)))]
    side = int(np.exp(random.uniform(np.log(60), np.log(240))))
    high, wide = (min(side, 2 * length) for length in tile.shape)
    if high > tile.shape[0] or wide > tile.shape[1]:
        tile = np.pad(tile, ((0, tile.shape[0]), (0, tile.shape[1])), "symmetric")
    top, left = random.integers(0, tile.shape[0] - high + 1), random.integers(0, tile.shape[1] - wide + 1)
    page = _turned(_resized(tile[top : top + high, left : left + wide]), random)
    level, rough = float(page.mean()), float(page.std())
    share = random.uniform(0.3, 1)
    if calm:
        share = min(share, _ROUGHEST / max(rough, 1.0))
    lighter = level + random.uniform(0, max(0.0, 225 - level)) if random.random() < 0.4 else level
    return np.asarray(np.clip((page - level) * share + lighter, 0, 255), np.float32)


def _resized(picture: Grey) -> Picture:
    how = cv2.INTER_AREA if min(picture.shape) > SIDE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=how), np.float32)


def _turned(picture: Picture, random: np.random.Generator) -> Picture:
    picture = np.rot90(picture, int(random.integers(4)) if random.random() < 0.5 else 0)
    return np.ascontiguousarray(picture[:, ::-1] if random.random() < 0.5 else picture)
