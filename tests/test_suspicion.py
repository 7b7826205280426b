"""Which corrections look wrong, and what a training learns of the others: on simulated people's corrections."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.learning.lessons import lessons
from bot.learning.suspicion import suspected
from bot.store import SOMEBODY_GONE, Correction
from tests.bench.writers import PLAIN, WRITERS, write

ADMIN, ADA, EVE, BOB = 1, 2, 3, 4
DAY_S = 24 * 3600
_numbers = count(1)


def a_correction(
    said: int,
    label: int | None,
    giver: int = EVE,
    *,
    crop: NDArray[np.float32] | None = None,
    confidence: float = 0.99,
    at: int = 0,
    approved_by: int | None = ADMIN,
    number: int = 0,
) -> Correction:
    """A correction, approved by an admin unless it says otherwise; without a crop it looks like no other."""
    bitmap = bytes(784) if crop is None else np.rint(255 * crop).astype(np.uint8).tobytes()
    number = number or next(_numbers)
    return Correction(number, bitmap, label, said, confidence, "v1", giver, at, approved_by=approved_by)


def in_a_hand(hand: str, said: int, label: int, giver: int, *, count: int = 12, seed: int = 0) -> list[Correction]:
    """One digit in an odd hand, surely misread each time: the bot is there to learn this."""
    digit = next(iter(WRITERS[hand]))
    crops = write(hand, [digit] * count, seed)
    return [a_correction(said, label, giver, crop=crop, at=row * 60) for row, crop in enumerate(crops)]


def ordinary(labels: Sequence[int | None], giver: int = EVE, *, apart_s: int = 60) -> list[Correction]:
    """Ordinary digits 0, 1, 2 and so on, each read right, and called something else."""
    digits = [row % 10 for row in range(len(labels))]
    crops = write("crossed 1s", [digit if digit in PLAIN else 0 for digit in digits], 3)
    return [
        a_correction(digit, label, giver, crop=crop, at=row * apart_s)
        for row, (digit, label, crop) in enumerate(zip(digits, labels, crops, strict=True))
    ]


def reasons(corrections: Sequence[Correction]) -> list[str | None]:
    """Why each one looks wrong."""
    found = suspected(corrections)
    return [found.get(each.id) for each in corrections]


def test_an_odd_hand_is_never_suspected() -> None:
    """Twenty sure readings of one digit that all were another one, by an admin or anybody, at once: that is a habit."""
    for hand, said, label in (("crossed 2s", 7, 2), ("closed 7s", 9, 7), ("sigma 6s", 0, 6)):
        assert not suspected(in_a_hand(hand, said, label, EVE, count=20))


def test_two_odd_hands_and_scattered_misreadings_are_not_suspected() -> None:
    """What real people's digits gave: 26 misread of 900, ten of them surely, of five digits and more."""
    unsure = [(1, 4, 0.4), (3, 5, 0.6), (9, 4, 0.8), (8, 3, 0.7), (5, 6, 0.5), (2, 7, 0.9), (0, 6, 0.3), (7, 1, 0.6)]
    sure = [(0, 8, 0.97), (4, 7, 0.98), (4, 7, 0.97), (6, 0, 0.96), (7, 2, 0.99), (8, 6, 0.96)]
    real = [a_correction(said, label, ADA, confidence=share) for said, label, share in unsure + sure]
    mixed = [*real, *in_a_hand("crossed 2s", 7, 2, EVE), *in_a_hand("open 4s", 9, 4, BOB)]
    assert not suspected(mixed)


@pytest.mark.parametrize("apart_s", [60, 2 * DAY_S])
def test_labels_that_are_all_shifted_by_one_are_set_aside_at_any_pace(apart_s: int) -> None:
    """One sender, or two, off by one wherever one looks; what an honest person says beside them is not."""
    first, second = (ordinary([(row + 1) % 10 for row in range(12)], giver, apart_s=apart_s) for giver in (EVE, BOB))
    honest = in_a_hand("crossed 2s", 7, 2, ADA)
    assert reasons([*first, *honest, *second]) == ["shifted"] * 12 + [None] * 12 + ["shifted"] * 12


def test_a_burst_against_sure_readings_in_many_ways_is_set_aside_whole() -> None:
    """Random labels, "not a digit" among them; with it what the same person said unsurely in between."""
    labels = [5, None, 9, 7, 2, 0, None, 3, 1, 6]
    burst = ordinary(labels)
    unsure = a_correction(4, 9, EVE, confidence=0.4, at=300)
    assert set(reasons([*burst, unsure])) == {"sure"}
    assert reasons(ordinary([5, None, 9, 7])) == [None] * 4  # four are no burst yet
    assert reasons(ordinary(labels, apart_s=2 * DAY_S)) == [None] * 10  # nor are those that come slowly


def test_whoever_contradicts_an_admin_about_look_alikes_is_set_aside_and_not_the_admin() -> None:
    """What an admin's own corrections say outweighs whoever is approved by others; between those both wait."""
    theirs = [replace(each, approved_by=ADMIN) for each in in_a_hand("closed 7s", 9, 7, ADMIN, seed=1)]
    lies = in_a_hand("closed 7s", 9, 8, EVE, seed=2)
    found = suspected([*theirs, *lies])
    assert set(found) <= {each.id for each in lies}
    assert len(found) >= 6
    also = in_a_hand("closed 7s", 9, 7, ADA, seed=1)
    found = suspected([*also, *lies])
    assert {each.giver_id for each in (*also, *lies) if each.id in found} == {ADA, EVE}
    assert set(found.values()) == {"contradicted"}


def test_a_burst_makes_nothing_that_it_contradicts_look_wrong() -> None:
    """Or anybody could have an honest person's corrections set aside, until an admin looks."""
    honest = in_a_hand("closed 7s", 9, 7, ADA, seed=1)
    like_it = [replace(each, label=(0, 1, 2, 3, 4, 5)[row % 6], giver_id=EVE) for row, each in enumerate(honest)]
    burst = [replace(each, id=next(_numbers)) for each in like_it]
    assert reasons([*honest, *burst]) == [None] * 12 + ["sure"] * 12


def test_whoever_calls_one_thing_by_many_names_is_set_aside_and_one_slip_is_not() -> None:
    """An admin too. One tap beside the right key among many leaves them all as they are."""
    crop = write("closed 7s", [7], 1)[0]
    many = [a_correction(9, row % 7, ADMIN, crop=crop, confidence=0.5, approved_by=ADMIN) for row in range(12)]
    assert set(reasons(many)) == {"contradicted"}
    slip = a_correction(9, 8, ADMIN, crop=crop, approved_by=ADMIN)
    same = [a_correction(9, 7, ADMIN, crop=crop, approved_by=ADMIN) for _ in range(12)]
    assert not suspected([*same, slip])


def test_what_was_approved_in_spite_of_its_reason_is_not_suspected_again() -> None:
    """The admin has looked."""
    labels = [(row + 1) % 10 for row in range(12)]
    cleared = [replace(each, reason="shifted") for each in ordinary(labels)]
    assert not suspected(cleared)
    waiting = [replace(each, is_approved=False) for each in cleared]
    assert set(reasons(waiting)) == {"shifted"}  # nobody has approved these


def given(giver: int, count: int, approved_by: int | None, first: int) -> list[Correction]:
    """So many corrections of one person with numbers of which none is held back."""
    numbers = [number for number in range(first, first + 2 * count) if number % 5][:count]
    return [a_correction(7, 2, giver, confidence=0.5, approved_by=approved_by, number=number) for number in numbers]


def shares(corrections: Sequence[Correction]) -> dict[int, int]:
    """How many of whose are learned from."""
    learned = lessons(corrections).learned
    return {giver: sum(each.giver_id == giver for each in learned) for giver in {each.giver_id for each in learned}}


def test_nobody_whose_corrections_are_reviewed_gives_more_than_half() -> None:
    """The newest of theirs count; what is left out is said, and is not held back."""
    eves, others = given(EVE, 60, ADMIN, 1), [*given(ADA, 12, ADMIN, 1_001), *given(BOB, 12, ADMIN, 2_001)]
    found = lessons([*eves, *others])
    assert shares([*eves, *others]) == {EVE: 24, ADA: 12, BOB: 12}
    assert [each.id for each in found.over_share] == [each.id for each in eves[:36]]
    assert not found.held_back
    assert shares([*given(EVE, 60, SOMEBODY_GONE, 1), *others])[EVE] == 24  # whoever approved it has left


def test_sixteen_corrections_of_anybody_are_learned_from() -> None:
    """So many weigh no more than a single one does, a 64th of what a training sees."""
    assert shares([*given(EVE, 60, ADMIN, 1), *given(ADA, 2, ADMIN, 1_001)]) == {EVE: 16, ADA: 2}


@pytest.mark.parametrize(("giver", "approved_by"), [(ADMIN, ADMIN), (EVE, None)])
def test_who_is_trusted_and_what_was_approved_before_that_was_kept_is_not_cut_short(
    giver: int, approved_by: int | None
) -> None:
    """An admin's own corrections all teach, and so does a database of the version before."""
    everything = [*given(giver, 60, approved_by, 1), *given(ADA, 4, ADMIN, 1_001)]
    assert shares(everything) == {giver: 60, ADA: 4}


def test_the_only_giver_is_learned_from_whole() -> None:
    """There is nobody whom they could outweigh."""
    assert shares(given(EVE, 60, ADMIN, 1)) == {EVE: 60}


def test_what_looks_wrong_is_neither_learned_from_nor_compared_on() -> None:
    """Held-back ones of a burst would judge models by its labels."""
    burst, honest = ordinary([(row + 1) % 10 for row in range(20)]), in_a_hand("crossed 2s", 7, 2, ADA)
    found = lessons([*burst, *honest])
    assert {each.giver_id for each in (*found.learned, *found.held_back)} == {ADA}
    assert set(found.suspected) == {each.id for each in burst}
