"""Blank pages, and what is needed to make them: the size of a scene, smooth noise, plain print. Training side."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE: Final = 192

Picture = NDArray[np.float32]
"""(SIDE, SIDE) float32 grey levels, 0 black to 255 white."""

Y, X = (np.ascontiguousarray(axis, np.float32) for axis in np.mgrid[0:SIDE, 0:SIDE])


def noise(
    random: np.random.Generator, size: float, stretch: float = 1.0, sides: tuple[int, int] = (SIDE, SIDE)
) -> Picture:
    """Smooth noise with blots of `size` pixels, `stretch` times as long across: mean 0, deviation about 1."""
    wide, high = sides
    rows, columns = max(2, round(high / size)) + 1, max(2, round(wide / size / stretch)) + 1
    small = random.standard_normal((rows, columns), np.float32) * 1.5
    return np.asarray(cv2.resize(small, sides, interpolation=cv2.INTER_CUBIC))


def paper(random: np.random.Generator) -> Picture:
    """Plain paper, a little uneven; often as a scanner or a drawing program shows it, with nothing at all on it."""
    if random.random() < 0.15:
        return np.full((SIDE, SIDE), random.choice([255.0, 250.0, 240.0]), np.float32)
    page = np.full((SIDE, SIDE), random.uniform(110, 245), np.float32)
    page += random.uniform(0, 5) * noise(random, random.uniform(40, 120))
    page += random.uniform(0, 3.5) * noise(random, random.uniform(1, 4))
    return page


def dark(random: np.random.Generator) -> Picture:
    """A chalk board that was wiped, a black card, a dark screen."""
    page = np.full((SIDE, SIDE), random.uniform(0, 80), np.float32)
    if random.random() < 0.7:
        page += np.abs(noise(random, random.uniform(8, 30), random.uniform(1, 5))) * random.uniform(1, 9)
        page += noise(random, 1.5) * random.uniform(0, 4)
    return page


def print_text(page: Picture, text: str, at: tuple[float, float], size: float, depth: float) -> None:
    """Print text in a plain font, `depth` grey levels lighter than the page (darker: negative)."""
    cover = np.zeros((SIDE, SIDE), np.uint8)
    place = (round(at[0]), round(at[1]))
    cv2.putText(cover, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, 255, 1, cv2.LINE_AA)
    page += cover * np.float32(depth / 255)
