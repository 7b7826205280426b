"""Every word of the verdict on what was trained: how it compares, what became of it, and why. As pure as `replies`."""

import html
from collections import Counter

from bot.learning.budget import ALLOWED
from bot.learning.promotion import Outcome
from bot.words.figures import duration, exact, hours
from bot.words.language import Plural, Text, number, percentage
from model import CALIBRATION, LARGEST, SLOWER, Comparison, Paired, Version

_TRAINED = Text("Trained in {time}: <code>{name}</code>")

_TAUGHT = Text("Corrections that taught the classifier: {classifier}, the judge: {judge}, the scorer: {scorer}")

_TEST = Text("Test accuracy, which decides nothing: old {old}, new {new}")


def verdict(new: Version, old: Version, outcome: Outcome, took_s: float, *, lost: int = 0, beside_s: float = 0) -> str:
    """Compare a new version with the one that was served, say what became of it and why, and then how it tests.

    `lost` is how many digits it loses against the best that ever served, `beside_s` how long it reads beside first.
    """
    comparison = new.metrics.comparison
    parts = [_TRAINED(time=duration(took_s), name=html.escape(new.name))]
    if comparison is not None and comparison.is_judged:
        parts.append(_compared(comparison))
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


def _compared(comparison: Comparison) -> str:
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
    return "\n".join(compared)


def _accuracies(digits: Plural, both: Paired) -> str:
    return digits(both.digits, old=exact(both.old_accuracy), new=exact(both.new_accuracy))


_WON_AND_LOST = Text("{won} won, {lost} lost; with {won} won, up to {margin} may be lost")


def _won_and_lost(both: Paired) -> str:
    return f"  {_WON_AND_LOST(won=both.only_new, lost=both.only_old, margin=both.margin)}"


_PROMOTED = Text("<b>promoted</b>: it is in service now. /rollback goes back.")

_BESIDE = Text(
    "<b>not promoted yet</b>: it reads beside the served one for {hours} h, unseen. /models shows how often they "
    "differ, and the admins are told what comes of it."
)

_SPENT = Plural(
    "<b>refused</b>: it reads {n} digit less than the best that ever served, and {allowed} may be lost in all.",
    "<b>refused</b>: it reads {n} digits less than the best that ever served, and {allowed} may be lost in all.",
)

_CHANGED = Text(
    "<b>refused</b>: another model came into service while it trained, and it was not compared with that one."
)

_UNJUDGED = Text(
    "<b>refused</b>: it has learned from the digits that models are judged on, so nothing can be said for it."
)

_KEPT = Text("The served model is unchanged; this one is kept, and /models can serve it.")


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


_WORSE_BOTH = Text("<b>refused</b>: it reads significantly fewer of the validation and of the photo-like digits.")

_WORSE_VALIDATION = Text("<b>refused</b>: it reads significantly fewer of the validation digits.")

_WORSE_PHOTOS = Text("<b>refused</b>: it reads significantly fewer of the photo-like digits.")

_WORSE_READINGS = Text("<b>refused</b>: it reads significantly fewer of the whole photos.")

_WORSE_THINGS = Text("<b>refused</b>: it tells digits from other things significantly less often.")

_MISCALIBRATED = Text(
    "<b>refused</b>: its confidence is off by {share} on average, where it was off by {old}; {bound} may be."
)

_SLOWER = Text("<b>refused</b>: it takes {new} ms to read a photo, where it took {old} ms; {bound} ms may be.")

_LARGER = Text("<b>refused</b>: it takes up {new} MB on the disk; {bound} MB may be.")


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
