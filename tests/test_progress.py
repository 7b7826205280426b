"""Events of a training, as lines and as a bar."""

import json
from typing import Any

import pytest

from model.training.progress import FitProgress, json_lines, terminal


def test_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever reads the pipe gets one object a line, whatever the message holds."""
    json_lines({"event": "error", "message": "two\nlines — and ✗"})
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["message"] == "two\nlines — and ✗"


def test_progress_comes_at_most_twice_a_second() -> None:
    """A thousand batches in no time give one progress event, not a thousand."""
    events: list[dict[str, Any]] = []
    progress = FitProgress(events.append, epochs=1, batches=1000)
    progress.on_epoch_begin(0)
    for batch in range(1000):
        progress.on_batch_end(batch, {"accuracy": 0.5, "loss": 1.0})
    assert len(events) == 1
    assert events[0]["fraction"] == 0.002
    assert events[0]["eta_s"] >= 0


def test_epochs_are_counted_from_one_and_remembered() -> None:
    """An epoch's event and the history name Keras' validation figures as the contract does."""
    events: list[dict[str, Any]] = []
    progress = FitProgress(events.append, epochs=2, batches=1)
    progress.on_epoch_end(0, {"accuracy": 0.9, "loss": 0.4, "val_accuracy": 0.8, "val_loss": 0.6})
    figures = {"accuracy": 0.9, "loss": 0.4, "validation_accuracy": 0.8, "validation_loss": 0.6}
    assert events == [{"event": "epoch", "epoch": 1, "epochs": 2, **figures}]
    assert progress.history == [figures]


def test_person_without_a_terminal_gets_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    """In a log file there is no bar: what is trained, each epoch, and the result, a line each."""
    with terminal() as report:
        report({"event": "start", "recipe": "seed", "parameters": 93322, "epochs": 1, "digits": 60000})
        report(
            {"event": "progress", "epoch": 1, "epochs": 1, "fraction": 0.5, "accuracy": 0.9, "loss": 0.3, "eta_s": 2.0}
        )
        report({"event": "epoch", "epoch": 1, "epochs": 1, "accuracy": 0.95, "loss": 0.2, "validation_accuracy": 0.94})
        report({"event": "exporting"})
        report({"event": "done", "folder": "m", "parameters": 93322, "test_accuracy": 0.991})
    assert capsys.readouterr().out.splitlines() == [
        "training seed: 93,322 parameters, 1 epochs of 60,000 digits",
        "epoch 1/1: accuracy 0.9500, loss 0.2000, validation accuracy 0.9400",
        "exporting to LiteRT and comparing …",
        "m: 93,322 parameters, test accuracy 99.10%",
    ]
