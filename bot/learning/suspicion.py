"""Which corrections look wrong together, so that an admin looks at them, again if need be, before anything learns.

Honest corrections are scattered misreadings, or one habit of a hand: sure readings of one digit or two that all are
another one. A prank, or a keypad taken for another one, is otherwise: it contradicts sure readings in many ways, it is
off by the same number wherever one looks, or it calls what looks alike by different names. Nothing here says who is
right: what is suspected waits for /review, and once it was approved there it is suspected no more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from bot.store import Correction

Reason = Literal["sure", "shifted", "contradicted"]
"""Why: against sure readings, in many ways; off by the same number; look-alikes are called something else."""

_BURST_S: Final = 7 * 24 * 3600  # as long as a reading can be corrected
_SURE: Final = 0.95  # confidence; of digits that were read right nine of ten have more, of misread ones two of five
_LEAST_SURE: Final = 5  # kinds of errors in them, as 7 for 1: an odd hand has one or two
_SHARE: Final = 0.5  # of all that the person said meanwhile; of real people's misread digits two of five at most
_LEAST_SHIFTED: Final = 5  # corrections off by the same number: five honest ones are so one time in 6,000
_DIGITS_SHIFTED: Final = 4  # read in them
_LEAST_CONTRADICTED: Final = 3  # of one person's corrections, and of what contradicts them: one or two are slips
_ALIKE: Final = 0.9  # cosine of two softened crops: of such pairs of digits 97 % are the same digit


def suspected(corrections: Sequence[Correction]) -> dict[int, Reason]:
    """Give the numbers of the corrections that look wrong, each with why. Ten thousand take seconds.

    Deterministic. A whole burst is suspected, not only what gives it away. What was approved in spite of a reason never
    is again.
    """
    found: dict[int, Reason] = {}
    by_giver: dict[int, list[Correction]] = defaultdict(list)
    for each in sorted(corrections, key=lambda each: (each.given_at, each.id)):
        if not (each.is_held_back or _is_cleared(each)):
            by_giver[each.giver_id].append(each)
    for given in by_giver.values():
        found |= {each.id: "shifted" for each in _shifted(given)}
        found |= {each.id: "sure" for burst in _against_sure(given) for each in burst if each.id not in found}
    # A burst that looks wrong makes nothing else look so.
    contradicted = _contradicted([each for each in corrections if not each.is_held_back and each.id not in found])
    for given in by_giver.values():
        theirs = [each.id for each in given if each.id in contradicted and each.id not in found]
        if len(theirs) >= _LEAST_CONTRADICTED:
            found |= dict.fromkeys(theirs, "contradicted")
    return found


def _is_cleared(each: Correction) -> bool:
    """Whether an admin has approved it although it looked wrong."""
    return each.is_approved and each.reason is not None


def _shifted(given: Sequence[Correction]) -> Sequence[Correction]:
    """All digits of one person, when most of them are off by the same number, whatever was read."""
    digits = [(each, (each.label - each.said) % 10) for each in given if each.label is not None and each.was_read]
    if not digits:
        return ()
    (shift, count), *_ = Counter(shift for _, shift in digits).most_common(1)
    kinds = {each.said for each, by in digits if by == shift}
    is_most = count >= _LEAST_SHIFTED and len(kinds) >= _DIGITS_SHIFTED and count >= _SHARE * len(digits)
    return [each for each, _ in digits] if is_most else ()


def _against_sure(given: Sequence[Correction]) -> Iterator[Sequence[Correction]]:
    """Give the bursts of one person that contradict sure readings in many ways; `given` is in order of time."""
    start = 0
    for end, last in enumerate(given, 1):
        while given[start].given_at <= last.given_at - _BURST_S:
            start += 1
        burst = given[start:end]
        sure = [each for each in burst if each.was_read and each.confidence >= _SURE]
        if len({(each.said, each.label) for each in sure}) >= _LEAST_SURE and len(sure) >= _SHARE * len(burst):
            yield burst


def _contradicted(corrections: Sequence[Correction]) -> set[int]:
    """Give those whose look-alikes have other labels, as at least as many people say as say the same.

    Whoever says both says what most of their look-alikes have. Who is trusted outvotes who is not.
    """
    found: set[int] = set()
    by_said: dict[int, list[Correction]] = defaultdict(list)
    for each in corrections:
        by_said[each.said].append(each)  # what looks alike is read alike
    for alike in by_said.values():
        givers = sorted({each.giver_id for each in alike})
        trusted = [any(each.giver_id == each.approved_by == giver for each in alike) for giver in givers]
        agree, differ = _counted(alike, givers)
        votes_for, votes_against = agree > differ, (differ > 0) & (agree <= differ)  # (N, people)
        weights = np.where(trusted, len(givers) + 1, 1)
        contradicted = (differ.sum(axis=1) >= _LEAST_CONTRADICTED) & (votes_against @ weights >= votes_for @ weights)
        found |= {each.id for each, is_it in zip(alike, contradicted.tolist(), strict=True) if is_it}
    return found


def _counted(alike: Sequence[Correction], givers: Sequence[int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """How many look-alikes of each one, itself included, have its label, and how many another, by person: (N, G)."""
    seen = _softened(alike)
    labels = np.array([-1 if each.label is None else each.label for each in alike])
    theirs = np.array([[each.giver_id == giver for giver in givers] for each in alike], np.float32)  # (N, G)
    agree, differ = [], []
    for row, crop in enumerate(seen):  # one at a time: all at once would not fit
        is_alike, is_same = seen @ crop >= _ALIKE, labels == labels[row]
        is_alike[row] = True  # a blank crop is like nothing
        agree.append((is_alike & is_same) @ theirs)
        differ.append((is_alike & ~is_same) @ theirs)
    return np.array(agree), np.array(differ)


def _softened(corrections: Sequence[Correction]) -> NDArray[np.float32]:
    """Crops softened by about a pixel, each of length 1: (N, 784)."""
    crops = np.frombuffer(b"".join(each.bitmap for each in corrections), np.uint8).reshape(-1, 28, 28)
    soft: NDArray[Any] = np.pad(crops.astype(np.float32), ((0, 0), (2, 2), (2, 2)))
    for _ in range(2):
        soft = (soft[:, :-2] + 2 * soft[:, 1:-1] + soft[:, 2:]) / 4
        soft = (soft[:, :, :-2] + 2 * soft[:, :, 1:-1] + soft[:, :, 2:]) / 4
    flat = soft.reshape(len(soft), -1)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6), np.float32)
