"""Model versions on disk."""

import json
from pathlib import Path
from typing import Any

import pytest

from model.errors import ModelUnavailable
from model.registry import SHIPPED, open_version, sha256, writing_version


def write_version(folder: Path, **changes: Any) -> None:
    """Write a small folder that passes for a version; `changes` are laid over its metrics."""
    for name in ("model.keras", "model.tflite", "layers.tflite", "b.png", "a.png"):
        (folder / name).write_bytes(name.encode())
    metrics = {
        "version": "20261122-153012-seed-0",
        "recipe": "seed",
        "network": "seed",
        "parameters": 93322,
        "test_accuracy": 0.991,
        "test_loss": 0.03,
        "validation_accuracy": None,
        "per_digit": {"0": 0.99},
        "confusion": [[1]],
        "seed": 0,
        "epochs": 5,
        "batch_size": 64,
        "corrections": 0,
        "date": "2026-11-22T15:30:12+00:00",
        "command": "python -m model train",
        "dataset": {"name": "MNIST"},
        "libraries": {"keras": "3.15.1"},
        "layers": [{"name": "conv1", "kind": "Conv2D", "shape": [26, 26, 32], "parts": ["conv1"]}],
        "files": {path.name: sha256(path) for path in folder.iterdir()},
    }
    (folder / "metrics.json").write_text(json.dumps(metrics | changes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A version's folder."""
    folder = tmp_path / "version"
    folder.mkdir()
    write_version(folder)
    return folder


def test_whole_version_opens_with_its_figures(folder: Path) -> None:
    """A folder as training leaves it opens, and its figures come typed."""
    version = open_version(folder)
    assert version.name == "20261122-153012-seed-0"
    assert version.metrics.test_accuracy == 0.991
    assert version.metrics.validation_accuracy is None
    assert version.metrics.per_digit == {0: 0.99}
    assert version.metrics.layers[0].shape == (26, 26, 32)
    assert version.classifier_path.read_bytes() == b"model.tflite"
    assert version.layers_path.read_bytes() == b"layers.tflite"
    assert version.keras_path.read_bytes() == b"model.keras"
    assert [path.name for path in version.chart_paths] == ["a.png", "b.png"]


def test_shipped_version_is_whole_and_small() -> None:
    """What comes with the repository can be served at once, and its classifier keeps to 1 MB."""
    version = open_version(SHIPPED)
    assert version.classifier_path.stat().st_size <= 1_000_000
    assert len(version.chart_paths) == 3


@pytest.mark.parametrize("name", ["model.keras", "model.tflite", "layers.tflite", "a.png"])
def test_changed_file_is_refused_by_name(folder: Path, name: str) -> None:
    """A file that is not the one training wrote is never served, and the message says which it is."""
    (folder / name).write_bytes(b"something else")
    with pytest.raises(ModelUnavailable, match=f"{name} is not the file"):
        open_version(folder)


def test_missing_file_is_refused_by_name(folder: Path) -> None:
    """A version without one of its files is refused, and the message names file and mending command in one line."""
    (folder / "layers.tflite").unlink()
    with pytest.raises(
        ModelUnavailable, match=r"layers\.tflite can't be read.*python -m model train --output"
    ) as caught:
        open_version(folder)
    assert "\n" not in str(caught.value)


def test_missing_folder_names_the_command_that_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that was never trained is mended by training it, into the folder as it was named."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelUnavailable, match=r"there is no such folder.*python -m model train --output models/x"):
        open_version(Path("models/x"))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 1}', "\x00", '{"files": []}'])
def test_damaged_metrics_are_refused(folder: Path, text: str) -> None:
    """metrics.json that is not what training writes is a ModelUnavailable, whatever it holds instead."""
    (folder / "metrics.json").write_text(text)
    with pytest.raises(ModelUnavailable, match=r"metrics\.json is damaged"):
        open_version(folder)


def test_metrics_that_do_not_vouch_for_a_model_are_refused(folder: Path) -> None:
    """A model file without a checksum is not trusted."""
    write_version(folder, files={})
    with pytest.raises(ModelUnavailable, match="does not vouch for"):
        open_version(folder)


def test_name_that_leaves_the_folder_is_refused(folder: Path) -> None:
    """metrics.json can't make the registry look at files outside the version's folder."""
    files = {name: sha256(folder / name) for name in ("model.keras", "model.tflite", "layers.tflite")}
    write_version(folder, files=files | {"../outside": "0"})
    with pytest.raises(ModelUnavailable, match=r"metrics\.json is damaged"):
        open_version(folder)


def test_writing_that_ends_well_replaces_the_older_version(folder: Path) -> None:
    """After the block the folder holds the new version alone, and nothing is left beside it."""
    (folder / "old.png").touch()
    with writing_version(folder) as fresh:
        write_version(fresh, version="newer")
    assert open_version(folder).name == "newer"
    assert not (folder / "old.png").exists()
    assert list(folder.parent.iterdir()) == [folder]


def test_writing_that_fails_leaves_the_older_version(folder: Path) -> None:
    """When training breaks off, the older version is as it was and nothing half-written stays."""

    def break_off() -> None:
        with writing_version(folder) as fresh:
            write_version(fresh, version="newer")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert open_version(folder).name == "20261122-153012-seed-0"
    assert list(folder.parent.iterdir()) == [folder]


def test_folder_with_other_things_is_not_overwritten(tmp_path: Path) -> None:
    """Training into a folder that holds something else stops before it trains, and touches nothing."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"thesis\.txt"), writing_version(tmp_path):
        pytest.fail("nothing may be written")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_file_in_the_place_of_the_folder_is_not_overwritten(tmp_path: Path) -> None:
    """A file where the version's folder should be is an error, not a loss."""
    (tmp_path / "model").write_text("a file")
    with pytest.raises(FileExistsError, match="is a file"), writing_version(tmp_path / "model"):
        pytest.fail("nothing may be written")
