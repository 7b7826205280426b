"""What admins read of a candidate that reads beside the served version. As pure as `replies`."""

import html
from collections.abc import Mapping

from bot.store import Difference, Ending, Shadow
from bot.words.figures import hours
from bot.words.language import Button, Plural, Text, percentage
from bot.words.replies import percent

SHOW = Button("What differs")

STOP = Button("✖ Stop it")

STOPPED = Text("Stopped: the candidate reads no more, and is kept. /models can serve it.")

GONE = Text("That candidate reads no more. /models shows how it is now.")

NOTHING_DIFFERS = Text("There is no difference that waits to be judged.")

SETTLED = Text("This was settled already, or its reading is forgotten.")

NEITHER = Button("Neither")

_READS_BESIDE = Text("<b>{name}</b> reads beside the served one, unseen, for {hours} h more.")

_DIFFER = Plural("{differed} of {n} crop read otherwise ({share})", "{differed} of {n} crops read otherwise ({share})")

_MISSED = Plural("{n} crop not read, for want of time", "{n} crops not read, for want of time")

_JUDGED = Text("judged: {better} for it, {worse} against it, {unjudged} left")

_ENDED: Mapping[Ending, Text] = {
    "served": Text("<b>{name}</b> read beside the one before, and came into service."),
    "against": Text("<b>{name}</b> reads no more: more of the judged differences spoke against it than for it."),
    "changed": Text("<b>{name}</b> reads no more: another model came into service than it was compared with."),
    "stopped": Text("<b>{name}</b> reads no more: an admin stopped it."),
    "newer": Text("<b>{name}</b> reads no more: a newer candidate took its place."),
    "off": Text("<b>{name}</b> reads no more: SHADOW_HOURS is 0."),
    "crashed": Text("<b>{name}</b> reads no more: it failed; the log says how."),
    "slow": Text("<b>{name}</b> reads no more: it took seconds for what takes the served one none."),
    "full": Text("<b>{name}</b> reads no more: it could not keep up."),
    "gone": Text("<b>{name}</b> reads no more: its files are damaged or gone."),
}


def status(shadow: Shadow, now: int) -> str:
    """Say, below the list of models, how the candidate does that reads beside the served one, or was the last to."""
    name = html.escape(shadow.version)
    if shadow.ended is None:
        state = _READS_BESIDE(name=name, hours=hours(max(0, shadow.until - now)))
    else:
        state = _ENDED[shadow.ended](name=name)
    return f"\n\n{state}\n{_figures(shadow)}"


def _figures(shadow: Shadow) -> str:
    share = percentage(shadow.differed / max(1, shadow.crops), 1)
    parts = [_DIFFER(shadow.crops, differed=shadow.differed, share=share)]
    if shadow.missed:
        parts.append(_MISSED(shadow.missed))
    if shadow.better or shadow.worse or shadow.unjudged:
        parts.append(_JUDGED(better=shadow.better, worse=shadow.worse, unjudged=shadow.unjudged))
    return " · ".join(parts)


_CAME_INTO_SERVICE = Text("<b>promoted</b>: <code>{name}</code> is in service now. /rollback goes back.")

_REFUSED = Text("<b>refused</b>: {reason} The served model is unchanged; this one is kept, and /models can serve it.")


def outcome(shadow: Shadow) -> str:
    """Tell admins what came of a candidate."""
    assert shadow.ended is not None  # it has ended
    name = html.escape(shadow.version)
    if shadow.ended == "served":
        said = _CAME_INTO_SERVICE(name=name)
    else:
        said = _REFUSED(reason=_ENDED[shadow.ended](name=name))
    return f"{said}\n{_figures(shadow)}"


_SHEET = Plural(
    "{n} crop that the candidate reads otherwise: in green what it reads, below it what the served one did.",
    "{n} crops that the candidate reads otherwise: in green what it reads, below it what the served one did.",
)

_SHEET_OF_MORE = Plural(
    "The {shown} oldest of {n} crop that the candidate reads otherwise: in green what it reads, below it what the "
    "served one did.",
    "The {shown} oldest of {n} crops that the candidate reads otherwise: in green what it reads, below it what the "
    "served one did.",
)


def sheet(shown: int, unjudged: int) -> str:
    """The caption of the contact sheet of differences."""
    return _SHEET_OF_MORE(unjudged, shown=shown) if unjudged > shown else _SHEET(shown)


NOT_A_DIGIT = Text("not a digit")

_WHICH_IS_RIGHT = Text(
    "The candidate reads <b>{new}</b> ({share} sure), the served one <b>{old}</b>. Which is right? What you say counts "
    "as a correction that models are judged by, and never learn from."
)


def which_is_right(difference: Difference) -> str:
    """The caption of one difference."""
    new, old = _read(difference.instead), _read(difference.said)
    return _WHICH_IS_RIGHT(new=new, old=old, share=percent(difference.confidence))


_CANDIDATE_RIGHT = Button("✓ {read}")

_SERVED_RIGHT = Button("✗ {read}")


def candidate_right(difference: Difference) -> str:
    """The button that says that the candidate is right."""
    return _CANDIDATE_RIGHT(read=_read(difference.instead))


def served_right(difference: Difference) -> str:
    """The button that says that the served version is right."""
    return _SERVED_RIGHT(read=_read(difference.said))


def _read(digit: int | None) -> str:
    return NOT_A_DIGIT() if digit is None else str(digit)


_DONE = Text("Judged so far: {better} for the candidate, {worse} against it, {unjudged} left.")


def done(shadow: Shadow) -> str:
    """What came of a sheet of differences."""
    return _DONE(better=shadow.better, worse=shadow.worse, unjudged=shadow.unjudged)
