"""Every word of /models and /rollback. As pure as `replies`."""

import html
from collections.abc import Sequence

from bot.learning.budget import ALLOWED
from bot.learning.promotion import Listed
from bot.learning.versions import KEPT, SHIPPED_NAME
from bot.words.figures import exact
from bot.words.language import Button, Plural, Text
from bot.words.privacy import CORRECTIONS
from model import Metrics, Version

DATABASE_TROUBLE = Text("The database can't be used just now; the log says why. Nothing was changed, please try again.")

NOTHING_BEFORE = Text("There is nothing to go back to: the model that came with the bot is in service.")

SERVED_MEANWHILE = Text("Somebody changed the served model a moment ago. /models shows how it is now.")

MODEL_GONE = Text("That model is damaged or gone, and can't be served. The served one is unchanged.")

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


_DAMAGED = Text("damaged: never served")

DAMAGED_SERVED = Text("in service, and damaged on the disk since: after the next start the model before it is served")


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
