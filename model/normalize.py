"""One digit's ink to the 28x28 bitmap that MNIST would have made of it. After `find`, before `classify`."""

from typing import Final

import cv2
import numpy as np
from PIL import Image

from model.ink import stroke_width
from model.reading import Bitmap, Ink

# MNIST: the digit scaled into 20x20 keeping its aspect, antialiased, centred by mass in 28x28 (LeCun et al. 1998).
_BOX: Final = 20
_SIDE: Final = 28
# Strokes are weighed at this multiple of the final size: wide enough that a pixel is a small step, small to be fast.
_OVERSAMPLE: Final = 5
# In pixels of the 20x20 box. MNIST's training digits have 2.2 at the tenth percentile, 2.8 in the middle and 4.0 at the
# ninetieth; a thinner pen is thickened to this.
_MIN_STROKE: Final = 2.2
_PAPER: Final = 0.02


def to_mnist(ink: Ink) -> Bitmap:
    """Make a (28, 28) float32 bitmap in 0..1 of one digit's ink, (H, W) float32 in 0..1, as MNIST was made.

    Any shape will do, an empty one too: without ink the bitmap is all paper.
    """
    ink = _cropped(np.fmin(np.fmax(ink.astype(np.float32, copy=False), 0), 1))  # both pass over NaN
    if not ink.size:
        return np.zeros((_SIDE, _SIDE), np.float32)
    large = _fit(ink, _BOX * _OVERSAMPLE)
    large = large / large.max()  # a hair-thin stroke fades when it shrinks; MNIST's strokes are black
    missing = round(_MIN_STROKE * _OVERSAMPLE - stroke_width(large))
    if missing > 0:
        pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1))
        pad = missing // 2 + 1
        large = _cropped(cv2.dilate(cv2.copyMakeBorder(large, pad, pad, pad, pad, cv2.BORDER_CONSTANT), pen))
    return _centred(_fit(large, _BOX))


def _cropped(ink: Ink) -> Ink:
    """The part that holds all that is rather ink than paper; of size 0 without any."""
    left, top, width, height = cv2.boundingRect((ink > 0.5).astype(np.uint8)) if ink.size else (0, 0, 0, 0)
    return ink[top : top + height, left : left + width]


def _fit(ink: Ink, side: int) -> Ink:
    """Scale so that the long side is `side`, keeping the aspect, averaging when it shrinks."""
    height, width = ink.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC), np.float32).clip(0, 1)


def _centred(small: Ink) -> Bitmap:
    """Put the ink into 28x28 with its centre of mass in the middle, as far as it stays inside."""
    height, width = small.shape
    mass = max(float(small.sum()), _PAPER)
    row = float((small.sum(axis=1) * np.arange(height)).sum()) / mass
    column = float((small.sum(axis=0) * np.arange(width)).sum()) / mass
    top = min(max(round(_SIDE / 2 - 0.5 - row), 0), _SIDE - height)
    left = min(max(round(_SIDE / 2 - 0.5 - column), 0), _SIDE - width)
    bitmap = np.zeros((_SIDE, _SIDE), np.float32)
    bitmap[top : top + height, left : left + width] = small
    return bitmap
