"""How people lay out what they write: one digit, numbers in lines, letters anywhere. Training side."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.generate import clutter, frames
from model.generate.lines import Scribe, Style
from model.generate.material import Material
from model.generate.pens import Glyph, Hand
from model.generate.phrases import phrase
from model.generate.signs import sign
from model.generate.surfaces import SIDE, Picture
from model.generate.writing import Mark, Pen, Sheet

_SCANNED: Final = 0.06  # of the digits that stand alone, where there are scans
_GAP: Final = 0.08  # of a size, at least, between things that do not belong to one line


class Writer:
    """Writes onto sheets: digits of one hand, and everything else that is written."""

    def __init__(self, hand: Hand, others: tuple[Glyph, ...], material: Material) -> None:
        """Take the digits and the letters to choose from, and other people's signs and words."""
        self._hand, self._others, self._material = hand, others, material
        self.scribe = Scribe(hand, others, material)

    def single(self, sheet: Sheet, page: Picture, random: np.random.Generator) -> None:
        """One digit of any size, perhaps in a cell, perhaps with a neighbour that the window cuts."""
        pen = Pen.of_one(random)
        size = float(np.exp(random.uniform(np.log(16), np.log(188))))
        # Now and then it is cut out so closely that it touches the picture's edges.
        whole = SIDE / (1 + pen.width)
        size = min(size, 0.98 * whole) if random.random() < 0.88 else whole * random.uniform(0.95, 1.14)
        room = max(0.5, (SIDE - size * (1 + pen.width)) / 2)
        at = (SIDE / 2 + random.uniform(-room, room, 2) * random.choice([0.3, 1.0])).astype(np.float32)
        if (scans := self._material.scans) and random.random() < _SCANNED:
            scan, value = scans[int(random.integers(len(scans)))]
            sheet.scanned(np.rint(255 * scan).astype(np.uint8), value, at, size=size, pen=pen)
        else:
            sheet.digit(self._hand, self._any(random), at, size=size, pen=pen, random=random)
        place = around(sheet)
        kind = random.random()
        if kind < 0.3:
            clutter.cell(page, place, random)
        elif kind < 0.36:
            frames.boxes(page, [place], random)
        elif kind < 0.42:
            frames.circled(page, place, random)
        if random.random() < 0.06:
            clutter.underline(page, place, random)
        if random.random() < 0.2:  # a neighbour, mostly cut by the window's edge
            side = random.integers(0, 4)
            away = np.array([[-1, 0], [1, 0], [0, -1], [0, 1]], np.float32)[side]
            edge = SIDE / 2 + away * (SIDE / 2 + random.uniform(-0.1, 0.45) * size)
            beside = np.where(away == 0, at, edge).astype(np.float32)
            if np.abs(beside - at).max() > size * 0.9:
                self._any_mark(sheet, beside, size, pen, random)
        if random.random() < 0.15 and size < 90:
            self.letters(sheet, random, most=2)

    def lines(self, sheet: Sheet, page: Picture, random: np.random.Generator) -> None:
        """A phrase, or several in lines, with what people write between and beside them."""
        size, pen = float(np.exp(random.uniform(np.log(11), np.log(85)))), _line_pen(random)
        rows = int(random.choice([1, 1, 1, 1, 2, 2, 3, 4, 6]))
        phrases = [phrase(random) for _ in range(rows)]
        if random.random() < 0.55:  # mostly small enough to be seen whole
            longest = max(len(text) for text in phrases)
            size = max(11.0, min(size, SIDE / (0.62 * longest + 0.3)))
        feed = size * random.uniform(1.15, 2.2)
        rows = min(rows, max(1, int(SIDE // feed)))
        gap = random.uniform(-0.12, 0.03) if random.random() < 0.25 else random.uniform(0.04, 0.5)
        top = SIDE / 2 + random.uniform(-1, 1) * max(0, SIDE - rows * feed) / 2 - (rows - 1) * feed / 2
        lettered = 0.5 if random.random() < 0.1 else 0.0
        for row, text in enumerate(phrases[:rows]):
            if random.random() < 0.2:
                pen = _line_pen(random)
            wide = len(text) * size * (0.62 + gap)
            left = random.uniform(min(-size * 0.4, SIDE - wide), max(1.0, SIDE - wide))
            first = len(sheet.marks)
            start = np.array([left, top + row * feed], np.float32)
            self.scribe.write(sheet, text, start, Style(size, gap, pen, lettered), random)
            _adorn(page, sheet.marks[first:], random, alone=rows == 1)
        if random.random() < 0.1 and sheet.marks:
            clutter.cell(page, around(sheet), random)
        if random.random() < 0.15:
            self.letters(sheet, random, most=4)

    def cells(self, sheet: Sheet, page: Picture, random: np.random.Generator) -> None:
        """A form, a table, a puzzle: digits in printed cells, some of which are empty."""
        pen, size = _line_pen(random), float(np.exp(random.uniform(np.log(12), np.log(70))))
        pitch = size * np.array([random.uniform(0.85, 1.9), random.uniform(1.1, 2.2)], np.float32)
        columns, rows = (max(1, int(side)) for side in (SIDE + size * 0.6) // pitch)
        rows = min(rows, int(random.choice([1, 1, 1, 2, 3, 9])))
        first = SIDE / 2 - (np.array([columns, rows]) - 1) / 2 * pitch + random.uniform(-0.3, 0.3, 2) * pitch
        filled = random.uniform(0.25, 1.0)
        for row in range(rows):
            spans = []
            for column in range(columns):
                middle = (first + np.array([column, row]) * pitch).astype(np.float32)
                spans.append(_span(middle, pitch * 0.9))
                if random.random() < filled:
                    at = (middle + random.normal(0, 0.05, 2) * size).astype(np.float32)
                    sheet.digit(self._hand, self._any(random), at, size=size, pen=pen, random=random)
            frames.boxes(page, spans, random, alone=rows == 1)

    def letters(self, sheet: Sheet, random: np.random.Generator, most: int = 14) -> None:
        """Letters and signs: alone, scattered, or as words."""
        pen = Pen.of_one(random)
        taken = [np.concatenate([mark.points.min(axis=0), mark.points.max(axis=0)]) for mark in sheet.marks]
        alone = most > 4 and random.random() < 0.5
        for _ in range(1 if alone else int(random.integers(1, most + 1))):
            largest = 186 if alone else 80
            size = float(np.exp(random.uniform(np.log(14 if alone else 10), np.log(largest))))
            at = random.uniform(0.3 * size, SIDE - 0.3 * size, 2).astype(np.float32)
            if alone:
                at = (SIDE / 2 + (at - SIDE / 2) * 0.5).astype(np.float32)
            half = size * (0.5 + _GAP + pen.width)
            if any(_near(box, at, half) for box in taken):
                continue
            taken.append(np.concatenate([at - size / 2, at + size / 2]))
            kind = random.random()
            if kind < 0.12:
                self._lone_sign(sheet, at, size, pen, random)
            elif kind < 0.2 and self._material.words:
                word = self._material.words[int(random.integers(len(self._material.words)))]
                thin = replace(pen, width=min(pen.width, 0.05))
                sheet.other(word, at, size=min(SIDE * 0.95, 2.5 * size), pen=thin, random=random)
            else:
                sheet.other(self._others[self._other(random)], at, size=size, pen=pen, random=random)

    def _lone_sign(
        self, sheet: Sheet, at: NDArray[np.float32], size: float, pen: Pen, random: np.random.Generator
    ) -> None:
        """A sign with no digit near it: only those that are no digit whatever stands beside them."""
        character = str(random.choice(list("+++×××÷==%%:.,--")))
        glyph, long_side, _ = sign(character, self._material.signs, random)
        stroke = max(0.7, pen.width * size)
        sheet.sign(character, glyph, at, size=max(long_side, 0.3) * size, pen=pen, stroke_width=stroke, random=random)

    def _any_mark(
        self, sheet: Sheet, at: NDArray[np.float32], size: float, pen: Pen, random: np.random.Generator
    ) -> None:
        if random.random() < 0.6:
            sheet.digit(self._hand, self._any(random), at, size=size, pen=pen, random=random)
        else:
            sheet.other(self._others[self._other(random)], at, size=size, pen=pen, random=random)

    def _any(self, random: np.random.Generator) -> int:
        return int(random.integers(len(self._hand.glyphs)))

    def _other(self, random: np.random.Generator) -> int:
        return int(random.integers(len(self._others)))


def _line_pen(random: np.random.Generator) -> Pen:
    pen = Pen.any(random)
    return replace(pen, width=min(pen.width, 0.15))


def _adorn(page: Picture, marks: list[Mark], random: np.random.Generator, *, alone: bool) -> None:
    """Put a frame round a line's digits or one of them, or a line under it, now and then."""
    digits = [mark.span for mark in marks if mark.label < 10]
    kind = random.random()
    if not digits:
        return
    if kind < 0.05:
        frames.boxes(page, digits, random, alone=alone)
    elif kind < 0.08:
        frames.circled(page, digits[int(random.integers(len(digits)))], random)
    elif kind < 0.14:
        clutter.underline(page, _around([mark.span for mark in marks]), random)


def around(sheet: Sheet) -> clutter.Span:
    """The box around everything written; the middle of the sheet when there is nothing."""
    return _around([mark.span for mark in sheet.marks])


def _around(spans: list[clutter.Span]) -> clutter.Span:
    if not spans:
        return SIDE / 2, SIDE / 2, SIDE / 2, SIDE / 2
    sides = np.array(spans)
    left, top = sides[:, :2].min(axis=0).tolist()
    right, bottom = sides[:, 2:].max(axis=0).tolist()
    return left, top, right, bottom


def _span(middle: NDArray[np.float32], size: NDArray[np.float32]) -> clutter.Span:
    (left, top), (right, bottom) = (middle - size / 2).tolist(), (middle + size / 2).tolist()
    return left, top, right, bottom


def _near(box: NDArray[np.float32], at: NDArray[np.float32], half: float) -> bool:
    return bool((box[:2] < at + half).all() and (box[2:] > at - half).all())
