"""A short form of `tests.bench.kill`: two rounds, the bot and its training killed once each."""

from itertools import count
from pathlib import Path

import pytest

from model.mnist import Mnist
from tests.killing import Loop, instant


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_kill_at_any_instant_breaks_a_promise(mnist: Mnist, tmp_path: Path) -> None:
    """Corrections stay, one whole version is served, and a new training works, whoever was killed."""
    assert len(mnist.train_labels) == 60_000  # fetched before
    loop = Loop(tmp_path)
    # The training first: the new one after it tells how long one takes, before the bot is killed in the middle of it.
    for victim in ("the training", "the bot"):
        loop.round(next(number for number in count() if instant(number)[0] == victim))
    assert loop.thanked >= 3
    assert loop.kills["the bot"] == 1
