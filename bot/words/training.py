"""Every word of a training: /retrain's question, its progress, its verdict. As pure as `replies`."""

import html
from collections.abc import Sequence

from bot.learning.lessons import Lessons
from bot.learning.models import Outcome
from bot.words.models import exact, n_corrections
from model import Paired, Version

START, LEAVE, CANCEL = "✅ Train", "✖ Leave it", "✖ Cancel"

RETRAIN_LEFT = "Left as it is: nothing was trained."

RETRAIN_RUNNING = "A training is running already. Its message shows how far it is; it can be cancelled there."

RETRAIN_STALE = "That button is from an earlier training. Send /retrain to start a new one."

RETRAIN_CANCELLING = "Cancelling …"

RETRAIN_CANCELLED = "Training cancelled. The served model is unchanged."

TRAINING_STARTS = "Training starts: loading TensorFlow and MNIST …"

TRAINING_EXPORTS = "Training: writing the model, and comparing it with the one in service …"

TRAINING_DONE = "Training finished."

NOT_PUT_INTO_SERVICE = (
    "Training finished, but the database can't be used just now; the log says why. The served model is unchanged; the "
    "new one is kept, and /models can serve it."
)


def retrain_usage(recipes: Sequence[str]) -> str:
    """Say which recipes /retrain takes."""
    return "I know these recipes: " + ", ".join(f"/retrain {recipe}" for recipe in recipes)


def retrain_question(recipe: str, description: str, lessons: Lessons, waiting: int) -> str:
    """Ask before training, saying on what."""
    return (
        f"Train a new model with the <b>{html.escape(recipe)}</b> recipe?\n{html.escape(description)}\n\n"
        f"{_material(recipe, lessons, waiting)}\n\nPhotos are read as usual meanwhile."
    )


def _material(recipe: str, lessons: Lessons, waiting: int) -> str:
    if recipe == "seed":
        return "It trains on MNIST alone, all 60,000 digits, so there are none left to judge it on: it will be kept."
    learned = f"It trains on MNIST plus {n_corrections(lessons.total)}"
    if lessons.held_back:
        learned += f", {len(lessons.held_back)} of which are held back to compare old and new on"
    lines = [f"{learned}."]
    if lessons.no_digits:
        say = "say" if lessons.no_digits > 1 else "says"
        lines.append(
            f'{n_corrections(lessons.no_digits)} more {say} "not a digit": kept, but not learned from, for the network '
            "knows ten answers and none of them is that."
        )
    if waiting:
        lines.append(f"{n_corrections(waiting)} {'wait' if waiting > 1 else 'waits'} for /review, and would not count.")
    return "\n".join(lines)


def training_progress(*, epoch: int, epochs: int, fraction: float, accuracy: float, eta_s: float) -> str:
    """Show how far a training is: epoch, accuracy, a bar, time left."""
    filled = round(12 * min(1.0, max(0.0, fraction)))
    bar = "▰" * filled + "▱" * (12 - filled)
    return (
        f"Training: epoch {epoch} of {epochs}\n{bar} {100 * fraction:.0f} %\n"
        f"accuracy {100 * accuracy:.2f} % · {_duration(eta_s)} left"
    )


def training_failed(reason: str) -> str:
    """Say that a training failed, why, and that nothing was lost. `reason` is written for admins."""
    return f"Training failed: {html.escape(reason)}\nThe served model is unchanged; /retrain starts anew."


def verdict(new: Version, old: Version, outcome: Outcome, took_s: float) -> str:
    """Compare a new version with the one that was served, say what became of it and why, and then how it tests."""
    comparison = new.metrics.comparison
    parts = [f"Trained in {_duration(took_s)}: <code>{html.escape(new.name)}</code>"]
    if comparison is not None and comparison.is_judged:
        compared = [
            _compared("validation digits", comparison.validation),
            _compared("photo-like digits", comparison.photos),
        ]
        if comparison.corrections is not None:
            compared.append(_accuracies("held-back corrections", comparison.corrections))
        parts.append("\n".join(compared))
    parts.append(_outcome(new, outcome))
    parts.append(
        f"Test accuracy, which decides nothing: old {exact(old.metrics.test_accuracy)}, "
        f"new {exact(new.metrics.test_accuracy)}"
    )
    return "\n\n".join(parts)


def _compared(what: str, both: Paired) -> str:
    return (
        f"{_accuracies(what, both)}\n  {both.only_new} won, {both.only_old} lost; "
        f"with {both.only_new} won, up to {both.margin} may be lost"
    )


def _accuracies(what: str, both: Paired) -> str:
    return f"<b>{both.digits:,} {what}</b>: old {exact(both.old_accuracy)}, new {exact(both.new_accuracy)}"


def _outcome(new: Version, outcome: Outcome) -> str:
    comparison = new.metrics.comparison
    match outcome:
        case "promoted":
            return "<b>promoted</b>: it is in service now. /rollback goes back."
        case "worse" if comparison is not None:
            worse = [
                name
                for name, both in (("validation", comparison.validation), ("photo-like", comparison.photos))
                if both.is_worse
            ]
            why = f"it reads significantly fewer of the {' and of the '.join(worse)} digits"
        case "changed":
            why = "another model came into service while it trained, and it was not compared with that one"
        case _:
            why = "it has learned from the digits that models are judged on, so nothing can be said for it"
    return f"<b>refused</b>: {why}. The served model is unchanged; this one is kept, and /models can serve it."


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
