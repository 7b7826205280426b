"""One line of writing on as much paper as it needs, for the line reader. Training side.

A scene has 192 pixels a side: a long line is small in it, and each of its digits is somebody else's. Here a line is as
long as people write it, in one hand, its digits apart or touching; what surrounds it is left to scenes.
"""

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from model.generate import clutter, frames, surfaces
from model.generate.layout import around
from model.generate.lens import inked
from model.generate.lines import Scribe, Style
from model.generate.phrases import long_sum, mixed, phrase
from model.generate.surfaces import Picture
from model.generate.writing import Pen, Sheet
from model.reading import Grey

_SIZES: Final = (15.0, 40.0)  # pixels of a digit's height, least and most
_LONGEST: Final = 26.0  # heights; a strip takes few more
_HIGH: Final = 3.4  # heights of the paper
_PLAIN: Final = 0.4  # of the lines are written on bare paper
_BESIDE: Final = 0.25  # have a line above or below
_FRAMED: Final = (0.12, 0.32)  # stand in boxes; these, and those that stand on a line or have one through them
_SUMS: Final = 0.12  # are long sums
_MIXED: Final = 0.32  # are these, or hold what could be taken for a digit
_STRUCK: Final = 0.14  # hold something that is struck out
_ONE_HAND: Final = 0.75  # are written in one hand
_APART: Final = ((0.3, -0.12, 0.02), (0.65, 0.0, 0.15), (1.0, 0.1, 0.55))  # how often, up to; least and most gap


def row(scribe: Scribe, random: np.random.Generator) -> tuple[Grey, Sheet]:
    """Write a line onto paper, a picture of (H, W), and give what is written."""
    size = float(np.exp(random.uniform(*np.log(_SIZES))))
    chance = random.random()
    text = long_sum(random) if chance < _SUMS else mixed(random) if chance < _MIXED else phrase(random)
    chance = random.random()
    gap = next(random.uniform(low, high) for most, low, high in _APART if chance < most)
    pen = replace(Pen.any(random), turn=float(random.normal(0, 0.03)), slant=float(random.normal(0, 0.2)))
    pen = replace(pen, width=min(pen.width, 0.15))
    wide = round(min(_LONGEST, 2 + len(text) * (1.0 + max(0.0, gap))) * size)
    sheet = Sheet((wide, round(_HIGH * size)))
    own = scribe.one_hand(random) if random.random() < _ONE_HAND else ()
    style = Style(size, gap, pen, struck=_STRUCK, own=own)
    start = np.array([random.uniform(0.4, 1.5) * size, _HIGH * size / 2], np.float32)
    scribe.write(sheet, text, start, style, random)
    place = around(sheet)
    digits = [mark.span for mark in sheet.marks if mark.label < 10]
    if random.random() < _BESIDE:
        away = np.array([0, size * random.uniform(1.25, 2.2) * random.choice([-1, 1])], np.float32)
        scribe.write(sheet, phrase(random), start + away, style, random)
    page = _paper(sheet, random)
    boxed, lined = _FRAMED
    kind = random.random()
    if digits and kind < boxed:
        frames.boxes(page, digits, random)
    elif sheet.marks and kind < lined:
        _ruled(page, place, random)
    page, _ = inked(page, np.maximum(*sheet.coverage()), random)
    return _taken(page, size, random), sheet


def _paper(sheet: Sheet, random: np.random.Generator) -> Picture:
    """Bare paper, or any that scenes are written on, repeated to both sides as in mirrors."""
    wide, high = sheet.sides
    if random.random() < _PLAIN:
        fall = np.linspace(0, random.uniform(-30, 30), wide, dtype=np.float32)
        return np.repeat((random.uniform(120, 250) + fall)[None], high, axis=0)
    patch = surfaces.pick(surfaces.WRITTEN_ON, random)
    scale = random.uniform(0.6, 1.2)
    patch = cv2.resize(patch, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    side = len(patch)
    x, y = (np.abs((np.arange(n) + random.integers(2 * side)) % (2 * side) - side) % side for n in (wide, high))
    return np.ascontiguousarray(patch[np.ix_(y, x)])


def _ruled(page: Picture, place: clutter.Span, random: np.random.Generator) -> None:
    """A line under what is written, as forms have it, or one that it crosses."""
    left, top, right, bottom = place
    is_under = random.random() < 0.75
    y = bottom + random.normal(0, 0.06) * (bottom - top) if is_under else random.uniform(top, bottom)
    shade = np.zeros_like(page)
    thick = max(1, round(random.uniform(0.02, 0.09) * (bottom - top))) if is_under else 1  # a thick one strikes out
    reach = random.uniform(-0.1, 0.6, 2) * (right - left)
    tilt = random.normal(0, 0.03) * (bottom - top)
    ends = [
        (round((left - reach[0]) * 16), round((y - tilt) * 16)),
        (round((right + reach[1]) * 16), round((y + tilt) * 16)),
    ]
    cv2.line(shade, ends[0], ends[1], (1.0,), thick, cv2.LINE_AA, 4)
    depth = random.uniform(25, 190)
    page -= np.clip(shade, 0, 1) * np.float32(depth if page.mean() > 90 else -depth)


def _taken(page: Picture, size: float, random: np.random.Generator) -> Grey:
    """Take the picture: a little out of focus, noisy, with few pixels, as JPEG."""
    if random.random() < 0.4:
        page = cv2.GaussianBlur(page, (0, 0), random.uniform(0.3, 0.045 * size + 0.35))
    if random.random() < 0.3:
        page = page + random.standard_normal(page.shape, np.float32) * np.float32(random.uniform(1, 9))
    picture = np.clip(page, 0, 255).astype(np.uint8)
    if random.random() < 0.25:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 90))])[1]
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return picture
