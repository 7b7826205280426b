import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.generate.scenes import Scene
from model.generate.surfaces import SIDE
from model.generate.windows import windows
from model.generate.writing import OTHER, UNSURE
from model.reading import SIGNS, Box
from model.registry import METRICS, sha256
from model.signs import SignClassifier
from model.training.train import Job
from model.training.train_signs import SIGNS_FILE, train_signs
from tests.pictures import paper, write

PLUS = 10 + SIGNS.index("+")


def scene(*extra: tuple[tuple[int, int, int, int], int]) -> Scene:
    """3+8 on paper, with a letter far below, and more boxes with their labels."""
    page = write(write(paper(SIDE, SIDE), "3", 20, 30, height=64), "8", 130, 30, height=64)
    for start, end in (((72, 62), (112, 62)), ((92, 42), (92, 82)), ((30, 140), (70, 170)), ((70, 140), (30, 170))):
        cv2.line(page, start, end, (40,), 8)
    boxes = [(16, 26, 64, 98), (129, 26, 170, 98), (68, 38, 116, 86), (26, 136, 74, 174), *(box for box, _ in extra)]
    labels = [3, 8, PLUS, OTHER, *(label for _, label in extra)]
    return Scene(
        page, np.array(boxes, np.float32), np.array(labels, np.int8), np.zeros((SIDE // 2, SIDE // 2), np.uint8)
    )


def labels_of(seen: Scene, times: int = 20) -> list[int]:
    """The labels of the examples that are cut out of a scene, many times over."""
    return [label for seed in range(times) for _, label in windows(seen, np.random.default_rng(seed))]


def test_what_is_written_is_an_example_of_itself() -> None:
    """Digits, signs and other writing are cut out with their labels; the sign also as it is found beside the digits."""
    found = labels_of(scene())
    assert {3, 8, PLUS, OTHER} == set(found)
    assert found.count(3) == found.count(8) == 20
    assert found.count(PLUS) > 30


def test_what_nobody_could_tell_is_no_example() -> None:
    """A digit cut in the middle teaches nothing, neither that it is one nor that it is none."""
    unsure = replace(scene(), labels=np.full(4, UNSURE, np.int8))
    assert set(labels_of(unsure)) <= {OTHER}


def test_parts_of_digits_are_other_writing() -> None:
    """Half of a digit, or two of them together, is cut out as neither."""
    alone = replace(scene(), boxes=scene().boxes[:2], labels=scene().labels[:2])
    assert labels_of(alone).count(OTHER) > 10


def test_the_end_of_a_long_line_is_cut_out_where_it_is() -> None:
    """A line is wider than a scene: its last digit is its example, not what stands a scene's width from its start."""
    page = write(paper(3 * SIDE, SIDE), "7", 2 * SIDE, 60, height=64)
    digit = np.array([[2 * SIDE - 4, 56, 2 * SIDE + 44, 128]], np.float32)
    line = Scene(page, digit, np.array([7], np.int8), np.zeros((SIDE // 2, SIDE // 2), np.uint8))
    sevens = [seen for seed in range(5) for seen, label in windows(line, np.random.default_rng(seed)) if label == 7]
    assert min(float(seen[..., 2].mean()) for seen in sevens) > 0.1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_short_training_writes_a_network_that_runs(tmp_path: Path) -> None:
    """The file is vouched for, and the reader's side takes it."""
    told: list[str] = []
    job = Job("signs", epochs=1, digits=200, output=tmp_path / "signs")
    folder = train_signs(job, lambda event: told.append(event["event"]))
    metrics = json.loads((folder / METRICS).read_text())
    assert metrics["files"] == {SIGNS_FILE: sha256(folder / SIGNS_FILE)}
    assert metrics["largest_difference"] < 0.01
    assert [event for event in told if event != "progress"] == ["note", "start", "epoch", "exporting", "note"]
    (meaning,) = SignClassifier(folder / SIGNS_FILE).meanings(paper(), [Box(50, 50, 90, 120)])
    assert meaning.sum() == pytest.approx(1, abs=1e-4)
