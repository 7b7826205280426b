"""Writes digits and letters into a scene, one pen a line, and knows where each came to lie. Training side."""

from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.clutter import Span
from model.generate.letters import wobbled
from model.generate.pens import Canvas, Glyph, Hand, Line, stroke
from model.generate.surfaces import SIDE
from model.reading import SIGNS

OTHER: Final = 10 + len(SIGNS)
"""The label of what is written and is neither a digit nor one of `SIGNS`, which are labelled from 10 on."""
UNSURE: Final = -1
"""The label of what nobody could tell: a digit cut in the middle, or too small."""

_FINE: Final = 2  # strokes are drawn at twice the size, so that their widths and edges come in half pixels
_THINNEST: Final = 0.018  # of a digit's size: the finest pens
_THICKEST: Final = 0.19  # the thickest pens
_MARKERS: Final = 0.08  # of the pens of what stands alone are so thick that a digit's loops nearly close
_THICK: Final = (_THICKEST, 0.28)  # their strokes
_SMALLEST: Final = 9.0  # pixels; smaller digits are UNSURE
_SMALLEST_SIGN: Final = 3.5  # likewise: a point is small


@dataclass(slots=True)
class Pen:
    """What one line is written with."""

    width: float  # of the stroke, of a digit's size
    grey: bool  # whether digits keep MNIST's own grey strokes
    wobble: float  # how far this hand leaves the shapes it copies, of a digit's size
    dry: bool  # whether the stroke breaks here and there
    turn: float  # of the line and everything in it, radians
    slant: float
    stretch: float  # width over height, of what it was

    @classmethod
    def any(cls, random: np.random.Generator) -> "Pen":
        """Take any pen, hand and way to hold the paper."""
        turn = random.normal(0, 0.06) if random.random() < 0.8 else random.uniform(-0.4, 0.4)
        return cls(
            width=float(np.exp(random.uniform(np.log(_THINNEST), np.log(_THICKEST)))),
            grey=bool(random.random() < 0.28),
            wobble=float(random.uniform(0, 0.045)),
            dry=bool(random.random() < 0.06),
            turn=float(turn),
            slant=float(random.normal(0, 0.12)),
            stretch=float(np.exp(random.normal(0, 0.12))),
        )

    @classmethod
    def of_one(cls, random: np.random.Generator) -> "Pen":
        """Take any pen for what is written alone, now and then a marker."""
        pen = cls.any(random)
        if random.random() < _MARKERS:
            pen.width, pen.grey = float(random.uniform(*_THICK)), False
        return pen


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Something written: its label and the points between which it lies."""

    label: int  # 0..9, those of SIGNS from 10 on, OTHER
    points: Line  # (N, 2) pixels of the scene
    reach: float  # how far ink goes beyond the points

    @property
    def span(self) -> Span:
        """The box around its ink."""
        left, top = (self.points.min(axis=0) - self.reach).tolist()
        right, bottom = (self.points.max(axis=0) + self.reach).tolist()
        return left, top, right, bottom


@dataclass(slots=True, eq=False)
class Sheet:
    """What is written in a scene so far."""

    sides: tuple[int, int] = (SIDE, SIDE)  # width and height, pixels
    digits: Canvas = field(init=False)
    others: Canvas = field(init=False)
    marks: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take fresh canvases."""
        wide, high = self.sides
        self.digits, self.others = (np.zeros((high * _FINE, wide * _FINE), np.uint8) for _ in range(2))

    def digit(self, hand: Hand, number: int, at: Line, *, size: float, pen: Pen, random: np.random.Generator) -> None:
        """Write the hand's digit `number` with its middle at a point, `size` pixels long."""
        if pen.grey and number < len(hand.images):
            self.scanned(hand.images[number], int(hand.labels[number]), at, size=size, pen=pen)
            return
        glyph = wobbled(_habits(hand.glyphs[number], int(hand.labels[number]), random), random, pen.wobble)
        self._draw(self.digits, int(hand.labels[number]), glyph, at, size=size, pen=pen, random=random)

    def scanned(self, image: NDArray[np.uint8], value: int, at: Line, *, size: float, pen: Pen) -> None:
        """Put a scanned digit, (28, 28) with its ink 20 long, with its middle at a point, `size` pixels long."""
        self._stamp(image, value, at, _matrix(pen, size) * np.float32(1 / 20), size / 40)

    def struck(self, hand: Hand, number: int, at: Line, *, size: float, pen: Pen, random: np.random.Generator) -> None:
        """Write a digit that somebody is going to strike out: other writing."""
        self._draw(self.others, OTHER, hand.glyphs[number], at, size=size, pen=pen, random=random)

    def sign(
        self, character: str, glyph: Glyph, at: Line, *, size: float, pen: Pen, stroke_width: float,
        random: np.random.Generator,
    ) -> None:  # fmt: skip
        """Write one of SIGNS with its middle at a point, `size` pixels long; its pen is as wide as its neighbours'."""
        label, bent = 10 + SIGNS.index(character), wobbled(glyph, random, 0.5 * pen.wobble)
        own = replace(pen, width=stroke_width / size, stretch=1.0, dry=False)
        self._draw(self.others, label, bent, at, size=size, pen=own, random=random)

    def other(self, glyph: Glyph, at: Line, *, size: float, pen: Pen, random: np.random.Generator) -> None:
        """Write a letter or a sign with its middle at a point."""
        bent = wobbled(glyph, random, 0.02 + pen.wobble)
        self._draw(self.others, OTHER, bent, at, size=size, pen=pen, random=random)

    def dash(self, ends: Line, width: float) -> None:
        """Draw a straight piece of line that is no mark of its own: a separator, a dot."""
        stroke(self.others, (ends * _FINE,), max(1.0, width * _FINE))

    def coverage(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How much of each pixel of the sheet is digits, and how much other writing: (H, W) in 0..1 each."""
        small = [cv2.resize(c, self.sides, interpolation=cv2.INTER_AREA) for c in (self.digits, self.others)]
        return np.asarray(small[0] / np.float32(255)), np.asarray(small[1] / np.float32(255))

    def _draw(
        self, canvas: Canvas, label: int, glyph: Glyph, at: Line, *, size: float, pen: Pen, random: np.random.Generator
    ) -> None:
        turned = _matrix(pen, size)
        placed = tuple(line @ turned.T + at for line in glyph)
        if not placed:
            return
        width = max(0.7, pen.width * size)
        fine = tuple((line + 0.5) * _FINE - 0.5 for line in placed)
        if pen.dry:
            fine = tuple(piece for line in fine for piece in _broken(line, random))
        stroke(canvas, fine, width * _FINE)
        self.marks.append(Mark(label, np.concatenate(placed), width / 2))

    def _stamp(self, image: NDArray[np.uint8], label: int, at: Line, turned: Line, reach: float) -> None:
        rows, columns = np.nonzero(image > 90)
        ink = np.stack([columns, rows], axis=1).astype(np.float32)
        middle = (ink.min(axis=0) + ink.max(axis=0)) / 2
        points = (ink - middle) @ turned.T + at
        fine = turned * _FINE
        shift = (at + 0.5) * _FINE - 0.5 - fine @ middle
        size = self.digits.shape[::-1]
        placed = cv2.warpAffine(image, np.hstack([fine, shift.reshape(2, 1)]), size, flags=cv2.INTER_LINEAR)
        np.maximum(self.digits, placed, out=self.digits)
        self.marks.append(Mark(label, np.asarray(points, np.float32), reach))


def labelled(
    marks: list[Mark], to_scene: NDArray[np.float64] | None = None, sides: tuple[int, int] = (SIDE, SIDE)
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Where the marks lie in the window and what they are: (N, 4) left, top, right, bottom in pixels; (N,) labels.

    `to_scene` is the (3, 3) perspective that the sheet was seen in. What the window cuts is UNSURE, or left out when
    little of it is left.
    """
    boxes, labels = [], []
    for mark in marks:
        points = mark.points
        if to_scene is not None:
            points = cv2.perspectiveTransform(points[:, None].astype(np.float64), to_scene)[:, 0]
        whole = np.concatenate([points.min(axis=0) - mark.reach, points.max(axis=0) + 1 + mark.reach])
        kept = whole.clip(0, [*sides, *sides])
        size, area = (whole[2:] - whole[:2]).max(), np.prod(whole[2:] - whole[:2])
        share = np.prod(kept[2:] - kept[:2]) / area
        if share < 0.3 or (mark.label == OTHER and share < 0.6):
            continue
        smallest = _SMALLEST if mark.label < 10 else _SMALLEST_SIGN
        unsure = mark.label != OTHER and (share < 0.9 or size < smallest)
        if unsure and share < 0.6:  # no digit any more, but perhaps another one
            continue
        boxes.append(kept)
        labels.append(UNSURE if unsure else mark.label)
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int8)


def extent(glyph: Glyph, size: float, pen: Pen) -> tuple[float, float]:
    """How far before and behind its middle a glyph reaches along the line it is written in, in pixels."""
    if not glyph:
        return 0.0, 0.0
    along = np.array([np.cos(pen.turn), np.sin(pen.turn)], np.float32)
    reach = np.concatenate(glyph) @ (_matrix(pen, size).T @ along)
    half = pen.width * size / 2
    return float(reach.min()) - half, float(reach.max()) + half


def _matrix(pen: Pen, size: float) -> Line:
    """(2, 2): from a glyph of size 1 to pixels."""
    cos, sin = np.cos(pen.turn), np.sin(pen.turn)
    wide = min(1.4, pen.stretch)
    shape = np.array([[wide, -pen.slant], [0, 1]]) * size
    return (np.array([[cos, -sin], [sin, cos]]) @ shape).astype(np.float32)


def _habits(glyph: Glyph, digit: int, random: np.random.Generator) -> Glyph:
    """Add what MNIST's American writers leave out: feet and flags on 1s, bars on 7s."""
    if digit == 1 and glyph and random.random() < 0.45:
        points = np.concatenate(glyph)
        top, foot = points[points[:, 1].argmin()], points[points[:, 1].argmax()]
        if np.ptp(points[:, 0]) < 0.45:
            if random.random() < 0.6:
                out, down = random.uniform(0.1, 0.36), random.uniform(0.06, 0.36)
            else:  # as long as much of Europe writes it, coming up steeply
                out = random.uniform(0.15, 0.55)
                down = min(0.9, out * random.uniform(0.8, 2.0))
            flag = top + np.array([-out, down], np.float32)
            added = [np.stack([flag, top])] if random.random() < 0.85 else []
            if random.random() < 0.45:
                half = random.uniform(0.1, 0.28, 2)
                tilt = random.normal(0, 0.03)
                added.append(np.array([[foot[0] - half[0], foot[1] - tilt], [foot[0] + half[1], foot[1] + tilt]]))
            return glyph + tuple(line.astype(np.float32) for line in added)
    if digit == 7 and glyph and random.random() < 0.3:
        points = np.concatenate(glyph)
        middle = points[np.abs(points[:, 1] - random.uniform(-0.05, 0.15)).argmin()]
        bar = np.array([random.uniform(0.12, 0.3), random.normal(0, 0.04)])
        return (*glyph, np.array([middle - bar, middle + bar], np.float32))
    return glyph


def _broken(line: Line, random: np.random.Generator) -> list[Line]:
    """Lift the pen once in a line, for a moment."""
    if len(line) < 8:
        return [line]
    gap = int(random.integers(2, len(line) - 3))
    return [line[:gap], line[gap + 1 :]]
