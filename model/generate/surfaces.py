"""What scenes are written on, and what lies in front of a phone that is no paper at all. Training side.

Every function makes a square of `SIDE` pixels, float32 grey levels 0..255, seen from straight above in even light.
"""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from model.generate.blank import SIDE, Picture, X, Y, dark, noise, paper, print_text
from model.generate.prints import cheque, dots, graph, screenshot, scripts

__all__ = ["SEEN", "SIDE", "WRITTEN_ON", "Picture", "X", "Y", "noise", "paper", "pick", "print_text"]


def ruled(random: np.random.Generator) -> Picture:
    """Paper with lines or squares."""
    page = paper(random)
    step, depth = random.uniform(7, 60), random.uniform(8, 90)
    width, squared = random.uniform(0.5, 1.6), random.random() < 0.55
    for axis in (Y, X) if squared else (Y,):
        away = np.abs((axis + random.uniform(0, step)) % step - step / 2)
        page -= depth * np.clip(width + 0.5 - away, 0, 1)
    if random.random() < 0.25:  # the margin
        page -= depth * np.clip(2 - np.abs(X - random.uniform(10, 60)), 0, 1)
    return page


def security(random: np.random.Generator) -> Picture:
    """The pattern of cheques, tickets and bank notes: many fine waving lines, often two families of them."""
    page = paper(random)
    for _ in range(int(random.integers(1, 4))):
        angle = random.uniform(0, np.pi)
        cos, sin = float(np.cos(angle)), float(np.sin(angle))  # plain floats keep the page's float32
        along, over = X * cos + Y * sin, Y * cos - X * sin
        wave = random.uniform(0, 9) * np.sin(over / random.uniform(5, 30) + random.uniform(0, 6))
        if random.random() < 0.3:
            along = np.hypot(X - random.uniform(-50, SIDE + 50), Y - random.uniform(-50, SIDE + 50))
        lines = np.sin((along + wave) * 2 * np.pi / random.uniform(3, 16))
        page -= random.uniform(4, 38) * np.clip(lines * random.uniform(0.6, 3) + random.uniform(-0.8, 0.5), 0, 1)
    if random.random() < 0.4:
        text = "".join(random.choice(list("ABDEKMNRTVWXe"), 12))
        for y in np.arange(random.uniform(5, 20), SIDE, random.uniform(9, 30)):
            print_text(page, text * 4, (random.uniform(-60, 0), y), random.uniform(0.2, 0.6), -random.uniform(8, 40))
    return page


def fabric(random: np.random.Generator) -> Picture:
    """Woven cloth."""
    step = random.uniform(2.5, 12)
    bend = noise(random, 50) * 2
    weave = np.sin((X + bend) * 2 * np.pi / step) * np.sin((Y + bend) * 2 * np.pi / (step * random.uniform(0.7, 1.4)))
    page = random.uniform(40, 210) + weave * random.uniform(4, 28) + noise(random, 1.5) * random.uniform(1, 9)
    if random.random() < 0.4:  # stripes or checks
        page += random.uniform(10, 50) * (np.sin(X * 2 * np.pi / random.uniform(15, 60)) > random.uniform(-0.6, 0.8))
    return np.asarray(page + noise(random, 60) * random.uniform(0, 12), np.float32)


def wood(random: np.random.Generator) -> Picture:
    """A table top: rings, cut along."""
    ring = noise(random, random.uniform(8, 30), random.uniform(4, 12)) * random.uniform(1, 4)
    ring = ring + Y / random.uniform(4, 20)
    page = random.uniform(60, 190) + np.sin(ring) * random.uniform(4, 30)
    page = page + noise(random, 1.5, 12) * random.uniform(2, 10)
    return np.asarray(page if random.random() < 0.5 else page.T, np.float32)


def leaves(random: np.random.Generator) -> Picture:
    """Shapes of every size over each other, as in most photos (the dead leaves model)."""
    page = np.full((SIDE, SIDE), random.uniform(0, 255), np.float32)
    for size in np.sort(random.pareto(1.4, int(random.integers(15, 90))) * 6 + 3)[::-1]:
        centre = random.uniform(0, SIDE, 2)
        tone = float(np.clip(random.normal(128, 60), 0, 255))
        if random.random() < 0.5:
            axes = (float(size), float(size * random.uniform(0.3, 1)))
            cv2.ellipse(page, (tuple(centre), axes, random.uniform(0, 180)), (tone,), -1, cv2.LINE_AA)
        else:
            angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 8))))
            corners = centre + size * random.uniform(0.4, 1) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
            cv2.fillPoly(page, [np.rint(corners).astype(np.int32)], (tone,), cv2.LINE_AA)
    page += noise(random, random.uniform(1.5, 6)) * random.uniform(0, 18)
    return page


def clouds(random: np.random.Generator) -> Picture:
    """Walls, skies, fur, grass, stones: noise of many sizes."""
    page = np.full((SIDE, SIDE), random.uniform(40, 210), np.float32)
    size, stretch, fall = random.uniform(30, 100), random.uniform(0.5, 3), random.uniform(0.45, 0.95)
    depth = random.uniform(5, 45)
    while size > 1.2:
        page += noise(random, size, stretch) * depth
        size, depth = size / 2.2, depth * fall
    return page


def screen(random: np.random.Generator) -> Picture:
    """A screen: light or dark, its pixels showing as moiré."""
    page = paper(random) if random.random() < 0.6 else dark(random)
    angle, step = random.uniform(0, np.pi), random.uniform(2.1, 9)
    grid = np.sin((X * np.cos(angle) + Y * np.sin(angle)) * 2 * np.pi / step)
    return np.asarray(page + random.uniform(1, 14) * grid, np.float32)


def printed(random: np.random.Generator) -> Picture:
    """Newsprint or a form: rows of small print, sometimes what shines through from the back."""
    page = paper(random)
    depth = random.uniform(10, 150)
    scale = random.uniform(0.22, 0.5)
    for y in np.arange(random.uniform(0, 30), random.uniform(60, SIDE + 20), scale * random.uniform(30, 50)):
        words = "".join(random.choice(list("abdehkmnprtuvwxyABEKMNRT    "), 40))
        print_text(page, words, (random.uniform(-10, 40), float(y)), scale, -depth)
    return page if random.random() < 0.6 else page[:, ::-1].copy()


def keys(random: np.random.Generator) -> Picture:
    """A grid of keys or tiles with a letter on each."""
    light = random.random() < 0.5
    page = paper(random) if light else dark(random)
    step = random.uniform(22, 64)
    gap, sign = random.uniform(2, 8), -1 if light else 1
    tone = float(random.uniform(15, 90) * sign)
    left, top = random.uniform(0, step, 2)
    letters = random.choice(list("ABCDEFGHKMNPRTUVWXY+*#<>%&"), 100)
    shade = np.zeros_like(page)
    for number in range(100):
        row, column = divmod(number, 10)
        x, y = column * step - left, row * step - top
        if x > SIDE or y > SIDE:
            continue
        corner, other = (round(x + gap), round(y + gap)), (round(x + step - gap), round(y + step - gap))
        cv2.rectangle(shade, corner, other, (tone,), -1 if random.random() < 0.9 else 1)
        print_text(shade, letters[number], (x + step * 0.3, y + step * 0.65), step / 55, -tone - sign * 60.0)
    return page + shade


WRITTEN_ON: Final[tuple[tuple[Callable[[np.random.Generator], Picture], float], ...]] = (
    (paper, 0.36), (ruled, 0.2), (dark, 0.12), (security, 0.1), (screen, 0.04), (printed, 0.04),
    (fabric, 0.03), (wood, 0.03), (clouds, 0.04), (leaves, 0.02), (cheque, 0.1), (dots, 0.05), (graph, 0.06),
    (screenshot, 0.05),
)  # fmt: skip
"""What people write on, and how often."""
SEEN: Final[tuple[tuple[Callable[[np.random.Generator], Picture], float], ...]] = (
    (paper, 0.14), (ruled, 0.09), (dark, 0.05), (security, 0.07), (screen, 0.05), (printed, 0.07), (keys, 0.07),
    (fabric, 0.07), (wood, 0.07), (clouds, 0.14), (leaves, 0.18), (scripts, 0.14), (dots, 0.05), (graph, 0.05),
    (screenshot, 0.07), (cheque, 0.05),
)  # fmt: skip
"""What else is photographed."""


def pick(
    choices: tuple[tuple[Callable[[np.random.Generator], Picture], float], ...], random: np.random.Generator
) -> Picture:
    """Make one of the choices, each as often as it says."""
    shares = np.array([share for _, share in choices])
    make = choices[int(random.choice(len(choices), p=shares / shares.sum()))][0]
    return np.ascontiguousarray(make(random), np.float32)  # OpenCV draws on nothing else
