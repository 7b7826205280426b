"""A photo in uneven light to one whose paper is equally bright everywhere. Between `straighten` and `find`.

The edge of a hard shadow looks like a stroke to everything that comes after, and crosses the digits it falls on.
"""

from typing import Final

import cv2
import numpy as np

from model.ranks import median, percentiles
from model.reading import Grey
from model.shrink import at_most

_THICKEST: Final = 0.16  # of the long side: thinner dark things are ink, thicker ones are shadow
_SMALL: Final = 160  # pixels of the long side, enough to tell whether the light is even
_SHADE: Final = 0.65  # of the bright paper's grey: darker paper lies in the shade
_BRIGHT: Final = 75  # percentile of the paper's greys: bright paper, but no lamp and no glare
_LEAST: Final = 0.05  # of the picture lies in the shade, where the light is uneven
_DARK: Final = 60  # the middle grey of a board or a screen: what is bright there is ink
_PAPER: Final = 235  # what the paper becomes
_BLACK: Final = 8  # a darker shadow shows nothing


def evened(grey: Grey) -> Grey | None:
    """Even out the light on dark ink on brighter paper; None where it is even, or ink and paper can't be told apart.

    The paper is what a closing leaves (Serra 1982): it fills what is thinner than `_THICKEST` and keeps the straight
    edges of shadows sharp, so that dividing by it takes them away.
    """
    small = at_most(grey, _SMALL)
    if median(small) < _DARK:
        return None
    if _shade(_closed(small)) < _LEAST:
        return None
    paper = cv2.GaussianBlur(_closed(np.asarray(cv2.medianBlur(grey, 3), np.uint8)), (0, 0), 1)
    return np.asarray(cv2.divide(grey, np.maximum(paper, _BLACK), scale=_PAPER), np.uint8)


def _shade(paper: Grey) -> float:
    """How much of the picture lies in the shade: it comes in from an edge, where the thickest strokes do not."""
    dark = np.pad(paper < _SHADE * percentiles(paper, _BRIGHT)[0], 1, constant_values=False).astype(np.uint8)
    dark[[0, -1]] = dark[:, [0, -1]] = 1
    labels = cv2.connectedComponents(dark, connectivity=4)[1]
    return float((labels == labels[0, 0])[1:-1, 1:-1].mean())


def _closed(grey: Grey) -> Grey:
    """Close by an octagon, made of a square and a diamond: nearly a disc, in a few milliseconds."""
    radius = max(2, round(_THICKEST / 2 * max(grey.shape)))
    half = round(radius * (2 - 2**0.5))  # of the square; the diamond reaches the rest
    square = np.ones((2 * half + 1, 2 * half + 1), np.uint8)
    diamond = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    framed = cv2.copyMakeBorder(grey, radius, radius, radius, radius, cv2.BORDER_REFLECT)
    for spread in (cv2.dilate, cv2.erode):
        framed = spread(spread(framed, square), diamond, iterations=radius - half)
    return np.asarray(framed[radius:-radius, radius:-radius], np.uint8)
