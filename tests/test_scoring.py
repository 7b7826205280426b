"""What labelled photos and a reader's answers come to."""

import math

import pytest

from tests.bench.scoring import Scored, edit_distance, errors_among_the_doubtful, figures, is_right


def photo(  # noqa: PLR0917
    kind: str, label: str, source: str, notes: str, lines: list[str], confidence: float, **text: str | list[str]
) -> Scored:
    """A photo and its answer; `written` is the label as written, `said` the reader's."""
    row = {"file": "x.jpg", "label": label, "kind": kind, "source_repo": source, "notes": notes}
    answer = {"lines": lines, "confidence": confidence}
    written = {"text": str(text["written"])} if "written" in text else {}
    said = {"text": text["said"]} if "said" in text else {}
    return Scored(row | written, answer | said)


PHOTOS = [
    photo("single", "7", "ann", "camera; paper", ["7"], 0.95),
    photo("single", "3", "ann", "Camera, paper", ["8"], 0.92),
    photo("single", "1", "bob", "scan (thin)", [], 0.0),
    photo("multi", "12/34", "bob", "form; boxes", ["12", "34"], 0.8, written="1.2|34", said=["1.2", "34"]),
    photo("multi", "236", "cid", "sum; camera", ["236"], 0.7, written="2×3=6", said=["2 * 3 = 6"]),
    photo("multi", "45", "cid", "sum; camera", ["46"], 0.5, written="4+5", said=["4+6"]),
    photo("negative", "", "dot", "brick wall", [], 0.0),
    photo("negative", "", "dot", "the letter alpha", ["2"], 0.9),
]


@pytest.mark.parametrize(
    ("label", "notes", "lines", "right"),
    [
        ("7", "", ["7"], True),
        ("7", "", [], False),
        ("", "blank", [], True),
        ("12/34", "", ["12", "34"], True),
        ("12/34", "", ["1234"], False),
        ("123", "page; multiset", ["31", "2"], True),
        ("123", "page; multiset", ["31"], False),
    ],
)
def test_what_counts_as_right(label: str, notes: str, lines: list[str], right: bool) -> None:  # noqa: FBT001
    """Every digit of every line in order; of scattered pages the same digits in any order; nothing where nothing is."""
    assert is_right({"label": label, "notes": notes}, {"lines": lines}) is right


def test_shares_are_counted_by_photo_and_by_source() -> None:
    """Pooled, each photo counts once; in the mean over sources, each source does."""
    found = figures(PHOTOS)
    assert (found["single"]["pooled"], found["single"]["macro"]) == (0.3333, 0.25)
    assert (found["multi"]["pooled"], found["multi"]["macro"]) == (0.6667, 0.75)
    assert found["multi"]["sources"] == {"bob": (1.0, 1), "cid": (0.5, 2)}
    assert found["photos"] == 8


def test_pictures_of_a_kind_have_a_share_of_their_own() -> None:
    """The first words of the notes group them, however they go on; look-alikes of digits are no ordinary pictures."""
    found = figures(PHOTOS)
    assert found["single"]["groups"] == {"camera": (0.5, 2), "scan": (0.0, 1)}
    assert found["negative"]["groups"] == {"look-alike": (0.0, 1), "ordinary": (1.0, 1)}


def test_numbers_and_calculations_are_told_apart() -> None:
    """What the notes call a sum is one; the error rate by character is of both."""
    found = figures(PHOTOS)
    assert (found["numbers"], found["sums"]) == ((1.0, 1), (0.5, 2))
    assert found["multi"]["cer"] == 0.1667


def test_marks_count_in_what_is_written() -> None:
    """Right is what has the right digits and marks, however it is spaced and whichever sign multiplies."""
    assert figures(PHOTOS)["written"] == (0.6667, 3)
    assert figures([photo("multi", "12", "ann", "x", ["12"], 1, written="1.2", said=["1,2"])])["written"] == (0.0, 1)
    assert figures([photo("multi", "12", "ann", "x", ["12"], 1, written="1?2", said=["12"])])["written"] == (1.0, 1)


def test_a_reader_that_gives_no_marks_has_no_share_of_them() -> None:
    """Not a number, and of no photo, instead of wrong."""
    share, photos = figures([photo("multi", "12", "ann", "x", ["12"], 1, written="1.2")])["written"]
    assert math.isnan(share)
    assert photos == 0


def test_sure_and_wrong_counts_every_reading_given_as_sure() -> None:
    """Two of three with 0.9 and more are wrong, one of them where there is no digit."""
    assert figures(PHOTOS)["sure_wrong"] == (0.6667, 3)


def test_the_calibration_error_is_of_photos_with_digits_that_were_read() -> None:
    """By hand: the bins hold 0.95 and 0.92 (one right), 0.8, 0.7 (right) and 0.5 (wrong): 1.87 over five."""
    assert figures(PHOTOS)["ece"] == 0.374


def test_figures_of_no_photo_are_not_numbers() -> None:
    """A folder without negatives gives no share refused, neither perfect nor hopeless."""
    found = figures([])
    assert found["photos"] == 0
    assert all(
        math.isnan(found[kind][mean]) for kind in ("single", "multi", "negative") for mean in ("pooled", "macro")
    )


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("", "", 0),
        ("12", "12", 0),
        ("", "123", 3),
        ("123", "", 3),
        ("1234", "134", 1),
        ("12", "21", 2),
        ("567", "557", 1),
    ],
)
def test_edit_distance(one: str, other: str, distance: int) -> None:
    """The fewest characters to insert, delete or replace, the same both ways."""
    assert edit_distance(one, other) == edit_distance(other, one) == distance


def test_errors_that_are_all_doubted() -> None:
    """A tenth of twenty readings is two: both errors are there."""
    assert errors_among_the_doubtful([(0.3, False), (0.2, False), *[(0.9, True)] * 18]) == 1


def test_errors_that_nobody_doubted() -> None:
    """An error of full confidence is in no tenth but the last."""
    assert errors_among_the_doubtful([(1.0, False), *[(0.5 + n / 100, True) for n in range(19)]]) == 0


def test_equally_confident_readings_count_in_part() -> None:
    """The order of equals in the list decides nothing."""
    assert errors_among_the_doubtful([*[(0.8, True)] * 9, (0.8, False)]) == pytest.approx(0.1)
    assert errors_among_the_doubtful([(0.8, False), *[(0.8, True)] * 9]) == pytest.approx(0.1)


def test_without_an_error_there_is_no_share_of_errors() -> None:
    """Not a number, instead of a perfect or a hopeless figure."""
    assert math.isnan(errors_among_the_doubtful([(0.8, True)] * 10))
