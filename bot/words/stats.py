"""Every word of /stats: how good the served model is, and for admins how the bot is doing. As pure as `replies`."""

import html
from collections.abc import Mapping
from datetime import datetime

from bot.store import Tally
from bot.vitals import Vitals
from bot.words.figures import exact
from bot.words.language import Plural, Text, number
from model import Version

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
