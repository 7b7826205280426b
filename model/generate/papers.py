"""The papers and boards of the sample pictures, seen from straight above in even light."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SHEET: Final = (720, 570)  # (width, height) pixels of every sheet

Colour = tuple[float, float, float]
"""Red, green, blue, 0..1."""
Picture = NDArray[np.float32]
"""(H, W, 3) float32 RGB, 0..1."""
Paper = Callable[[np.random.Generator], Picture]
"""Makes a new sheet, `SHEET` pixels large."""


def plain(colour: Colour) -> Paper:
    """Paper with nothing on it."""
    return lambda rng: _sheet(rng, colour, 0.007)


def lined(step: float, colour: Colour, *, squared: bool) -> Paper:
    """Paper with printed lines `step` pixels apart."""

    def paper(rng: np.random.Generator) -> Picture:
        page = _sheet(rng, (0.93, 0.93, 0.91), 0.006)
        height, width = page.shape[:2]
        lines = np.zeros((height, width), np.float32)
        for y in np.arange(rng.uniform(0, step), height, step):
            lines[int(y)] = 1
        for x in np.arange(rng.uniform(0, step), width, step) if squared else ():
            lines[:, int(x)] = 1
        lines = cv2.GaussianBlur(lines, (0, 0), 0.8)[..., None] * 1.1
        return np.asarray(page * (1 - lines) + np.asarray(colour, np.float32) * lines, np.float32)

    return paper


def cardboard(rng: np.random.Generator) -> Picture:
    """The side of a cardboard box, its flutes showing through."""
    page = _sheet(rng, (0.76, 0.62, 0.46), 0.014)
    height, width = page.shape[:2]
    flutes = 0.008 * np.sin(np.arange(height) * 2 * np.pi / 13).astype(np.float32)
    fibres = cv2.resize(clouds(rng, (height, 60), 1.5), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(page + flutes[:, None, None] + 0.01 * fibres[..., None], np.float32)


def note(rng: np.random.Generator) -> Picture:
    """A yellow note that lies on a pale table top, with its shadow."""
    width, height = SHEET
    page = _sheet(rng, (0.80, 0.79, 0.77), 0.006)
    middle, half = np.array([width / 2, height / 2]), 196
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ _turn(rng.uniform(-5, 5)).T + middle
    note, shade = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    cv2.fillConvexPoly(shade, np.rint(corners + np.array([5, 8])).astype(np.int32), 1.0)
    cv2.fillConvexPoly(note, np.rint(corners).astype(np.int32), 1.0, cv2.LINE_AA)
    page = page * (1 - 0.35 * cv2.GaussianBlur(shade, (0, 0), 8)[..., None])
    yellow = _sheet(rng, (0.97, 0.88, 0.45), 0.006)
    return np.asarray(page * (1 - note[..., None]) + yellow * note[..., None], np.float32)


def board(rng: np.random.Generator) -> Picture:
    """A chalk board that was wiped, not washed."""
    page = _sheet(rng, (0.16, 0.23, 0.20), 0.006)
    height, width = page.shape[:2]
    wiped = cv2.resize(clouds(rng, (60, 30), 4), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(
        page + 0.018 * np.abs(wiped)[..., None] + 0.02 * clouds(rng, (height, width), 70)[..., None], np.float32
    )


def hills(rng: np.random.Generator) -> Picture:
    """A view over hills in the haze: no sheet at all, and nothing to read."""
    width, height = SHEET
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    sky = np.array([0.62, 0.74, 0.88]) * (1 - down) + np.array([0.97, 0.86, 0.74]) * down
    view = np.broadcast_to(sky, (height, width, 3))
    across = np.arange(width) / width
    for level, tone in ((0.50, (0.60, 0.66, 0.74)), (0.60, (0.45, 0.55, 0.60)), (0.70, (0.30, 0.43, 0.42))):
        ridge = np.full(width, height * level)
        for rise, waves in ((16, 1.0), (12, 2.3), (7, 4.1), (3, 9.0)):
            ridge += rng.normal() * rise * np.sin(2 * np.pi * (across * waves + rng.uniform()))
        covered = np.clip(np.arange(height)[:, None] - ridge, 0, 1)[..., None]
        view = view * (1 - covered) + np.array(tone) * covered
    return np.asarray(view + 0.008 * clouds(rng, (height, width), 12)[..., None], np.float32)


def clouds(rng: np.random.Generator, shape: tuple[int, int], size: float) -> NDArray[np.float32]:
    """Smooth noise with blots of about `size` pixels: mean 0, deviation 1."""
    height, width = shape
    small = rng.normal(size=(int(height / size) + 4, int(width / size) + 4)).astype(np.float32)
    noise = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((noise - noise.mean()) / (noise.std() + 1e-6), np.float32)


def _sheet(rng: np.random.Generator, colour: Colour, grain: float) -> Picture:
    """Bare paper: its colour, its fibres and its waves."""
    width, height = SHEET
    noise = grain * clouds(rng, (height, width), 2.5) + 0.012 * clouds(rng, (height, width), 90)
    return (np.asarray(colour, np.float32) + noise[..., None]).astype(np.float32)


def _turn(degrees: float) -> NDArray[np.float64]:
    """The matrix that turns points about the origin."""
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
