"""How people lay out what they write: one digit, numbers in lines, letters anywhere. Training side."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.generate import clutter
from model.generate.pens import Glyph, Hand
from model.generate.surfaces import SIDE, Picture
from model.generate.writing import Pen, Sheet, extent

_GAP: Final = 0.08  # of a size, at least, between things that do not belong to one line


class Writer:
    """Writes onto sheets: digits of one hand, and everything else that is written."""

    def __init__(self, hand: Hand, others: tuple[Glyph, ...]) -> None:
        """Take the digits and the other signs to choose from."""
        self._hand, self._others = hand, others

    def single(self, sheet: Sheet, page: Picture, random: np.random.Generator) -> None:
        """One digit of any size, perhaps in a cell, perhaps with a neighbour that the window cuts."""
        pen = Pen.any(random)
        size = float(np.exp(random.uniform(np.log(16), np.log(188))))
        size = min(size, SIDE * 0.98 / (1 + pen.width))
        room = max(0.5, (SIDE - size * (1 + pen.width)) / 2)
        at = (SIDE / 2 + random.uniform(-room, room, 2) * random.choice([0.3, 1.0])).astype(np.float32)
        sheet.digit(self._hand, self._any(random), at, size=size, pen=pen, random=random)
        place = around(sheet)
        if random.random() < 0.35:
            clutter.cell(page, place, random)
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
        """A number, or several in lines, with what people write between and beside them."""
        size = float(np.exp(random.uniform(np.log(11), np.log(85))))
        pen = Pen.any(random)
        pen.width = min(pen.width, 0.15)
        feed = size * random.uniform(1.15, 2.2)
        rows = min(int(random.choice([1, 1, 1, 2, 2, 3, 4, 6])), max(1, int(SIDE // feed)))
        gap = random.uniform(-0.12, 0.03) if random.random() < 0.25 else random.uniform(0.04, 0.5)
        top = SIDE / 2 + random.uniform(-1, 1) * max(0, SIDE - rows * feed) / 2 - (rows - 1) * feed / 2
        lettered = random.random() < 0.18
        for row in range(rows):
            if random.random() < 0.2:
                pen = Pen.any(random)
                pen.width = min(pen.width, 0.15)
            most = max(1, int(SIDE / (size * (0.75 + gap))))
            count = min(int(random.integers(1, 9)), most)
            wide = count * size * (0.7 + gap)
            left = random.uniform(-size * 0.4, max(1.0, SIDE - wide))
            start = np.array([left, top + row * feed], np.float32)
            end = self._line(sheet, start, pen, random, size=size, count=count, gap=gap, lettered=lettered)
            if random.random() < 0.06:
                clutter.underline(page, (left, float(start[1] - size / 2), end, float(start[1] + size / 2)), random)
        if random.random() < 0.12 and sheet.marks:
            clutter.cell(page, around(sheet), random)
        if random.random() < 0.2:
            self.letters(sheet, random, most=4)

    def _line(
        self, sheet: Sheet, start: NDArray[np.float32], pen: Pen, random: np.random.Generator, *, size: float,
        count: int, gap: float, lettered: bool,
    ) -> float:  # fmt: skip
        """Write one line of digits and give where it ends."""
        along = np.array([np.cos(pen.turn), np.sin(pen.turn)], np.float32)
        across = np.array([-along[1], along[0]], np.float32)
        for _ in range(count):
            own = float(size * np.exp(random.normal(0, 0.06)))
            letter = lettered and random.random() < 0.5
            number = self._other(random) if letter else self._any(random)
            glyph = self._others[number] if letter else self._hand.glyphs[number]
            low, high = extent(glyph, own, pen)
            at = start - along * np.float32(low) + across * np.float32(random.normal(0, 0.04) * size)
            if letter:
                sheet.other(glyph, at, size=own, pen=pen, random=random)
            else:
                sheet.digit(self._hand, number, at, size=own, pen=pen, random=random)
            start = start + along * np.float32(high - low + gap * size * random.uniform(0.6, 1.4))
            if random.random() < 0.05:
                start = _separator(sheet, start, along, random, size=size, pen=pen)
        return float(start[0])

    def letters(self, sheet: Sheet, random: np.random.Generator, most: int = 14) -> None:
        """Letters and signs: alone, scattered, or as words."""
        pen = Pen.any(random)
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
            sheet.other(self._others[self._other(random)], at, size=size, pen=pen, random=random)

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


def _separator(
    sheet: Sheet, start: NDArray[np.float32], along: NDArray[np.float32], random: np.random.Generator, *, size: float,
    pen: Pen,
) -> NDArray[np.float32]:  # fmt: skip
    """A point, a comma, a dash, a colon or a space."""
    across = np.array([-along[1], along[0]], np.float32)
    kind = random.choice(list(".,-: "))
    at = start - along * np.float32(0.25 * size)
    width = max(0.7, pen.width * size) * 1.2
    low = at + across * np.float32(0.45 * size)
    ends = {
        ".": [np.stack([low, low])],
        ",": [np.stack([low, low + across * np.float32(0.18 * size) - along * np.float32(0.08 * size)])],
        "-": [np.stack([at - along * np.float32(0.1 * size), at + along * np.float32(0.22 * size)])],
        ":": [np.stack([low, low]), np.stack([at, at])],
    }.get(str(kind), [])
    for line in ends:
        sheet.dash(line, width)
    return start + along * np.float32(size * (0.3 if ends else 0.6))


def around(sheet: Sheet) -> clutter.Span:
    """The box around everything written; the middle of the sheet when there is nothing."""
    spans = [(m.points.min(axis=0) - m.reach, m.points.max(axis=0) + m.reach) for m in sheet.marks]
    if not spans:
        return SIDE / 2, SIDE / 2, SIDE / 2, SIDE / 2
    low, high = np.min([low for low, _ in spans], axis=0), np.max([high for _, high in spans], axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _near(box: NDArray[np.float32], at: NDArray[np.float32], half: float) -> bool:
    return bool((box[:2] < at + half).all() and (box[2:] > at - half).all())
