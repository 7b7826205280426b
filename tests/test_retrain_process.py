"""The whole loop in the bot as people run it, over the local chat's HTTP: a correction, a training, a verdict."""

import re
import time
from pathlib import Path

import pytest

from model.mnist import Mnist
from tests.processes import healthz, running_bot
from tests.talking import correct_seven, message_now, press, say, training_ended

# A training of a few seconds, of which most is TensorFlow's import.
BUDGET = {"RETRAIN_EPOCHS": "1", "RETRAIN_DIGITS": "1000"}


@pytest.mark.slow
@pytest.mark.timeout(1000)  # a niced training, beside whatever else is tested
def test_a_correction_is_learned_from_over_http(mnist: Mnist, tmp_path: Path) -> None:
    """Photo → ✗ → keypad → /retrain → ✅ → progress edits → verdict → /stats, which names the model in service."""
    assert len(mnist.train_labels) == 60_000  # fetched before
    with running_bot(tmp_path, **BUDGET) as bot:
        assert "thank you" in correct_seven(bot, "1")
        (question,) = bot.replies(say(bot, "/retrain"))
        assert "MNIST plus 1 correction" in question["text"]
        starts, leaves = (button["text"] for row in question["buttons"] for button in row)
        assert (starts[0], leaves[0]) == ("✅", "✖")
        press(bot, question, starts)
        verdict = training_ended(bot, question["message_id"])
        assert re.search(r"promoted|refused", verdict)
        edited = message_now(bot, question["message_id"])
        assert edited["edits"] >= 3
        assert edited["text"] == "Training finished."
        assert "promoted" not in question["text"]
        assert re.search(r"photo-like digits: old \d+\.\d+ %, new \d+\.\d+ %", verdict)
        stats = bot.replies(say(bot, "/stats"))[0]["text"]
        assert re.search(r"^Test accuracy: \d+\.\d+ %", stats)
        assert healthz(bot.origin)["model"] in stats
        assert ("continue" in stats) == ("promoted" in verdict)
        served = healthz(bot.origin)["model"]
    with running_bot(tmp_path) as bot:  # and after a restart
        assert healthz(bot.origin)["model"] == served


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_killed_bot_takes_its_training_along(mnist: Mnist, tmp_path: Path) -> None:
    """`kill -9` of the bot in the middle of a training: the next bot can train within seconds, on a clean folder."""
    assert len(mnist.train_labels) == 60_000
    with running_bot(tmp_path) as bot:
        (question,) = bot.replies(say(bot, "/retrain"))
        press(bot, question, question["buttons"][0][0]["text"])
        while len(bot.family()) < 2:
            time.sleep(0.1)
        (refusal,) = bot.replies(say(bot, "/retrain"))
        assert "running already" in refusal["text"]
        bot.process.kill()
        bot.process.wait()
    with running_bot(tmp_path) as bot:
        until = time.monotonic() + 30
        while "running already" in bot.replies(say(bot, "/retrain"))[0]["text"]:
            assert time.monotonic() < until
            time.sleep(0.5)
