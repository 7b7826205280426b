"""Pictures of digits, signs, letters and other things, from MNIST's training digits and other hands. Training side.

`python -m model.generate.scenes --sheet scenes.png` draws a contact sheet with the labels, to look at.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate import backgrounds, clutter, lens, surfaces
from model.generate.layout import Writer, around
from model.generate.letters import letters, schooled
from model.generate.material import Material, load_material
from model.generate.pens import Glyph, Hand, load_hand
from model.generate.rows import row
from model.generate.surfaces import SIDE, Picture
from model.generate.writing import OTHER, UNSURE, Sheet, labelled
from model.mnist import load_mnist

INK_SIDE: Final = SIDE // 2
# How many of the scenes show no digit, one, and digits in the cells of a form, a table or a puzzle; the others, lines.
_KINDS: Final = (0.27, 0.24, 0.08)
_LINED_KINDS: Final = (0.07, 0.1, 0.1)  # of those that are made for their lines
_PHOTO: Final = 0.5  # of those without a digit are real photos, where there are some
_TEXTURE: Final = 0.1  # of the others are written on real materials
_FRAMED: Final = 0.25  # are seen as reading frames a whole picture
_FRAME: Final = (0.03, 0.09)  # of the long side, to each side; the finder's own margin is 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture and what is written in it."""

    picture: NDArray[np.uint8]  # (SIDE, SIDE) grey
    boxes: NDArray[np.float32]  # (N, 4) left, top, right, bottom in pixels
    labels: NDArray[np.int8]  # (N,) 0..9, those of SIGNS from 10 on, OTHER, UNSURE
    ink: NDArray[np.uint8]  # (INK_SIDE, INK_SIDE), 255 where digits are


class Studio:
    """Makes scenes from digits, as lines and as bitmaps, and letters."""

    def __init__(self, hand: Hand, others: tuple[Glyph, ...], material: Material | None = None) -> None:
        """Take the digits to write, everything else that is written, and what there is of other people's."""
        self._material = material or Material()
        self._writer = Writer(hand, others, self._material)
        self.sources = self._material.sources

    def scene(self, random: np.random.Generator, kinds: tuple[float, float, float] = _KINDS) -> Scene:
        """Make a scene: where it is written, what is written, how it is seen."""
        without, single, cells = np.cumsum(kinds)
        kind = random.random()
        empty = bool(kind < without)
        page, real = self._page(random, empty=empty)
        if not real and random.random() < (0.5 if empty else 0.22):
            clutter.things(page, random)
        sheet = Sheet()
        if empty:
            if random.random() < (0.08 if real else 0.75):
                self._writer.letters(sheet, random)
                if random.random() < 0.15:
                    clutter.cell(page, around(sheet), random)
        elif kind < single:
            self._writer.single(sheet, page, random)
        elif kind < cells:
            self._writer.cells(sheet, page, random)
        else:
            self._writer.lines(sheet, page, random)
        page, contrast = lens.inked(page, np.maximum(*sheet.coverage()), random)
        return self._photographed(page, sheet, contrast, random)

    def lined(self, random: np.random.Generator) -> Scene:
        """Make a scene that mostly holds lines of writing."""
        return self.scene(random, _LINED_KINDS)

    def row(self, random: np.random.Generator) -> Scene:
        """Make a picture of one line of writing, as wide as the line: its `ink` is left blank."""
        picture, sheet = row(self._writer.scribe, random)
        boxes, labels = labelled(sheet.marks, sides=sheet.sides)
        return Scene(picture, boxes, labels, np.zeros((INK_SIDE, INK_SIDE), np.uint8))

    def _page(self, random: np.random.Generator, *, empty: bool) -> tuple[Picture, bool]:
        """What is written on, or seen; and whether it is a real photo."""
        if empty and self._material.photos and random.random() < _PHOTO:
            return backgrounds.photographed(self._material.photos, random), True
        if self._material.textures and random.random() < _TEXTURE:
            return backgrounds.textured(self._material.textures, random), False
        return surfaces.pick(surfaces.SEEN if empty else surfaces.WRITTEN_ON, random), False

    def _photographed(self, page: Picture, sheet: Sheet, contrast: float, random: np.random.Generator) -> Scene:
        """See the page from somewhere, in some light."""
        digits, _ = sheet.coverage()
        view = lens.view(random, alone=len(sheet.marks) < 2)
        if view is not None:
            desk = None if view[1] else surfaces.pick(surfaces.SEEN, random)
            page, digits = lens.seen(page, digits, view[0], desk, random)
        boxes, labels = labelled(sheet.marks, None if view is None else view[0])
        written = (labels >= 0) & (labels < OTHER)
        heights = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
        finest = float(heights[written].min()) if written.any() else 40.0
        clean = float(page[:: SIDE - 1, :: SIDE - 1].std()) < 1 and random.random() < 0.6
        photo = lens.drawn(page, random) if clean else lens.taken(lens.lit(page, random), random, finest, contrast)
        if random.random() < _FRAMED:
            photo, digits, boxes = _framed(photo, digits, boxes, random)
        ink = cv2.resize(digits, (INK_SIDE, INK_SIDE), interpolation=cv2.INTER_AREA)
        return Scene(photo.astype(np.uint8), boxes, labels, (ink * 255).astype(np.uint8))


def _framed(
    photo: Picture, digits: Picture, boxes: NDArray[np.float32], random: np.random.Generator
) -> tuple[Picture, Picture, NDArray[np.float32]]:
    """Shrink a picture into a plain margin, as reading gives a whole picture to the finder."""
    margin = round(SIDE * random.uniform(*_FRAME))
    inner = SIDE - 2 * margin
    scale = inner / SIDE
    small, ink = (cv2.resize(part, (inner, inner), interpolation=cv2.INTER_AREA) for part in (photo, digits))
    edge = float(np.median(np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])))
    around_it = {"top": margin, "bottom": margin, "left": margin, "right": margin, "borderType": cv2.BORDER_CONSTANT}
    framed = cv2.copyMakeBorder(small, **around_it, value=[edge])
    return framed, cv2.copyMakeBorder(ink, **around_it, value=[0]), (boxes * scale + margin).astype(np.float32)


def load_studio(folder: Path | None = None) -> Studio:
    """Make the studio of MNIST's training digits without those to validate with, and of the material in a folder."""
    (images, labels), _ = load_mnist().split()
    material = load_material(folder)
    hand = with_others(schooled(load_hand(images, labels)), material)
    return Studio(hand, letters() + material.letters, material)


def with_others(hand: Hand, material: Material, times: int = 2) -> Hand:
    """Give the hand with other people's digits among its own, each several `times`.

    They are few, and more unlike each other.
    """
    values = np.array([value for value, _ in material.digits] * times, hand.labels.dtype)
    glyphs = tuple(glyph for _, glyph in material.digits) * times
    return Hand(hand.glyphs + glyphs, hand.images, np.concatenate([hand.labels, values]))


def contact_sheet(studio: Studio, seed: int, columns: int = 10, rows: int = 7) -> NDArray[np.uint8]:
    """Scenes beside each other with their boxes: (H, W, 3) uint8 BGR. Digits green, other writing red, unsure blue."""
    tiles = []
    for number in range(columns * rows):
        scene = studio.scene(np.random.default_rng([seed, number]))
        tile = cv2.cvtColor(scene.picture, cv2.COLOR_GRAY2BGR)
        for box, label in zip(np.rint(scene.boxes).astype(int), scene.labels, strict=True):
            colour = {OTHER: (60, 60, 255), UNSURE: (255, 120, 0)}.get(
                int(label), (0, 190, 0) if label < 10 else (200, 0, 200)
            )
            cv2.rectangle(tile, box[:2].tolist(), (box[2:] - 1).tolist(), colour, 1)
            if label not in (OTHER, UNSURE):
                at = (int(box[0]) + 1, int(box[1]) + 9)
                name = str(label) if label < 10 else ".,-+x:=/;()%"[label - 10]  # SIGNS, in what OpenCV can draw
                cv2.putText(tile, name, at, cv2.FONT_HERSHEY_PLAIN, 0.8, colour, 1)
        tiles.append(cv2.copyMakeBorder(tile, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0, 0, 0)))
    return np.vstack([np.hstack(tiles[row * columns : (row + 1) * columns]) for row in range(rows)])


def main() -> None:
    """Draw a contact sheet."""
    parser = argparse.ArgumentParser(
        prog="python -m model.generate.scenes", description="Look at the generated scenes."
    )
    parser.add_argument("--sheet", type=Path, required=True, metavar="PNG")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--material", type=Path, metavar="DIR")
    options = parser.parse_args()
    cv2.imwrite(str(options.sheet), contact_sheet(load_studio(options.material), options.seed))


if __name__ == "__main__":
    main()
