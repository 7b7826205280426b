"""A short form of `tests.bench.kill`: two rounds, the bot and its training killed once each."""

from itertools import count
from pathlib import Path

import pytest

from model.mnist import Mnist
from tests.killing import Loop, instant


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_kill_at_any_instant_breaks_a_promise(mnist: Mnist, tmp_path: Path) -> None:
    """Corrections stay, one whole version is served, and a new training works, whoever was killed."""
    assert len(mnist.train_labels) == 60_000  # fetched before
    loop = Loop(tmp_path)
    # The training first: the next one has begun when the bot is killed, and the one after that comes to its verdict.
    for victim in ("the training", "the bot"):
        number = next(number for number in count() if instant(number)[0] == victim)
        loop.round(number, to_the_verdict=victim == "the bot")
    assert loop.thanked >= 3
    assert loop.kills["the bot"] == 1
