"""A sheet that lies at an angle, or on its side, seen from straight above. Between `decode` and `find`.

A view is a picture made from the photo, and the way back: where a box of the view is in the photo.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.ranks import median, percentiles
from model.reading import Box, Grey
from model.shrink import at_most

_LONG_SIDE: Final = 320  # sheets are large: their edges are found in a small picture
_LEVELS: Final = (0.0, 0.35)  # between the sheet's and the desk's grey, from Otsu's level up: a shadow falls on either
_MIN_SIDE: Final = 400  # a smaller picture was cut out of a photo: its edges are not a sheet's
_MIN_SHARE: Final = 0.12  # of the picture; a smaller bright patch is a thing, not the sheet that was photographed
_MAX_SHARE: Final = 0.95  # above it the picture is the sheet, and there is nothing to straighten
_FILLED: Final = 0.93  # of its hull, and of its four corners' area: a sheet has straight edges
_STEP: Final = 20  # grey levels across a sheet's edge; where light only fades, six pixels bring a few
_REACH: Final = 3  # pixels of the small picture, to either side of the edge
_MARGIN: Final = 0.015  # of the sheet, cut off all around: its edge is no ink


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture to read in place of the photo's."""

    grey: Grey
    back: NDArray[np.float64]  # (3, 3) homography: pixels of `grey` to pixels of the photo

    def in_photo(self, box: Box) -> Box:
        """The upright box in the photo around a box of this view."""
        corners = np.array([[(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]], np.float64)
        placed = cv2.perspectiveTransform(corners, self.back)[0]
        (left, top), (right, bottom) = placed.min(0), placed.max(0)
        return Box(round(left), round(top), round(right), round(bottom))

    def turned(self, quarters: int) -> "View":
        """This view turned by so many quarters, counter-clockwise as `np.rot90`."""
        if quarters % 4 == 0:
            return self
        height, width = self.grey.shape
        # Where the turned picture's corners, in its own order, come from.
        here = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        turned = np.ascontiguousarray(np.rot90(self.grey, quarters))
        rows, columns = turned.shape
        there = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
        undo = cv2.getPerspectiveTransform(there, np.roll(here, -quarters, axis=0))
        return View(turned, self.back @ undo)


def as_it_is(grey: Grey) -> View:
    """The photo itself as a view."""
    return View(grey, np.eye(3))


def sheet(grey: Grey) -> View | None:
    """The largest bright sheet of four straight edges, seen from straight above; None where there is none.

    A photo that is all sheet has none: nothing is to be gained.
    """
    if max(grey.shape) < _MIN_SIDE:
        return None
    scale = _LONG_SIDE / max(grey.shape)
    small = at_most(grey, _LONG_SIDE)
    if min(small.shape) < 16:
        return None
    small = np.asarray(cv2.medianBlur(small, 5), np.uint8)
    otsu, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    (bright,) = percentiles(small, 95)
    found = [corners for share in _LEVELS if (corners := _largest(small, otsu + share * (bright - otsu))) is not None]
    if not found:
        return None
    corners = max(found, key=cv2.contourArea)
    return _from_above(grey, corners / scale)


def _largest(small: Grey, level: float) -> NDArray[np.float32] | None:
    """The corners, clockwise from the top left, of the largest four-sided bright patch."""
    _, mask = cv2.threshold(small, level, 255, cv2.THRESH_BINARY)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:2]:
        area, hull = cv2.contourArea(contour), cv2.convexHull(contour)
        if not _MIN_SHARE < area / small.size < _MAX_SHARE or area < _FILLED * cv2.contourArea(hull):
            continue
        corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
        if len(corners) == 4 and area > _FILLED * cv2.contourArea(corners):
            clockwise = _clockwise(corners.reshape(4, 2).astype(np.float32))
            if _has_edges(small, clockwise):
                return clockwise
    return None


def _has_edges(small: Grey, corners: NDArray[np.float32]) -> bool:
    """Whether the grey steps down across every side that lies in the picture, and at least two do.

    Uneven light makes bright patches with straight sides too, but no edges.
    """
    along = np.linspace(0.1, 0.9, 17)[:, None]
    limit = np.array(small.shape[::-1]) - 1
    in_picture = 0
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        side = start + along * (end - start)  # (17, 2) points
        inward = np.array([start[1] - end[1], end[0] - start[0]]) / max(1.0, float(np.linalg.norm(end - start)))
        inside, outside = side + _REACH * inward, side - _REACH * inward
        within = ((outside >= 0) & (outside <= limit)).all(1)
        if within.mean() < 0.5:
            continue
        in_picture += 1
        within &= ((inside >= 0) & (inside <= limit)).all(1)
        if not within.any() or median(_at(small, inside[within]) - _at(small, outside[within])) < _STEP:
            return False
    return in_picture >= 2


def _at(small: Grey, points: NDArray[np.float64]) -> NDArray[np.float32]:
    columns, rows = np.rint(points).astype(int).T
    return np.asarray(small[rows, columns], np.float32)


def _clockwise(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """The corners clockwise, starting with the one nearest to the picture's top left."""
    middle = corners.mean(0)
    around = corners[np.argsort(np.arctan2(*(corners - middle).T[::-1]))]
    return np.roll(around, -int(around.sum(1).argmin()), axis=0)


def _from_above(grey: Grey, corners: NDArray[np.float32]) -> View:
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    width, height = max(16, round((sides[0] + sides[2]) / 2)), max(16, round((sides[1] + sides[3]) / 2))
    inset = _MARGIN * max(width, height)
    target = np.array(
        [[-inset, -inset], [width + inset, -inset], [width + inset, height + inset], [-inset, height + inset]],
        np.float32,
    )
    onto = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    flat = cv2.warpPerspective(grey, onto, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return View(np.asarray(flat, np.uint8), np.linalg.inv(onto))
