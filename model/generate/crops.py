"""28x28 crops of digits and of what is none, as reading would have cut them out.

The judge learns from both, the classifier from the digits. Training side. A digit and a letter are written with one
pen and pass through the very code that serves.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.find import find_digits
from model.generate.pens import Glyph, Hand
from model.generate.surfaces import SIDE
from model.generate.writing import Pen, Sheet
from model.normalize import to_mnist
from model.reading import Grey
from model.sighting import AROUND, without_neighbours

Crop = NDArray[np.float32]
"""(28, 28) float32 as MNIST was made."""
Scans = Sequence[tuple[Crop, int]]
"""Digits that were scanned instead of written here, each with its value."""
_Random = np.random.Generator

_SCANNED: Final = 0.06  # of the digits, where there are scans
_STRAY: Final = 0.15  # of what is none, where there are strays
_PIECES: Final = 20  # of one photo, about
_NARROW: Final = 0.45  # of its height
_MIDDLE: Final = np.array([SIDE / 2, SIDE / 2], np.float32)
_TOUCHING: Final = 0.25  # of the digits have others so close that the strokes meet or cross
_APART: Final = (-0.22, 0.06)  # of a digit's size: the gap between the boxes of two such digits
_SIZES: Final = (18, 90)  # pixels of what is written, before reading makes 20 of them


class Cutter:
    """Makes crops."""

    def __init__(
        self, hand: Hand, others: tuple[Glyph, ...] = (), scans: Scans = (), strays: Sequence[Crop] = ()
    ) -> None:
        """Take the digits to write and those that were scanned; to make `other` crops, other signs and strays."""
        self._hand, self._others, self._scans, self._strays = hand, others, scans, strays

    def digit(self, random: _Random) -> tuple[Crop, int]:
        """Make a crop of one digit, and say which."""
        if self._scans and random.random() < _SCANNED:
            return self._scans[int(random.integers(len(self._scans)))]
        number = self._any(random)
        touching = random.random() < _TOUCHING
        cover = self._among_others(number, random) if touching else self._digit(number, random)
        return to_mnist(_inked(cover, random)), int(self._hand.labels[number])

    def digits(self, count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Make (N, 28, 28) crops of digits, 0..255, and their labels, (N,): 1,400 a second on one core."""
        cv2.setNumThreads(1)  # the pictures are small: more threads would only wait for each other
        random = np.random.default_rng(seed)
        crops, labels = np.empty((count, 28, 28), np.uint8), np.empty(count, np.uint8)
        for row in range(count):
            crop, labels[row] = self.digit(random)
            crops[row] = np.rint(255 * crop)
        return crops, labels

    def other(self, random: _Random) -> Crop:
        """Make a crop of something else: mostly letters and signs, some pieces, scribbles, blobs and strays."""
        if self._strays and random.random() < _STRAY:
            return self._strays[int(random.integers(len(self._strays)))]
        kinds = (
            (self._other, 0.62),
            (self._piece, 0.1),
            (self._pair, 0.06),
            (_scribble, 0.1),
            (_blob, 0.07),
            (_dot, 0.05),
        )
        chosen = kinds[int(random.choice(len(kinds), p=[share for _, share in kinds]))][0]
        return to_mnist(_inked(chosen(random), random))

    def _digit(self, number: int, random: _Random) -> NDArray[np.float32]:
        """The hand's digit `number`, with any pen."""
        sheet, pen, size = Sheet(), _pen(random), float(random.uniform(*_SIZES))
        sheet.digit(self._hand, number, _MIDDLE, size=size, pen=pen, random=random)
        return _with_neighbour(sheet, size, pen, random)

    def _among_others(self, number: int, random: _Random) -> NDArray[np.float32]:
        """The hand's digit `number` in a line of digits that touch, as either finder would cut it out."""
        pen, size = _pen(random), float(random.uniform(*_SIZES))
        cover, box = self._alone(number, size, pen, random)
        for side in ((-1,), (1,), (-1, 1))[int(random.integers(3))]:
            other, other_box = self._alone(self._any(random), size * random.uniform(0.8, 1.2), pen, random)
            apart = size * random.uniform(*_APART)
            across = box[0] - apart - other_box[2] if side < 0 else box[2] + apart - other_box[0]
            move = np.array([[1, 0, across], [0, 1, size * random.normal(0, 0.08)]], np.float32)
            cover = np.maximum(cover, cv2.warpAffine(other, move, (SIDE, SIDE)))
        # The learned finder's boxes show a little more, and have it cleaned; the classical one's are cut off straight.
        around = round(AROUND * float(max(box[2:] - box[:2]))) if random.random() < 0.5 else 0
        left, top, right, bottom = np.rint(box + np.array([-around, -around, around, around])).astype(int).clip(0, SIDE)
        window = cover[top:bottom, left:right]
        return without_neighbours(window) if around else window

    def _alone(
        self, number: int, size: float, pen: Pen, random: _Random
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """One digit in the middle, and the box of its ink: (4,) left, top, right, bottom."""
        sheet = Sheet()
        sheet.digit(self._hand, number, _MIDDLE, size=size, pen=pen, random=random)
        cover = sheet.coverage()[0]
        rows, columns = (np.flatnonzero((cover > 0.5).any(axis=axis)) for axis in (1, 0))
        if not len(rows):  # a glyph without a line
            return cover, np.array([SIDE / 2 - 1, SIDE / 2 - 1, SIDE / 2 + 1, SIDE / 2 + 1], np.float32)
        return cover, np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float32)

    def _other(self, random: _Random) -> NDArray[np.float32]:
        """A letter or a sign, likewise."""
        sheet, pen, size = Sheet(), _pen(random), float(random.uniform(*_SIZES))
        number = int(random.integers(len(self._others)))
        sheet.other(self._others[number], _MIDDLE, size=size, pen=pen, random=random)
        return _with_neighbour(sheet, size, pen, random)

    def _piece(self, random: _Random) -> NDArray[np.float32]:
        """Half of a digit, cut straight: what a wrong box holds. A 1 in halves is a 1."""
        cover = self._digit(self._any(random), random)
        rows = np.flatnonzero(cover.max(axis=1) > 0.5)
        columns = np.flatnonzero(cover.max(axis=0) > 0.5)
        if not len(rows) or not len(columns) or np.ptp(columns) < 0.6 * np.ptp(rows):
            return _scribble(random)
        if random.random() < 0.5:
            cover[int(np.quantile(rows, random.uniform(0.3, 0.6))) :] = 0
        else:
            cover[: int(np.quantile(rows, random.uniform(0.4, 0.7)))] = 0
        return cover

    def _pair(self, random: _Random) -> NDArray[np.float32]:
        """Two digits that touch."""
        sheet, pen = Sheet(), Pen.any(random)
        size = float(random.uniform(20, 70))
        for side in (-0.3, 0.3):
            at = np.array([SIDE / 2 + side * size, SIDE / 2 + random.normal(0, 0.05) * size], np.float32)
            sheet.digit(self._hand, self._any(random), at, size=size, pen=pen, random=random)
        return np.maximum(*sheet.coverage())

    def _any(self, random: _Random) -> int:
        return int(random.integers(len(self._hand.glyphs)))


def strays(photos: Iterable[Grey]) -> list[Crop]:
    """Cut out what reading's classical finder takes for writing in photos without a digit, a few pieces of each.

    What is narrow is left out: it could be a 1.
    """
    cut = []
    for grey in photos:
        pieces = [found.ink for line in find_digits(grey) for found in line]
        wide = [ink for ink in pieces if ink.shape[1] > _NARROW * ink.shape[0]]
        cut += [to_mnist(ink) for ink in wide[:: max(1, len(wide) // _PIECES)]]
    return cut


def _pen(random: _Random) -> Pen:
    pen = Pen.of_one(random)
    pen.wobble *= 1.6
    return pen


def _with_neighbour(sheet: Sheet, size: float, pen: Pen, random: _Random) -> NDArray[np.float32]:
    """What is written, now and then with a piece of a border, an underline or a neighbour's stroke."""
    if random.random() < 0.15:
        side, away = random.integers(0, 4) * np.pi / 2, size * random.uniform(0.42, 0.6)
        out = np.array([np.cos(side), np.sin(side)])
        along = np.array([-out[1], out[0]])
        ends = _MIDDLE + out * away + np.outer(random.uniform(-0.6, 0.6, 2) * size, along)
        sheet.dash(ends.astype(np.float32), max(0.7, pen.width * size * random.uniform(0.4, 1)))
    return np.maximum(*sheet.coverage())


_EDGES: Final = (0.6, 1.0)  # where a stroke counts as full: reading stretches depths to at least 0.8 of the deepest


def _inked(cover: NDArray[np.float32], random: _Random) -> NDArray[np.float32]:
    """Blur the strokes a little and stretch them, as a lens and the reading's threshold do."""
    if random.random() < 0.6:
        cover = cv2.GaussianBlur(cover, (0, 0), random.uniform(0.4, 1.6))
    if random.random() < 0.3:
        cover = cover + random.normal(0, random.uniform(0, 0.15), cover.shape).astype(np.float32) * (cover > 0.05)
    full = max(0.2, float(cover.max())) * random.uniform(*_EDGES)
    return np.asarray((np.where(cover > 0.3 * full, cover, 0) / full).clip(0, 1), np.float32)


def _scribble(random: _Random) -> NDArray[np.float32]:
    """A random smooth line, a corner, a bar that lies."""
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    size = random.uniform(20, 80)
    kind = random.random()
    if kind < 0.65:
        knots = random.uniform(-0.5, 0.5, (int(random.integers(4, 10)), 2)) * size
        smooth = cv2.resize(knots.astype(np.float32), (2, 60), interpolation=cv2.INTER_CUBIC)
        lines = [smooth]
    elif kind < 0.85:  # the corner of a cell
        lines = [np.array([[-0.5, -0.4], [0.5, -0.4]]) * size, np.array([[0.4, -0.5], [0.4, 0.5]]) * size]
    else:
        lines = [np.array([[-0.5, random.normal(0, 0.04)], [0.5, random.normal(0, 0.04)]]) * size]
    turn = int(random.integers(1, 4)) if len(lines) == 2 else 0  # not turned, the corner is a 7
    spin = np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), turn)
    for line in lines:
        points = np.rint((line @ spin + SIDE / 2) * 16).astype(np.int32)
        width = max(1, round(size * random.uniform(0.02, 0.2)))
        cv2.polylines(canvas, [points], isClosed=False, color=(255,), thickness=width, lineType=cv2.LINE_AA, shift=4)
    return (canvas / np.float32(255)).astype(np.float32)


def _blob(random: _Random) -> NDArray[np.float32]:
    """A piece of a texture that stands out: what is left of fur, stones, leaves and coins."""
    side = int(random.integers(6, 40))
    rough = cv2.GaussianBlur(random.standard_normal((side, side), np.float32), (0, 0), random.uniform(0.7, 4))
    window = np.hanning(side + 2)[1:-1] ** random.uniform(0.2, 1)
    rough = (rough / (np.abs(rough).max() + 1e-6) + random.uniform(0, 0.8)) * np.outer(window, window)
    large = cv2.resize(rough.astype(np.float32), (96, 96), interpolation=cv2.INTER_CUBIC)
    mask = (large > random.uniform(0.1, 0.5)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return _scribble(random)
    picked = 1 + int(stats[1:, 4].argmax())
    width, height = stats[picked, 2:4]
    if width < 0.5 * height:  # a thick 1
        return _scribble(random)
    return np.asarray((labels == picked).astype(np.float32))


def _dot(random: _Random) -> NDArray[np.float32]:
    """A full stop, a bullet, a blot: filled, where a 0 has a hole."""
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    size = random.uniform(*_SIZES)
    half = np.rint(size / 2 * 16 * np.array([1, random.uniform(0.6, 1)])).astype(int)
    middle = round(SIDE / 2 * 16)
    turn = float(random.uniform(0, 180))
    cv2.ellipse(canvas, (middle, middle), half.tolist(), turn, 0, 360, (255,), -1, cv2.LINE_AA, 4)
    rough = cv2.resize(random.standard_normal((8, 8), np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(canvas / np.float32(255) * (1 - random.uniform(0, 0.3) * rough.clip(0, 2)), np.float32).clip(0, 1)
