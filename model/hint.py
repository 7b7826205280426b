"""Why a picture may show no digit: what its sender could try. Asked only when nothing was read, after `find`."""

from typing import Final

import cv2
import numpy as np

from model.ink import connected
from model.reading import Grey, Hint
from model.shrink import at_most

# Measured at this long side, whatever the camera. Beside each limit: how near to it readable development photos come.
_SIDE: Final = 512
_DARK: Final = 80  # grey levels of the brightest spots; 85 and more
_FAINT: Final = 45  # grey levels between the darkest and the lightest thing beside its surroundings; 60 and more
_BLURRED: Final = 0.09  # sharpest edge (Laplacian) over that contrast; 0.14 and more
_SMALL_PICTURE: Final = 64  # pixels; MNIST's own 28 are read when they are filled
_SMALL_THING: Final = 16  # pixels of _SIDE, 3 %, blur by the measurement included


def hint(grey: Grey) -> Hint | None:
    """Say what may have hidden a digit, the gravest first; None when nothing measured stands out.

    `grey` is (H, W) uint8, upright. A blank sheet is "faint": if something is written there, that is what hides it.
    """
    if max(grey.shape) < _SMALL_PICTURE:
        return "small"
    picture = at_most(grey, _SIDE)
    calm = cv2.GaussianBlur(picture, (0, 0), 1.5).astype(np.float32)  # without the grain of a sensor
    beside = calm - cv2.blur(calm, (65, 65))
    contrast = float(beside.max() - beside.min())
    if calm.max() < _DARK:
        return "dark"
    if contrast < _FAINT:
        return "faint"
    edges = np.abs(cv2.Laplacian(cv2.GaussianBlur(picture, (0, 0), 0.7), cv2.CV_32F))
    if edges.max() < _BLURRED * contrast:
        return "blurred"
    standing_out = (np.abs(beside) > 0.5 * np.abs(beside).max()).astype(np.uint8)
    things = connected(standing_out)[1][1:]
    return "small" if things[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max() < _SMALL_THING else None
