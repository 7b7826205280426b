"""How a new version is compared with the served one, on what neither learned from."""

import shutil
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from model import SHIPPED, open_version
from model.generate.whole import Photo
from model.mnist import Mnist
from model.reading import Reading
from model.training.batches import Digits
from model.training.compare import compare, read_all, timed
from tests.fakes import a_reading

NONE_HELD_BACK = Digits.of(np.empty((0, 28, 28), np.float32), np.empty(0, int))


@dataclass(eq=False)
class Script:
    """A reader that reads what each file says, and works so long for it."""

    work_s: float = 0.0
    order: list[str] = field(default_factory=list)
    name: str = ""

    def read(self, photo: bytes) -> Reading:
        """Read it."""
        until = time.thread_time() + self.work_s
        while time.thread_time() < until:
            pass
        self.order.append(self.name)
        return a_reading(photo.decode())


def photos(*pairs: tuple[str, str]) -> list[Photo]:
    """Photos as which something is read, and what is written in each."""
    return [Photo(read.encode(), text) for read, text in pairs]


def test_a_photo_counts_when_all_that_is_written_is_read_and_nothing_else() -> None:
    """One digit too many, one wrong, one that is missed, one in a picture of nothing: none of them is right."""
    readings = read_all(
        [Script(), Script()], photos(("12", "12"), ("123", "12"), ("13", "12"), ("", "1"), ("1", ""), ("", ""))
    )
    assert readings.right.tolist() == [True, False, False, False, False, True]


def test_signs_count_for_the_reading_and_not_for_its_confidence() -> None:
    """The confidence speaks of the digits; and where no digit is read there is none that could be off."""
    readings = read_all([Script()], photos(("12", "1+2"), ("12", "12"), ("", "")))
    assert readings.right.tolist() == [False, True, True]
    assert readings.digits_right.tolist() == [True, True, True]
    sure = a_reading("12").confidence
    assert readings.calibration_error == pytest.approx(1 - sure)


def test_both_versions_are_timed_in_turns() -> None:
    """The one that works twice as long takes about twice as long; neither is always the first."""
    order: list[str] = []
    old, new = Script(0.004, order, "old"), Script(0.008, order, "new")
    change = timed(old, new, photos(*[("1", "1")] * 4))
    assert order == ["old", "new", "new", "old"] * 2
    assert 1.5 < change.new / change.old < 3


def test_a_copy_of_the_served_version_loses_and_wins_nothing(
    mnist: Mnist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All sets, read the whole road, with every figure; the second time what was read is remembered."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    shutil.copytree(SHIPPED, tmp_path / "copy")
    served, fresh = open_version(SHIPPED), open_version(tmp_path / "copy")
    images, labels = mnist.split()[1]
    held_out = images[-60:], labels[-60:]
    comparison = compare(served, fresh, held_out, NONE_HELD_BACK, is_judged=True, count=4, single=6)
    assert comparison.is_judged
    assert not {"validation", "photos", "readings", "things", "size"} & set(
        comparison.failings
    )  # time is noisy, and few are sure
    assert comparison.readings is not None
    assert comparison.readings.digits == 4
    assert comparison.readings.old == comparison.readings.new >= 2
    assert comparison.things is not None
    for both in (comparison.validation, comparison.photos, comparison.readings, comparison.things):
        assert both.only_old == both.only_new == 0
    assert comparison.size is not None
    assert comparison.size.old == comparison.size.new > 2_000_000
    assert comparison.figures("new") == comparison.figures("old")
    assert len(comparison.figures("new")) == 4
    kept = sorted(tmp_path.rglob("read-*.npz"))
    assert len(kept) == 1  # the copy has the same files and the same name
    with np.load(kept[0]) as arrays:
        np.savez(kept[0], **(dict(arrays) | {"r": np.zeros(4, np.bool_)}))
    again = compare(served, fresh, held_out, NONE_HELD_BACK, is_judged=True, count=4, single=6)
    assert again.readings == replace(comparison.readings, old=0, new=0)
    # A version that saw the digits of the sets reads no photos: nothing would be proved by it.
    unjudged = compare(served, fresh, held_out, NONE_HELD_BACK, is_judged=False)
    assert unjudged.readings is None
    assert unjudged.figures("new") == {}
