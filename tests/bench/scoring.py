"""What labelled photos and a reader's answers come to: the figures of `python -m tests.bench.photos`, without a reader.

A label is a row of labels.csv: file, label (its digits, / between the lines), kind (single, multi or negative),
source_repo, notes, and perhaps text (as it is written: | between the lines, ? for a sign that nobody need read).
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Label = Mapping[str, str]
"""A row of labels.csv."""
Answer = Mapping[str, Any]
"""What `python -m model read --json` says of one photo; `text`, the lines as written, may be missing."""
Share = tuple[float, int]
"""A share in 0..1, NaN when there is nothing to count, and of how many photos it is the share."""

KINDS: Final = ("single", "multi", "negative")
COLUMNS: Final = ("file", "label", "kind", "source_repo", "notes")

_SURE: Final = 0.9  # the confidence from which on people take a reading as it is
_BINS: Final = 10  # of the calibration error
_LETTERS: Final = ("greek", "letter", "alpha", "beta", "gamma")
# One spelling of what is written in several, and of what need not be read none.
_SPELLINGS: Final = str.maketrans({" ": "", "?": "", "×": "*", "·": "*", "−": "-", "–": "-", "÷": ":"})


@dataclass(frozen=True, slots=True)
class Scored:
    """A photo's label beside what a reader answered."""

    label: Label
    answer: Answer

    @property
    def said(self) -> str:
        """The digits that were read, / between the lines; empty when none were."""
        return "/".join(self.answer.get("lines") or [])

    @property
    def confidence(self) -> float:
        """The reader's probability that all of the reading is right."""
        return float(self.answer.get("confidence") or 0.0)

    @property
    def is_right(self) -> bool:
        """Whether every digit was read in order; of scattered pages the same digits in any order."""
        return is_right(self.label, self.answer)

    @property
    def group(self) -> str:
        """The kind of picture: what the notes begin with; negatives are look-alikes of digits, or ordinary."""
        notes = self.label["notes"].lower()
        if self.label["kind"] == "negative":
            return "look-alike" if any(word in notes for word in _LETTERS) else "ordinary"
        return notes.split(";")[0].split(",")[0].split("(")[0].strip()

    @property
    def is_written_right(self) -> bool | None:
        """Whether the marks between the digits are right too; None where either side does not give them."""
        written, text = self.label.get("text"), self.answer.get("text")
        if not written or text is None:
            return None
        return self.is_right and _spelled("|".join(text)) == _spelled(written)


def is_right(label: Label, answer: Answer) -> bool:
    """Say whether a photo was read as its label says; of scattered digits the order does not count."""
    said, wrote = "/".join(answer.get("lines") or []), label["label"].strip()
    if "multiset" in label["notes"]:
        return sorted(said.replace("/", "")) == sorted(wrote.replace("/", ""))
    return said == wrote


def figures(scored: Sequence[Scored]) -> dict[str, Any]:
    """Give every figure of some photos, rounded to four places; NaN where there is nothing to count.

    `single`, `multi` and `negative`: the share right over all photos (`pooled`), the mean over sources (`macro`), and
    a share by `groups` and by `sources`; `multi` has `cer`, the edit distance over the length of the label. `numbers`
    and `sums` are the two halves of `multi`, `written` counts the marks too. `ece` and `doubtful` look at photos of
    digits in which some were read, `sure_wrong` (the share wrong of readings given as sure) and `doubtful_all` at
    whatever was read.
    """
    found: dict[str, Any] = {"photos": len(scored)}
    for kind in KINDS:
        found[kind] = _of_kind([each for each in scored if each.label["kind"] == kind])
    multi = [each for each in scored if each.label["kind"] == "multi"]
    found["multi"]["cer"] = round(mean(map(_character_error, multi)), 4)
    for name, is_sum in (("numbers", False), ("sums", True)):
        found[name] = _share(each.is_right for each in multi if each.group.startswith("sum") == is_sum)
    found["written"] = _share(each.is_written_right for each in scored if each.is_written_right is not None)
    read = [each for each in scored if each.said]
    found["sure_wrong"] = _share(not each.is_right for each in read if each.confidence >= _SURE)
    among = [(each.confidence, each.is_right) for each in read if each.label["kind"] != "negative"]
    found["ece"] = round(calibration_error(among), 4)
    found["doubtful"] = round(errors_among_the_doubtful(among), 4)
    found["doubtful_all"] = round(errors_among_the_doubtful([(each.confidence, each.is_right) for each in read]), 4)
    return found


def calibration_error(readings: Sequence[tuple[float, bool]]) -> float:
    """Give the expected calibration error of (confidence, is right) readings, in ten bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in readings:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, right))
    gaps = (abs(sum(confidence - right for confidence, right in each)) for each in bins.values())
    return sum(gaps) / max(1, len(readings))


def errors_among_the_doubtful(readings: Sequence[tuple[float, bool]], share: float = 0.1) -> float:
    """Give the share of all errors that is found in the least confident `share` of (confidence, is right) readings.

    Where equally confident readings straddle the limit, each counts in part. NaN when there is no error.
    """
    errors = sum(not right for _, right in readings)
    if not errors:
        return float("nan")
    left, found = share * len(readings), 0.0
    for confidence in sorted({confidence for confidence, _ in readings}):
        level = [right for each, right in readings if each == confidence]
        taken = min(1.0, left / len(level))
        found += taken * sum(not right for right in level)
        left -= taken * len(level)
        if left <= 0:
            break
    return found / errors


def edit_distance(one: str, other: str) -> int:
    """Give the fewest characters to insert, delete or replace that make one string the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for place, character in enumerate(one, 1):
        changed = [place]
        for (before, above), wanted in zip(itertools.pairwise(row), other, strict=True):
            changed.append(min(before + (character != wanted), above + 1, changed[-1] + 1))
        row = changed
    return row[-1]


def mean(values: Iterable[float]) -> float:
    """Give the mean, NaN of nothing."""
    known = list(values)
    return sum(known) / len(known) if known else float("nan")


def _of_kind(scored: Sequence[Scored]) -> dict[str, Any]:
    sources = _shares(scored, lambda each: each.label["source_repo"])
    return {
        "pooled": round(mean(each.is_right for each in scored), 4),
        "macro": round(mean(mean(oks) for oks in sources.values()), 4),
        "groups": {name: _share(oks) for name, oks in _shares(scored, lambda each: each.group).items()},
        "sources": {name: _share(oks) for name, oks in sources.items()},
    }


def _shares(scored: Iterable[Scored], name: Callable[[Scored], str]) -> dict[str, list[bool]]:
    by_name: dict[str, list[bool]] = defaultdict(list)
    for each in scored:
        by_name[name(each)].append(each.is_right)
    return dict(sorted(by_name.items()))


def _share(oks: Iterable[bool | None]) -> Share:
    known = [bool(ok) for ok in oks]
    return round(mean(known), 4), len(known)


def _character_error(scored: Scored) -> float:
    wrote = scored.label["label"].strip().replace("/", "")
    return edit_distance(wrote, scored.said.replace("/", "")) / len(wrote)


def _spelled(text: str) -> str:
    return text.translate(_SPELLINGS)
