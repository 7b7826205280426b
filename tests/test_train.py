"""Training, for real, on small budgets."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.card import model_card
from model.data_card import data_card
from model.mnist import Mnist
from model.registry import SHIPPED, Version, open_version
from model.signature import KeyUnusable, Verifier
from model.training.batches import Digits
from model.training.ending import ending_when_told
from model.training.examples import TrainingFailed
from model.training.recipes import RECIPES, fit
from model.training.train import Job, train
from tests.keys import a_pair

# Keras 3.15 copies TensorFlow's arrays in a way that NumPy 2 deprecates; not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@pytest.fixture(scope="module")
def trained(mnist: Mnist, tmp_path_factory: pytest.TempPathFactory) -> tuple[Version, list[dict[str, Any]]]:
    """A version trained on 1,000 digits for two epochs, and what was reported meanwhile."""
    assert len(mnist.train_labels) == 60_000  # fetched before, so that no note of a fetch is among the events
    events: list[dict[str, Any]] = []
    models, material = tmp_path_factory.mktemp("models"), tmp_path_factory.mktemp("material")
    (material / "digits").mkdir()
    np.savez(material / "digits" / "optdigits32.npz", x=np.zeros((1, 32, 32), np.uint8), y=np.array([1]))
    key = a_pair(models.parent).private
    job = Job(epochs=2, digits=1_000, models=models, material=material, command="make it", signing_key=key)
    return train(job, events.append), events


def test_the_seed_recipe_claims_no_material(trained: tuple[Version, list[dict[str, Any]]]) -> None:
    """It learns from MNIST alone, whatever folder it is given, and its metrics say so."""
    metrics = json.loads((trained[0].folder / "metrics.json").read_text())
    assert metrics["dataset"]["material"] == []


def test_training_leaves_a_whole_version(trained: tuple[Version, list[dict[str, Any]]]) -> None:
    """A training's folder opens as a version, is named after it, and holds the three charts."""
    version, _ = trained
    assert open_version(version.folder) == version
    assert version.folder.name == version.name
    assert version.name.endswith("-seed-0")
    assert [path.name for path in version.chart_paths] == ["confusion.png", "digits.png", "training.png"]
    assert list(version.folder.parent.iterdir()) == [version.folder]


def test_a_version_has_its_cards_and_is_signed(trained: tuple[Version, list[dict[str, Any]]]) -> None:
    """The cards are made of the metrics, which vouch for them, and the signature is over it all."""
    version, _ = trained
    metrics = json.loads((version.folder / "metrics.json").read_text())
    assert {"README.md", "DATA.md"} <= metrics["files"].keys()
    assert (version.folder / "README.md").read_text(encoding="utf-8") == model_card(metrics)
    assert (version.folder / "DATA.md").read_text(encoding="utf-8") == data_card(metrics)
    Verifier(version.folder.parent.parent / "ours.pub").check(version.folder, version.name)


def test_a_key_that_cannot_be_used_is_told_before_the_training(tmp_path: Path) -> None:
    """Not after a hundred seconds of it, and no folder is left."""
    with pytest.raises(KeyUnusable, match="can't be read"):
        train(Job(output=tmp_path / "version", signing_key=tmp_path / "missing"), lambda _event: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_same_seed_and_corrections_give_the_same_weights_to_the_bit(
    mnist: Mnist, trained: tuple[Version, list[dict[str, Any]]]
) -> None:
    """Two continued trainings on a small budget, corrections among it."""
    digits = Digits.of(mnist.train_images[:256], mnist.train_labels[:256])
    corrections = Digits.of(mnist.train_images[256:272], (mnist.train_labels[256:272] + 1) % 10)

    def weights() -> str:
        fitted = fit(
            RECIPES["continue"],
            digits,
            digits,
            corrections,
            None,
            base=trained[0].keras_path,
            epochs=1,
            batch_size=64,
            seed=0,
            report=lambda _event: None,
        )
        return sha256(b"".join(weight.tobytes() for weight in fitted.network.get_weights())).hexdigest()

    assert weights() == weights()


def test_metrics_say_how_the_version_came_to_be(trained: tuple[Version, list[dict[str, Any]]]) -> None:
    """Whoever finds the folder can tell what was trained, on what, with what, by which command."""
    metrics = trained[0].metrics
    assert (metrics.recipe, metrics.network, metrics.parameters) == ("seed", "seed", 93_322)
    assert (metrics.seed, metrics.epochs, metrics.batch_size, metrics.corrections) == (0, 2, 64, 0)
    assert metrics.taught == {"classifier": 0, "judge": 0, "scorer": 0}
    assert metrics.dataset["training_digits"] == 1_000
    assert metrics.command == "make it"
    assert {"tensorflow", "keras", "ai-edge-litert"} <= metrics.libraries.keys()
    assert sum(map(sum, metrics.confusion)) == 10_000
    assert 0.5 < metrics.test_accuracy < 1
    assert metrics.validation_accuracy is None  # the seed recipe leaves nothing out


def test_weights_are_shipped_without_optimiser_state(trained: tuple[Version, list[dict[str, Any]]]) -> None:
    """The Keras file holds the weights once: 373 kB of them, not three times that."""
    assert trained[0].keras_path.stat().st_size < 450_000


def test_events_tell_the_training_in_order(trained: tuple[Version, list[dict[str, Any]]]) -> None:
    """Start, progress that only grows, each epoch, exporting, done: and the figures are those of the version."""
    version, events = trained
    kinds = [event["event"] for event in events]
    assert kinds[0] == "start"
    assert kinds[-2:] == ["exporting", "done"]
    assert kinds.count("epoch") == 2
    fractions = [event["fraction"] for event in events if event["event"] == "progress"]
    assert fractions
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= fractions[-1] <= 1
    assert events[0]["parameters"] == 93_322
    assert events[-1]["test_accuracy"] == version.metrics.test_accuracy
    assert events[-1]["folder"] == str(version.folder)
    assert json.loads(json.dumps(events)) == events


@pytest.mark.slow
def test_full_recipe_validates_on_digits_it_did_not_see(mnist: Mnist, tmp_path: Path) -> None:
    """The augmented recipe, on a small budget with corrections mixed in, trains, validates and says so."""
    corrections = tmp_path / "corrections.npz"
    np.savez(corrections, x=mnist.train_images[:20].astype(np.float32) / 255, y=mnist.train_labels[:20])
    events: list[dict[str, Any]] = []
    job = Job("full", epochs=1, digits=500, output=tmp_path / "full", corrections=corrections)
    metrics = train(job, events.append).metrics
    assert metrics.corrections == 20
    assert metrics.validation_accuracy is not None
    start = next(event for event in events if event["event"] == "start")
    assert start["digits"] == 540  # the corrections twice: a tenth of what it trains on at most
    assert metrics.recipe == "full"
    assert all("validation_accuracy" in event for event in events if event["event"] == "epoch")


@pytest.mark.slow
@pytest.mark.timeout(900)  # it may be the first that needs the sets of the gate
def test_wrong_corrections_make_a_model_that_is_refused(mnist: Mnist, tmp_path: Path) -> None:
    """Eight hundred digits shifted by one, approved by a careless admin: the continued model fails the comparison."""
    images, labels = mnist.train_images[:1000].astype(np.float32) / 255, (mnist.train_labels[:1000] + 1) % 10
    np.savez(tmp_path / "learned.npz", x=images[:800], y=labels[:800])
    np.savez(tmp_path / "held.npz", x=images[800:], y=labels[800:])
    metrics = train(
        Job(
            "continue",
            digits=1600,
            batch_size=16,
            output=tmp_path / "continued",
            corrections=tmp_path / "learned.npz",
            held_back=tmp_path / "held.npz",
            served=SHIPPED,
        ),
        lambda _event: None,
    ).metrics
    assert (metrics.corrections, metrics.network) == (800, "full")
    assert metrics.comparison is not None
    assert metrics.comparison.corrections is not None
    assert metrics.comparison.corrections.digits == 200
    assert metrics.comparison.validation.digits == 5_000
    assert metrics.comparison.validation.is_worse
    assert not metrics.comparison.is_good
    assert metrics.comparison.readings is not None
    assert metrics.comparison.readings.new < metrics.comparison.readings.old


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": np.zeros((2, 28, 28), np.float32)},
        {"x": np.zeros((2, 28, 28), np.float32), "y": np.array([1, 10])},
        {"x": np.zeros((2, 28, 28), np.float32), "y": np.array([1])},
        {"x": np.full((2, 28, 28), 255, np.uint8), "y": np.array([1, 2])},
        {"x": np.full((2, 28, 28), np.nan, np.float32), "y": np.array([1, 2])},
        {"x": np.full((2, 28, 28), 2, np.float32), "y": np.array([1, 2])},
    ],
)
def test_corrections_of_another_form_are_refused(tmp_path: Path, arrays: dict[str, Any]) -> None:
    """Corrections that are not what is promised stop the training before it begins, and nothing is left behind."""
    path = tmp_path / "corrections.npz"
    np.savez(path, **arrays)
    with pytest.raises(TrainingFailed, match=r"corrections\.npz"):
        train(Job(models=tmp_path / "models", corrections=path), print)
    assert not list((tmp_path / "models").iterdir())


def test_corrections_that_are_no_archive_are_refused(tmp_path: Path) -> None:
    """A file of another kind is named as the problem."""
    path = tmp_path / "corrections.npz"
    path.write_text("seven")
    with pytest.raises(TrainingFailed, match=r"corrections\.npz holds no corrections"):
        train(Job(models=tmp_path / "models", corrections=path), print)


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start a training with events in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "model", "train", "--events", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.mark.slow
def test_training_told_to_end_leaves_nothing(mnist: Mnist, tmp_path: Path) -> None:
    """SIGTERM in the middle of a training: an error event, a status that is not 0, and no file left."""
    assert len(mnist.train_labels) == 60_000
    with start("--models", str(tmp_path), "--epochs", "50", "--digits", "6400") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["event"] == "progress":
                process.send_signal(signal.SIGTERM)
                break
        last = [json.loads(line) for line in process.stdout][-1]
        assert process.wait() == 130
    assert last == {"event": "error", "message": "the training was interrupted; nothing was kept"}
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_training_ends_when_whoever_asked_for_it_is_gone(mnist: Mnist, tmp_path: Path) -> None:
    """When the bot is killed, the pipe to the training breaks: the training ends by itself and leaves no version."""
    assert len(mnist.train_labels) == 60_000
    command = [sys.executable, "-m", "model", "train", "--events", "--end-with-parent", "--models", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(50) != 0
    assert not list(tmp_path.iterdir())


@pytest.fixture
def signals() -> Iterator[None]:
    """The signals that end a training, put back afterwards."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_whose_exception_was_lost_ends_the_training_at_its_next_report(number: signal.Signals) -> None:
    """Native code may drop what a signal's handler raised: the next report raises it again, unless all is done."""
    events: list[dict[str, Any]] = []
    report = ending_when_told(events.append)
    report({"event": "progress"})
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    with pytest.raises(KeyboardInterrupt):
        report({"event": "epoch"})
    report({"event": "done"})
    assert events == [{"event": "progress"}, {"event": "done"}]


def test_missing_mnist_is_an_error_event(tmp_path: Path) -> None:
    """Where MNIST can't be had, the stream ends with one error event that says what to do, without a traceback."""
    with start("--models", str(tmp_path / "models"), MNIST_DIR=str(tmp_path)) as process:
        out, err = process.communicate()
    event = json.loads(out.splitlines()[-1])
    assert event["event"] == "error"
    assert "train-images-idx3-ubyte is missing" in event["message"]
    assert process.returncode == 1
    assert err.strip() == event["message"]


def test_folder_that_can_not_be_made_is_an_error_event(tmp_path: Path) -> None:
    """A folder in the place of which there is a file is said before anything is trained."""
    (tmp_path / "file").touch()
    with start("--output", str(tmp_path / "file" / "model")) as process:
        out, _ = process.communicate()
    assert json.loads(out)["event"] == "error"
    assert process.returncode == 1


def test_missing_tensorflow_is_an_error_event(mnist: Mnist, tmp_path: Path) -> None:
    """On a machine with the serving side only, the message names the command that installs the training side."""
    assert len(mnist.train_labels) == 60_000
    (tmp_path / "tensorflow.py").write_text("raise ImportError('not installed')\n")
    with start("--models", str(tmp_path / "models"), PYTHONPATH=str(tmp_path)) as process:
        out, _ = process.communicate()
    assert "pip install" in json.loads(out.splitlines()[-1])["message"]
    assert process.returncode == 1
