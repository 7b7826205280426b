"""What a training says of itself, and how it may end: the events of `python -m model train --events`, as types."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)


class TrainingFailed(Exception):
    """A training that came to nothing. The message is one line, written for an admin."""


class TrainingRunning(Exception):
    """Another training is under way, perhaps in another process."""


class TrainingCancelled(Exception):
    """A training that was asked to stop."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is; `fraction` is of the whole run, 0..1, `accuracy` on the digits it trains on, 0..1."""

    epoch: int  # from 1
    epochs: int
    fraction: float
    accuracy: float
    eta_s: float


@dataclass(frozen=True, slots=True)
class Exporting:
    """The network is trained; its files are being written and checked."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A training's end: the new version's name, folder and accuracy on the MNIST test set, 0..1."""

    version: str
    folder: Path
    test_accuracy: float


Event = Progress | Exporting | Trained


def parse(line: bytes) -> Progress | Exporting | Trained | str | None:
    """Turn one line of `--events` into an event, an error's message, or None for what the chat does not show."""
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError:  # a library that greets on standard output
        _log.warning("the training said something that is no event: %r", line[:200])
        return None
    match event["event"]:
        case "progress":
            return Progress(event["epoch"], event["epochs"], event["fraction"], event["accuracy"], event["eta_s"])
        case "exporting":
            return Exporting()
        case "done":
            return Trained(event["version"], Path(event["folder"]), event["test_accuracy"])
        case "error":
            return str(event["message"])
        case _:
            return None
