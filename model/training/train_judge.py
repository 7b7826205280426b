"""The recipe `judge`: a network that tells crops of digits from crops of letters and other things.

A class of its own in the classifier cost the classifier accuracy, so refusing is a network of its own.
Imports TensorFlow when it runs.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.crops import Cutter, strays
from model.generate.letters import letters, schooled
from model.generate.material import load_material
from model.generate.pens import load_hand
from model.generate.scenes import with_others
from model.idx import MD5
from model.mnist import load_mnist
from model.quiet import quiet_native_code
from model.training.augment import augment
from model.training.export_finder import export_checked, write_metrics
from model.training.progress import FitProgress, Report
from model.training.train import Job

JUDGE_RECIPE: Final = "judge"
JUDGE: Final = "judge.tflite"
CROPS: Final = 300_000  # half of them digits
EPOCHS: Final = 7
BATCH: Final = 128
PEAK_RATE: Final = 2e-3
# Some people's 6 is another one's b or delta: refusing a digit is worse than reading a letter.
_LIKE_DIGITS: Final = frozenset(["delta", "sigma", "amp", "dollar", *"bgqGδσ&$"])
_SIGNS: Final = "+*=%"  # what nobody takes for a digit, alone
_WIDTHS: Final = (20, 20, 40, 40, 64)  # of the convolutions; pooled after the second and the fourth

Batches = Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]


def train_judge(job: Job, report: Report) -> Path:
    """Train the judge and export it with its metrics.json into the job's folder, which is given back.

    `job.digits` is how many crops are made. Raises what `model.training.train.train` raises.
    """
    import keras

    now = datetime.now(UTC)
    folder = job.output or job.models / f"{JUDGE_RECIPE}-{job.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    epochs, count = job.epochs or EPOCHS, job.digits or CROPS
    (images, labels), _ = load_mnist(lambda line: report({"event": "note", "message": line})).split()
    material = load_material(job.material)
    others = letters(but=_LIKE_DIGITS)
    signs = tuple(glyph for sign in _SIGNS for glyph in material.signs.get(sign, ()))
    others *= max(1, round(len(material.letters) / len(others)))  # as many of each kind
    cutter = Cutter(
        with_others(schooled(load_hand(images, labels)), material),
        others + material.letters + signs,
        material.scans,
        strays(material.photos),
    )
    crops, is_digit = _make(cutter, count, job.seed)
    held_out = max(1, count // 12)
    with quiet_native_code():
        keras.utils.set_random_seed(job.seed)
        network = build_judge()
    batches = (count - held_out) // BATCH
    report({"event": "start", "recipe": JUDGE_RECIPE, "network": JUDGE_RECIPE, "parameters": network.count_params(),
            "epochs": epochs, "digits": count})  # fmt: skip
    progress = FitProgress(report, epochs, batches)
    rate = keras.optimizers.schedules.CosineDecay(0.0, epochs * batches, warmup_target=PEAK_RATE, warmup_steps=200)
    network.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-4, use_ema=True, ema_momentum=0.998),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.02),
        metrics=["accuracy"],
    )
    network.fit(
        _augmented(crops[held_out:], is_digit[held_out:], job.seed),
        steps_per_epoch=batches,
        epochs=epochs,
        validation_data=(crops[:held_out, ..., None], is_digit[:held_out]),
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True), progress.callback()],
        verbose=0,
    )
    report({"event": "exporting"})
    with quiet_native_code():
        difference = export_judge(network, folder / JUDGE, crops[:64, ..., None])
    metrics = {
        "parameters": network.count_params(),
        "epochs": epochs,
        "batch_size": BATCH,
        "crops": count,
        "history": progress.history,
        "largest_difference": difference,
        "dataset": {
            "name": "MNIST",
            "training_digits": len(images),
            "md5": dict(MD5),
            "material": list(material.sources),
        },
    }
    write_metrics(folder / JUDGE, JUDGE_RECIPE, job, now, metrics)
    report({"event": "note", "message": f"{folder}: validation accuracy {progress.history[-1]['validation_accuracy']}"})
    return folder


def build_judge() -> Any:
    """Build the network: (N, 28, 28, 1) in 0..1 to (N, 1), the probability of a digit."""
    import keras

    layers = keras.layers
    stack = [keras.Input((28, 28, 1))]
    for place, width in enumerate(_WIDTHS):
        stack += [layers.Conv2D(width, 3, padding="same", use_bias=False), layers.BatchNormalization(), layers.ReLU()]
        if place in {1, 3}:
            stack.append(layers.MaxPooling2D())
    stack += [layers.Conv2D(64, 7), layers.ReLU(), layers.Flatten(), layers.Dropout(0.2)]
    return keras.Sequential([*stack, layers.Dense(1, activation="sigmoid")], name="judge")


def export_judge(network: Any, path: Path, pictures: NDArray[np.float32]) -> float:
    """Write the network as a LiteRT file whose outputs are the answer and what the last layer sees of a crop.

    As `export_checked` does, and with what it gives and raises.
    """
    import keras

    seen = keras.Model(
        network.inputs, network.layers[-2].input
    )  # the layer before the last only drops some in training
    return export_checked(network, path, pictures, (1, 28, 28, 1), {"features": seen})


def _make(cutter: Cutter, count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Make (N, 28, 28) crops, every second one a digit, and (N, 1) whether they are."""
    cv2.setNumThreads(1)
    random = np.random.default_rng(seed)
    crops = np.empty((count, 28, 28), np.float32)
    for row in range(count):
        crops[row] = cutter.other(random) if row % 2 else cutter.digit(random)[0]
    return crops, (1 - np.arange(count, dtype=np.float32) % 2)[:, None]


def _augmented(crops: NDArray[np.float32], is_digit: NDArray[np.float32], seed: int) -> Batches:
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(crops))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            yield augment(crops[chosen], random)[..., None], is_digit[chosen]
