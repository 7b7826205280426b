"""Made-up writers, drawn by code, each of whom writes one digit in a way that MNIST's writers do not.

A digit is some strokes through points, x to the right, y down, in a box of height 1. Each time it is written the points
shake, the hand leans and the pen presses differently; what comes out is cropped as a photo's digit is.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.normalize import to_mnist

Stroke = Sequence[tuple[float, float]]
Shape = Sequence[Stroke]

_SIDE: Final = 120  # pixels of a digit's height

PLAIN: Final[Mapping[int, Shape]] = {
    0: [[(0.5, 0.02), (0.2, 0.2), (0.15, 0.6), (0.4, 0.97), (0.7, 0.8), (0.78, 0.4), (0.6, 0.06), (0.48, 0.02)]],
    1: [[(0.5, 0.0), (0.5, 0.5), (0.49, 1.0)]],
    2: [[(0.2, 0.25), (0.4, 0.02), (0.72, 0.14), (0.68, 0.45), (0.4, 0.75), (0.16, 0.97)], [(0.16, 0.97), (0.8, 0.95)]],
    3: [[(0.22, 0.1), (0.5, 0.0), (0.72, 0.18), (0.62, 0.4), (0.4, 0.47), (0.66, 0.55), (0.76, 0.78), (0.5, 1.0),
         (0.18, 0.88)]],
    4: [[(0.45, 0.0), (0.32, 0.3), (0.14, 0.62)], [(0.14, 0.62), (0.5, 0.62), (0.85, 0.6)],
        [(0.65, 0.3), (0.63, 0.65), (0.6, 1.0)]],
    5: [[(0.75, 0.02), (0.3, 0.03)], [(0.3, 0.03), (0.26, 0.42)],
        [(0.26, 0.42), (0.55, 0.36), (0.77, 0.6), (0.6, 0.93), (0.2, 0.95)]],
    6: [[(0.62, 0.0), (0.3, 0.3), (0.18, 0.7), (0.4, 0.98), (0.7, 0.85), (0.68, 0.58), (0.4, 0.5), (0.22, 0.68)]],
    7: [[(0.16, 0.05), (0.78, 0.05)], [(0.78, 0.05), (0.55, 0.5), (0.4, 1.0)]],
    8: [[(0.68, 0.14), (0.45, 0.0), (0.25, 0.2), (0.5, 0.46), (0.74, 0.74), (0.5, 1.0), (0.22, 0.8), (0.48, 0.48),
         (0.7, 0.25), (0.66, 0.12)]],
    9: [[(0.7, 0.2), (0.45, 0.02), (0.22, 0.25), (0.4, 0.5), (0.68, 0.35), (0.7, 0.2)],
        [(0.7, 0.2), (0.66, 0.6), (0.55, 1.0)]],
}  # fmt: skip

# Of many habits that were tried most are read well: crossed 7s, looped 2s and footed 1s among them. These are not. More
# than five, for the model that comes with the bot may learn some of them one day.
WRITERS: Final[Mapping[str, Mapping[int, Shape]]] = {
    # An upstroke half as long as the stem, and no foot: read as a 7. The 7s have a bar, to tell them apart.
    "hooked 1s, crossed 7s": {
        1: [[(0.0, 0.5), (0.55, 0.0)], [(0.55, 0.0), (0.52, 1.0)]],
        7: [[(0.16, 0.05), (0.78, 0.05)], [(0.78, 0.05), (0.55, 0.5), (0.4, 1.0)], [(0.25, 0.5), (0.85, 0.48)]],
    },
    # An angular 2 with a bar, as some write a z: read as a 7.
    "crossed 2s": {
        2: [[(0.1, 0.05), (0.85, 0.05)], [(0.85, 0.05), (0.1, 0.97)], [(0.1, 0.97), (0.9, 0.97)],
            [(0.2, 0.5), (0.8, 0.48)]],
    },
    # A bowl that bends over but does not close: read as a 9.
    "open 4s": {
        4: [[(0.42, 0.12), (0.2, 0.15), (0.16, 0.4), (0.45, 0.5), (0.66, 0.4)],
            [(0.72, 0.02), (0.66, 0.5), (0.62, 1.0)]],
    },
    # A stroke through the 0, as in part numbers: read as an 8.
    "slashed 0s": {
        0: [[(0.5, 0.02), (0.2, 0.2), (0.15, 0.6), (0.4, 0.97), (0.7, 0.8), (0.78, 0.4), (0.6, 0.06), (0.48, 0.02)],
            [(0.86, 0.02), (0.1, 0.98)]],
    },
    # A tail that closes into a loop, as of a g: read as an 8.
    "tailed 9s": {
        9: [[(0.75, 0.1), (0.4, 0.0), (0.15, 0.25), (0.42, 0.48), (0.75, 0.2)],
            [(0.75, 0.2), (0.72, 0.75), (0.4, 1.0), (0.08, 0.8), (0.4, 0.65), (0.7, 0.6)]],
    },
    # Begun at the right with a flat stroke, as a sigma: read as a 0.
    "sigma 6s": {
        6: [[(0.95, 0.3), (0.5, 0.3), (0.15, 0.5), (0.2, 0.9), (0.5, 1.0), (0.8, 0.75), (0.7, 0.45), (0.5, 0.3)]],
    },
    # A bar that is drawn without lifting the pen, in a loop: read as a 2.
    "looped 7s": {
        7: [[(0.16, 0.1), (0.5, 0.05), (0.78, 0.05)],
            [(0.78, 0.05), (0.5, 0.7), (0.35, 1.0), (0.15, 0.85), (0.4, 0.7), (0.75, 0.75)]],
    },
    # A flag that comes back to the stem: read as a 9.
    "closed 7s": {
        7: [[(0.1, 0.3), (0.16, 0.05), (0.78, 0.05)], [(0.78, 0.05), (0.4, 1.0)], [(0.1, 0.3), (0.7, 0.35)]],
    },
    # Both bows close: read as an 8.
    "closed 3s": {
        3: [[(0.22, 0.1), (0.5, 0.0), (0.72, 0.18), (0.62, 0.4), (0.3, 0.3), (0.22, 0.1)],
            [(0.5, 0.42), (0.76, 0.78), (0.5, 1.0), (0.22, 0.8), (0.5, 0.45)]],
    },
    # A stem and a bar across it, to tell it from a 7: read as a 4.
    "crossed 1s": {1: [[(0.5, 0.0), (0.5, 1.0)], [(0.1, 0.45), (0.9, 0.45)]]},
}  # fmt: skip


def write(writer: str, digits: Sequence[int], seed: int) -> NDArray[np.float32]:
    """Write digits in a writer's hand: (N, 28, 28) float32 in 0..1, as the reader crops them."""
    random = np.random.default_rng([seed, list(WRITERS).index(writer)])
    shapes = {**PLAIN, **WRITERS[writer]}
    return np.array([_written(shapes[digit], random) for digit in digits])


def _written(shape: Shape, random: np.random.Generator) -> NDArray[np.float32]:
    lean, turn = random.normal(0, 0.1), random.normal(0, 0.06)
    wide, pen = random.uniform(0.75, 1.1), random.uniform(0.05, 0.11)
    ink = np.zeros((2 * _SIDE, 2 * _SIDE), np.uint8)
    frame = np.array([[wide, -lean - turn], [turn, 1]]) * _SIDE
    ends: dict[tuple[float, float], NDArray[np.float64]] = {}  # strokes that meet go on meeting
    for stroke in shape:
        points = np.array([ends.setdefault(point, np.array(point) + random.normal(0, 0.022, 2)) for point in stroke])
        line = (smooth(points) - 0.5) @ frame.T + _SIDE
        cv2.polylines(ink, [np.rint(line * 16).astype(np.int32)], False, (255,), round(pen * _SIDE), cv2.LINE_AA, 4)  # noqa: FBT003 OpenCV's own order
    soft = cv2.GaussianBlur(ink, (0, 0), 1.2).astype(np.float32) / 255
    return to_mnist(soft)


def smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Catmull-Rom curve through all points."""
    if len(points) < 3:
        return points
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, 12)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.concatenate(parts)
