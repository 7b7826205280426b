"""A picture with fewer pixels, each the average of those it stands for, by halves first: that is many times faster."""

import cv2
import numpy as np

from model.reading import Grey


def shrunk(picture: Grey, size: tuple[int, int]) -> Grey:
    """Shrink a picture, (H, W) uint8, to a width and a height, neither more than it has."""
    wide, high = size
    while picture.shape[1] >= 2 * wide and picture.shape[0] >= 2 * high:
        half = picture.shape[1] // 2, picture.shape[0] // 2
        # An odd last row or column is left out: sides that are no whole multiple take ten times as long.
        picture = np.asarray(cv2.resize(picture[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def at_most(picture: Grey, long_side: int) -> Grey:
    """Shrink a picture, (H, W) uint8, to a long side; one that is no longer stays as it is."""
    scale = long_side / max(picture.shape)
    high, wide = picture.shape
    return shrunk(picture, (max(1, round(wide * scale)), max(1, round(high * scale)))) if scale < 1 else picture
