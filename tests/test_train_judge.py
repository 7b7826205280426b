"""The judge's training, for real, on a small budget."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.judge import Judge
from model.registry import METRICS, sha256
from model.training.train import Job
from model.training.train_judge import JUDGE, train_judge


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:`shuffle=True` was passed:UserWarning")
def test_a_trained_judge_judges_and_says_what_it_learned_from(tmp_path: Path) -> None:
    """A short training gives a file that reading loads; its metrics hold its checksum and name no material."""
    events: list[dict[str, Any]] = []
    folder = train_judge(Job(digits=600, epochs=1, output=tmp_path), events.append)
    said = Judge(folder / JUDGE).opinions(np.zeros((2, 28, 28), np.float32)).probability
    assert said.shape == (2,)
    metrics = json.loads((folder / METRICS).read_text())
    assert metrics["files"] == {JUDGE: sha256(folder / JUDGE)}
    assert metrics["crops"] == 600
    assert metrics["dataset"]["material"] == []
    assert [event["event"] for event in events if event["event"] != "progress"][-1] == "note"
