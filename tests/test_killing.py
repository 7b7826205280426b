"""A short form of `tests.bench.kill`."""

from pathlib import Path

import pytest

from model.mnist import Mnist
from tests.killing import BOT, TRAINING, Loop


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_kill_at_any_instant_breaks_a_promise(mnist: Mnist, tmp_path: Path) -> None:
    """Corrections stay, the served version is whole, and a new training works, whoever was killed in between."""
    assert len(mnist.train_labels) == 60_000  # fetched before
    loop = Loop(tmp_path)
    for victim, after_s in ((BOT, 0.7), (TRAINING, 4.0), (BOT, 6.0)):
        loop.round(victim, after_s)
    assert loop.thanked >= 2
    loop.check_alive()
