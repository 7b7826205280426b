"""The signs that people write between digits: how each may be drawn, how large, how high in its line. Training side."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from model.generate.pens import Glyph, Line, normalised

# Heights of the middle and long sides, of a digit's height: least and most of each. y points down, 0 is a digit's
# middle, 0.5 its foot.
_PLACE: Final[Mapping[str, tuple[float, float, float, float]]] = {
    ".": (0.36, 0.54, 0.01, 0.1), ",": (0.4, 0.66, 0.12, 0.34), "-": (-0.14, 0.2, 0.2, 0.75),
    "+": (-0.12, 0.2, 0.35, 0.9), "×": (-0.1, 0.28, 0.3, 0.75), "÷": (-0.12, 0.16, 0.4, 0.8),
    "=": (-0.12, 0.22, 0.3, 0.8), "/": (-0.12, 0.16, 0.8, 1.5), ":": (-0.08, 0.28, 0.28, 0.62),
    "(": (-0.12, 0.16, 0.9, 1.5), ")": (-0.12, 0.16, 0.9, 1.5), "%": (-0.12, 0.12, 0.75, 1.15),
}  # fmt: skip
_OTHERS: Final = 0.6  # of the signs are other people's drawings, where there are some


def sign(
    character: str, drawn: Mapping[str, tuple[Glyph, ...]], random: np.random.Generator
) -> tuple[Glyph, float, float]:
    """Draw a sign: its lines (long side 1), its long side and the height of its middle, of a digit's height."""
    low, high, least, most = _PLACE[character]
    theirs = drawn.get("*" if character == "×" else character, ())  # people type × as an asterisk, and write one so
    if theirs and character not in ".:" and random.random() < _OTHERS:
        glyph = theirs[int(random.integers(len(theirs)))]
    else:
        glyph = normalised(tuple(np.asarray(line, np.float32) for line in _drawn(character, random)))
    return glyph, float(random.uniform(least, most)), float(random.uniform(low, high))


def _drawn(character: str, random: np.random.Generator) -> list[Line]:  # noqa: C901 - a branch a sign
    bend = float(random.normal(0, 0.06))
    if character == ".":
        if random.random() < 0.7:
            return [_dot(0, 0)]
        return [_ring(0, 0, 0.5, random)]
    if character == ",":
        return [_arc((0, 0), (-random.uniform(0.05, 0.6), 1), random.uniform(-0.3, 0.1))]
    if character == "-":
        return [_arc((-1, bend), (1, -bend), random.normal(0, 0.1))]
    if character == "+":
        long, off = random.uniform(0.7, 1.3), random.normal(0, 0.12, 2)
        return [
            _arc((-1, bend), (1, -bend), bend),
            _arc((off[0], -long + off[1]), (off[0] + bend, long + off[1]), bend),
        ]
    if character == "×":
        if random.random() < 0.2:  # an asterisk
            turn = random.uniform(0, np.pi)
            return [_spoke(turn + part * np.pi / 3) for part in range(3)]
        wide = random.uniform(0.6, 1.1)
        return [_arc((-wide, -1), (wide, 1), bend), _arc((wide, -1), (-wide, 1), -bend)]
    if character == "÷":
        away = random.uniform(0.4, 0.8)
        return [
            _arc((-1, bend), (1, -bend), bend),
            _dot(random.normal(0, 0.1), -away),
            _dot(random.normal(0, 0.1), away),
        ]
    if character == "=":
        gap, shift = random.uniform(0.18, 0.45), random.normal(0, 0.12)
        return [
            _arc((-1, -gap + bend), (1, -gap - bend), bend),
            _arc((-1 + shift, gap + bend), (1 + shift, gap - bend), bend),
        ]
    if character == "/":
        return [_arc((random.uniform(0.1, 1.2), -1.2), (-random.uniform(0, 0.5), 1.2), random.normal(0, 0.08))]
    if character == ":":
        lean = random.normal(0, 0.1)
        return [_dot(lean, -1), _dot(-lean, 1)]
    if character in "()":
        bow = random.uniform(0.3, 1.1) * (1 if character == "(" else -1)
        return [_arc((bend, -1.2), (-bend, 1.2), bow)]
    small, wide = random.uniform(0.28, 0.42), random.uniform(0.5, 0.8)
    slash = _arc((wide * 0.8, -1), (-wide * 0.8, 1), bend)
    return [_ring(-wide, -0.6, small, random), slash, _ring(wide, 0.6, small, random)]


def _dot(x: float, y: float) -> Line:
    return np.array([[x, y], [x, y]], np.float32)


def _arc(start: tuple[float, float], end: tuple[float, float], bow: float) -> Line:
    """A line from one point to another that bows to its left side by `bow`."""
    along = np.linspace(0, 1, 9, dtype=np.float32)[:, None]
    first, last = np.array(start, np.float32), np.array(end, np.float32)
    aside = np.array([last[1] - first[1], first[0] - last[0]]) / max(1e-3, float(np.linalg.norm(last - first)))
    return np.asarray(first + along * (last - first) - 4 * along * (1 - along) * aside * bow, np.float32)


def _spoke(turn: float) -> Line:
    out = np.array([np.cos(turn), np.sin(turn)], np.float32)
    return np.stack([-out, out])


def _ring(x: float, y: float, radius: float, random: np.random.Generator) -> Line:
    """A small ring, not quite closed or a little past its start."""
    way = random.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi * random.uniform(0.85, 1.1), 13)
    squeeze = random.uniform(0.75, 1)
    return np.stack([x + radius * squeeze * np.cos(way), y + radius * np.sin(way)], axis=1).astype(np.float32)
