"""The figures of `make photos` that the scorer does not give, and their history."""

import math
from pathlib import Path

import pytest

from tests.bench.photos import append, difference, errors_among_the_doubtful, is_right


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


def test_the_history_grows_by_a_line_and_compares_with_the_line_before(tmp_path: Path) -> None:
    """A header once, then a line a run; what went up or down is called better or worse by its meaning."""
    history = tmp_path / "history.csv"
    heading = {"date": "2026-01-01 10:00", "commit": "abc", "model": "m"}
    assert append(history, heading, {"single": 0.9, "ece": 0.05, "multi": 0.8}) == {}
    later = {"single": 0.95, "ece": 0.07, "multi": 0.8}
    before = append(history, heading | {"commit": "def"}, later)
    assert history.read_text().splitlines() == [
        "date,commit,model,single,ece,multi",
        "2026-01-01 10:00,abc,m,0.9,0.05,0.8",
        "2026-01-01 10:00,def,m,0.95,0.07,0.8",
    ]
    said = difference(before, later)
    assert "abc" in said
    assert [line.split()[0] + " " + line.split()[-1] for line in said.splitlines()[1:]] == [
        "single better",
        "ece worse",
    ]


def test_a_run_that_changes_nothing_says_so() -> None:
    """Silence would look like a failure."""
    before = {"date": "d", "commit": "c", "model": "m", "single": "0.9"}
    assert "nothing changed" in difference(before, {"single": 0.9})
