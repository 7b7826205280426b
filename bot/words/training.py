"""Every word of a training: /retrain's question, its progress, its verdict. As pure as `replies`."""

import html
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.learning.budget import ALLOWED
from bot.learning.lessons import Lessons
from bot.learning.models import Outcome
from bot.words.language import Button, Plural, Text, number, percentage
from bot.words.models import exact
from model import CALIBRATION, LARGEST, SLOWER, Blames, Comparison, Paired, Version

START = Button("✅ Train")

LEAVE = Button("✖ Leave it")

CANCEL = Button("✖ Cancel")

RETRAIN_LEFT = Text("Left as it is: nothing was trained.")

RETRAIN_RUNNING = Text("A training is running already. Its message shows how far it is; it can be cancelled there.")

RETRAIN_STALE = Text("That button is from an earlier training. Send /retrain to start a new one.")

RETRAIN_CANCELLING = Text("Cancelling …")

RETRAIN_CANCELLED = Text("Training cancelled. The served model is unchanged.")

TRAINING_STARTS = Text("Training starts: loading TensorFlow and MNIST …")

TRAINING_EXPORTS = Text("Training: writing the model, and comparing it with the one in service …")

TRAINING_DONE = Text("Training finished.")

NOT_PUT_INTO_SERVICE = Text(
    "Training finished, but the database can't be used just now; the log says why. The served model is unchanged; the "
    "new one is kept, and /models can serve it."
)

_USAGE = Text("I know these recipes: {recipes}")


def retrain_usage(recipes: Sequence[str]) -> str:
    """Say which recipes /retrain takes."""
    return _USAGE(recipes=", ".join(f"/retrain {recipe}" for recipe in recipes))


# ── the question

RECIPES: Mapping[str, Text] = {
    "continue": Text(
        "The served model goes on: with what was corrected, and enough of MNIST that it forgets nothing. About 2 "
        "minutes on 2 cores."
    ),
    "seed": Text("All 60,000 MNIST digits, 5 epochs: about 2 minutes on 2 cores."),
    "full": Text("The recipe of the shipped model, from nothing: about 25 minutes on 2 cores."),
}
"""What each recipe of /retrain does."""

_QUESTION = Text("Train a new model with the <b>{recipe}</b> recipe?")

_READ_MEANWHILE = Text("Photos are read as usual meanwhile.")


def retrain_question(recipe: str, lessons: Lessons, waiting: int, blames: Blames) -> str:
    """Ask before training, saying on what, and whom of the reader that teaches."""
    parts = [
        f"{_QUESTION(recipe=html.escape(recipe))}\n{html.escape(RECIPES[recipe]())}",
        _material(recipe, lessons, waiting),
        _pupils(blames) if recipe != "seed" else "",
        _READ_MEANWHILE(),
    ]
    return "\n\n".join(filter(None, parts))


_MNIST_ALONE = Text(
    "It trains on MNIST alone, all 60,000 digits, so there are none left to judge it on: it will be kept."
)

_WITH_CORRECTIONS = Plural("It trains on MNIST plus {n} correction.", "It trains on MNIST plus {n} corrections.")

_WITH_SOME_HELD_BACK = Plural(
    "It trains on MNIST plus {n} correction, {held_back} of which are held back to compare old and new on.",
    "It trains on MNIST plus {n} corrections, {held_back} of which are held back to compare old and new on.",
)

_WAITING = Plural(
    "{n} correction waits for /review, and would not count.", "{n} corrections wait for /review, and would not count."
)


def _material(recipe: str, lessons: Lessons, waiting: int) -> str:
    if recipe == "seed":
        return _MNIST_ALONE()
    held_back = len(lessons.held_back)
    lines = [
        _WITH_SOME_HELD_BACK(lessons.total, held_back=held_back) if held_back else _WITH_CORRECTIONS(lessons.total)
    ]
    if waiting:
        lines.append(_WAITING(waiting))
    lines += _left_out(lessons)
    return "\n".join(lines)


_TEACHES_CLASSIFIER = Plural(
    "{n} of them teaches the classifier: which digit it is.", "{n} of them teach the classifier: which digit it is."
)

_TEACHES_JUDGE = Plural(
    "{n} of them teaches the judge: whether it is a digit.", "{n} of them teach the judge: whether it is a digit."
)

_TEACHES_SCORER = Plural(
    "{n} of them teaches the scorer: how much the judge's word counts.",
    "{n} of them teach the scorer: how much the judge's word counts.",
)

_STRANGE = Plural(
    "What the scorer knew of {n} of them is of another edition of the reader and left out; the crop teaches all the "
    "same.",
    "What the scorer knew of {n} of them is of another edition of the reader and left out; the crops teach all the "
    "same.",
)


def _pupils(blames: Blames) -> str:
    """Say how many corrections teach whom; nothing where there is none."""
    counted = (
        (_TEACHES_CLASSIFIER, blames.classifier),
        (_TEACHES_JUDGE, blames.judge),
        (_TEACHES_SCORER, blames.scorer),
        (_STRANGE, blames.strange),
    )
    return "\n".join(sentence(count) for sentence, count in counted if count)


_OVER_SHARE = Plural(
    "{n} correction is left out: nobody whose corrections are reviewed gives more than half of what is learned.",
    "{n} corrections are left out: nobody whose corrections are reviewed gives more than half of what is learned.",
)

_SET_ASIDE = Plural(
    "{n} correction was set aside for /review just now, which says why.",
    "{n} corrections were set aside for /review just now, which says why.",
)


def _left_out(lessons: Lessons) -> list[str]:
    """Say which corrections are not learned from although they were approved."""
    lines = [_SET_ASIDE(len(lessons.suspected))] if lessons.suspected else []
    return [*lines, _OVER_SHARE(len(lessons.over_share))] if lessons.over_share else lines


# ── progress

_EPOCH = Text("Training: epoch {epoch} of {epochs}")

_ACCURACY = Text("accuracy {share} · {time} left")


def training_progress(*, epoch: int, epochs: int, fraction: float, accuracy: float, eta_s: float) -> str:
    """Show how far a training is: epoch, accuracy, a bar, time left."""
    filled = round(12 * min(1.0, max(0.0, fraction)))
    bar = "▰" * filled + "▱" * (12 - filled)
    return (
        f"{_EPOCH(epoch=epoch, epochs=epochs)}\n{bar} {percentage(fraction)}\n"
        f"{_ACCURACY(share=exact(accuracy), time=_duration(eta_s))}"
    )


_FAILED = Text("Training failed: {reason}\nThe served model is unchanged; /retrain starts anew.")


def training_failed(reason: str) -> str:
    """Say that a training failed, why, and that nothing was lost. `reason` is written for admins, in English."""
    return _FAILED(reason=html.escape(reason))


# ── the verdict

_TRAINED = Text("Trained in {time}: <code>{name}</code>")

_TAUGHT = Text("Corrections that taught the classifier: {classifier}, the judge: {judge}, the scorer: {scorer}")

_TEST = Text("Test accuracy, which decides nothing: old {old}, new {new}")


def verdict(new: Version, old: Version, outcome: Outcome, took_s: float, *, lost: int = 0, beside_s: float = 0) -> str:
    """Compare a new version with the one that was served, say what became of it and why, and then how it tests.

    `lost` is how many digits it loses against the best that ever served, `beside_s` how long it reads beside first.
    """
    comparison = new.metrics.comparison
    parts = [_TRAINED(time=_duration(took_s), name=html.escape(new.name))]
    if comparison is not None and comparison.is_judged:
        compared = [
            _accuracies(_VALIDATION, comparison.validation),
            _won_and_lost(comparison.validation),
            _accuracies(_PHOTOS, comparison.photos),
            _won_and_lost(comparison.photos),
        ]
        if comparison.readings is not None:
            compared += [_accuracies(_READINGS, comparison.readings), _won_and_lost(comparison.readings)]
        if comparison.things is not None:
            compared += [_accuracies(_THINGS, comparison.things), _won_and_lost(comparison.things)]
        if comparison.corrections is not None:
            compared.append(_accuracies(_HELD_BACK, comparison.corrections))
        parts.append("\n".join(compared))
    taught = new.metrics.taught
    if any(taught.values()):
        known = Counter(taught)
        parts.append(_TAUGHT(classifier=known["classifier"], judge=known["judge"], scorer=known["scorer"]))
    parts.append(_outcome(comparison, outcome, lost, beside_s))
    parts.append(_TEST(old=exact(old.metrics.test_accuracy), new=exact(new.metrics.test_accuracy)))
    return "\n\n".join(parts)


_VALIDATION = Plural(
    "<b>{n} validation digits</b>: old {old}, new {new}", "<b>{n} validation digits</b>: old {old}, new {new}"
)

_PHOTOS = Plural(
    "<b>{n} photo-like digits</b>: old {old}, new {new}", "<b>{n} photo-like digits</b>: old {old}, new {new}"
)

_READINGS = Plural("<b>{n} whole photos</b>: old {old}, new {new}", "<b>{n} whole photos</b>: old {old}, new {new}")

_THINGS = Plural(
    "<b>{n} digit or other thing</b>: old {old}, new {new}", "<b>{n} digits and other things</b>: old {old}, new {new}"
)

_HELD_BACK = Plural(
    "<b>{n} held-back corrections</b>: old {old}, new {new}", "<b>{n} held-back corrections</b>: old {old}, new {new}"
)


def _accuracies(digits: Plural, both: Paired) -> str:
    return digits(both.digits, old=exact(both.old_accuracy), new=exact(both.new_accuracy))


_WON_AND_LOST = Text("{won} won, {lost} lost; with {won} won, up to {margin} may be lost")


def _won_and_lost(both: Paired) -> str:
    return f"  {_WON_AND_LOST(won=both.only_new, lost=both.only_old, margin=both.margin)}"


_PROMOTED = Text("<b>promoted</b>: it is in service now. /rollback goes back.")

_WORSE_VALIDATION = Text("<b>refused</b>: it reads significantly fewer of the validation digits.")

_WORSE_PHOTOS = Text("<b>refused</b>: it reads significantly fewer of the photo-like digits.")

_WORSE_BOTH = Text("<b>refused</b>: it reads significantly fewer of the validation and of the photo-like digits.")

_CHANGED = Text(
    "<b>refused</b>: another model came into service while it trained, and it was not compared with that one."
)

_UNJUDGED = Text(
    "<b>refused</b>: it has learned from the digits that models are judged on, so nothing can be said for it."
)

_KEPT = Text("The served model is unchanged; this one is kept, and /models can serve it.")


_WORSE_READINGS = Text("<b>refused</b>: it reads significantly fewer of the whole photos.")

_WORSE_THINGS = Text("<b>refused</b>: it tells digits from other things significantly less often.")

_MISCALIBRATED = Text(
    "<b>refused</b>: its confidence is off by {share} on average, where it was off by {old}; {bound} may be."
)

_SLOWER = Text("<b>refused</b>: it takes {new} ms to read a photo, where it took {old} ms; {bound} ms may be.")

_LARGER = Text("<b>refused</b>: it takes up {new} MB on the disk; {bound} MB may be.")

_SPENT = Plural(
    "<b>refused</b>: it reads {n} digit less than the best that ever served, and {allowed} may be lost in all.",
    "<b>refused</b>: it reads {n} digits less than the best that ever served, and {allowed} may be lost in all.",
)


_BESIDE = Text(
    "<b>not promoted yet</b>: it reads beside the served one for {hours} h, unseen. /models shows how often they "
    "differ, and the admins are told what comes of it."
)


def _outcome(comparison: Comparison | None, outcome: Outcome, lost: int, beside_s: float) -> str:
    match outcome:
        case "promoted":
            return _PROMOTED()
        case "beside":
            return _BESIDE(hours=hours(beside_s))
        case "worse" if comparison is not None:
            refused = "\n".join(_failings(comparison))
        case "spent":
            refused = _SPENT(lost, allowed=ALLOWED)
        case "changed":
            refused = _CHANGED()
        case _:
            refused = _UNJUDGED()
    return f"{refused} {_KEPT()}"


def _failings(comparison: Comparison) -> list[str]:
    """Say each thing that a version is refused for."""
    calibration, time, size = comparison.calibration, comparison.time_ms, comparison.size
    said = []
    if {"validation", "photos"} <= set(comparison.failings):
        said.append(_WORSE_BOTH())
    elif "validation" in comparison.failings:
        said.append(_WORSE_VALIDATION())
    elif "photos" in comparison.failings:
        said.append(_WORSE_PHOTOS())
    if "readings" in comparison.failings:
        said.append(_WORSE_READINGS())
    if "things" in comparison.failings:
        said.append(_WORSE_THINGS())
    if "calibration" in comparison.failings and calibration is not None:
        new, old, bound = (percentage(share, 1) for share in (calibration.new, calibration.old, CALIBRATION))
        said.append(_MISCALIBRATED(share=new, old=old, bound=bound))
    if "time" in comparison.failings and time is not None:
        said.append(_SLOWER(new=round(time.new), old=round(time.old), bound=round(SLOWER * time.old)))
    if "size" in comparison.failings and size is not None:
        said.append(_LARGER(new=number(size.new / 1e6, 1), bound=number(LARGEST / 1e6, 1)))
    return said


def hours(seconds: float) -> str:
    """A time in hours, as many as there are and a tenth."""
    return number(seconds / 3600, 0 if seconds >= 36_000 else 1)


_MINUTES = Text("{minutes} min {seconds} s")

_SECONDS = Text("{seconds} s")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return _MINUTES(minutes=minutes, seconds=rest) if minutes else _SECONDS(seconds=rest)
