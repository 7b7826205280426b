"""Runs `python -m model train` in a process of its own and streams what it says.

The bot's process never imports TensorFlow: all it knows of a training is one JSON event a line.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)

RECIPES: Mapping[str, str] = {
    "continue": "The served model goes on: with what was corrected, and enough of MNIST that it forgets nothing. "
    "About 2 minutes on 2 cores.",
    "seed": "All 60,000 MNIST digits, 5 epochs: about 2 minutes on 2 cores.",
    "full": "The recipe of the shipped model, from nothing: about 25 minutes on 2 cores.",
}

# Reading photos comes first: the training gets what they leave.
_NICENESS = 10
# Time to end cleanly after being asked to.
_TERMINATE_S = 10.0
_MAX_EVENT_BYTES = 1 << 20  # "done" carries the metrics


class TrainingFailed(Exception):
    """A training that came to nothing. The message is one line, written for an admin."""


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


class Trainer:
    """One training at a time, into a folder of its own below `models`.

    `epochs` and `digits` cut a recipe short; `mnist` is a folder with the data set; `command` is what trains.
    """

    def __init__(
        self,
        models: Path,
        *,
        epochs: int | None = None,
        digits: int | None = None,
        mnist: Path | None = None,
        command: Sequence[str] = (sys.executable, "-m", "model", "train"),
    ) -> None:
        self._models = models
        self._command = command
        self._options = [
            *(("--epochs", str(epochs)) if epochs else ()),
            *(("--digits", str(digits)) if digits else ()),
        ]
        self._environment = {"MNIST_DIR": str(mnist)} if mnist else {}
        self._process: asyncio.subprocess.Process | None = None
        self._busy = False
        self._cancelled = False

    @property
    def is_running(self) -> bool:
        """Whether a training is under way."""
        return self._busy

    def train(self, recipe: str) -> AsyncGenerator[Event]:
        """Train by `recipe`, yielding events; the last one is Trained. The caller checks `is_running` first.

        From this call on a training is running, until the generator ends or is closed.
        It raises TrainingFailed, or TrainingCancelled after `cancel`.
        """
        assert not self._busy  # one at a time
        self._busy, self._cancelled = True, False
        return self._events(recipe)

    async def _events(self, recipe: str) -> AsyncGenerator[Event]:
        try:
            async with aclosing(self._run(recipe)) as events:
                async for event in events:
                    yield event
        finally:
            await self._terminate()
            self._busy, self._process = False, None

    async def cancel(self) -> None:
        """Ask the running training, if any, to stop, and wait until its process is gone."""
        self._cancelled = True
        await self._terminate()

    async def _run(self, recipe: str) -> AsyncGenerator[Event]:
        self._process = process = await asyncio.create_subprocess_exec(
            *(*self._command, "--events", "--recipe", recipe, "--models", str(self._models), *self._options),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self._environment},
            limit=_MAX_EVENT_BYTES,
        )
        if self._cancelled:  # while the process was being started
            await self._terminate()
        with suppress(ProcessLookupError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        assert process.stdout is not None  # asked for above
        assert process.stderr is not None
        complaints = asyncio.create_task(_tail(process.stderr))
        problem = None
        trained = False
        async for line in process.stdout:
            event = _parse(line)
            if isinstance(event, str):
                problem = event
            elif event is not None:
                trained = trained or isinstance(event, Trained)
                yield event
        status = await process.wait()
        said = await complaints
        if self._cancelled and not trained:
            raise TrainingCancelled
        if status != 0 or not trained:
            _log.error("training ended with status %s: %s", status, said or "nothing on standard error")
            raise TrainingFailed(problem or _explain(status))

    async def _terminate(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _TERMINATE_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def _parse(line: bytes) -> Progress | Exporting | Trained | str | None:
    """Turn one line of `--events` into an event, an error's message, or None for what the chat does not show."""
    event: dict[str, Any] = json.loads(line)
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


def _explain(status: int) -> str:
    if status < 0:
        return f"its process was killed (signal {-status}), perhaps for want of memory."
    return f"its process ended with status {status}; the log has the details."


async def _tail(stream: asyncio.StreamReader, keep: int = 4000) -> str:
    """Read a stream to its end and keep its last characters."""
    kept = b""
    while chunk := await stream.read(4096):
        kept = (kept + chunk)[-keep:]
    return kept.decode(errors="replace").strip()
