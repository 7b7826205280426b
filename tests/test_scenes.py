import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.generate.letters import letters
from model.generate.material import Material
from model.generate.pens import Glyph, Hand, thin, trace, traced
from model.generate.scenes import INK_SIDE, Scene, Studio, contact_sheet
from model.generate.surfaces import SIDE
from model.generate.writing import OTHER, UNSURE, Mark, Pen, labelled
from model.mnist import Mnist


@pytest.fixture(scope="module")
def glyphs() -> tuple[Glyph, ...]:
    """Every letter."""
    return letters()


@pytest.fixture(scope="module")
def studio(mnist: Mnist, glyphs: tuple[Glyph, ...]) -> Studio:
    """A studio with few digits, which are quickly traced."""
    images, labels = mnist.train_images[:80], mnist.train_labels[:80]
    return Studio(Hand(traced(images), images, labels), glyphs)


@pytest.fixture(scope="module")
def scenes(studio: Studio) -> list[Scene]:
    """Enough scenes that every kind is among them."""
    return [studio.scene(np.random.default_rng([1, number])) for number in range(250)]


def test_one_seed_makes_one_scene(studio: Studio) -> None:
    """A training can be repeated: the same numbers make the same picture and labels, other numbers another."""
    first, again, other = (studio.scene(np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.boxes, again.boxes)
    assert not np.array_equal(first.picture, other.picture)


def test_boxes_lie_in_the_window(scenes: list[Scene]) -> None:
    """A label points at something that can be seen."""
    for scene in scenes:
        assert scene.picture.shape == (SIDE, SIDE)
        assert scene.boxes.shape == (len(scene.labels), 4)
        assert (scene.boxes >= 0).all()
        assert (scene.boxes <= SIDE).all()
        assert (scene.boxes[:, :2] < scene.boxes[:, 2:]).all()


def test_ink_lies_in_the_boxes_of_digits(scenes: list[Scene]) -> None:
    """Letters, lines and things are never taught as a digit's ink."""
    drawn = beyond = 0
    for scene in scenes:
        inside = np.zeros((INK_SIDE, INK_SIDE), bool)
        for box in scene.boxes[scene.labels != OTHER]:
            left, top, right, bottom = (box / 2).astype(int)
            inside[max(0, top - 1) : bottom + 2, max(0, left - 1) : right + 2] = True
        drawn += (scene.ink > 128).sum()
        beyond += ((scene.ink > 128) & ~inside).sum()
    assert beyond < 0.04 * drawn  # digits of which the window leaves little carry no box


def test_all_kinds_of_scenes_are_made(scenes: list[Scene]) -> None:
    """Pictures without digits, with one, and with many are all there, and every digit is written."""
    counts = np.array([((scene.labels >= 0) & (scene.labels < 10)).sum() for scene in scenes])
    assert 0.15 < (counts == 0).mean() < 0.45
    assert (counts == 1).mean() > 0.15
    assert (counts > 4).mean() > 0.1
    assert set(range(10)) <= {int(label) for scene in scenes for label in scene.labels}
    sizes = np.concatenate([(scene.boxes[:, 2:] - scene.boxes[:, :2]).max(axis=1) for scene in scenes])
    assert sizes.min() < 15
    assert sizes.max() > 150


def test_a_digit_that_the_window_cuts_is_not_taught() -> None:
    """Half a 0 can look like a 1: what is cut is unsure, what is nearly gone has no label."""
    square = np.array([[0, 0], [40, 40]], np.float32)
    for shift, expected in ((10, [3]), (-10, [UNSURE]), (-25, [])):
        _, labels = labelled([Mark(3, square + np.array([shift, 50], np.float32), 1.0)], None)
        assert labels.tolist() == expected


def test_digits_are_redrawn_as_they_were_written(mnist: Mnist) -> None:
    """The lines of a digit, drawn with a pen as wide as its own, cover it again."""
    for glyph, image in zip(traced(mnist.train_images[:40]), mnist.train_images[:40], strict=True):
        rows, columns = np.nonzero(image > 100)
        size = max(np.ptp(rows), np.ptp(columns))
        middle = (np.array([np.ptp(columns), np.ptp(rows)]) / 2 + (columns.min(), rows.min())).astype(np.float32)
        drawn = np.zeros((28, 28), np.uint8)
        for line in glyph:
            points = np.rint((line * size * 0.9 + middle) * 16).astype(np.int32)
            cv2.polylines(drawn, [points], isClosed=False, color=(255,), thickness=3, lineType=cv2.LINE_AA, shift=4)
        assert (drawn[image > 200] > 0).mean() > 0.8


def test_a_ring_and_a_cross_are_traced_whole() -> None:
    """Lines without ends are followed too, and lines that meet stay joined."""
    ring, cross = np.zeros((2, 56, 56), np.uint8)
    cv2.circle(ring, (28, 28), 18, 255, 5)
    cv2.line(cross, (8, 28), (48, 28), 255, 5)
    cv2.line(cross, (28, 8), (28, 48), 255, 5)
    for mask, lines in ((ring, 1), (cross, 4)):
        glyph = trace(thin(mask[None] > 0)[0])
        assert len(glyph) == lines
        points = np.concatenate(glyph)
        assert np.ptp(points, axis=0) == pytest.approx([1, 1], abs=0.1)


def test_what_looks_like_a_digit_is_no_letter(glyphs: tuple[Glyph, ...]) -> None:
    """Nobody is taught that O, l, I, Z or S is not a digit; other letters are there in plenty."""
    assert len(glyphs) > 500
    for glyph in glyphs:
        points = np.concatenate(glyph)
        assert np.ptp(points, axis=0).max() == pytest.approx(1, abs=0.01)
        straight_up = len(glyph) == 1 and np.ptp(points[:, 0]) < 0.05
        assert not straight_up


def test_contact_sheet_shows_the_scenes(studio: Studio) -> None:
    """One can look at what is made."""
    sheet = contact_sheet(studio, 0, columns=3, rows=2)
    assert sheet.shape == (2 * (SIDE + 2), 3 * (SIDE + 2), 3)


def test_scenes_need_no_tensorflow() -> None:
    """The process that makes scenes stays small."""
    command = "import sys, model.generate.scenes; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], cwd=Path(__file__).parents[1], check=False).returncode == 0


def test_scanned_digits_stand_among_those_that_are_drawn(mnist: Mnist, glyphs: tuple[Glyph, ...]) -> None:
    """Where forms were scanned, some lone digits are theirs, as they are: what no pen here would draw."""
    sevens = mnist.train_images[mnist.train_labels == 7][:20]
    bar = np.zeros((28, 28), np.float32)
    bar[4:24, 9:19] = 1  # a 1 half as wide as it is high
    material = Material(scans=((bar, 1),), sources=("forms",))
    studio = Studio(Hand(traced(sevens), sevens, np.full(20, 7, np.uint8)), glyphs, material)
    scenes = [studio.scene(np.random.default_rng([2, number]), (0.0, 1.0, 0.0)) for number in range(120)]
    (first, *_) = ones = [scene for scene in scenes if 1 in scene.labels]
    assert len(ones) < 25
    left, top, right, bottom = first.boxes[first.labels == 1][0].tolist()
    assert right - left > 0.35 * (bottom - top)


def test_what_stands_alone_is_now_and_then_written_with_a_marker() -> None:
    """One pen in twelve or so is thicker than those that lines are written with."""
    random = np.random.default_rng(3)
    widths = np.array([Pen.of_one(random).width for _ in range(1_000)])
    usual = np.array([Pen.any(random).width for _ in range(1_000)])
    assert 0.05 < (widths > usual.max()).mean() < 0.11
