"""A short form of `tests.bench.fuzz`."""

import random
from pathlib import Path

from tests.bench.fuzz import damaged, run, seeds


def test_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    """Nothing but a reading or UnreadablePhoto comes of a hundred of them."""
    assert run(100, 7, tmp_path) == 0
    assert list(tmp_path.iterdir()) == []


def test_damage_is_done_and_is_the_same_for_the_same_number() -> None:
    """What was found once is found again; few files stay as they were."""
    files = seeds()
    first, again = ([damaged(files, random.Random(number)) for number in range(50)] for _ in range(2))
    assert first == again
    assert sum(file in files for file in first) < 10
