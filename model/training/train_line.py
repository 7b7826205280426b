"""The recipe `line`: a network that reads a whole line of digits and signs at once.

Its lines are cut out of scenes by `model.generate.strips`. Imports TensorFlow when it runs.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.ctc import spelled
from model.generate.material import load_material
from model.generate.scenes import Scene, Studio
from model.generate.strips import strips
from model.idx import MD5
from model.line import LABELS, STEP
from model.quiet import quiet_native_code
from model.strip import HEIGHT, WIDTHS
from model.training.export_finder import export_checked, write_metrics
from model.training.progress import FitProgress, Report
from model.training.shards import shards
from model.training.train import Job

LINE_RECIPE: Final = "line"
LINE_FILE: Final = "line.tflite"
PICTURES: Final = 600_000  # about 700,000 lines
EPOCHS: Final = 2
_ROWS: Final = 2 / 3  # of the pictures are one line of writing, the others scenes
BATCH: Final = 8_192  # pixels of width in a batch: 64 strips of 128
PEAK_RATE: Final = 2e-3
_APART: Final = (1, 1, 1, 3, 6)  # columns between those that each residual layer sees: a slash is told by a far 1
_VALIDATION: Final = 0.02  # of the shards

Line = tuple[NDArray[np.uint8], tuple[int, ...]]
"""A strip, 0..255 for -0.5..1.5, (HEIGHT, one of WIDTHS), and its labels."""


def train_line(job: Job, report: Report) -> Path:
    """Train the network and export it with its metrics.json into the job's folder, which is given back.

    `job.digits` is how many pictures are made. Raises what `model.training.train.train` raises.
    """
    import keras
    import tensorflow as tf

    now = datetime.now(UTC)
    folder = job.output or job.models / f"{LINE_RECIPE}-{job.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    epochs, pictures = job.epochs or EPOCHS, max(6, job.digits or PICTURES)
    report({"event": "note", "message": f"making {pictures:,} pictures"})
    rows = round(_ROWS * pictures)
    validation, lines = [], []
    for make, count in ((Studio.row, rows), (Studio.lined, pictures - rows)):
        made = list(shards(_cut, make, job.seed, count, job.material))
        held_out = max(1, round(_VALIDATION * len(made)))
        validation += [line for part in made[:held_out] for line in part]
        lines += [line for part in made[held_out:] for line in part]
    with quiet_native_code():
        keras.utils.set_random_seed(job.seed)
        network = build_line()
    batches = sum(1 for _ in _batches(lines, np.random.default_rng(0)))
    report({"event": "start", "recipe": LINE_RECIPE, "network": LINE_RECIPE, "parameters": network.count_params(),
            "epochs": epochs, "digits": len(lines)})  # fmt: skip
    progress = FitProgress(report, epochs, batches)
    rate = keras.optimizers.schedules.CosineDecay(0.0, epochs * batches, warmup_target=PEAK_RATE, warmup_steps=150)
    network.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-4, clipnorm=5.0, use_ema=True, ema_momentum=0.998),
        loss=_loss,
        jit_compile=False,  # XLA knows no CTC
    )
    shapes = (tf.TensorSpec((None, HEIGHT, None, 1)), tf.TensorSpec((None, None), tf.int32))
    network.fit(
        tf.data.Dataset.from_generator(lambda: _toned(lines, job.seed), output_signature=shapes),
        steps_per_epoch=batches,
        epochs=epochs,
        shuffle=False,  # the batches come shuffled
        callbacks=[keras.callbacks.SwapEMAWeights(swap_on_epoch=True), progress.callback()],
        verbose=0,
    )
    report({"event": "exporting"})
    sample = np.zeros((8, HEIGHT, WIDTHS[0], 1), np.float32)
    sample[:4] = np.random.default_rng(job.seed).random(sample[:4].shape)
    with quiet_native_code():
        difference = export_checked(network, folder / LINE_FILE, sample, (1, HEIGHT, None, 1))
        right = _measure(network, validation)
    metrics = {
        "parameters": network.count_params(),
        "epochs": epochs,
        "pictures": pictures,
        "lines": len(lines),
        "history": progress.history,
        "validation": right,
        "largest_difference": difference,
        "dataset": {"name": "MNIST", "md5": dict(MD5), "material": list(load_material(job.material).sources)},
    }
    write_metrics(folder / LINE_FILE, LINE_RECIPE, job, now, metrics)
    report({"event": "note", "message": f"{folder}: {right}"})
    return folder


def build_line() -> Any:
    """Build the network: (N, HEIGHT, W, 1) to (N, 1, W / STEP, LABELS) log-odds of the labels and, last, of none."""
    import keras

    layers = keras.layers

    def convolved(x: Any, width: int, size: Any = 3, step: Any = 1, **how: Any) -> Any:
        how = {"padding": "same", "use_bias": False, "kernel_initializer": "he_normal", **how}
        x = layers.Conv2D(width, size, step, **how)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.98, epsilon=1e-3)(x))

    strip = keras.Input((HEIGHT, None, 1))
    x = convolved(strip, 20, step=STEP)
    x = convolved(convolved(x, 32), 40, step=(2, 1))
    x = convolved(convolved(x, 48), 64, step=(2, 1))
    # From here on there is one row: what stands at each place, then what stands around it.
    x = convolved(layers.ZeroPadding2D(((0, 0), (1, 1)))(x), 96, (4, 3), padding="valid")
    x = convolved(x, 128, (1, 5))
    for apart in _APART:
        x = layers.Add()([x, convolved(x, 128, (1, 5), dilation_rate=(1, apart))])
    return keras.Model(strip, layers.Conv2D(LABELS, 1)(layers.Dropout(0.1)(x)), name="line")


def _loss(wanted: Any, answer: Any) -> Any:
    """Connectionist temporal classification; `wanted` is (N, M), each row's labels and then -1."""
    import tensorflow as tf

    places = tf.where(wanted >= 0)
    labels = tf.SparseTensor(places, tf.cast(tf.gather_nd(wanted, places), tf.int32), tf.shape(wanted, tf.int64))
    odds = tf.transpose(answer[:, 0], [1, 0, 2])
    length = tf.fill([tf.shape(odds)[1]], tf.shape(odds)[0])
    return tf.nn.ctc_loss(labels, odds, None, length, blank_index=LABELS - 1)


def _cut(scenes: Iterator[tuple[Scene, np.random.Generator]]) -> list[Line]:
    found = []
    for scene, random in scenes:
        for one, labels in strips(scene, random):
            room = len(labels) + sum(a == b for a, b in pairwise(labels))
            if labels and room <= one.picture.shape[1] // STEP:
                found.append((np.clip((one.picture + 0.5) * 127.5, 0, 255).astype(np.uint8), labels))
    return found


def _batches(lines: list[Line], random: np.random.Generator) -> Iterator[list[Line]]:
    """Give every line once, those of one width together, in any order; what fills no batch is left out."""
    found = []
    for width in WIDTHS:
        alike = [line for line in lines if line[0].shape[1] == width]
        size = min(64, BATCH // width, max(1, len(alike)))
        order = random.permutation(len(alike))
        found += [[alike[i] for i in order[at : at + size]] for at in range(0, len(alike) - size + 1, size)]
    for place in random.permutation(len(found)):
        yield found[place]


def _toned(lines: list[Line], seed: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int32]]]:
    """Give batches without end, with more or less contrast and noise, a pixel higher or lower."""
    random = np.random.default_rng(seed)
    while True:
        for batch in _batches(lines, random):
            x = np.stack([picture for picture, _ in batch]).astype(np.float32) / np.float32(127.5) - np.float32(0.5)
            gain = random.uniform(0.75, 1.2, (len(x), 1, 1)).astype(np.float32)
            grain = random.uniform(0, 0.08, (len(x), 1, 1)).astype(np.float32)
            x = np.roll(x * gain + random.standard_normal(x.shape, np.float32) * grain, random.integers(-1, 2), axis=1)
            wanted = np.full((len(x), max(len(labels) for _, labels in batch)), -1, np.int32)
            for row, (_, labels) in zip(wanted, batch, strict=True):
                row[: len(labels)] = labels
            yield x[..., None], wanted


def _measure(network: Any, lines: list[Line]) -> dict[str, float]:
    """Give the share of lines that are read exactly, and that of lines whose digits are."""
    exact = digits = count = 0
    for batch in _batches(lines, np.random.default_rng(0)):
        x = np.stack([picture for picture, _ in batch]).astype(np.float32) / np.float32(127.5) - np.float32(0.5)
        for answer, (_, labels) in zip(network(x[..., None], training=False).numpy()[:, 0], batch, strict=True):
            read = spelled(answer)
            count += 1
            exact += read == labels
            digits += [label for label in read if label < 10] == [label for label in labels if label < 10]
    return {"lines": count, "exact": round(exact / max(1, count), 4), "digits": round(digits / max(1, count), 4)}
