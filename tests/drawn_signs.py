"""A made-up sign, drawn by code on paper, each time by another hand: something that the reader takes for a digit."""

from typing import Final

import cv2
import numpy as np

from tests.bench.writers import smooth

_LADLE: Final = ((0.7, 0.0), (0.55, 0.6), (0.3, 0.75), (0.35, 1.0), (0.7, 0.95), (0.75, 0.7), (0.55, 0.6))
_SIDE: Final = 60


def ladle(random: np.random.Generator) -> bytes:
    """Draw a ladle, a house mark that is no letter either, alone on paper: a PNG."""
    lean, turn, wide = random.normal(0, 0.1), random.normal(0, 0.06), random.uniform(0.75, 1.1)
    size, pen = random.uniform(0.8, 1.3) * _SIDE, random.uniform(0.05, 0.11)
    page = np.full((int(size + 100), int(size + 100)), random.uniform(190, 245), np.float32)
    points = np.array([np.array(point) + random.normal(0, 0.022, 2) for point in _LADLE])
    line = (smooth(points) - 0.5) @ (np.array([[wide, -lean - turn], [turn, 1]]) * size).T + len(page) / 2
    ink = np.zeros(page.shape, np.uint8)
    corners, wide_px = np.rint(line * 16).astype(np.int32), max(2, round(pen * size))
    cv2.polylines(ink, [corners], isClosed=False, color=(255,), thickness=wide_px, lineType=cv2.LINE_AA, shift=4)
    page *= 1 - 0.75 * cv2.GaussianBlur(ink, (0, 0), 0.8).astype(np.float32) / 255
    page += random.normal(0, 3, page.shape).astype(np.float32)
    return cv2.imencode(".png", page.clip(0, 255).astype(np.uint8))[1].tobytes()
