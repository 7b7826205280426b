"""A picture that was cut to its ink, with paper around it again. Between `decode` and `find`, beside `straighten`.

What fills its picture looks like no digit: its strokes run into the edge, and there is more ink than paper to tell the
two apart by.
"""

from typing import Final

import cv2
import numpy as np

from model.ink import Mask, ink_depth, rules, stroke_width
from model.ranks import median
from model.reading import Grey
from model.shrink import at_most
from model.straighten import View

_SIDE: Final = 200  # pixels of the long side, enough to see what fills a picture
_FILLED: Final = 0.88  # of both sides of the picture: as far reaches what was cut out
_MOST_PIECES: Final = 3  # of a digit or two; a photo of something else falls into more
_PLAIN: Final = 0.4  # of what paper and ink are apart: how much the greys of both vary together
_MOST_AT_EDGE: Final = 0.35  # of the picture's edge: a desk around the paper takes more
_BAR: Final = 0.25  # of the picture: as far from top to bottom reaches one bar
_THICK: Final = 0.6  # of the pen's width: a thinner line is printed
_ADDED: Final = 0.3  # of the long side, all around


def with_margin(view: View) -> View:
    """Add paper around a picture that its ink fills from edge to edge; give any other as it is."""
    grey = view.grey
    paper = _paper_of_filled(at_most(grey, _SIDE))
    if paper is None:
        return view
    added = round(_ADDED * max(grey.shape))
    wide = cv2.copyMakeBorder(grey, added, added, added, added, cv2.BORDER_CONSTANT, value=[paper])
    moved = np.array([[1, 0, -added], [0, 1, -added], [0, 0, 1]], np.float64)
    return View(np.asarray(wide, np.uint8), view.back @ moved)


def _paper_of_filled(small: Grey) -> float | None:
    """The grey of the paper in a picture that is filled by its ink, None for any other picture."""
    # By one level for all: paper is looked for around each stroke elsewhere, and here strokes have none.
    _, light = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = np.asarray(light if light.mean() < 0.5 else 1 - light, np.uint8)
    edge = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    if not ink.any() or edge.mean() > _MOST_AT_EDGE:
        return None
    across, down = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    filled = min(np.ptp(across) / ink.shape[1], np.ptp(down) / ink.shape[0])
    count = cv2.connectedComponents(ink, connectivity=8)[0] - 1
    if filled < _FILLED or count > _MOST_PIECES or _is_lined(small, ink):
        return None
    written, bare = small[ink > 0], small[ink == 0]
    is_plain = written.std() + bare.std() < _PLAIN * abs(float(written.mean()) - float(bare.mean()))
    return median(bare) if is_plain else None


def _is_lined(small: Grey, ink: Mask) -> bool:
    """Whether there are printed lines. The bar of a 7 is straight from edge to edge too, but one, and thick."""
    lines = rules((ink_depth(small) > 0).astype(np.uint8))
    if not lines.any():
        return False
    _, _, width, height = cv2.boundingRect(lines)
    is_bar = min(width / ink.shape[1], height / ink.shape[0]) < _BAR
    pen = stroke_width(ink.astype(np.float32))
    return not (is_bar and stroke_width(lines.astype(np.float32)) >= _THICK * pen)
