"""What /review says to admins. As pure as `replies`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from bot.store import Correction, Kind
from bot.words.language import Button, Plural, Text, number
from bot.words.replies import percent

_MOST_KINDS: Final = 3  # are told apart in a caption
_MOST_REASONS: Final = 3  # likewise: it holds 1024 characters
_MISSED_KIND, _NO_DIGIT_KIND = Kind(None, 0), Kind(0, None)  # each stands for all ten

REVIEW_EMPTY = Text("No corrections wait for review.")

REVIEW_STALE = Text("These were settled already, or are on a newer sheet. /review shows what waits now.")

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

_MOST_WORTH_SHOWN = Plural(
    "{n} correction waits; these {shown} would teach me most.",
    "{n} corrections wait; these {shown} would teach me most.",
)

_READ_AS_ANOTHER = Text("{label} read as {said}: {number}")

_READ_AS_DIGIT = Text("not a digit: {number}")

_MISSED = Text("missed: {number}")

_OTHERS = Text("other: {number}")

_HOW_TO_REVIEW = Text("In green what people say it is, below it what I had read. Should I learn from them?")


def review_sheet(shown: Sequence[Correction], waiting: Mapping[Kind, int]) -> str:
    """The caption of the contact sheet, without HTML: how many wait, and of which kinds; why some were set aside."""
    total = sum(waiting.values())
    how_many = _MOST_WORTH_SHOWN(total, shown=len(shown)) if total > len(shown) else _ALL_SHOWN(total)
    lines = [f"{how_many} {_HOW_TO_REVIEW()}", " · ".join(_kinds(waiting))]
    places: dict[str, list[str]] = {}
    for place, correction in enumerate(shown, 1):
        if correction.reason:
            places.setdefault(correction.reason, []).append(number(place))
    doubts = [f"⚠ {', '.join(found)}: {why_aside(reason)}" for reason, found in places.items()]
    return "\n".join([*lines, *doubts[:_MOST_REASONS]])


def _kinds(waiting: Mapping[Kind, int]) -> list[str]:
    """The commonest kinds and how many there are of each; "missed" is one whatever was, "not a digit" whatever is."""
    alike = Counter[Kind]()
    for (read_as, label), found in waiting.items():
        alike[_MISSED_KIND if read_as is None else _NO_DIGIT_KIND if label is None else Kind(read_as, label)] += found
    commonest = alike.most_common(_MOST_KINDS)
    others = alike.total() - sum(found for _, found in commonest)
    said = [_kind(kind, found) for kind, found in commonest]
    return [*said, _OTHERS(number=others)] if others else said


def _kind(kind: Kind, found: int) -> str:
    if kind == _MISSED_KIND:
        return _MISSED(number=found)
    if kind == _NO_DIGIT_KIND:
        return _READ_AS_DIGIT(number=found)
    return _READ_AS_ANOTHER(label=kind.label, said=kind.read_as, number=found)


_REVIEW_MISSED = Text("I saw no digit; this person says it is <b>a {label}</b>. Learn from it?")

_REVIEW_NO_DIGIT = Text("I read {said} ({share} sure); this person says it is <b>not a digit</b>. Learn from it?")

_REVIEW_ANOTHER = Text("I read {said} ({share} sure); this person says it is <b>a {label}</b>. Learn from it?")


_REASONS: Mapping[str, Text] = {
    "sure": Text("This person contradicts what I was sure of, in many ways."),
    "shifted": Text("Most of what this person says is off by the same number."),
    "contradicted": Text("Crops that look like it are called something else, by others or by this person."),
}
"""Why a correction looks wrong, by `bot.learning.suspicion.Reason`."""

_ANOTHER_REASON = Text("It looked wrong to another version of me.")


def why_aside(reason: str) -> str:
    """Why a correction was set aside, without HTML."""
    return _REASONS.get(reason, _ANOTHER_REASON)()


def review_one(correction: Correction) -> str:
    """The caption of one crop."""
    (read_as, label), share = correction.kind, percent(correction.confidence)
    if read_as is None:
        asked = _REVIEW_MISSED(label=label)
    elif label is None:
        asked = _REVIEW_NO_DIGIT(said=read_as, share=share)
    else:
        asked = _REVIEW_ANOTHER(said=read_as, label=label, share=share)
    return f"{asked}\n\n⚠ {escape(why_aside(correction.reason), quote=False)}" if correction.reason else asked


_APPROVED = Plural("{n} approved.", "{n} approved.")

_DROPPED = Plural("{n} dropped.", "{n} dropped.")

_SHEET_DONE = Text("Done.")

_NOT_TOUCHED = Plural(
    "{n} of this sheet was settled, corrected anew or put on a newer sheet before.",
    "{n} of this sheet were settled, corrected anew or put on a newer sheet before.",
)

_STILL_WAITING = Plural("{n} correction waits: /review", "{n} corrections wait: /review")


def reviewed(approved: int, dropped: int, waiting: int, not_touched: int = 0) -> str:
    """What came of a sheet, `not_touched` of which was no longer on it."""
    done = [_APPROVED(approved)] if approved else []
    done += [_DROPPED(dropped)] if dropped else []
    done += [_NOT_TOUCHED(not_touched)] if not_touched else []
    left = _STILL_WAITING(waiting) if waiting else REVIEW_EMPTY()
    return " ".join([*(done or [_SHEET_DONE()]), left])
