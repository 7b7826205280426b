"""What the verdict of a training says of each comparison."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import words
from model import CALIBRATION, LARGEST, Change, Comparison, Paired, Version, open_version
from tests.versions import a_measured_version

READS = {"validation": 4_983, "photos": 1_120, "readings": 104, "things": 185}
FEWER = {name: right - 60 for name, right in READS.items()}


@pytest.fixture
def version(tmp_path: Path) -> Version:
    """One that reads as much as the served one."""
    return open_version(a_measured_version(tmp_path, "v1", READS, READS))


def verdict(version: Version, changes: dict[str, Any]) -> str:
    """What is said of it when its comparison is changed so, and refuses it."""
    assert version.metrics.comparison is not None
    changed = replace(version.metrics.comparison, **changes)
    assert not changed.is_good
    metrics = replace(version.metrics, comparison=changed)
    return words.verdict.verdict(replace(version, metrics=metrics), version, "worse", 60)


def fewer(name: str) -> Paired:
    """What a version reads of a set that reads significantly less of it."""
    digits = {"validation": 5_000, "photos": 1_140, "readings": 160, "things": 208}[name]
    return Paired(digits, READS[name], FEWER[name], only_old=60, only_new=0)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"validation": fewer("validation")}, "fewer of the validation digits."),
        ({"photos": fewer("photos")}, "fewer of the photo-like digits."),
        (
            {"validation": fewer("validation"), "photos": fewer("photos")},
            "fewer of the validation and of the photo-like digits.",
        ),
        ({"readings": fewer("readings")}, "fewer of the whole photos."),
        ({"things": fewer("things")}, "it tells digits from other things significantly less often."),
        (
            {"calibration": Change(0.061, CALIBRATION + 0.03)},
            "its confidence is off by 15.0 % on average, where it was off by 6.1 %; 12.0 % may be.",
        ),
        ({"time_ms": Change(60, 130)}, "it takes 130 ms to read a photo, where it took 60 ms; 90 ms may be."),
        ({"size": Change(2_700_000, LARGEST + 500_000)}, "it takes up 8.5 MB on the disk; 8.0 MB may be."),
    ],
)
def test_the_verdict_names_what_refuses(version: Version, changes: dict[str, Any], why: str) -> None:
    """The contract's word once, and the bound."""
    said = verdict(version, changes)
    assert said.count("<b>refused</b>") == 1
    assert why in said


def test_all_that_refuses_is_said(version: Version) -> None:
    """Whoever trains again would else find out one by one."""
    said = verdict(version, {"readings": fewer("readings"), "time_ms": Change(60, 130)})
    assert "fewer of the whole photos." in said
    assert "it takes 130 ms" in said


def test_readings_won_and_lost_are_said(version: Version) -> None:
    """Beside those of single digits; of a comparison that read no whole photos nothing is said of them."""
    assert "<b>128 whole photos</b>: old 81.25 %, new 81.25 %\n  30 won, 30 lost" in words.verdict.verdict(
        version, version, "promoted", 60
    )
    comparison = version.metrics.comparison
    assert comparison is not None
    before = Comparison("v", comparison.validation, comparison.photos, None, is_judged=True)
    metrics = replace(version.metrics, comparison=before)
    said = words.verdict.verdict(replace(version, metrics=metrics), version, "promoted", 60)
    assert "photo-like" in said
    assert "whole photos" not in said
