"""Whole photos to compare versions on: a digit, numbers, sums with their signs, and pictures without any digit.

Nothing here is random from one run to the next, and nothing comes from outside: written digits are of MNIST's last
5,000 training digits (others of them than `photolike` writes), which no version but `seed` learns from. Training side.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from model.generate.kept import Arrays, kept
from model.generate.letters import letters
from model.generate.lines import Scribe, Style
from model.generate.material import Material
from model.generate.papers import SHEET, Picture, board, hills
from model.generate.pens import Hand, traced
from model.generate.photolike import PAPERS, taken
from model.generate.phrases import phrase
from model.generate.provenance import made_with
from model.generate.scenes import Studio
from model.generate.writing import OTHER, Pen, Sheet
from model.mnist import Images, Labels, cache_folder
from model.reading import SIGNS, Grey

COUNT: Final = 96
"""How many photos: each takes about three times as long to read as a photo of one digit, for most need a close look,
and two versions must have read them in half a minute."""
_GLYPHS: Final = 1_200  # digits to write with, the last ones; tracing them takes a second
_SEED: Final = 5_000_000_011  # of no training
_LONGEST: Final = 10  # characters of a line: every one must be right for the photo to count
_QUALITY: Final = 85  # as phones send pictures; the noise of a sensor takes four times as much as PNG
_HAND: Final = (0.035, 0.1)  # stroke widths of a pen that people write with, of a digit's height

_EMPTY: Final = (1.0, 0.0, 0.0)  # of the kinds of scenes
_DARKEST: Final = (0.08, 0.08, 0.08, 0.5)  # in uneven light a photo is read twice or more, which takes as long

_Random = np.random.Generator
_LINES: Final = set("0o ")
_SUMS: Final = _LINES | set(SIGNS)


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as it is sent, and what is written in it."""

    file: bytes  # JPEG
    text: str  # digits and signs without spaces, a line break between lines; "" where there is no digit

    @property
    def digits(self) -> str:
        """The text without its signs."""
        return "".join(character for character in self.text if character.isdecimal() or character == "\n")


def whole_photos(images: Images, labels: Labels, count: int = COUNT) -> tuple[Photo, ...]:
    """Give the photos that are written with the last of these digits, from the cache.

    They are made, which takes a few seconds, when they are not in the cache as these digits and today's code make them.
    """
    path = cache_folder().parent / "gate" / f"whole-{count}-{edition(images, labels)}.npz"
    arrays = kept(path, lambda: _arrays(make(images, labels, count)))
    pictures, ends, texts = arrays["pictures"].tobytes(), arrays["ends"].tolist(), arrays["texts"].tolist()
    starts = (0, *ends)
    return tuple(Photo(pictures[start:end], text) for start, end, text in zip(starts, ends, texts, strict=False))


def edition(images: Images, labels: Labels) -> str:
    """Name the set that these digits and today's code make."""
    written = hashlib.sha256(images[-_GLYPHS:].tobytes() + labels[-_GLYPHS:].tobytes()).hexdigest()[:16]
    return f"{written}-{made_with(Path(__file__))}"


def make(images: Images, labels: Labels, count: int = COUNT) -> tuple[Photo, ...]:
    """Write and photograph: of every eight pictures two show a digit, two numbers, two a sum, two nothing to read."""
    images, labels = images[-_GLYPHS:], labels[-_GLYPHS:]
    artist = _Artist(Hand(traced(images), images, labels))
    kinds: tuple[Callable[[_Random], tuple[Grey, str]], ...] = (
        artist.digit, artist.numbers, artist.sum, artist.letters,
        artist.digit, artist.numbers, artist.sum, artist.nothing,
    )  # fmt: skip
    photos = []
    for number in range(count):
        grey, text = kinds[number % len(kinds)](np.random.default_rng([_SEED, number]))
        _, jpeg = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        photos.append(Photo(jpeg.tobytes(), text))
    return tuple(photos)


class _Artist:
    """Makes pictures with one collection of digits."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        others = letters()
        self._scribe, self._studio = Scribe(hand, others, Material()), Studio(hand, others)

    def digit(self, random: _Random) -> tuple[Grey, str]:
        """One digit on a sheet."""
        sheet, size = Sheet(SHEET), random.uniform(60, 300)
        room = (np.array(SHEET) - 1.3 * size) / 2
        at = (np.array(SHEET) / 2 + random.uniform(-1, 1, 2) * room).astype(np.float32)
        number = int(random.integers(len(self._hand.glyphs)))
        sheet.digit(self._hand, number, at, size=size, pen=_pen(random), random=random)
        return _photographed(sheet, random), _text(sheet)

    def numbers(self, random: _Random) -> tuple[Grey, str]:
        """One to three lines of digits on a sheet."""
        return self._lines(random, int(random.choice([1, 1, 2, 3])), lambda text: set(text) <= _LINES)

    def sum(self, random: _Random) -> tuple[Grey, str]:
        """A line of digits with signs on a sheet."""
        return self._lines(random, 1, lambda text: set(text) <= _SUMS and not set(text) <= _LINES)

    def letters(self, random: _Random) -> tuple[Grey, str]:
        """Letters alone on a sheet: they read as no digit."""
        rows = ["".join(random.choice(list("aaaa "), int(random.integers(2, 8)))) for _ in range(3)]
        sheet = Sheet(SHEET)
        self._write(sheet, rows[: int(random.integers(1, 4))], random)
        return _photographed(sheet, random), ""

    def nothing(self, random: _Random) -> tuple[Grey, str]:
        """A sheet with nothing on it, a view, or a scene of other things."""
        kind = random.random()
        if kind < 0.2:
            return _photographed(Sheet(SHEET), random), ""
        if kind < 0.3:
            return _seen(hills(random), random), ""
        return self._scene(random), ""

    def _lines(self, random: _Random, rows: int, fits: Callable[[str], bool]) -> tuple[Grey, str]:
        texts: list[str] = []
        while len(texts) < rows:
            text = phrase(random)
            if len(text) <= _LONGEST and "0" in text and fits(text):
                texts.append(text)
        sheet = Sheet(SHEET)
        written = self._write(sheet, texts, random)
        return _photographed(sheet, random), written

    def _write(self, sheet: Sheet, rows: list[str], random: _Random) -> str:
        """Write lines below each other, in the middle of the sheet."""
        wide, high = SHEET
        longest = max(len(text) for text in rows)
        gap = random.uniform(0.05, 0.35)
        size = min(random.uniform(45, 120), 0.8 * wide / (longest * (0.85 + gap)), 0.75 * high / (1.6 * len(rows)))
        feed, pen = 1.6 * size, _pen(random)
        left = (wide - longest * (0.75 + gap) * size) / 2
        texts = []
        for row, text in enumerate(rows):
            start = np.array([left, high / 2 + (row - (len(rows) - 1) / 2) * feed], np.float32)
            first = len(sheet.marks)
            self._scribe.write(sheet, text, start, Style(size, gap, pen, struck=0.0), random)
            texts.append(_text(sheet, first))
        return "\n".join(texts)

    def _scene(self, random: _Random) -> Grey:
        """The first scene without a digit in which nobody would see one: no digit that is cut, no sign alone."""
        while True:
            scene = self._studio.scene(random, _EMPTY)
            if all(label == OTHER for label in scene.labels):
                return scene.picture


def _pen(random: _Random) -> Pen:
    """A pen and a hand that mean to be read."""
    pen = Pen.any(random)
    pen.width, pen.turn, pen.slant = float(random.uniform(*_HAND)), float(random.normal(0, 0.04)), 0.7 * pen.slant
    pen.stretch = min(1.1, pen.stretch)
    return pen


def _text(sheet: Sheet, first: int = 0) -> str:
    """What is written from the mark `first` on."""
    return "".join(
        str(mark.label) if mark.label < 10 else SIGNS[mark.label - 10]
        for mark in sheet.marks[first:]
        if mark.label < OTHER
    )


def _photographed(sheet: Sheet, random: _Random) -> Grey:
    """Put what is written on some paper and take its photo."""
    paper = PAPERS[int(random.integers(len(PAPERS)))]
    strength = np.maximum(*sheet.coverage())[..., None] * np.float32(random.uniform(0.55, 1))
    tone = np.float32(0.95 if paper is board else random.uniform(0.05, 0.3))
    return _seen(paper(random) * (1 - strength) + tone * strength, random)


def _seen(page: Picture, random: _Random) -> Grey:
    return taken(page, np.zeros((1, 2), np.float32), random, float(random.choice(_DARKEST)))[0]


def _arrays(photos: tuple[Photo, ...]) -> Arrays:
    return {
        "pictures": np.frombuffer(b"".join(photo.file for photo in photos), np.uint8),
        "ends": np.cumsum([len(photo.file) for photo in photos]),
        "texts": np.array([photo.text for photo in photos]),
    }
