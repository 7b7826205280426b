"""Every word a user sees of models: /retrain and its verdict, /models, /rollback, /stats. As pure as `replies`."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.lessons import Lessons
from bot.models import SHIPPED_NAME, Listed, Outcome
from bot.store import Tally
from bot.vitals import Vitals
from model import Metrics, Paired, Version

# ── /retrain

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

DATABASE_TROUBLE = "The database can't be used just now; the log says why. Nothing was changed, please try again."


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
    learned = f"It trains on MNIST plus {_corrections(lessons.total)}"
    if lessons.held_back:
        learned += f", {len(lessons.held_back)} of which are held back to compare old and new on"
    lines = [f"{learned}."]
    if lessons.no_digits:
        say = "say" if lessons.no_digits > 1 else "says"
        lines.append(
            f'{_corrections(lessons.no_digits)} more {say} "not a digit": kept, but not learned from, for the network '
            "knows ten answers and none of them is that."
        )
    if waiting:
        lines.append(f"{_corrections(waiting)} {'wait' if waiting > 1 else 'waits'} for /review, and would not count.")
    return "\n".join(lines)


def _corrections(number: int) -> str:
    return f"{number} correction{'s' * (number != 1)}"


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
        f"Test accuracy, which decides nothing: old {_exact(old.metrics.test_accuracy)}, "
        f"new {_exact(new.metrics.test_accuracy)}"
    )
    return "\n\n".join(parts)


def _compared(what: str, both: Paired) -> str:
    return (
        f"{_accuracies(what, both)}\n  {both.only_new} won, {both.only_old} lost; "
        f"with {both.only_new} won, up to {both.margin} may be lost"
    )


def _accuracies(what: str, both: Paired) -> str:
    return f"<b>{both.digits:,} {what}</b>: old {_exact(both.old_accuracy)}, new {_exact(both.new_accuracy)}"


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


# ── /models, /rollback

NOTHING_BEFORE = "There is nothing to go back to: the model that came with the bot is in service."

SERVED_MEANWHILE = "Somebody changed the served model a moment ago. /models shows how it is now."

MODEL_GONE = "That model is damaged or gone, and can't be served. The served one is unchanged."

SERVE_ANYWAY, DO_NOT_SERVE = "✅ Serve it", "✖ Leave it"

SERVE_LEFT = "Left as it is."

LISTED_AT_MOST = 8


def models(listed: Sequence[Listed]) -> str:
    """List the versions, the latest first."""
    shown = "\n\n".join(_listed(each) for each in shown_of(listed))
    hidden = len(listed) - len(shown_of(listed))
    return f"{shown}\n\n… and {hidden} older" if hidden else shown


def shown_of(listed: Sequence[Listed]) -> tuple[Listed, ...]:
    """Which of the versions are shown: the latest, the served one, and the one that came with the bot."""
    return tuple(
        each
        for place, each in enumerate(listed)
        if place < LISTED_AT_MOST or each.is_served or each.name == SHIPPED_NAME
    )


def _listed(each: Listed) -> str:
    served = "▶ " if each.is_served else ""
    name = each.metrics.version if each.metrics and each.name == SHIPPED_NAME else each.name
    title = f"{served}<b>{html.escape(name)}</b>"
    if each.metrics is None:
        return f"{title}\ndamaged: never served"
    return f"{title}\n{_made(each.metrics)}\n{_figures(each.metrics)}\n{_state(each)}"


def _made(metrics: Metrics) -> str:
    learned = f" · {_corrections(metrics.corrections)}" if metrics.corrections else ""
    return f"{html.escape(metrics.date[:10])} · {html.escape(metrics.recipe)}{learned}"


def _figures(metrics: Metrics) -> str:
    figures = [f"test {_exact(metrics.test_accuracy)}"]
    if metrics.validation_accuracy is not None:
        figures.append(f"validation {_exact(metrics.validation_accuracy)}")
    if metrics.comparison is not None:
        figures.append(f"photo-like {_exact(metrics.comparison.photos.new_accuracy)}")
    return " · ".join(figures)


def _state(each: Listed) -> str:
    if each.is_served:
        return "in service"
    if each.name == SHIPPED_NAME:
        return "came with the bot"
    return "passed its comparison" if each.is_safe else "refused when it was trained"


def serve_button(name: str) -> str:
    """The button that serves a version."""
    return f"Serve {name}"


def serve_warning(each: Listed) -> str:
    """Warn before serving a version that was refused."""
    assert each.metrics is not None  # a damaged one has no button
    return (
        f"<code>{html.escape(each.name)}</code> was refused when it was trained: it did worse than the model then in "
        f"service, or could not be judged.\n{_figures(each.metrics)}\n\nServe it all the same? /rollback goes back."
    )


def now_served(version: Version) -> str:
    """Say which version is in service from now on."""
    return (
        f"<code>{html.escape(version.name)}</code> is in service now (test accuracy "
        f"{_exact(version.metrics.test_accuracy)})."
    )


# ── /stats


def stats(version: Version, day: Tally, all_time: Tally, corrections: tuple[int, int], now: datetime) -> str:
    """Say how good the served model is, the test accuracy first. `corrections`: how many count, how many wait."""
    metrics = version.metrics
    return (
        f"<b>Test accuracy: {_exact(metrics.test_accuracy)}</b>\n"
        "on the 10,000 MNIST test digits, which it never trained on.\n\n"
        f"Model <code>{html.escape(metrics.version)}</code>, {_age(metrics.date, now)}\n"
        f"recipe {html.escape(metrics.recipe)} · {metrics.parameters:,} parameters · {html.escape(metrics.date[:10])}"
        f"\n\n<b>Last 24 hours</b>\n{_tally(day)}\n<b>In all</b>\n{_tally(all_time)}\n"
        f"{_corrections(corrections[0])} to learn from, {corrections[1]} waiting for review"
    )


def _tally(tally: Tally) -> str:
    read = f"{tally.readings:,} photo{'s' * (tally.readings != 1)} read, {tally.refusals:,} without a digit"
    if tally.accuracy is None:
        return f"{read}\nnobody said right or wrong"
    return f"{read}\nright, as people judged: {_exact(tally.accuracy)} of {tally.right + tally.wrong:,}"


def vitals(seen: Vitals, waiting: int) -> str:
    """Say how the bot itself is doing since its start, for admins."""
    lines = [f"waiting for a reading: {waiting}", f"errors: {seen.errors:,}"]
    if seen.reading_ms:
        figures = " · ".join(f"p{share} {seen.percentile(share):.0f} ms" for share in (50, 95, 99))
        lines.append(f"last {len(seen.reading_ms):,} readings: {figures}")
    return "\n\n<b>This bot, since its start</b>\n" + "\n".join(lines)


_AGES: Mapping[str, int] = {"day": 86_400, "hour": 3_600, "minute": 60}


def _age(date: str, now: datetime) -> str:
    seconds = (now - datetime.fromisoformat(date)).total_seconds()
    for unit, length in _AGES.items():
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'s' * (number != 1)} old"
    return "brand new"


def _exact(share: float) -> str:
    return f"{100 * share:.2f} %"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
