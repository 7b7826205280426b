"""The recipe `signs`: a network that says what a thing is from what lies around it: a digit, a sign, other writing.

Its examples are cut out of scenes by `model.generate.windows`. Imports TensorFlow when it runs.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.generate.material import load_material
from model.generate.scenes import Scene, Studio
from model.generate.windows import windows
from model.generate.writing import OTHER
from model.idx import MD5
from model.quiet import quiet_native_code
from model.training.export_finder import export_checked, write_metrics
from model.training.progress import FitProgress, Report
from model.training.shards import shards
from model.training.train import Job
from model.window import CHANNELS, SIDE

SIGNS_RECIPE: Final = "signs"
SIGNS_FILE: Final = "signs.tflite"
SCENES: Final = 60_000
EPOCHS: Final = 4
BATCH: Final = 128
PEAK_RATE: Final = 2e-3
_ROWS: Final = 0.25  # of the scenes are single lines at full size, in one hand
_VALIDATION: Final = 0.04  # of the shards

Windows = tuple[NDArray[np.float16], NDArray[np.int64]]
"""(N, SIDE, SIDE, CHANNELS) and (N,): the examples, half as large as when they are learned from, and their labels."""


def train_signs(job: Job, report: Report) -> Path:
    """Train the network and export it with its metrics.json into the job's folder, which is given back.

    `job.digits` is how many scenes are made. Raises what `model.training.train.train` raises.
    """
    import keras

    now = datetime.now(UTC)
    folder = job.output or job.models / f"{SIGNS_RECIPE}-{job.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    epochs, scenes = job.epochs or EPOCHS, max(8, job.digits or SCENES)
    report({"event": "note", "message": f"making {scenes:,} scenes"})
    rows = round(_ROWS * scenes)
    validation, examples = [], []
    for make, count in ((Studio.row, rows), (Studio.scene, scenes - rows)):
        made = list(shards(_cut, make, job.seed, count, job.material))
        held_out = max(1, round(_VALIDATION * len(made)))
        validation += made[:held_out]
        examples += made[held_out:]
    (x, y), (other_x, other_y) = _joined(examples), _joined(validation)
    with quiet_native_code():
        keras.utils.set_random_seed(job.seed)
        network = build_signs()
    batches = len(x) // BATCH
    report({"event": "start", "recipe": SIGNS_RECIPE, "network": SIGNS_RECIPE, "parameters": network.count_params(),
            "epochs": epochs, "digits": len(x)})  # fmt: skip
    progress = FitProgress(report, epochs, batches)
    rate = keras.optimizers.schedules.CosineDecay(0.0, epochs * batches, warmup_target=PEAK_RATE, warmup_steps=300)
    network.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-4, use_ema=True, ema_momentum=0.998),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.02),
        metrics=["accuracy"],
    )
    classes = np.eye(OTHER + 1, dtype=np.float32)
    network.fit(
        _toned(x, classes[y], job.seed),
        steps_per_epoch=batches,
        epochs=epochs,
        shuffle=False,  # the batches come shuffled
        validation_data=(other_x.astype(np.float32), classes[other_y]),
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True), progress.callback()],
        verbose=0,
    )
    report({"event": "exporting"})
    with quiet_native_code():
        difference = export_checked(
            network, folder / SIGNS_FILE, other_x[:64].astype(np.float32), (1, SIDE, SIDE, CHANNELS)
        )
        answers = network.predict(other_x.astype(np.float32), verbose=0).argmax(axis=1)
    metrics = {
        "epochs": epochs,
        "batch_size": BATCH,
        "scenes": scenes,
        "windows": len(x),
        "history": progress.history,
        "per_class": {
            str(label): round(float((answers == label)[other_y == label].mean()), 4) for label in set(other_y.tolist())
        },
        "largest_difference": difference,
        "dataset": {"name": "MNIST", "md5": dict(MD5), "material": list(load_material(job.material).sources)},
    }
    write_metrics(folder / SIGNS_FILE, SIGNS_RECIPE, job, now, metrics)
    report({"event": "note", "message": f"{folder}: validation accuracy {progress.history[-1]['validation_accuracy']}"})
    return folder


def build_signs() -> Any:
    """Build the network: (N, SIDE, SIDE, CHANNELS) to (N, 23) probabilities of 0..9, the signs, other writing."""
    import keras

    layers = keras.layers
    stack = [keras.Input((SIDE, SIDE, CHANNELS))]
    for width, stride in ((24, 1), (24, 2), (40, 1), (40, 2), (64, 1), (96, 2)):
        stack += [
            layers.Conv2D(width, 3, stride, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.98),
            layers.ReLU(),
        ]
    stack += [layers.Conv2D(128, 4), layers.ReLU(), layers.Flatten(), layers.Dropout(0.2)]
    return keras.Sequential([*stack, layers.Dense(OTHER + 1, activation="softmax")], name="signs")


def _cut(scenes: Iterator[tuple[Scene, np.random.Generator]]) -> Windows:
    cut, labels = [], []
    for scene, random in scenes:
        for one, label in windows(scene, random):
            cut.append(one.astype(np.float16))
            labels.append(label)
    return np.array(cut), np.array(labels)


def _joined(parts: list[Windows]) -> Windows:
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def _toned(x: NDArray[np.float16], wanted: NDArray[np.float32], seed: int) -> Iterator[Any]:
    """Give batches without end, with more or less contrast and noise."""
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(x))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            batch = x[chosen].astype(np.float32)
            gain = random.uniform(0.8, 1.15, (BATCH, 1, 1)).astype(np.float32)
            grain = random.uniform(0, 0.06, (BATCH, 1, 1)).astype(np.float32)
            for channel in (0, 2):
                noise = random.standard_normal(batch.shape[:3], np.float32) * grain
                batch[..., channel] = batch[..., channel] * gain + noise
            yield batch, wanted[chosen]
