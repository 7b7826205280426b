import json
from pathlib import Path

import numpy as np
import pytest

from model.detect import Finder
from model.registry import METRICS, sha256
from model.training.progress import Event
from model.training.train import Job
from model.training.train_finder import FINDER, train_finder


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_short_training_writes_a_finder_that_runs(tmp_path: Path) -> None:
    """Trained, stopped and gone on with: the file is vouched for, and LiteRT runs it on any picture."""
    events: list[Event] = []

    def stop_in_the_second_epoch(event: Event) -> None:
        if event.get("epoch") == 2:
            raise KeyboardInterrupt

    job = Job("finder", epochs=2, digits=64, output=tmp_path / "finder")
    with pytest.raises(KeyboardInterrupt):
        train_finder(job, stop_in_the_second_epoch)
    folder = train_finder(job, events.append)

    metrics = json.loads((folder / METRICS).read_text())
    assert metrics["files"] == {FINDER: sha256(folder / FINDER)}
    assert {path.name for path in folder.iterdir()} == {FINDER, METRICS}
    assert len(metrics["history"]) == 2
    assert metrics["history"][1]["loss"] < metrics["history"][0]["loss"]
    assert metrics["largest_difference"] < 0.01
    assert [event["event"] for event in events if event["event"] in {"start", "exporting"}] == ["start", "exporting"]
    fractions = [event["fraction"] for event in events if event["event"] == "progress"]
    assert fractions == sorted(fractions)
    assert 0.5 <= fractions[0] <= fractions[-1] <= 1
    Finder(folder / FINDER).find(np.full((90, 130), 200, np.uint8))
