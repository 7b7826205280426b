"""Every word of a training that is under way: its progress, and how it ended. As pure as `replies`."""

import html

from bot.words.figures import duration, exact
from bot.words.language import Button, Text, percentage

CANCEL = Button("✖ Cancel")

STARTS = Text("Training starts: loading TensorFlow and MNIST …")

EXPORTS = Text("Training: writing the model, and comparing it with the one in service …")

_EPOCH = Text("Training: epoch {epoch} of {epochs}")

_ACCURACY = Text("accuracy {share} · {time} left")


def progress(*, epoch: int, epochs: int, fraction: float, accuracy: float, eta_s: float) -> str:
    """Show how far a training is: epoch, accuracy, a bar, time left."""
    filled = round(12 * min(1.0, max(0.0, fraction)))
    bar = "▰" * filled + "▱" * (12 - filled)
    return (
        f"{_EPOCH(epoch=epoch, epochs=epochs)}\n{bar} {percentage(fraction)}\n"
        f"{_ACCURACY(share=exact(accuracy), time=duration(eta_s))}"
    )


CANCELLING = Text("Cancelling …")

CANCELLED = Text("Training cancelled. The served model is unchanged.")

DONE = Text("Training finished.")

NOT_PUT_INTO_SERVICE = Text(
    "Training finished, but the database can't be used just now; the log says why. The served model is unchanged; the "
    "new one is kept, and /models can serve it."
)

_FAILED = Text("Training failed: {reason}\nThe served model is unchanged; /retrain starts anew.")


def failed(reason: str) -> str:
    """Say that a training failed, why, and that nothing was lost. `reason` is written for admins, in English."""
    return _FAILED(reason=html.escape(reason))
