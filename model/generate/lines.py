"""Writes one line of a phrase: digits, signs, letters, what is raised and what is struck out. Training side."""

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.generate.material import Material
from model.generate.pens import Glyph, Hand
from model.generate.phrases import NAMED
from model.generate.signs import sign
from model.generate.writing import Pen, Sheet, extent
from model.reading import SIGNS

Point = NDArray[np.float32]
"""(2,) float32: x, y in pixels of the scene."""

Own = tuple[tuple[int, ...], ...]
"""The digits of one writer, by their numbers in a hand: some for each value, 0 to 9."""

_OTHERS: Final = NAMED | {"a", "w"}
_DOTTED: Final = ".:"
_DOT: Final = 0.05  # of a digit's size, the smallest dot
_WHOLE: Final = 0.5  # of what is struck out is a whole number


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is written."""

    size: float  # of its digits, in pixels
    gap: float  # between two characters, of the size
    pen: Pen
    lettered: float = 0.0  # how often a letter stands in a digit's place
    struck: float = 0.08  # how often something in it is struck out
    own: Own = ()  # the digits of one hand, each value's, or none for anybody's

    @property
    def along(self) -> Point:
        """Which way the line runs."""
        return np.array([np.cos(self.pen.turn), np.sin(self.pen.turn)], np.float32)

    @property
    def across(self) -> Point:
        """Which way is down from it."""
        return np.array([-np.sin(self.pen.turn), np.cos(self.pen.turn)], np.float32)


class Scribe:
    """Writes phrases (`model.generate.phrases`) onto sheets."""

    def __init__(self, hand: Hand, others: tuple[Glyph, ...], material: Material) -> None:
        """Take the digits and the letters to choose from, and other people's signs and words."""
        self._hand, self._others, self._material = hand, others, material
        self._numbers = [np.flatnonzero(hand.labels == value) for value in range(10)]

    def one_hand(self, random: np.random.Generator) -> Own:
        """Choose the digits that one writer makes: each value's, in one way or two."""
        return tuple(tuple(random.choice(numbers, int(random.integers(1, 3))).tolist()) for numbers in self._numbers)

    def write(self, sheet: Sheet, text: str, start: Point, style: Style, random: np.random.Generator) -> None:
        """Write a phrase, the middle of its left side at `start`, as far as the window reaches."""
        struck = range(0)
        if random.random() < style.struck and "0" in text:
            struck = _struck(text, random)
        at, raised, ends = start, False, []
        for place, character in enumerate(text):
            if character in " ^":
                raised = character == "^"
                at = at + style.along * np.float32(0 if raised else style.size * random.uniform(0.35, 0.9))
                continue
            if at[0] > sheet.sides[0] + style.size:
                break
            own = replace(style, size=float(style.size * np.exp(random.normal(0, 0.06)) * (0.55 if raised else 1)))
            lift = np.float32((random.normal(0, 0.04) - (0.5 if raised else 0)) * style.size)
            here = at + style.across * lift
            if character in SIGNS:
                wide = self._sign(sheet, character, here, own, random)
            else:
                wide = self._glyph(sheet, character, here, own, random, struck=place in struck)
            if place in struck:
                ends += [here, here + style.along * wide]
            at = at + style.along * np.float32(wide + style.gap * style.size * random.uniform(0.6, 1.4))
            raised = raised and character in "0o"
        if ends:
            _strike(sheet, ends[0], ends[-1], style, random)

    def _sign(self, sheet: Sheet, character: str, at: Point, style: Style, random: np.random.Generator) -> np.float32:
        """Write a sign, its left side at `at`, and give its width."""
        glyph, long_side, height = sign(character, self._material.signs, random)
        own, stroke = long_side * style.size, max(0.7, style.pen.width * style.size * random.uniform(0.85, 1.2))
        if character in _DOTTED:  # a dot that is no wider than its pen's strokes is hardly seen: people press
            stroke = max(stroke, _DOT * style.size) * random.uniform(1, 1.6)
        low, high = extent(glyph, own, replace(style.pen, width=stroke / own, stretch=1.0))
        middle = at - style.along * np.float32(low) + style.across * np.float32(height * style.size)
        sheet.sign(character, glyph, middle, size=own, pen=style.pen, stroke_width=stroke, random=random)
        return np.float32(high - low + 0.06 * style.size)

    def _glyph(
        self, sheet: Sheet, character: str, at: Point, style: Style, random: np.random.Generator, *, struck: bool
    ) -> np.float32:
        """Write a digit, a letter or a word, its left side at `at`, and give its width."""
        size, pen = style.size, style.pen
        is_other = character in _OTHERS or random.random() < style.lettered
        number = int(random.integers(len(self._others))) if is_other else self._digit(character, style, random)
        glyph = self._others[number] if is_other else self._hand.glyphs[number]
        if drawn := self._material.named.get(character, ()):
            glyph = drawn[int(random.integers(len(drawn)))]
        elif character == "w" and self._material.words:
            glyph = self._material.words[int(random.integers(len(self._material.words)))]
            size *= random.uniform(2, 4)
            pen = replace(pen, width=pen.width * style.size / size)
        low, high = extent(glyph, size, pen)
        middle = at - style.along * np.float32(low)
        if middle[0] > -size:
            if is_other:
                sheet.other(glyph, middle, size=size, pen=pen, random=random)
            elif struck:
                sheet.struck(self._hand, number, middle, size=size, pen=pen, random=random)
            else:
                sheet.digit(self._hand, number, middle, size=size, pen=pen, random=random)
        return np.float32(high - low)

    def _digit(self, character: str, style: Style, random: np.random.Generator) -> int:
        """Choose a digit of the hand: a nought for `o`, else any."""
        if not style.own and character != "o":
            return int(random.integers(len(self._hand.glyphs)))
        value = 0 if character == "o" else int(random.integers(10))
        return int(random.choice(style.own[value] if style.own else self._numbers[value]))


def _struck(text: str, random: np.random.Generator) -> range:
    """Choose what is struck out: a number, or a few characters anywhere."""
    numbers = list(re.finditer("0+", text))
    if random.random() < _WHOLE:
        return range(*numbers[int(random.integers(len(numbers)))].span())
    begin = int(random.integers(len(text)))
    return range(begin, begin + int(random.integers(1, 5)))


def _strike(sheet: Sheet, first: Point, last: Point, style: Style, random: np.random.Generator) -> None:
    """Strike out what lies between two points: with one line, or several."""
    for _ in range(int(random.choice([1, 1, 2, 3]))):
        tilt = random.normal(0, 0.12, 2) * style.size
        shift = np.array([[-0.1 * style.size, tilt[0]], [0.1 * style.size, tilt[1]]], np.float32)
        sheet.dash(np.stack([first, last]) + shift, max(0.7, style.pen.width * style.size))
