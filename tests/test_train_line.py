"""What the line reader learns from, and that it learns."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.errors import ModelUnavailable
from model.generate.scenes import Scene
from model.generate.strips import strips
from model.generate.surfaces import SIDE
from model.generate.writing import OTHER, UNSURE
from model.line import LABELS, STEP, LineReader
from model.parts import JUDGE
from model.reading import SIGNS
from model.registry import METRICS, sha256
from model.strip import HEIGHT, Strip
from model.training.train import Job
from model.training.train_line import LINE_FILE, train_line
from tests.pictures import paper, write

PLUS = 10 + SIGNS.index("+")


def scene(*written: tuple[int, int, int]) -> Scene:
    """Paper with what is written: a label, and the left and the top of a box 20 wide and 32 high."""
    page = paper(SIDE, SIDE)
    for label, left, top in written:
        page = write(page, str(label) if 0 <= label < 10 else "7", left, top, height=32, pen=4)
    boxes = [(left, top, left + 20, top + 32) for _, left, top in written]
    labels = [label for label, _, _ in written]
    return Scene(
        page, np.array(boxes, np.float32), np.array(labels, np.int8), np.zeros((SIDE // 2, SIDE // 2), np.uint8)
    )


def cut(seen: Scene, times: int = 30) -> set[tuple[int, ...]]:
    """What all lines that are cut out of a scene say, many times over."""
    return {labels for seed in range(times) for _, labels in strips(seen, np.random.default_rng(seed))}


def test_a_line_is_what_stands_in_it_from_left_to_right() -> None:
    """In whatever order it was written, a digit that no finder saw too; another row is a line of its own."""
    found = cut(scene((8, 62, 30), (3, 26, 30), (PLUS, 44, 30), (5, 40, 120)))
    assert found == {(3, PLUS, 8), (5,)}


def test_other_writing_is_one_whatever_its_length() -> None:
    """Where letters begin and end nobody knows."""
    assert (3, OTHER) in cut(scene((3, 20, 30), (OTHER, 55, 30), (OTHER, 80, 30)))


def test_what_nobody_could_tell_is_in_no_line() -> None:
    """A line with a digit that is too small to be told teaches nothing."""
    seen = scene((3, 20, 30), (8, 55, 30))
    assert cut(seen) == {(3, 8)}
    assert cut(replace(seen, labels=np.array([3, UNSURE], np.int8))) == set()


def test_another_network_in_its_place(tmp_path: Path) -> None:
    """What maps something else to something else is no line reader, and the command that mends it is named."""
    for path in (JUDGE, tmp_path / "line.tflite"):
        with pytest.raises(ModelUnavailable, match="train --recipe line"):
            LineReader(path)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_short_training_writes_a_network_that_runs(tmp_path: Path) -> None:
    """The file is vouched for, and the reader's side takes it, with strips of any width."""
    told: list[str] = []
    job = Job("line", epochs=1, digits=40, output=tmp_path / "line")
    folder = train_line(job, lambda event: told.append(event["event"]))
    metrics = json.loads((folder / METRICS).read_text())
    assert metrics["files"] == {LINE_FILE: sha256(folder / LINE_FILE)}
    assert metrics["largest_difference"] < 0.01
    assert [event for event in told if event != "progress"] == ["note", "start", "epoch", "exporting", "note"]
    for width in (64, 192):
        said = LineReader(folder / LINE_FILE).columns(Strip(np.zeros((HEIGHT, width), np.float32), width, np.eye(2, 3)))
        assert said.shape == (width // STEP, LABELS)
        assert np.exp(said).sum(axis=1) == pytest.approx(1, abs=1e-4)
