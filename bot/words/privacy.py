"""What /privacy and /forget say. As pure as `replies`."""

from bot.words.language import Plural, Text

_NOTHING_TO_DELETE = Text("There was nothing of yours to delete.")

_DELETED = Text("Deleted: {what}, with every crop in them.")

_BOTH = Text("{readings} and {corrections}")

_REMEMBERED = Plural("{n} remembered reading", "{n} remembered readings")

CORRECTIONS = Plural("{n} correction", "{n} corrections")


def forgotten(readings: int, corrections: int) -> str:
    """Say what /forget deleted."""
    if not readings and not corrections:
        return _NOTHING_TO_DELETE()
    if not corrections:
        return _DELETED(what=_REMEMBERED(readings))
    if not readings:
        return _DELETED(what=CORRECTIONS(corrections))
    return _DELETED(what=_BOTH(readings=_REMEMBERED(readings), corrections=CORRECTIONS(corrections)))


_WHAT_I_KEEP = Text("<b>What I keep</b>")

_NEVER_PHOTOS = Text(
    "Never your photo: it is read in memory and gone (for “Why?” it is fetched again from this chat).\n"
    "What you write: until it is answered, so that nothing is lost when I am restarted."
)

_KEPT_READINGS = Plural(
    "For {n} day (the latest {readings} readings at most): what I read, who asked and where, and a 28×28 crop of each "
    "digit, or of what might be one, so that you can correct me.",
    "For {n} days (the latest {readings} readings at most): what I read, who asked and where, and a 28×28 crop of each "
    "digit, or of what might be one, so that you can correct me.",
)

_KEPT_FILES = Plural(
    "For {n} day: which of your messages held which file (Telegram's number of it, never the file), so that I don't "
    "answer it again when only its caption changes.",
    "For {n} days: which of your messages held which file (Telegram's number of it, never the file), so that I don't "
    "answer it again when only its caption changes.",
)

_KEPT_LANGUAGE = Text("The language that you chose with /language, until you send /forget.")
_KEPT_CORRECTIONS = Text(
    "When you correct a digit: its crop, what it is, what I had said, and your user id, until you send /forget. "
    "Models learn from those crops after an admin approved them; a model that has learned keeps what it learned."
)

_KEPT_COUNTS = Text("Nameless counts: how many pictures were read, and judged right or wrong.")

_FORGET_ALL = Text("/forget deletes all of yours but those counts.")


def privacy(days: int, readings: int, noted_days: int) -> str:
    """Say what is kept and for how long; `noted_days` is how long it is known which message held which file."""
    kept = (
        _WHAT_I_KEEP(),
        _NEVER_PHOTOS(),
        _KEPT_READINGS(days, readings=readings),
        _KEPT_FILES(noted_days),
        _KEPT_LANGUAGE(),
        _KEPT_CORRECTIONS(),
        _KEPT_COUNTS(),
    )
    return "\n".join(kept) + f"\n\n{_FORGET_ALL()}"


PRIVACY_PAGE = Text("The same as a web page")
