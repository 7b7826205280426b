"""The recipe `finder`: a network that says where digits are, trained on scenes that are made on the way.

Imports TensorFlow when it runs. The training can be stopped and started again: it goes on after the last full epoch.
"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.idx import MD5
from model.mnist import load_mnist
from model.quiet import quiet_native_code
from model.training.examples import TrainingFailed
from model.training.export import ExportDiffers
from model.training.export_finder import export_checked, write_metrics
from model.training.finder_loss import finder_loss
from model.training.finder_network import CHANNELS, build_finder
from model.training.progress import PROGRESS_EVERY_S, Report
from model.training.scene_supply import SHARD, Scenes, make, open_studio, rounds
from model.training.train import Job

FINDER_RECIPE: Final = "finder"
FINDER: Final = "finder.tflite"
EPOCHS: Final = 24  # about 120 s each on 2 idle cores
ROUNDS: Final = 8  # an epoch's: about 16,000 scenes
BATCH: Final = 32
PEAK_RATE: Final = 2e-3
AVERAGE: Final = 0.998
_VALIDATION: Final = 1_000_000_007  # the seed of scenes that training never sees


def train_finder(job: Job, report: Report) -> Path:
    """Train the finder and export it with its metrics.json into the job's folder, which is given back.

    `job.digits` is taken for the scenes of an epoch, in whole thousands where there are more than one; the job's
    corrections and batch size are of other recipes. Raises what `model.training.train.train` raises.
    """
    now = datetime.now(UTC)
    # Not named after the time, so that a training that was stopped finds its state again.
    folder = job.output or job.models / f"{FINDER_RECIPE}-{job.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    epochs = job.epochs or EPOCHS
    shard = min(SHARD, job.digits or SHARD)  # scenes made at a time
    rounds_of_epoch = job.digits // shard if job.digits else ROUNDS
    mnist = load_mnist(lambda line: report({"event": "note", "message": line}))
    with quiet_native_code():
        trainer = _Trainer(folder / "training.npz", job, epochs, rounds_of_epoch, shard)
    history = trainer.run(report)
    report({"event": "exporting"})
    sample = (trainer.validation.pictures[:4, ..., None] / np.float32(255)).astype(np.float32)
    try:
        with quiet_native_code():
            difference = export_checked(trainer.averaged, folder / FINDER, sample, (1, None, None, 1))
    except ExportDiffers as error:
        raise TrainingFailed(f"the export was wrong: {error}") from error
    metrics = {
        "parameters": trainer.network.count_params(),
        "channels": {name: [part.start, part.stop] for name, part in CHANNELS.items()},
        "epochs": epochs,
        "batch_size": BATCH,
        "scenes": epochs * rounds_of_epoch * shard,
        "history": history,
        "largest_difference": difference,
        "dataset": {
            "name": "MNIST",
            "training_digits": len(mnist.split()[0][0]),
            "md5": dict(MD5),
            "material": list(trainer.sources),
        },
    }
    write_metrics(folder / FINDER, FINDER_RECIPE, job, now, metrics)
    trainer.state.unlink(missing_ok=True)
    figures = {"parameters": metrics["parameters"], "validation_accuracy": history[-1]["validation_accuracy"]}
    report({"event": "note", "message": f"{folder}: {figures}"})
    return folder


class _Trainer:
    """A finder in training."""

    def __init__(self, state: Path, job: Job, epochs: int, rounds_of_epoch: int, shard: int) -> None:
        import keras

        keras.utils.set_random_seed(job.seed)
        self._seed, self._epochs, self._rounds = job.seed, epochs, rounds_of_epoch
        self._material, self._shard = job.material, shard
        self.state = state
        self.network, self.averaged = build_finder(), build_finder()
        self.averaged.set_weights(self.network.get_weights())
        self._optimizer = keras.optimizers.AdamW(PEAK_RATE, weight_decay=1e-4, clipnorm=5.0)
        self._optimizer.build(self.network.trainable_variables)
        self.sources = open_studio(job.material)
        self.validation = make(_VALIDATION, 0, min(512, shard))
        self._history: list[dict[str, float]] = []

    def run(self, report: Report) -> list[dict[str, float]]:
        """Train all epochs that are left; give every epoch's figures."""
        done = self._restore()
        batches = self._rounds * (2 * self._shard // BATCH)
        start = {"event": "start", "recipe": "finder", "network": "finder", "parameters": self.network.count_params()}
        report(start | {"epochs": self._epochs, "digits": self._epochs * self._rounds * self._shard})
        if done:
            report({"event": "note", "message": f"going on after epoch {done}"})
        step, began, last, batch = self._step(), time.monotonic(), 0.0, done * batches
        random = np.random.default_rng([self._seed, done])
        figures: list[NDArray[np.float32]] = []
        supply = rounds(self._seed, done * self._rounds, self._epochs * self._rounds, self._material, self._shard)
        for number, scenes in enumerate(supply, done * self._rounds):
            for start_row in range(0, len(scenes) - BATCH + 1, BATCH):
                share = (batch % batches + 0.5) / batches
                rate = _rate(number // self._rounds + share, self._epochs)
                part = scenes[np.arange(start_row, start_row + BATCH)]
                figures.append(step(_toned(part.pictures, random), part.boxes, part.labels, part.ink, rate).numpy())
                batch += 1
                now = time.monotonic()
                if now - last > PROGRESS_EVERY_S:
                    last = now
                    eta = (now - began) / (batch - done * batches) * max(0, self._epochs * batches - batch)
                    self._progress(report, batch, batches, eta, np.mean(figures[-50:], axis=0))
            if (number + 1) % self._rounds == 0:
                self._close_epoch(report, number // self._rounds + 1, np.mean(figures, axis=0))
                figures, batch = [], (number // self._rounds + 1) * batches
        return self._history

    def _progress(self, report: Report, batch: int, batches: int, eta_s: float, mean: NDArray[np.float32]) -> None:
        report(
            {
                "event": "progress",
                "epoch": min(self._epochs, batch // batches + 1),
                "epochs": self._epochs,
                "fraction": round(min(1.0, batch / (self._epochs * batches)), 4),
                "accuracy": round(float(mean[5]), 4),
                "loss": round(float(mean[0]), 4),
                "eta_s": round(eta_s, 1),
            }
        )

    def _close_epoch(self, report: Report, epoch: int, mean: NDArray[np.float32]) -> None:
        """Measure the averaged weights, report, and write down where the training is."""
        parts = [self._measure(self.validation[np.arange(i, i + BATCH)]) for i in range(0, len(self.validation), BATCH)]
        validated = np.mean(parts, axis=0)
        names = ("loss", "objectness", "box", "class", "ink", "accuracy")
        figures = {name: round(float(value), 5) for name, value in zip(names, mean, strict=True)}
        figures |= {f"validation_{name}": round(float(value), 5) for name, value in zip(names, validated, strict=True)}
        self._history.append(figures)
        report({"event": "epoch", "epoch": epoch, "epochs": self._epochs, **figures})
        arrays: dict[str, Any] = {
            f"{name}-{i}": np.asarray(value)
            for name, variables in self._variables().items()
            for i, value in enumerate(variables)
        }
        fresh = self.state.with_suffix(".new.npz")
        np.savez(fresh, epoch=epoch, history=json.dumps(self._history), **arrays)
        fresh.replace(self.state)

    def _variables(self) -> dict[str, list[Any]]:
        return {
            "network": self.network.variables,
            "averaged": self.averaged.variables,
            "optimizer": self._optimizer.variables,
        }

    def _restore(self) -> int:
        """Go back to where an earlier training of the same seed stopped; give how many epochs it had done."""
        if not self.state.exists():
            return 0
        with np.load(self.state, allow_pickle=False) as arrays:
            for name, variables in self._variables().items():
                for i, variable in enumerate(variables):
                    if variable.shape != arrays[f"{name}-{i}"].shape:
                        raise TrainingFailed(f"{self.state} is of another network; remove it and train again")
                    variable.assign(arrays[f"{name}-{i}"])
            self._history = json.loads(str(arrays["history"]))
            return int(arrays["epoch"])

    def _measure(self, scenes: Scenes) -> NDArray[np.float32]:
        answer = self.averaged(scenes.pictures[..., None] / np.float32(255), training=False)
        figures: NDArray[np.float32] = finder_loss(
            answer, scenes.boxes, scenes.labels, scenes.ink / np.float32(255)
        ).numpy()
        return figures

    def _step(self) -> Any:
        """Compile one step: learn from a batch, and let the averaged weights follow."""
        import tensorflow as tf

        network, optimizer = self.network, self._optimizer
        pairs = list(zip(self.averaged.variables, network.variables, strict=True))

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]  # TensorFlow ships no types
        def step(pictures: Any, boxes: Any, labels: Any, ink: Any, rate: Any) -> Any:
            optimizer.learning_rate.assign(rate)
            with tf.GradientTape() as tape:
                answer = network(pictures[..., None], training=True)
                figures = finder_loss(answer, boxes, labels, tf.cast(ink, tf.float32) / 255)
                loss = figures[0]
            optimizer.apply(tape.gradient(loss, network.trainable_weights), network.trainable_weights)
            # Early averages would hold the first random weights for long.
            count = tf.cast(optimizer.iterations, tf.float32)
            keep = tf.minimum(AVERAGE, (1 + count) / (20 + count))
            for average, variable in pairs:
                average.assign(average * keep + variable * (1 - keep))
            return figures

        return lambda *batch: step(*(tf.constant(part) for part in batch))


def _rate(epoch: float, epochs: int) -> np.float32:
    """Warm up over a third of an epoch, then fall as a cosine does."""
    if epoch < 0.3:
        return np.float32(PEAK_RATE * (epoch + 0.02) / 0.32)
    return np.float32(PEAK_RATE * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * min(1.0, epoch / epochs)))))


def _toned(pictures: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.float32]:
    """Other exposures of the same scenes, some as negatives: (B, H, W) float32 in 0..1."""
    gain = random.uniform(0.65, 1.1, (len(pictures), 1, 1)).astype(np.float32)
    shift = random.uniform(-0.1, 0.25, (len(pictures), 1, 1)).astype(np.float32)
    toned = np.clip(pictures / np.float32(255) * gain + shift * (random.random((len(pictures), 1, 1)) < 0.4), 0, 1)
    negative = random.random((len(pictures), 1, 1)) < 0.08
    return np.where(negative, 1 - toned, toned).astype(np.float32)
