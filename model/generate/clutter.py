"""What lies and stands around digits: printed cells, coins, cables, edges, folds, stains. Training side.

Each function draws on a picture in place. None of them draws what a person would read as a digit.
"""

from typing import Final

import cv2
import numpy as np

from model.generate.pens import Canvas
from model.generate.surfaces import SIDE, Picture, X, Y, noise, print_text

Span = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


def cell(page: Picture, around: Span, random: np.random.Generator) -> None:
    """The printed borders of a cell: some of its four sides, from touching what is written to well away from it."""
    left, top, right, bottom = around
    size = max(right - left, bottom - top)
    depth = float(page.mean() * random.uniform(0.3, 0.95)) * (1 if page.mean() > 90 else -1)
    thick = max(1, round(size * random.uniform(0.01, 0.09)))
    lean = random.normal(0, 0.012)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for side in range(4):
        if random.random() < 0.25:
            continue
        away = size * (random.uniform(-0.05, 0.1) if random.random() < 0.5 else random.uniform(0.1, 0.6)) + thick / 2
        if side < 2:
            y = top - away if side else bottom + away
            ends = ((-5.0, y - lean * SIDE), (SIDE + 5.0, y + lean * SIDE))
        else:
            x = left - away if side == 2 else right + away
            ends = ((x + lean * SIDE, -5.0), (x - lean * SIDE, SIDE + 5.0))
        _line(mask, ends, thick)
    page -= mask * np.float32(depth / 255)


def coin(page: Picture, random: np.random.Generator) -> None:
    """A coin, a button, a lid: a filled disc with a rim, some relief and a shadow."""
    radius = random.uniform(8, 60)
    centre = tuple(np.rint(random.uniform(-10, SIDE + 10, 2) * 16).astype(int).tolist())
    at = (int(centre[0]), int(centre[1]))
    tone = float(random.uniform(40, 220))
    if random.random() < 0.6:
        shade = np.zeros((SIDE, SIDE), np.float32)
        cv2.circle(shade, (at[0] + 32, at[1] + 40), round(radius * 16), (1.0,), -1, cv2.LINE_AA, 4)
        page *= 1 - 0.5 * cv2.GaussianBlur(shade, (0, 0), 2 + radius / 12)
    cv2.circle(page, at, round(radius * 16), (tone,), -1, cv2.LINE_AA, 4)
    for share in random.uniform(0.3, 0.95, int(random.integers(0, 4))):
        rim = (float(tone + random.uniform(-60, 60)),)
        cv2.circle(page, at, round(radius * 16 * share), rim, int(random.integers(1, 4)), cv2.LINE_AA, 4)
    if radius > 14 and random.random() < 0.7:
        word = "".join(random.choice(list("AERMTKNV*+"), int(random.integers(1, 4))))
        place = (at[0] / 16 - radius * 0.5, at[1] / 16 + radius * 0.2)
        print_text(page, word, place, radius / 45, float(random.uniform(-80, 80)))


def cable(page: Picture, random: np.random.Generator) -> None:
    """A cable, a pen, a twig: a long thick line with a light along it, crossing the picture."""
    start, end = random.uniform(-40, SIDE + 40, (2, 2))
    reach = np.linspace(0, 1, 12)[:, None]
    bow = random.normal(0, 35, (2, 2)) if random.random() < 0.6 else np.zeros((2, 2))
    way = start * (1 - reach) + end * reach + bow[0] * np.sin(reach * np.pi) + bow[1] * np.sin(reach * 2 * np.pi)
    if np.abs(end - start).max() < 110:  # a short one would be a 1
        return
    points = [np.rint(way * 16).astype(np.int32)]
    thick = int(random.integers(3, 26))
    tone = float(random.uniform(0, 255))
    cv2.polylines(page, points, isClosed=False, color=(tone,), thickness=thick, lineType=cv2.LINE_AA, shift=4)
    if thick > 6:
        light, thin = (min(255.0, tone + 50),), max(1, thick // 4)
        cv2.polylines(page, points, isClosed=False, color=light, thickness=thin, lineType=cv2.LINE_AA, shift=4)


def edge(page: Picture, random: np.random.Generator) -> None:
    """The end of the paper: beyond a straight line there is something else."""
    beyond = _side_of_line(random, SIDE * random.uniform(0.25, 0.7))
    other = random.uniform(0, 255) + noise(random, random.uniform(1.5, 40)) * random.uniform(0, 15)
    page += np.clip(beyond, 0, 1) * (other - page)


def fold(page: Picture, random: np.random.Generator) -> None:
    """A crease: brightness jumps along a line and comes back slowly."""
    away = _side_of_line(random, random.uniform(-60, 60))
    jump = random.uniform(-0.22, 0.22)
    page *= 1 + jump * np.where(away > 0, np.exp(-np.maximum(away, 0) / random.uniform(3, 60)), 0)


def stain(page: Picture, random: np.random.Generator) -> None:
    """A spot, a smear, a finger at the edge: something large and soft."""
    x, y = random.uniform(-20, SIDE + 20, 2)
    wide, high = random.uniform(8, 70, 2)
    away = np.hypot((X - x) / wide, (Y - y) / high) + 0.15 * noise(random, 25)
    page += random.uniform(-90, 60) * np.clip((1 - away) * random.uniform(1, 8), 0, 1)


def dirt(page: Picture, random: np.random.Generator) -> None:
    """Specks and short scratches, too small to be digits."""
    for _ in range(int(random.integers(1, 25))):
        x, y = random.uniform(0, SIDE, 2)
        length = random.uniform(0, 6)
        angle = random.uniform(0, np.pi)
        tone = (float(random.uniform(0, 255)),)
        ends = ((x, y), (x + length * np.cos(angle), y + length * np.sin(angle)))
        first, second = (tuple(round(v * 16) for v in end) for end in ends)
        cv2.line(page, (first[0], first[1]), (second[0], second[1]), tone, int(random.integers(1, 3)), cv2.LINE_AA, 4)


def underline(page: Picture, around: Span, random: np.random.Generator) -> None:
    """A line under what is written, or through its whole row."""
    left, _, right, bottom = around
    y = bottom + random.uniform(0.5, 8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    rise = random.normal(0, 2)
    ends = ((left - random.uniform(0, 30), y - rise), (right + random.uniform(0, 30), y + rise))
    _line(mask, ends, random.uniform(1, 3))
    page -= mask * np.float32(random.uniform(30, 140) / 255 * (1 if page.mean() > 90 else -1))


_THINGS: Final = ((coin, 0.22), (cable, 0.18), (edge, 0.2), (fold, 0.1), (stain, 0.12), (dirt, 0.18))


def things(page: Picture, random: np.random.Generator, most: int = 3) -> None:
    """Put one to `most` things onto the picture."""
    for number in random.choice(len(_THINGS), int(random.integers(1, most + 1)), p=[share for _, share in _THINGS]):
        _THINGS[int(number)][0](page, random)


def _side_of_line(random: np.random.Generator, distance: float) -> Picture:
    """How far each pixel is beyond a line at a distance from the middle, in pixels; mostly level or upright ones."""
    angle = random.integers(0, 4) * np.pi / 2 + random.normal(0, 0.15)
    return np.asarray((X - SIDE / 2) * np.cos(angle) + (Y - SIDE / 2) * np.sin(angle) - distance, np.float32)


def _line(mask: Canvas, ends: tuple[tuple[float, float], tuple[float, float]], thick: float) -> None:
    first, second = (tuple(round(v * 16) for v in end) for end in ends)
    cv2.line(mask, (first[0], first[1]), (second[0], second[1]), 255, max(1, round(thick)), cv2.LINE_AA, 4)
