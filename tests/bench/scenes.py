"""The served reader on generated scenes, written with the validation digits that no training saw.

python -m tests.bench.scenes [SCENES]     (default 1,000)

Scenes are 192 pixels wide and hard on purpose: faint, blurred, small, cluttered. Prints how many digits are found
(a box that overlaps by half), how many of those are read right, how many scenes are read exactly, and how many without
a digit are refused, by the digits' size.
"""

import argparse
import collections

import cv2
import numpy as np

from model import load_reader
from model.generate.letters import letters
from model.generate.pens import Hand, traced
from model.generate.scenes import Scene, Studio
from model.generate.writing import UNSURE
from model.mnist import load_mnist

SEED = 4_000_000_007  # of no training


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / float(np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared)


def written(scene: Scene) -> list[tuple[np.ndarray, int]]:
    """The box and the value of each digit in a scene."""
    return [(box, int(label)) for box, label in zip(scene.boxes, scene.labels, strict=True) if 0 <= label < 10]


def main() -> None:
    """Read the scenes and print the figures."""
    parser = argparse.ArgumentParser("python -m tests.bench.scenes", description="The reader on generated scenes.")
    parser.add_argument("scenes", nargs="?", type=int, default=1_000, metavar="SCENES")
    count: int = parser.parse_args().scenes
    _, (images, labels) = load_mnist().split()
    studio = Studio(Hand(traced(images), images, labels), letters())
    reader = load_reader()
    figures: dict[str, list[bool]] = collections.defaultdict(list)
    for number in range(count):
        scene = studio.scene(np.random.default_rng([SEED, number]))
        reading = reader.read(cv2.imencode(".png", scene.picture)[1].tobytes())
        digits = written(scene)
        if not digits:
            if UNSURE not in scene.labels:
                figures["refused where there is no digit"].append(not reading.digits)
            continue
        wrong = 0
        for box, label in digits:
            size = "16 to 32" if max(box[2:] - box[:2]) < 32 else "32 and more"
            size = "under 16" if max(box[2:] - box[:2]) < 16 else size
            near = [digit for digit in reading.digits if overlap(box, np.array(digit.box, np.float32)) > 0.5]
            figures[f"found, {size} pixels"].append(bool(near))
            if near:
                figures[f"read right of those found, {size} pixels"].append(near[0].digit == label)
            wrong += not (near and near[0].digit == label)
        if UNSURE not in scene.labels:
            exact = not wrong and len(reading.digits) == len(digits)
            figures["exact, one digit" if len(digits) == 1 else "exact, several digits"].append(exact)
    for name, oks in sorted(figures.items()):
        print(f"{name:42} {np.mean(oks):.3f}  of {len(oks)}")


if __name__ == "__main__":
    main()
