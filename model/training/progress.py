"""What a training says while it runs: events, as JSON lines or as a bar on a terminal.

An event is a JSON object with a key `event`:

    start     recipe, network, parameters, epochs, digits
    progress  epoch, epochs, fraction (of the whole training, 0..1), accuracy, loss, eta_s; two a second at most
    epoch     epoch, epochs, accuracy, loss, and validation_accuracy and validation_loss where the recipe validates
    exporting
    done      version, folder, parameters, test_accuracy, validation_accuracy (null where nothing was left out)
    error     message: one line that says what happened and what to do
    note      message: what is being tried, where that can take long
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

Event = dict[str, Any]
Report = Callable[[Event], None]

PROGRESS_EVERY_S: Final = 0.5


def json_lines(event: Event) -> None:
    """Print an event as one line of JSON, at once: whoever reads the pipe shows it live."""
    print(json.dumps(event), flush=True)  # noqa: T201 - this is the output


@contextmanager
def terminal() -> Iterator[Report]:
    """Show events to a person: a bar on a terminal, a line an epoch elsewhere. Errors are left to the caller."""
    # rich is of the training side; the command line imports this module without it, too.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    columns = (
        TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
        BarColumn(),
        TextColumn("accuracy {task.fields[accuracy]:.4f}  loss {task.fields[loss]:.4f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("training", total=1.0, visible=False, epoch=1, epochs=1, accuracy=0.0, loss=0.0)

        def report(event: Event) -> None:
            if event["event"] == "progress":
                fields = {name: event[name] for name in ("epoch", "epochs", "accuracy", "loss")}
                bar.update(task, completed=event["fraction"], visible=True, **fields)
            elif line := _sentence(event):
                console.print(line)

        yield report


def _sentence(event: Event) -> str:
    match event["event"]:
        case "note":
            return str(event["message"])
        case "start":
            return "training {recipe}: {parameters:,} parameters, {epochs} epochs of {digits:,} digits".format(**event)
        case "epoch":
            line = "epoch {epoch}/{epochs}: accuracy {accuracy:.4f}, loss {loss:.4f}".format(**event)
            validated = event.get("validation_accuracy")
            return line if validated is None else f"{line}, validation accuracy {validated:.4f}"
        case "exporting":
            return "exporting to LiteRT and comparing …"
        case "done":
            return "{folder}: {parameters:,} parameters, test accuracy {test_accuracy:.2%}".format(**event)
    return ""


class FitProgress:
    """Turns what Keras tells its callbacks into events. Keras counts epochs from 0, events from 1."""

    def __init__(self, report: Report, epochs: int, batches: int) -> None:
        """Take `epochs` of `batches` batches each."""
        self._report, self._epochs, self._batches = report, epochs, batches
        self._epoch = 0
        self._began: float | None = None
        self._last = float("-inf")
        self.history: list[dict[str, float]] = []  # accuracy, loss, validation_…: an entry an epoch

    def callback(self) -> Any:
        """Give what Keras calls while it trains."""
        import keras

        return keras.callbacks.LambdaCallback(
            on_epoch_begin=self.on_epoch_begin, on_epoch_end=self.on_epoch_end, on_train_batch_end=self.on_batch_end
        )

    def on_epoch_begin(self, epoch: int, _logs: Mapping[str, float] | None = None) -> None:
        """Remember the epoch."""
        self._epoch = epoch

    def on_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Report progress, if the last report is long enough ago."""
        now = time.monotonic()
        if self._began is None:
            # The first batch waits for Keras to compile the step: no measure of the others.
            self._began = now
            return
        if now - self._last < PROGRESS_EVERY_S:
            return
        self._last = now
        done, all_batches = self._epoch * self._batches + batch + 1, self._epochs * self._batches
        self._report(
            {
                "event": "progress",
                "epoch": self._epoch + 1,
                "epochs": self._epochs,
                "fraction": round(done / all_batches, 4),
                **_figures(logs or {}),
                "eta_s": round((now - self._began) / (done - 1) * (all_batches - done), 1),
            }
        )

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Report and remember the epoch's figures."""
        self.history.append(_figures(logs or {}))
        self._report({"event": "epoch", "epoch": epoch + 1, "epochs": self._epochs, **self.history[-1]})


def _figures(logs: Mapping[str, float]) -> dict[str, float]:
    known = ("accuracy", "loss", "val_accuracy", "val_loss")
    return {name.replace("val_", "validation_"): round(float(logs[name]), 5) for name in known if name in logs}
