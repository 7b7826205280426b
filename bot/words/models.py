"""Every word a user sees of models: /models, /rollback, /stats. As pure as `replies`."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.learning.budget import ALLOWED, Budget
from bot.learning.models import KEPT, SHIPPED_NAME, Listed
from bot.store import Tally
from bot.vitals import Vitals
from bot.words.language import Button, Plural, Text, number, percentage
from bot.words.privacy import CORRECTIONS
from model import Metrics, Version

# ── /models, /rollback

DATABASE_TROUBLE = Text("The database can't be used just now; the log says why. Nothing was changed, please try again.")

NOTHING_BEFORE = Text("There is nothing to go back to: the model that came with the bot is in service.")

SERVED_MEANWHILE = Text("Somebody changed the served model a moment ago. /models shows how it is now.")

MODEL_GONE = Text("That model is damaged or gone, and can't be served. The served one is unchanged.")

_DAMAGED = Text("damaged: never served")

DAMAGED_SERVED = Text("in service, and damaged on the disk since: after the next start the model before it is served")

SERVE_ANYWAY = Button("✅ Serve it")

DO_NOT_SERVE = Button("✖ Leave it")

SERVE_LEFT = Text("Left as it is.")

_OLDER = Plural("… and {n} older", "… and {n} older")


def models(listed: Sequence[Listed]) -> str:
    """List the versions, the latest first."""
    shown = "\n\n".join(_listed(each) for each in shown_of(listed))
    hidden = len(listed) - len(shown_of(listed))
    return f"{shown}\n\n{_OLDER(hidden)}" if hidden else shown


def shown_of(listed: Sequence[Listed]) -> tuple[Listed, ...]:
    """Which of the versions are shown: the latest, the served one, and the one that came with the bot."""
    return tuple(
        each for place, each in enumerate(listed) if place < KEPT or each.is_served or each.name == SHIPPED_NAME
    )


def _listed(each: Listed) -> str:
    served = "▶ " if each.is_served else ""
    name = each.metrics.version if each.metrics and each.name == SHIPPED_NAME else each.name
    title = f"{served}<b>{html.escape(name)}</b>"
    if each.metrics is None:
        return f"{title}\n{DAMAGED_SERVED() if each.is_served else _DAMAGED()}"
    return f"{title}\n{_made(each.metrics)}\n{_figures(each.metrics)}\n{_state(each)}"


def _made(metrics: Metrics) -> str:
    learned = f" · {CORRECTIONS(metrics.corrections)}" if metrics.corrections else ""
    return f"{html.escape(metrics.date[:10])} · {html.escape(metrics.recipe)}{learned}"


_TEST_FIGURE = Text("test {share}")

_VALIDATION_FIGURE = Text("validation {share}")

_PHOTOS_FIGURE = Text("photo-like {share}")


def _figures(metrics: Metrics) -> str:
    figures = [_TEST_FIGURE(share=exact(metrics.test_accuracy))]
    if metrics.validation_accuracy is not None:
        figures.append(_VALIDATION_FIGURE(share=exact(metrics.validation_accuracy)))
    if metrics.comparison is not None:
        figures.append(_PHOTOS_FIGURE(share=exact(metrics.comparison.photos.new_accuracy)))
    return " · ".join(figures)


_IN_SERVICE = Text("in service")

_CAME_WITH_THE_BOT = Text("came with the bot")

_PASSED = Text("passed its comparison")

_SPENT = Plural(
    "loses {n} digit against the best that ever served: more than may be",
    "loses {n} digits against the best that ever served: more than may be",
)

_REFUSED = Text("refused when it was trained")


def _state(each: Listed) -> str:
    if each.is_served:
        return _IN_SERVICE()
    if each.name == SHIPPED_NAME:
        return _CAME_WITH_THE_BOT()
    if each.is_spent and each.metrics and each.metrics.comparison and each.metrics.comparison.is_good:
        return _SPENT(each.lost)
    return _PASSED() if each.is_safe else _REFUSED()


_SERVE = Button("Serve {name}")


def serve_button(name: str) -> str:
    """The button that serves a version."""
    return _SERVE(name=name)


_WAS_REFUSED = Text(
    "<code>{name}</code> was refused when it was trained: it did worse than the model then in service, or could not be "
    "judged."
)

_IS_SPENT = Plural(
    "<code>{name}</code> reads {n} digit less than the best that ever served; {allowed} may be lost in all.",
    "<code>{name}</code> reads {n} digits less than the best that ever served; {allowed} may be lost in all.",
)

_SERVE_ALL_THE_SAME = Text("Serve it all the same? /rollback goes back.")


def serve_warning(each: Listed) -> str:
    """Warn before serving a version that was refused."""
    assert each.metrics is not None  # a damaged one has no button
    good = each.metrics.comparison is not None and each.metrics.comparison.is_good
    name = html.escape(each.name)
    refused = _IS_SPENT(each.lost, name=name, allowed=ALLOWED) if good else _WAS_REFUSED(name=name)
    return f"{refused}\n{_figures(each.metrics)}\n\n{_SERVE_ALL_THE_SAME()}"


_NOW_SERVED = Text("<code>{name}</code> is in service now (test accuracy {share}).")


def now_served(version: Version) -> str:
    """Say which version is in service from now on."""
    return _NOW_SERVED(name=html.escape(version.name), share=exact(version.metrics.test_accuracy))


_ALL_ALIKE = Plural(
    "{n} process serves the bot, all with the model in service",
    "{n} processes serve the bot, all with the model in service",
)

_SOME_BEHIND = Plural(
    "{n} process serves the bot; {behind} of them still with another model",
    "{n} processes serve the bot; {behind} of them still with another model",
)


def processes(versions: Sequence[str], served: str) -> str:
    """Say how many processes serve, for admins, and whether each reads with the `served` version; "" for one alone."""
    if len(versions) < 2:
        return ""
    behind = sum(version != served for version in versions)
    how = _SOME_BEHIND(len(versions), behind=behind) if behind else _ALL_ALIKE(len(versions))
    return f"\n\n{how}"


_BUDGET = Text("<b>What promotions may lose in all</b>")

_USED = Plural(
    "of {allowed} digits the served model has lost {n}: {left} are left",
    "of {allowed} digits the served model has lost {n}: {left} are left",
)

_NOT_MEASURED = Text("{allowed} digits; the served model was not measured on today's sets")

_BESTS: Mapping[str, Text] = {
    "validation": Text("most validation digits: {right} ({name})"),
    "photos": Text("most photo-like digits: {right} ({name})"),
    "readings": Text("most whole photos: {right} ({name})"),
    "things": Text("most digits and other things told apart: {right} ({name})"),
}
"""The record of each fixed set."""


def budget(spent: Budget) -> str:
    """Say how much of what promotions may lose is used, and against which versions that is counted."""
    if not spent.best:
        return ""  # nothing was compared yet
    used = (
        _NOT_MEASURED(allowed=ALLOWED)
        if spent.used is None
        else _USED(spent.used, allowed=ALLOWED, left=max(0, spent.left))
    )
    bests = [
        _BESTS[name](right=spent.best[name].right, name=html.escape(spent.best[name].version))
        for name in _BESTS
        if name in spent.best
    ]
    return "\n\n" + "\n".join((_BUDGET(), used, *bests))


# ── /stats

_TEST_DIGITS = 10_000  # of MNIST

_TEST_ACCURACY = Text("<b>Test accuracy: {share}</b>\non the {digits} MNIST test digits, which it never trained on.")

_MODEL = Text("Model <code>{name}</code>, {age}")

_RECIPE = Plural("recipe {recipe} · {n} parameter · {date}", "recipe {recipe} · {n} parameters · {date}")

_LAST_DAY = Text("<b>Last 24 hours</b>")

_IN_ALL = Text("<b>In all</b>")

_TO_LEARN_FROM = Plural(
    "{n} correction to learn from, {waiting} waiting for review",
    "{n} corrections to learn from, {waiting} waiting for review",
)


def stats(version: Version, day: Tally, all_time: Tally, corrections: tuple[int, int], now: datetime) -> str:
    """Say how good the served model is, the test accuracy first. `corrections`: how many count, how many wait."""
    metrics = version.metrics
    recipe = _RECIPE(metrics.parameters, recipe=html.escape(metrics.recipe), date=html.escape(metrics.date[:10]))
    approved, waiting = corrections
    return (
        f"{_TEST_ACCURACY(share=exact(metrics.test_accuracy), digits=_TEST_DIGITS)}\n\n"
        f"{_MODEL(name=html.escape(metrics.version), age=_age(metrics.date, now))}\n{recipe}\n\n"
        f"{_LAST_DAY()}\n{_tally(day)}\n{_IN_ALL()}\n{_tally(all_time)}\n{_TO_LEARN_FROM(approved, waiting=waiting)}"
    )


_PHOTOS_READ = Plural("{n} photo read, {refusals} without a digit", "{n} photos read, {refusals} without a digit")

_NOBODY_JUDGED = Text("nobody said right or wrong")

_JUDGED_RIGHT = Text("right, as people judged: {share} of {judged}")


def _tally(tally: Tally) -> str:
    read = _PHOTOS_READ(tally.readings, refusals=tally.refusals)
    if tally.accuracy is None:
        return f"{read}\n{_NOBODY_JUDGED()}"
    return f"{read}\n{_JUDGED_RIGHT(share=exact(tally.accuracy), judged=tally.right + tally.wrong)}"


_SINCE_START = Text("<b>This bot, since its start</b>")

_WAITING = Text("waiting for a reading: {number}")

_ERRORS = Text("errors: {number}")

_LAST_READINGS = Plural("last {n} readings: {figures}", "last {n} readings: {figures}")

_PERCENTILE = Text("p{share} {time} ms")


def vitals(seen: Vitals, waiting: int) -> str:
    """Say how the bot itself is doing since its start, for admins."""
    lines = [_SINCE_START(), _WAITING(number=waiting), _ERRORS(number=seen.errors)]
    if seen.reading_ms:
        figures = (_PERCENTILE(share=share, time=number(seen.percentile(share))) for share in (50, 95, 99))
        lines.append(_LAST_READINGS(len(seen.reading_ms), figures=" · ".join(figures)))
    return "\n\n" + "\n".join(lines)


_AGES: Mapping[int, Plural] = {
    86_400: Plural("{n} day old", "{n} days old"),
    3_600: Plural("{n} hour old", "{n} hours old"),
    60: Plural("{n} minute old", "{n} minutes old"),
}

_BRAND_NEW = Text("brand new")


def _age(date: str, now: datetime) -> str:
    seconds = (now - datetime.fromisoformat(date)).total_seconds()
    for length, old in _AGES.items():
        if seconds >= length:
            return old(int(seconds // length))
    return _BRAND_NEW()


def exact(share: float) -> str:
    """A share of digits, as fine as a test set's."""
    return percentage(share, 2)
