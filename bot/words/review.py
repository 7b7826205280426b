"""What /review says to admins. As pure as `replies`."""

from bot.words.language import Button, Plural, Text
from bot.words.replies import percent

REVIEW_EMPTY = Text("No corrections wait for review.")

REVIEW_STALE = Text("These were settled already. /review shows what waits now.")

APPROVE = Button("✓ Approve")

DROP = Button("✗ Drop")

LATER = Button("Later")

ONE_BY_ONE = Button("One by one")

_APPROVE_ALL = Button("✓ Approve all {number}")

_DROP_ALL = Button("✗ Drop all {number}")


def approve_all(number: int) -> str:
    """The button that approves a sheet."""
    return _APPROVE_ALL(number=number) if number > 1 else APPROVE()


def drop_all(number: int) -> str:
    """The button that drops a sheet."""
    return _DROP_ALL(number=number) if number > 1 else DROP()


_ALL_SHOWN = Plural("{n} correction waits.", "{n} corrections wait.")

_OLDEST_SHOWN = Plural(
    "The {shown} oldest of {n} correction that waits.", "The {shown} oldest of {n} corrections that wait."
)

_HOW_TO_REVIEW = Text("In green what people say it is, below it what I had read. Should I learn from them?")


def review_sheet(shown: int, waiting: int) -> str:
    """The caption of the contact sheet."""
    how_many = _OLDEST_SHOWN(waiting, shown=shown) if waiting > shown else _ALL_SHOWN(shown)
    return f"{how_many} {_HOW_TO_REVIEW()}"


_REVIEW_MISSED = Text("I saw no digit; this person says it is <b>a {label}</b>. Learn from it?")

_REVIEW_NO_DIGIT = Text("I read {said} ({share} sure); this person says it is <b>not a digit</b>. Learn from it?")

_REVIEW_ANOTHER = Text("I read {said} ({share} sure); this person says it is <b>a {label}</b>. Learn from it?")


def review_one(said: int, label: int | None, confidence: float) -> str:
    """The caption of one crop."""
    if label == said:
        return _REVIEW_MISSED(label=label)
    if label is None:
        return _REVIEW_NO_DIGIT(said=said, share=percent(confidence))
    return _REVIEW_ANOTHER(said=said, label=label, share=percent(confidence))


_APPROVED = Plural("{n} approved.", "{n} approved.")

_DROPPED = Plural("{n} dropped.", "{n} dropped.")

_SHEET_DONE = Text("Done.")

_STILL_WAITING = Plural("{n} correction waits: /review", "{n} corrections wait: /review")


def reviewed(approved: int, dropped: int, waiting: int) -> str:
    """What came of a sheet."""
    done = [_APPROVED(approved)] if approved else []
    done += [_DROPPED(dropped)] if dropped else []
    left = _STILL_WAITING(waiting) if waiting else REVIEW_EMPTY()
    return " ".join([*(done or [_SHEET_DONE()]), left])
