"""A typed number against what was read, digit by digit."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store.alignment import MARK, Aligned, Seen, align

NUMBERS = st.lists(st.integers(0, 9), min_size=1, max_size=12)
SURE = st.floats(0.3, 1.0)


def crops(read: str) -> list[Seen]:
    """Crops that look like these digits, equally surely; one after a `?` is doubted, one after a `~` is unsure."""
    found: list[Seen] = []
    kind = ""
    for character in read:
        if character.isdecimal():
            found.append(Seen(int(character), 0.5 if kind == "~" else 0.9, is_read=kind != "?"))
        kind = character
    return found


def typed(number: str) -> list[int | None]:
    """A number as it was typed."""
    return [int(character) if character.isdecimal() else MARK for character in number]


def labels(read: str, number: str) -> str:
    """What each crop is: a digit, `x` for none, `.` where nothing is said; then `+` for each digit without a crop."""
    aligned = align(crops(read), typed(number))
    if aligned is None:
        return "declined"
    said = [aligned.labels.get(place, ".") for place in range(len(crops(read)))]
    return "".join("x" if label is None else str(label) for label in said) + "+" * aligned.missed


@pytest.mark.parametrize(
    ("read", "number", "said"),
    [
        ("4071", "4077", "4077"),
        ("4071", "407", "407x"),  # a digit too many
        ("40~771", "4071", "40x71"),  # of two that look alike, the unsure one
        ("407~71", "4071", "407x1"),
        ("851100", "85/100", "85x100"),  # a mark read as a digit
        ("111", "1/1", "1x1"),
        ("4012071", "40/20,71", "40x2071"),  # and one that was read as a mark, or not at all
        ("40143", "40//43", "40x43"),
        ("471", "4071", "471+"),  # a digit that was not seen
        ("4?071", "4071", "4071"),  # and one that was seen and refused
        ("4?671", "4071", "4071"),  # which looked like another
        ("4?6?071", "4071", "4.071"),  # of two the one that looks like it
        ("4?071", "471", "4.71"),
        ("?14071", "4071", ".4071"),
        ("50034", "5834", "5xx34+"),  # halves of an 8
        ("4670", "41070", "4x70++"),  # a 10 in one crop
        ("?4?2", "47", "47"),  # a picture that was refused
        ("?4?2", "402", "42+"),
        ("?4?2?7", "47", "4.7"),
        ("1234", "2341", "x234+"),
        ("12", "21", "21"),
        ("4071", "9999", "9999"),  # as many digits may all be others
        ("?4?2", "13", "13"),
        ("7", "17", "7+"),
        ("17", "125", "declined"),
        ("12345", "12", "declined"),
        ("?4?2", "9", "declined"),
        ("?4?2", "9876", "declined"),
        ("", "12", "declined"),
    ],
)
def test_a_typed_number_says_what_each_crop_is(read: str, number: str, said: str) -> None:
    """By the fewest edits; where these tie, by marks, by what was doubted, by who was unsure."""
    assert labels(read, number) == said


def test_of_a_stretch_in_which_nothing_tells_which_digit_is_which_nothing_is_learned() -> None:
    """Three crops in the place of five digits: the digits on both sides are told, those between are not."""
    aligned = align(crops("123456777987654"), typed("12345600000987654"))
    assert aligned is not None
    assert set(range(15)) - aligned.labels.keys() == {6, 7, 8}


@settings(deadline=None)  # the machine may be busy
@given(NUMBERS, st.data())
def test_a_number_aligned_with_itself_changes_nothing(number: list[int], data: st.DataObject) -> None:
    """However sure each digit was, and whatever marks were typed between them."""
    seen = [Seen(digit, data.draw(SURE)) for digit in number]
    marked: list[int | None] = []
    for digit in number:
        marked += [digit, MARK] if data.draw(st.booleans()) else [digit]
    assert align(seen, marked) == Aligned(dict(enumerate(number)))


@settings(deadline=None)  # the machine may be busy
@given(NUMBERS, st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=12))
def test_what_was_doubted_and_is_not_typed_stays_what_it_was(number: list[int], doubted: list[tuple[int, int]]) -> None:
    """The right number of a right reading says nothing of the crops that were refused."""
    seen = [Seen(digit, 0.9) for digit in number]
    for at, digit in doubted:
        seen.insert(min(at, len(seen)), Seen(digit, 0.9, is_read=False))
    aligned = align(seen, number)
    assert aligned is not None
    assert {seen[place].is_read for place in aligned.labels} == {True}
    assert [aligned.labels[place] for place in sorted(aligned.labels)] == number


@settings(deadline=None)  # the machine may be busy
@given(NUMBERS, NUMBERS)
def test_no_label_is_made_up(read: list[int], number: list[int]) -> None:
    """Labels are typed digits in their order; each typed digit is a label, missed, or not told."""
    aligned = align([Seen(digit, 0.9) for digit in read], number)
    if aligned is None:
        assert len(read) != len(number)
        return
    given_ones = [label for _, label in sorted(aligned.labels.items()) if label is not None]
    assert _is_within(given_ones, number)
    assert len(given_ones) + aligned.missed <= len(number)
    if len(read) == len(number) and not any(map(int.__eq__, read, number)):
        assert given_ones == number or aligned.missed


@settings(deadline=None)  # the machine may be busy
@given(NUMBERS, st.data())
def test_a_digit_too_many_is_found(number: list[int], data: st.DataObject) -> None:
    """Whatever stands anywhere in a number, one crop like it is none, and all others are right."""
    at, digit = data.draw(st.integers(0, len(number))), data.draw(st.integers(0, 9))
    read = [*number[:at], digit, *number[at:]]
    aligned = align([Seen(each, 0.9) for each in read], number)
    assert aligned is not None
    assert (aligned.missed, sorted(aligned.labels)) == (0, list(range(len(read))))
    (none,) = [place for place, label in aligned.labels.items() if label is None]
    assert read[none] == digit
    assert all(aligned.labels[place] == read[place] for place in range(len(read)) if place != none)


@settings(deadline=None)  # the machine may be busy
@given(NUMBERS, st.data())
def test_a_digit_that_was_refused_is_found(number: list[int], data: st.DataObject) -> None:
    """It becomes what was typed in its place, and all others are right."""
    at = data.draw(st.integers(0, len(number) - 1))
    seen = [Seen(digit, 0.9, is_read=place != at or len(number) == 1) for place, digit in enumerate(number)]
    assert align(seen, number) == Aligned(dict(enumerate(number)))


def _is_within(some: Sequence[int], all_of: Sequence[int]) -> bool:
    """Whether `some` are among all, in their order."""
    rest = iter(all_of)
    return all(each in rest for each in some)


@pytest.mark.timeout(10)
def test_a_long_number_is_no_burden() -> None:
    """Marks without end, and numbers longer than anybody compares, take no time; as many digits are taken in order."""
    assert align(crops("4071"), typed("4/" + "/" * 4_000 + "071")) == Aligned({0: 4, 1: 0, 2: 7, 3: 1})
    assert align(crops("1" * 500), typed("1" * 499)) is None
    assert align(crops("1" * 500), typed("1" * 499 + "2")) == Aligned({**dict.fromkeys(range(499), 1), 499: 2})
