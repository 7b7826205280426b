"""Frames around writing: printed boxes, combs and tables; rings, boxes and lines drawn by hand. Training side.

Functions that draw on a page do so in place. `ring`, `rectangle` and `rule` give the same as strokes instead, for
whoever draws them with the pen of the writing.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from model.generate.clutter import Span
from model.generate.pens import Canvas, Glyph, Line, stroke
from model.generate.surfaces import SIDE, Picture

_FAR: Final = 1.5 * SIDE  # pixels; a line as long as this leaves the page on any side


def boxes(page: Picture, spans: Sequence[Span], random: np.random.Generator, *, alone: bool = True) -> None:
    """Print what a form has for digits: a box around each span, a comb, or a table whose lines run on over the page.

    The spans are those of one line of writing, which may be turned; without any nothing is printed. `alone` says that
    no other line is written, so that a table may have more rows.
    """
    if not spans:
        return
    at = np.array(sorted(spans), np.float32)
    middles = np.asarray((at[:, :2] + at[:, 2:]) / 2, np.float32)
    turn = _turn(middles, at)
    cos, sin = np.cos(turn), np.sin(turn)
    to_page = np.array([[cos, -sin], [sin, cos]], np.float32)
    middles = np.asarray(middles @ to_page, np.float32)  # along and across the line
    size = np.float32((at[:, 3] - at[:, 1]).max())
    wide = np.minimum(at[:, 2] - at[:, 0], size)  # of turned digits the spans are too wide
    borders = _borders(middles[:, 0], wide, float(size), random)
    margin = size * random.uniform(-0.04, 0.12) if random.random() < 0.4 else size * random.uniform(0.1, 0.5)
    low = float((middles[:, 1] - size / 2).min() - margin * random.uniform(0.6, 1.2))
    high = float((middles[:, 1] + size / 2).max() + margin * random.uniform(0.6, 1.2))
    kind = random.random()
    if kind < 0.35:
        lines = _separate(borders, low, high, random)
    elif kind < 0.65:
        lines = _comb(borders, low, high, random)
    else:
        lines = _table(borders, low, high, random, rows=alone)
    thick = float(np.exp(random.uniform(0, np.log(6.5))))
    thick = max(1.0, min(thick, float(size) * 0.14))
    if random.random() < 0.12:
        dash = random.uniform(2, 5)
        lines = tuple(piece for line in lines for piece in _dashed(line, min(thick * dash, float(size) / 7)))
    mask = np.zeros(page.shape, np.uint8)
    stroke(mask, tuple(line @ to_page.T for line in lines), thick)
    _print(page, mask, random)


def circled(page: Picture, span: Span, random: np.random.Generator, tone: float | None = None) -> None:
    """Draw a ring by hand around a span, in grey level `tone` or any that shows."""
    _written(page, (ring(span, random),), span, random, tone)


def boxed(page: Picture, span: Span, random: np.random.Generator, tone: float | None = None) -> None:
    """Draw a rectangle by hand around a span, as around a result."""
    _written(page, rectangle(span, random), span, random, tone)


def underlined(page: Picture, span: Span, random: np.random.Generator, tone: float | None = None) -> None:
    """Draw one or two lines by hand under a span."""
    _written(page, rule(span, random), span, random, tone)


def ring(span: Span, random: np.random.Generator) -> Line:
    """Give the points of a hand-drawn ring around a span: a wobbly ellipse, left open or closed beyond its start."""
    left, top, right, bottom = span
    half = np.array([right - left, bottom - top]) / 2
    reach = half * random.uniform(1.15, 1.6) + half.max() * random.uniform(0, 0.35)
    way = random.choice([-1, 1]) * np.linspace(0, 2 * np.pi * random.uniform(0.86, 1.15), 48)
    angle = way + random.uniform(0, 2 * np.pi)
    wobble = 1 + sum(random.normal(0, 0.05 / n) * np.cos(n * angle + random.uniform(0, 6)) for n in (1, 2, 3, 5))
    wobble = wobble + np.linspace(0, random.normal(0, 0.1), 48)  # the end seldom meets the start
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * wobble[:, None] * reach
    lean = random.normal(0, 0.08)
    points = points @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    return np.asarray(points + np.array([left + right, top + bottom]) / 2, np.float32)


def rectangle(span: Span, random: np.random.Generator) -> Glyph:
    """Give the strokes of a hand-drawn rectangle around a span: in one go, or four lines that cross at the corners."""
    left, top, right, bottom = span
    size = max(right - left, bottom - top)
    out = size * random.uniform(0.06, 0.3, 4)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    corners = corners + np.stack([out[[0, 2, 2, 0]] * [-1, 1, 1, -1], out[[1, 1, 3, 3]] * [-1, -1, 1, 1]], axis=1)
    corners = corners + random.normal(0, 0.02 * size, (4, 2))
    if random.random() < 0.5:
        end = corners[0] + random.normal(0, 0.03 * size, 2)
        sides = [_bowed(a, b, random) for a, b in zip(corners, [*corners[1:], end], strict=True)]
        return (np.concatenate(sides),)
    over = size * random.uniform(-0.03, 0.1)
    lines = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (end - start) / max(1.0, float(np.hypot(*(end - start))))
        lines.append(_bowed(start - over * along, end + over * along, random))
    return tuple(lines)


def rule(span: Span, random: np.random.Generator) -> Glyph:
    """Give the strokes of one hand-drawn line under a span, or two, well below what is written."""
    left, _, right, bottom = span
    size = max(right - left, 8.0)
    y = bottom + random.uniform(2, 9)
    lines = []
    for _ in range(2 if random.random() < 0.25 else 1):
        ends = np.array([[left - random.uniform(0, 0.3) * size, y], [right + random.uniform(0, 0.3) * size, y]])
        ends[:, 1] += random.uniform(-1, 1) * 0.02 * size * np.array([-1, 1])
        lines.append(_bowed(ends[0], ends[1], random))
        y += random.uniform(4, 9)
    return tuple(lines)


def _turn(middles: Line, at: Line) -> float:
    """The angle of a line of writing, radians; 0 where it is too short to tell."""
    run = float(np.ptp(middles[:, 0]))
    if len(middles) < 3 or run < 2 * float((at[:, 3] - at[:, 1]).max()):
        return 0.0
    return float(np.clip(np.arctan(np.polyfit(middles[:, 0], middles[:, 1], 1)[0]), -0.5, 0.5))


def _borders(middles: Line, wide: Line, size: float, random: np.random.Generator) -> Line:
    """Where cells end along the line: evenly spaced where the digits are, else halfway between them."""
    count = len(middles)
    if count == 1:
        half = max(float(wide[0]), size * random.uniform(0.4, 0.8)) / 2 + size * random.uniform(0.02, 0.4)
        return np.array([middles[0] - half, middles[0] + half], np.float32)
    step = float(middles[-1] - middles[0]) / (count - 1)
    even = middles[0] + step * np.arange(count) + np.mean(middles - middles[0] - step * np.arange(count))
    if np.abs(even - middles).max() < 0.22 * step:
        return np.asarray(np.append(even - step / 2, even[-1] + step / 2), np.float32)
    between = ((middles[:-1] + wide[:-1] / 2) + (middles[1:] - wide[1:] / 2)) / 2
    out = max(1.0, size * random.uniform(0.05, 0.3))
    ends = middles[0] - wide[0] / 2 - out, middles[-1] + wide[-1] / 2 + out
    return np.array([ends[0], *between, ends[1]], np.float32)


def _separate(borders: Line, low: float, high: float, random: np.random.Generator) -> Glyph:
    """A box for each digit, with square or round corners."""
    steps = np.diff(borders)
    share = random.uniform(0.0, 0.14)
    round_share = random.uniform(0.1, 0.45) if random.random() < 0.3 else 0.0
    lines = []
    for start, step in zip(borders, steps, strict=False):
        left, right = start + step * share, start + step * (1 - share)
        lines.append(_rounded(left, low, right, high, round_share * min(right - left, high - low)))
    return tuple(lines)


def _comb(borders: Line, low: float, high: float, random: np.random.Generator) -> Glyph:
    """Cells that are joined: with short or whole walls, with or without a line above, some of them empty."""
    step = float(np.median(np.diff(borders)))
    before, after = random.integers(0, 4, 2) if random.random() < 0.5 else (0, 0)
    extended = [
        *(borders[0] - step * np.arange(before, 0, -1)),
        *borders,
        *(borders[-1] + step * np.arange(1, after + 1)),
    ]
    open_above = random.random() < 0.4
    short = high - (high - low) * (random.uniform(0.15, 0.6) if random.random() < 0.3 and open_above else 1)
    lines = [_line(x, low if n in (0, len(extended) - 1) else short, x, high) for n, x in enumerate(extended)]
    lines.append(_line(extended[0], high, extended[-1], high))
    if not open_above:
        lines.append(_line(extended[0], low, extended[-1], low))
    return tuple(lines)


def _table(borders: Line, low: float, high: float, random: np.random.Generator, *, rows: bool) -> Glyph:
    """Cells all over the page, or one row of them from edge to edge."""
    step, feed = max(6.0, float(np.median(np.diff(borders)))), high - low
    more = np.arange(step, _FAR, step, dtype=np.float32)
    walls = np.concatenate([borders[0] - more[::-1], borders, borders[-1] + more])
    above, below = random.integers(0, 6, 2) if rows and random.random() < 0.75 else (0, 0)
    walls = walls[(walls > -SIDE / 2) & (walls < _FAR)]  # what a turned page shows of them
    levels = low + feed * np.arange(-int(above), int(below) + 2)
    lines = [_line(-SIDE / 2, y, _FAR, y) for y in levels]
    if random.random() < 0.8:
        lines += [_line(x, levels[0], x, levels[-1]) for x in walls]
    return tuple(lines)


def _line(left: float, top: float, right: float, bottom: float) -> Line:
    return np.array([[left, top], [right, bottom]], np.float32)


def _rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Line:
    """A closed rectangle with round corners."""
    angle = np.linspace(0, np.pi / 2, 5 if radius > 1 else 1)
    arc = np.stack([1 - np.cos(angle), 1 - np.sin(angle)], axis=1) * radius
    back = arc[::-1]
    corners = (
        ((left, top), arc),
        ((right, top), back * (-1, 1)),
        ((right, bottom), -arc),
        ((left, bottom), back * (1, -1)),
    )
    points = np.concatenate([np.add(corner, bend) for corner, bend in corners])
    return np.asarray(np.concatenate([points, points[:1]]), np.float32)


def _dashed(line: Line, length: float) -> Glyph:
    """Break straight lines into dashes with as long gaps."""
    pieces = []
    for start, end in pairwise(line):
        count = max(1, min(90, round(float(np.hypot(*(end - start))) / (2 * length))))
        ends = start + (end - start) * (np.array([[0], [0.5]]) + np.arange(count))[..., None] / count
        pieces += [ends[:, number].astype(np.float32) for number in range(count)]
    return tuple(pieces)


def _bowed(start: Line, end: Line, random: np.random.Generator) -> Line:
    """A line as a hand draws it between two points."""
    reach = np.linspace(0, 1, 9)[:, None]
    across = (end - start)[::-1] * [-1, 1]
    bow = random.normal(0, 0.012) * np.sin(reach * np.pi) + random.normal(0, 0.006) * np.sin(reach * 2 * np.pi)
    return np.asarray(start + reach * (end - start) + bow * across, np.float32)


def _print(page: Picture, mask: Canvas, random: np.random.Generator) -> None:
    """Print in any depth, darker than a light page and lighter than a dark one."""
    level = float(page.mean())
    share = random.uniform(0.12, 0.5) if random.random() < 0.5 else random.uniform(0.5, 0.97)
    tone = level * (1 - share) if level > 90 else level + (250 - level) * share
    page += mask * np.float32(1 / 255) * (np.float32(tone) - page)


def _written(page: Picture, lines: Glyph, span: Span, random: np.random.Generator, tone: float | None) -> None:
    size = min(span[2] - span[0], span[3] - span[1])
    mask = np.zeros(page.shape, np.uint8)
    stroke(mask, lines, float(np.clip(size * random.uniform(0.02, 0.1), 1, 6)))
    if tone is None:
        _print(page, mask, random)
    else:
        page += mask * np.float32(1 / 255) * (np.float32(tone) - page)
