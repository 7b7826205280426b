import asyncio
import os
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from bot import words
from bot.learning.events import (
    Event,
    Exporting,
    Progress,
    Trained,
    TrainingCancelled,
    TrainingFailed,
    TrainingRunning,
)
from bot.learning.trainer import RECIPES, SECRETS, Trainer
from model.training.recipes import RECIPES as KNOWN


def trainer(tmp_path: Path, script: str, **options: Any) -> Trainer:
    """A trainer whose training is a script of a few lines; it gets the same arguments as the real one."""
    path = tmp_path / "training.py"
    path.write_text("import json, os, sys, time\n" + textwrap.dedent(script))
    return Trainer(tmp_path / "models", **options, command=(sys.executable, str(path)))


async def events(trainer: Trainer) -> list[Event]:
    """Train to the end."""
    return [event async for event in trainer.train("seed")]


GOOD = """
print(json.dumps({"event": "start", "epochs": 5}))
print(json.dumps({"event": "progress", "epoch": 1, "epochs": 5, "fraction": 0.1, "accuracy": 0.9, "eta_s": 30}))
print(json.dumps({"event": "exporting"}))
print(json.dumps({"event": "done", "version": "v1", "folder": sys.argv[5], "test_accuracy": 0.991}))
"""


async def test_a_training_streams_its_events_and_ends_with_its_version(tmp_path: Path) -> None:
    """Progress, exporting and done come through in order; events that nobody shows are passed over."""
    running = trainer(tmp_path, GOOD)
    assert await events(running) == [
        Progress(1, 5, 0.1, 0.9, 30),
        Exporting(),
        Trained("v1", tmp_path / "models", 0.991),
    ]
    assert not await running.is_running()


async def test_the_training_is_told_where_the_key_is_and_none_of_the_bots_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It signs, so that it needs the key's file; the token and the database are none of its business."""
    for name in SECRETS:
        monkeypatch.setenv(name, "hunter2")
    script = """
    assert "hunter2" not in os.environ.values()
    print(json.dumps({"event": "error", "message": os.environ["MODELS_PRIVATE_KEY"]}))
    """
    with pytest.raises(TrainingFailed, match=r"^/keys/ours\.pem$"):
        await events(trainer(tmp_path, script, key=Path("/keys/ours.pem"), is_signing=True))


async def test_nothing_is_trained_that_could_not_be_served(tmp_path: Path) -> None:
    """Where only signed versions are served and nothing signs, /retrain says so at once."""
    with pytest.raises(TrainingFailed, match="MODELS_PRIVATE_KEY is not set"):
        await events(trainer(tmp_path, GOOD, is_signing=True))


async def test_the_training_process_is_niced_and_told_its_budget(tmp_path: Path) -> None:
    """Reading comes first: the training runs at a lower priority, with the epochs and digits of the settings."""
    niced = min(19, os.nice(0) + 10)
    script = """
    until = time.monotonic() + 30
    while os.nice(0) < NICED and time.monotonic() < until:
        time.sleep(0.01)  # the priority is lowered right after the start
    print(json.dumps({"event": "error", "message": f"{os.nice(0)} {sys.argv[1:]}"}))
    sys.exit(1)
    """
    with pytest.raises(TrainingFailed) as raised:
        await events(trainer(tmp_path, script.replace("NICED", str(niced)), epochs=2, digits=3000))
    niceness, arguments = str(raised.value).split(" ", 1)
    assert int(niceness) == niced
    assert "'--recipe', 'seed'" in arguments
    assert "'--epochs', '2', '--digits', '3000'" in arguments


async def test_a_training_learns_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is the bot's without the token and the passwords."""
    for name in ("BOT_TOKEN", "DATABASE_URL", "TELEGRAM_PROXY"):
        monkeypatch.setenv(name, "hunter2")
    monkeypatch.setenv("MNIST_DIR", "here")
    script = """print(json.dumps({"event": "error", "message": repr(dict(os.environ))}))"""
    with pytest.raises(TrainingFailed) as told:
        await events(trainer(tmp_path, script))
    assert "'MNIST_DIR': 'here'" in str(told.value)
    assert "hunter2" not in str(told.value)


async def test_a_failed_training_says_what_its_process_said(tmp_path: Path) -> None:
    """The error event's message reaches the admin, and another training can start."""
    script = 'print(json.dumps({"event": "error", "message": "MNIST is not to be had"})); sys.exit(1)'
    running = trainer(tmp_path, script)
    with pytest.raises(TrainingFailed, match="MNIST is not to be had"):
        await events(running)
    assert not await running.is_running()


async def test_a_killed_training_is_told_from_a_failed_one(tmp_path: Path) -> None:
    """A process that the system kills (out of memory, say) is reported as killed."""
    with pytest.raises(TrainingFailed, match="killed"):
        await events(trainer(tmp_path, "os.kill(os.getpid(), 9)"))


async def test_a_training_that_ends_without_a_model_has_failed(tmp_path: Path) -> None:
    """Exit status 0 alone is no success."""
    with pytest.raises(TrainingFailed):
        await events(trainer(tmp_path, "pass"))


async def test_a_training_that_can_not_be_started_has_failed(tmp_path: Path) -> None:
    """No memory for another process, say: the folder is not blamed for it, and the next training is not refused."""
    running = Trainer(tmp_path / "models", command=(str(tmp_path / "nothing"),))
    with pytest.raises(TrainingFailed, match="could not be started"):
        await events(running)
    assert not await running.is_running()


async def test_what_is_no_event_is_passed_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A library that greets on standard output ends no training; the log tells."""
    assert (await events(trainer(tmp_path, "print('hello', flush=True)\n" + GOOD)))[-1] == Trained(
        "v1", tmp_path / "models", 0.991
    )
    assert "hello" in caplog.text


async def test_cancel_ends_the_process(tmp_path: Path) -> None:
    """After cancel the process is gone, the events end with TrainingCancelled, and another training can start."""
    script = """
    progress = {"epoch": 1, "epochs": 1, "fraction": 0, "accuracy": os.getpid(), "eta_s": 9}
    print(json.dumps({"event": "progress", **progress}), flush=True)
    time.sleep(60)
    """
    running = trainer(tmp_path, script)
    stream = running.train("seed")
    assert await running.is_running()
    first = await anext(stream)
    assert isinstance(first, Progress)
    _, ended = await asyncio.gather(running.cancel(), anext(stream, None), return_exceptions=True)
    assert isinstance(ended, TrainingCancelled)
    with pytest.raises(ProcessLookupError):
        os.kill(int(first.accuracy), 0)
    assert not await running.is_running()


async def test_one_training_at_a_time_whoever_asks(tmp_path: Path) -> None:
    """A second bot on the same folder sees that a training runs and can't start one; when it is over, it can."""
    waiting = """
    print(json.dumps({"event": "exporting"}), flush=True)
    time.sleep(60)
    """
    first = trainer(tmp_path, waiting)
    stream = first.train("seed")
    await anext(stream)
    second = Trainer(tmp_path / "models")
    assert await second.is_running()
    assert not second.is_ours
    assert (await first.can_cancel(), await second.can_cancel()) == (True, False)
    with pytest.raises(TrainingRunning):
        await events(second)
    assert not second.is_ours
    await stream.aclose()
    assert not await second.is_running()


async def test_a_training_outlives_its_lock_holder_only_until_its_input_ends(tmp_path: Path) -> None:
    """The process gets an open standard input that ends with the bot, and holds the lock itself until it is gone."""
    script = """
    held = any(os.path.realpath(f"/proc/self/fd/{number}").endswith(".lock") for number in os.listdir("/proc/self/fd"))
    print(json.dumps({"event": "error", "message": f"{held} {'--end-with-parent' in sys.argv}"}))
    sys.exit(1)
    """
    with pytest.raises(TrainingFailed, match="True True"):
        await events(trainer(tmp_path, script))


async def test_what_killed_trainings_left_is_cleared_away(tmp_path: Path) -> None:
    """Half-written folders of a training that was killed are gone when the next one begins; versions stay."""
    models = tmp_path / "models"
    for name in (".20261122-000000-continue-0-x1", ".work-y2", "20261122-000000-full-0"):
        (models / name).mkdir(parents=True)
    await events(trainer(tmp_path, GOOD))
    assert sorted(path.name for path in models.iterdir()) == [".lock", "20261122-000000-full-0"]


async def test_a_folder_that_can_not_be_made_fails_the_training_only(tmp_path: Path) -> None:
    """A file in the place of the folder, a full disk: a training that failed, with its reason, not a broken bot."""
    running = trainer(tmp_path, GOOD)
    (tmp_path / "models").write_text("")
    assert not await running.is_running()
    with pytest.raises(TrainingFailed, match="can't be written"):
        await events(running)
    (tmp_path / "models").unlink()
    assert (await events(running))[-1] == Trained("v1", tmp_path / "models", 0.991)


def test_every_recipe_offered_in_the_chat_exists() -> None:
    """/retrain offers exactly the recipes that `python -m model train` knows."""
    assert set(RECIPES) == set(KNOWN) == set(words.retrain.RECIPES)
