"""Photos of sheets that share nothing with the training's scenes: other pens, other papers, other letters, other hands.

The digits are MNIST's validation digits. The sheets are 720 pixels wide and as legible as what people send: a hand
that writes to be read, a photo that its owner would not take again.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.papers import SHEET, Picture, board, cardboard, clouds, hills, lined, note, plain
from model.generate.pens import Glyph, Line, stroke
from tests.pictures import Grey

Random = np.random.Generator
Mask = NDArray[np.float32]
"""(H, W) float32, how much of a pixel is covered."""

_WIDTH, _HEIGHT = SHEET
_FINE: Final = 2  # ink is drawn at twice the size
_SIGN: Final = 0.45  # of the places between two digits hold a sign
# The pen's way for each sign: points of a digit's height, 0 is its middle.
_SIGNS: Final = {
    ".": (((0, 0.44), (0.03, 0.47)),),
    ",": (((0.02, 0.4), (0.03, 0.48), (-0.05, 0.6)),),
    "-": (((-0.22, 0.05), (0.22, 0.03)),),
    "+": (((-0.25, 0.04), (0.25, 0.04)), ((0, -0.22), (0, 0.3))),
    "×": (((-0.2, -0.15), (0.2, 0.25)), ((0.2, -0.15), (-0.2, 0.25))),
    "÷": (((-0.24, 0.04), (0.24, 0.04)), ((0, -0.16), (0.02, -0.14)), ((0, 0.22), (0.02, 0.24))),
    "=": (((-0.22, -0.05), (0.22, -0.05)), ((-0.22, 0.14), (0.22, 0.14))),
    "/": (((0.2, -0.5), (-0.2, 0.5)),),
    ":": (((0, -0.08), (0.02, -0.06)), ((0, 0.3), (0.02, 0.32))),
    "(": (((0.14, -0.5), (-0.06, -0.25), (-0.1, 0.05), (-0.04, 0.32), (0.14, 0.55)),),
    ")": (((-0.14, -0.5), (0.06, -0.25), (0.1, 0.05), (0.04, 0.32), (-0.14, 0.55)),),
}


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo and what is written in it."""

    grey: Grey
    lines: tuple[str, ...]
    boxes: NDArray[np.float32]  # (N, 4) left, top, right, bottom, of the digits in the order of the lines
    kind: str


def photo(glyphs: tuple[Glyph, ...], labels: NDArray[np.uint8], random: Random) -> Photo:
    """Take a photo: of one digit, of numbers, or of something else."""
    kind = str(random.choice(["one digit", "numbers", "nothing"], p=[0.35, 0.4, 0.25]))
    page, dark = _paper(random)
    ink = np.zeros((_HEIGHT * _FINE, _WIDTH * _FINE), np.uint8)
    written: list[tuple[int, int, Line]] = []
    if kind == "nothing":
        if random.random() < 0.15:
            page, dark = hills(random), False
        elif random.random() < 0.8:
            _OTHER_THINGS[int(random.integers(len(_OTHER_THINGS)))](ink, random)
    else:
        written = _digits(ink, glyphs, labels, random, alone=kind == "one digit")
    seen, way = _taken(_inked(page, ink, random, dark=dark), random)
    boxes = [_box(cv2.perspectiveTransform(points[None].astype(np.float64), way)[0]) for _, _, points in written]
    return Photo(seen, _lines(written), np.array(boxes, np.float32).reshape(-1, 4), kind)


def photo_with_signs(glyphs: tuple[Glyph, ...], labels: NDArray[np.uint8], random: Random) -> tuple[Grey, str, str]:
    """Take a photo of one line of digits with signs between them; what is written, digits alone and with the signs."""
    page, dark = _paper(random)
    ink = np.zeros((_HEIGHT * _FINE, _WIDTH * _FINE), np.uint8)
    count = int(random.integers(3, 8))
    size, width = random.uniform(45, min(110, 560 / count)), random.uniform(0.05, 0.11)
    step, pen = size * random.uniform(0.9, 1.1), _PENS[int(random.integers(len(_PENS)))]
    left, text = _WIDTH / 2 - step * (count - 1) / 2, ""
    for place in range(count):
        at = np.array([left + place * step, _HEIGHT / 2], np.float32)
        if 0 < place < count - 1 and text[-1].isdecimal() and random.random() < _SIGN:
            text += str(random.choice(list(_SIGNS)))
            lines = [np.array(line, np.float32) + random.normal(0, 0.02, (len(line), 2)) for line in _SIGNS[text[-1]]]
        else:
            number = int(random.integers(len(glyphs)))
            text += str(labels[number])
            lines = [line * np.exp(random.normal(0, 0.05)) for line in glyphs[number]]
        for line in lines:
            placed = np.asarray(line * size + at, np.float32)
            pen(ink, (placed + 0.5) * _FINE - 0.5, max(2.5, width * size) * _FINE, random)
    seen, _ = _taken(_inked(page, ink, random, dark=dark), random)
    return seen, "".join(filter(str.isdecimal, text)), text


def numbered_sheet(
    glyphs: tuple[Glyph, ...], labels: NDArray[np.uint8], random: Random
) -> tuple[Mask, tuple[str, ...]]:
    """A sheet with numbers before anybody photographs it, (H, W) float32 in 0..1, and its lines."""
    page, dark = _paper(random)
    ink = np.zeros((_HEIGHT * _FINE, _WIDTH * _FINE), np.uint8)
    written = _digits(ink, glyphs, labels, random, alone=False)
    page = _inked(page, ink, random, dark=dark)
    return cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), _lines(written)


def faithful(glyphs: tuple[Glyph, ...], images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which glyphs have as many loops as the digits that they were traced from: a 9 that lost its loop is no 9."""
    same = np.zeros(len(glyphs), np.bool_)
    for number, (glyph, image) in enumerate(zip(glyphs, images, strict=True)):
        drawn = np.zeros((80, 80), np.uint8)
        stroke(drawn, tuple(line * 60 + 39.5 for line in glyph), 4)
        large = cv2.resize(image, (112, 112), interpolation=cv2.INTER_CUBIC)
        same[number] = len(glyph) > 0 and _loops(drawn) == _loops(large)
    return same


def _loops(picture: Grey) -> int:
    """How many patches of paper the ink encloses."""
    paper = (np.pad(picture, 1) < 110).astype(np.uint8)
    return int(cv2.connectedComponents(paper, connectivity=4)[0]) - 2


def _inked(page: Picture, ink: Grey, random: Random, *, dark: bool) -> Picture:
    """The page with what is written on it."""
    strength = cv2.resize(ink, SHEET, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    tone = np.float32(random.uniform(0.8, 0.97) if dark else random.uniform(0.05, 0.4))
    cover = (strength * random.uniform(0.75, 1))[..., None]
    return np.asarray(page * (1 - cover) + tone * cover, np.float32)


def _lines(written: list[tuple[int, int, Line]]) -> tuple[str, ...]:
    rows = sorted({row for row, _, _ in written})
    return tuple("".join(str(digit) for row, digit, _ in written if row == each) for each in rows)


def _box(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _digits(
    ink: Grey, glyphs: tuple[Glyph, ...], labels: NDArray[np.uint8], random: Random, *, alone: bool
) -> list[tuple[int, int, Line]]:
    """Write one digit or up to three lines of up to seven; give row, digit and outermost points of each."""
    rows = 1 if alone else int(random.choice([1, 1, 2, 3]))
    count = 1 if alone else int(random.integers(2, 8))
    size = random.uniform(70, 300) if alone else random.uniform(45, min(110, 560 / count))
    pen = _PENS[int(random.integers(len(_PENS)))]
    width, turn, slant = random.uniform(0.05, 0.11), random.normal(0, 0.05), random.normal(0, 0.1)
    feed, step = size * 1.6, size * random.uniform(0.85, 1.1)
    start = np.array([_WIDTH / 2 - step * (count - 1) / 2, _HEIGHT / 2 - feed * (rows - 1) / 2])
    start += random.uniform(-1, 1, 2) * np.maximum(0, np.array([start[0] - size, start[1] - size])) * 0.7
    shape = np.array([[np.cos(turn), -np.sin(turn) - slant], [np.sin(turn), np.cos(turn)]])
    written = []
    for row in range(rows):
        for column in range(count if row == 0 else int(random.integers(1, count + 1))):
            number = int(random.integers(len(glyphs)))
            at = start + shape @ np.array([column * step, 0]) + np.array([0, row * feed])
            own = shape * size * np.exp(random.normal(0, 0.05))
            placed = [np.asarray(line @ own.T + at, np.float32) for line in glyphs[number]]
            if not placed:
                continue
            for line in placed:
                pen(ink, (line + 0.5) * _FINE - 0.5, max(2.5, width * size) * _FINE, random)
            reach = width * size / 2
            points = np.concatenate(placed)
            low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
            corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]], np.float32)
            written.append((row, int(labels[number]), corners))
    return written


# Pens: each draws one line, (N, 2) points, about `width` pixels wide.


def _along(line: Line, step: float) -> Line:
    """Points on a line, `step` pixels apart."""
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.arange(0, lengths[-1] + step, step)
    return np.stack([np.interp(at, lengths, line[:, axis]) for axis in (0, 1)], axis=1).astype(np.float32)


def _nib(ink: Grey, line: Line, width: float, random: Random) -> None:  # noqa: ARG001 - a pen's signature
    """A broad nib held at one angle: thick across it, thin along it."""
    half = np.array([np.cos(0.7), -np.sin(0.7)]) * width * 0.7
    points = _along(line, 1)
    for a, b in itertools.pairwise(points):
        corners = np.rint(np.array([a - half, a + half, b + half, b - half]) * 16).astype(np.int32)
        cv2.fillConvexPoly(ink, corners, (255,), cv2.LINE_AA, 4)
    thin = np.rint(points * 16).astype(np.int32)
    cv2.polylines(ink, [thin], isClosed=False, color=(255,), thickness=max(2, round(width / 3)), shift=4)


def _brush(ink: Grey, line: Line, width: float, random: Random) -> None:
    """A brush: pressed in the middle of the stroke, lifted towards its ends."""
    points = _along(line, 1.5)
    share = np.linspace(0, 1, len(points))
    pressed = 0.55 + 0.6 * np.sin(np.pi * share) ** 0.7 + 0.1 * np.sin(share * random.uniform(4, 9))
    for (x, y), radius in zip(points, width / 2 * pressed, strict=True):
        cv2.circle(ink, (round(x * 16), round(y * 16)), max(16, round(radius * 16)), (255,), -1, cv2.LINE_AA, 4)


def _ballpoint(ink: Grey, line: Line, width: float, random: Random) -> None:
    """A ballpoint: fine, paler and darker as it rolls, and gone over twice now and then."""
    for _ in range(2 if random.random() < 0.25 else 1):
        points = _along(line + random.normal(0, 0.08 * width, 2).astype(np.float32), 2)
        knots = np.arange(0, len(points) + 9, 9)
        tones = 175 + 60 * np.interp(np.arange(len(points)), knots, random.uniform(-1, 1, len(knots)))
        for a, b, tone in zip(points[:-1], points[1:], tones, strict=False):
            ends = [tuple(np.rint(point * 16).astype(int).tolist()) for point in (a, b)]
            cv2.line(ink, ends[0], ends[1], (float(tone),), max(2, round(0.7 * width)), cv2.LINE_AA, 4)


def _crayon(ink: Grey, line: Line, width: float, random: Random) -> None:
    """A crayon: many grains, more of them in the middle of the stroke."""
    points = np.repeat(_along(line, 1), 10, axis=0)
    grains = points + random.normal(0, 0.3 * width, points.shape)
    for x, y in np.rint(grains).astype(int).tolist():
        cv2.circle(ink, (x, y), 1, (float(random.uniform(150, 255)),), -1)


_PENS: Final = (_nib, _brush, _ballpoint, _crayon)


# Papers.


def _staves(random: Random) -> Picture:
    """Music paper."""
    page = plain((0.95, 0.93, 0.88))(random)
    for top in range(int(random.integers(20, 60)), _HEIGHT, 130):
        for line in range(5):
            page[top + 12 * line : top + 12 * line + 1] *= 0.55
    return page


def _dotted(random: Random) -> Picture:
    """Paper with a grid of dots."""
    page = plain((0.96, 0.96, 0.94))(random)
    page[12::26, 12::26] *= 0.5
    page[13::26, 12::26] *= 0.6
    return page


def _striped(random: Random) -> Picture:
    """Wrapping paper with broad pale stripes."""
    page = plain((0.86, 0.84, 0.80))(random)
    across = np.arange(_WIDTH) * np.cos(0.6) + np.arange(_HEIGHT)[:, None] * np.sin(0.6)
    return np.asarray(page * (1 - 0.07 * (np.sin(across * 2 * np.pi / 70) > 0)[..., None]), np.float32)


def _marbled(random: Random) -> Picture:
    """A marbled cover."""
    veins = np.abs(clouds(random, (_HEIGHT, _WIDTH), 60) + 0.4 * clouds(random, (_HEIGHT, _WIDTH), 25))
    return np.asarray(plain((0.88, 0.90, 0.92))(random) - 0.08 * np.exp(-4 * veins)[..., None], np.float32)


_PAPERS: Final[tuple[Callable[[Random], Picture], ...]] = (
    _staves, _dotted, _striped, _marbled, cardboard, note, plain((0.93, 0.91, 0.88)),
    lined(46, (0.69, 0.77, 0.87), squared=False), lined(26, (0.69, 0.77, 0.87), squared=True),
)  # fmt: skip


def _paper(random: Random) -> tuple[Picture, bool]:
    """A sheet, and whether it is dark."""
    if random.random() < 0.12:
        return board(random), True
    return _PAPERS[int(random.integers(len(_PAPERS)))](random), False


# What is no digit.

# Without letters that are digits to the eye.
_WORDS: Final = (
    *("Market", "Nature", "Teacher", "Camera", "Kitchen", "Hammer", "Mantra", "Tea"),
    *("Matter", "Artery", "Meander", "Karma", "Nectar", "Heather"),
)


def _script(ink: Grey, random: Random) -> None:
    """A word or two in a script that OpenCV draws."""
    size = random.uniform(2.5, 7)
    for row in range(int(random.integers(1, 3))):
        word = str(random.choice(_WORDS))[: int(24 / size) + 1]
        at = (int(random.uniform(40, 260)), int(400 + 330 * row))
        cv2.putText(ink, word, at, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, size, (255,), round(size * 2.2), cv2.LINE_AA)


def _sketch(ink: Grey, random: Random) -> None:
    """A house, a tree, a face with hair: not a circle by itself, which is a 0."""
    at, size = random.uniform([400, 350], [1000, 750]), random.uniform(120, 320)
    walls, door = [(-1, 0), (-1, 1.4), (1, 1.4), (1, 0)], [(-0.3, 1.4), (-0.3, 0.6), (0.3, 0.6), (0.3, 1.4)]
    house = [[*walls, (-1, 0), (0, -1), (1, 0)], door]
    branches = [(0.5, -0.7, -0.4), (0.3, 0.7, -0.6), (-0.2, -0.4, -1), (-0.2, 0.5, -1.1)]
    tree = [[(0, 1.5), (0, -0.2)], *([(0, root), (x, y)] for root, x, y in branches)]
    star = [[(np.sin(a), -np.cos(a)) for a in np.arange(6) * 4 * np.pi / 5]]
    arrows = [[(-1, 0), (1, 0)], [(0.6, -0.4), (1, 0), (0.6, 0.4)], [(-1, 0.8), (0.9, 0.8)]]
    pen = int(random.integers(6, 22))
    for line in (house, tree, star, arrows)[int(random.integers(4))]:
        points = np.rint((np.array(line) * size + at) * 16).astype(np.int32)
        cv2.polylines(ink, [points], isClosed=False, color=(255,), thickness=pen, lineType=cv2.LINE_AA, shift=4)


def _print(ink: Grey, random: Random) -> None:
    """Printed text, in a face of OpenCV's own."""
    size = random.uniform(0.9, 2)
    for row in range(60, ink.shape[0], round(55 * size)):
        text = " ".join(str(word) for word in random.choice(_WORDS, 12))
        cv2.putText(ink, text, (40, row), cv2.FONT_HERSHEY_DUPLEX, size, (255,), round(1.5 * size), cv2.LINE_AA)


_OTHER_THINGS: Final = (_script, _sketch, _print)


def _taken(page: Picture, random: Random) -> tuple[Grey, NDArray[np.float64]]:
    """Tilt, light and a shadow, blur, noise, JPEG; and the way from the sheet to the photo."""
    corners = np.array([[0, 0], [_WIDTH, 0], [_WIDTH, _HEIGHT], [0, _HEIGHT]], np.float32)
    way = cv2.getPerspectiveTransform(corners, corners + random.uniform(-28, 28, (4, 2)).astype(np.float32))
    seen = cv2.warpPerspective(page, way, SHEET, borderMode=cv2.BORDER_REFLECT)
    grey = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY)
    y, x = np.mgrid[-0.5 : 0.5 : _HEIGHT * 1j, -0.5 : 0.5 : _WIDTH * 1j]
    angle = random.uniform(0, 2 * np.pi)
    across = np.cos(angle) * x + np.sin(angle) * y
    grey = grey * (0.9 + random.uniform(0, 0.35) * across)
    if random.random() < 0.3:
        edge = (across > random.uniform(-0.3, 0.3)).astype(np.float32)
        grey = grey * (1 - random.uniform(0.1, 0.4) * cv2.GaussianBlur(edge, (0, 0), random.uniform(2, 25)))
    grey = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), random.uniform(0.4, 1.8))
    grey = (grey + random.normal(0, random.uniform(0.004, 0.025), grey.shape)).clip(0, 1) * 255
    _, jpeg = cv2.imencode(".jpg", grey.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(55, 92))])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8), way
