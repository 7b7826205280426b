"""Every word a user sees of models: /models, /rollback, /stats. As pure as `replies`."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.learning.models import KEPT, SHIPPED_NAME, Listed
from bot.store import Tally
from bot.vitals import Vitals
from model import Metrics, Version

# ── /models, /rollback

DATABASE_TROUBLE = "The database can't be used just now; the log says why. Nothing was changed, please try again."

NOTHING_BEFORE = "There is nothing to go back to: the model that came with the bot is in service."

SERVED_MEANWHILE = "Somebody changed the served model a moment ago. /models shows how it is now."

MODEL_GONE = "That model is damaged or gone, and can't be served. The served one is unchanged."

DAMAGED_SERVED = "in service, and damaged on the disk since: after the next start the model before it is served"

SERVE_ANYWAY, DO_NOT_SERVE = "✅ Serve it", "✖ Leave it"

SERVE_LEFT = "Left as it is."


def models(listed: Sequence[Listed]) -> str:
    """List the versions, the latest first."""
    shown = "\n\n".join(_listed(each) for each in shown_of(listed))
    hidden = len(listed) - len(shown_of(listed))
    return f"{shown}\n\n… and {hidden} older" if hidden else shown


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
        return f"{title}\n" + (DAMAGED_SERVED if each.is_served else "damaged: never served")
    return f"{title}\n{_made(each.metrics)}\n{_figures(each.metrics)}\n{_state(each)}"


def _made(metrics: Metrics) -> str:
    learned = f" · {n_corrections(metrics.corrections)}" if metrics.corrections else ""
    return f"{html.escape(metrics.date[:10])} · {html.escape(metrics.recipe)}{learned}"


def _figures(metrics: Metrics) -> str:
    figures = [f"test {exact(metrics.test_accuracy)}"]
    if metrics.validation_accuracy is not None:
        figures.append(f"validation {exact(metrics.validation_accuracy)}")
    if metrics.comparison is not None:
        figures.append(f"photo-like {exact(metrics.comparison.photos.new_accuracy)}")
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
        f"{exact(version.metrics.test_accuracy)})."
    )


def processes(versions: Sequence[str], served: str) -> str:
    """Say how many processes serve, for admins, and whether each reads with the `served` version; "" for one alone."""
    if len(versions) < 2:
        return ""
    behind = sum(version != served for version in versions)
    how = f"; {behind} of them still with another model" if behind else ", all with the model in service"
    return f"\n\n{len(versions)} processes serve the bot{how}"


# ── /stats


def stats(version: Version, day: Tally, all_time: Tally, corrections: tuple[int, int], now: datetime) -> str:
    """Say how good the served model is, the test accuracy first. `corrections`: how many count, how many wait."""
    metrics = version.metrics
    return (
        f"<b>Test accuracy: {exact(metrics.test_accuracy)}</b>\n"
        "on the 10,000 MNIST test digits, which it never trained on.\n\n"
        f"Model <code>{html.escape(metrics.version)}</code>, {_age(metrics.date, now)}\n"
        f"recipe {html.escape(metrics.recipe)} · {metrics.parameters:,} parameters · {html.escape(metrics.date[:10])}"
        f"\n\n<b>Last 24 hours</b>\n{_tally(day)}\n<b>In all</b>\n{_tally(all_time)}\n"
        f"{n_corrections(corrections[0])} to learn from, {corrections[1]} waiting for review"
    )


def _tally(tally: Tally) -> str:
    read = f"{tally.readings:,} photo{'s' * (tally.readings != 1)} read, {tally.refusals:,} without a digit"
    if tally.accuracy is None:
        return f"{read}\nnobody said right or wrong"
    return f"{read}\nright, as people judged: {exact(tally.accuracy)} of {tally.right + tally.wrong:,}"


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


def exact(share: float) -> str:
    """A share of digits, as fine as a test set's."""
    return f"{100 * share:.2f} %"


def n_corrections(number: int) -> str:
    """So many corrections."""
    return f"{number} correction{'s' * (number != 1)}"
