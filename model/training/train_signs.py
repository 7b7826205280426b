"""The recipe `signs`: a network that says what a thing is from what lies around it: a digit, a sign, other writing.

Its examples are cut out of scenes: what was written there, boxes that hold half a digit or two, and what the classical
road takes for a digit where there is none. Imports TensorFlow when it runs.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as release
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.beside import beside
from model.boxes import in_lines, overlaps
from model.find import find_digits
from model.generate.material import load_material
from model.generate.scenes import Scene, Studio, load_studio
from model.generate.surfaces import SIDE as SCENE
from model.generate.writing import OTHER, UNSURE
from model.idx import MD5
from model.quiet import quiet_native_code
from model.reading import Box
from model.registry import METRICS, sha256
from model.training.export_finder import export_checked
from model.training.progress import FitProgress, Report
from model.training.train import LIBRARIES, Job
from model.window import CHANNELS, SIDE, window

SIGNS_RECIPE: Final = "signs"
SIGNS_FILE: Final = "signs.tflite"
SCENES: Final = 20_000
EPOCHS: Final = 6
BATCH: Final = 128
PEAK_RATE: Final = 2e-3
_SHARD: Final = 500  # scenes made at a time
_VALIDATION: Final = 0.06  # of the shards
_MOST: Final = 4  # digits, and as much other writing, of one scene; signs are rarer
_SMALLEST: Final = 3.0  # pixels
_MOST_BESIDE: Final = 6  # of what is found beside the digits of a line
_KEPT: Final = 0.5  # of those that are nothing
_MISSED: Final = 0.25  # intersection over union with anything written: less is something else
_FOUND: Final = 0.45  # likewise: more is what is written there

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
    epochs, scenes = job.epochs or EPOCHS, job.digits or SCENES
    report({"event": "note", "message": f"making {scenes:,} scenes"})
    shards = list(_shards(job.seed, max(2, scenes // _SHARD), job.material))
    held_out = max(1, round(_VALIDATION * len(shards)))
    (x, y), (other_x, other_y) = (_joined(part) for part in (shards[held_out:], shards[:held_out]))
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
        callbacks=[
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            keras.callbacks.LambdaCallback(
                on_epoch_begin=progress.on_epoch_begin,
                on_epoch_end=progress.on_epoch_end,
                on_train_batch_end=progress.on_batch_end,
            ),
        ],
        verbose=0,
    )
    report({"event": "exporting"})
    with quiet_native_code():
        difference = export_checked(
            network, folder / SIGNS_FILE, other_x[:64].astype(np.float32), (1, SIDE, SIDE, CHANNELS)
        )
        answers = network.predict(other_x.astype(np.float32), verbose=0).argmax(axis=1)
    metrics = {
        "version": f"{now:%Y%m%d-%H%M%S}-{SIGNS_RECIPE}-{job.seed}",
        "recipe": SIGNS_RECIPE,
        "seed": job.seed,
        "epochs": epochs,
        "batch_size": BATCH,
        "scenes": scenes,
        "windows": len(x),
        "history": progress.history,
        "per_class": {
            str(label): round(float((answers == label)[other_y == label].mean()), 4) for label in set(other_y.tolist())
        },
        "largest_difference": difference,
        "command": job.command,
        "dataset": {"name": "MNIST", "md5": dict(MD5), "material": list(load_material(job.material).sources)},
        "libraries": {library: release(library) for library in LIBRARIES},
        "date": now.isoformat(timespec="seconds"),
        "files": {SIGNS_FILE: sha256(folder / SIGNS_FILE)},
    }
    (folder / METRICS).write_text(json.dumps(metrics, indent=1, sort_keys=True) + "\n")
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


def windows(scene: Scene, random: np.random.Generator) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Cut examples out of a scene, each with its label: 0..9, those of the signs, OTHER."""
    known = scene.labels != UNSURE
    boxes, labels = scene.boxes[known], scene.labels[known]
    large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) >= _SMALLEST
    boxes, labels = boxes[large], labels[large]
    digits = random.permutation(np.flatnonzero(labels < 10))
    usual = float(np.median(boxes[digits, 3] - boxes[digits, 1])) if len(digits) else 0.0
    signs, others = np.flatnonzero((labels >= 10) & (labels < OTHER)), np.flatnonzero(labels == OTHER)
    for place in [*digits[:_MOST], *signs[:10], *random.permutation(others)[:_MOST]]:
        # Large signs are met as things that may be digits, whose line is not known yet.
        yield _example(scene, boxes[place], int(labels[place]), usual * (random.random() < 0.5), random)
    for place in digits[: int(random.integers(3))]:
        yield window(scene.picture, _cut(boxes[place], boxes[digits], random)), OTHER
    if len(digits):
        yield from _beside(scene, boxes[digits], random)
    if not len(digits) or random.random() < 0.2:
        found = [one.box for line in find_digits(scene.picture) for one in line]
        if found:
            chosen = np.array(found, np.float32)[random.permutation(len(found))[:4]]
            for box in chosen[_overlap(chosen, scene.boxes) < _MISSED]:
                yield _example(scene, box, OTHER, 0.0, random)
        if not len(digits):
            low = random.uniform(0, SCENE - 12, 2)
            high = low + np.exp(random.uniform(np.log(8), np.log(120), 2))
            yield window(scene.picture, _whole(np.concatenate([low, high]))), OTHER


def _example(
    scene: Scene, box: NDArray[np.float32], label: int, usual: float, random: np.random.Generator
) -> tuple[NDArray[np.float32], int]:
    return window(scene.picture, _jittered(box, random), usual), label


def _beside(
    scene: Scene, digits: NDArray[np.float32], random: np.random.Generator
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """Cut out what is found beside the digits, as reading finds it: signs, and what is none."""
    places = [_Place(_jittered(box, random)) for box in digits]
    for line in in_lines(places):
        boxes = [place.box for place in line]
        usual = float(np.median([box.bottom - box.top for box in boxes]))
        found = beside(scene.picture, boxes) if usual >= _SMALLEST else []
        if found:
            same = overlaps(np.array(found, np.float32), scene.boxes)  # (N, written)
            best = same.argmax(axis=1)
            for place in random.permutation(len(found))[:_MOST_BESIDE]:
                label = int(scene.labels[best[place]])
                if same[place, best[place]] < _FOUND:
                    label = OTHER
                if label != UNSURE and (label != OTHER or random.random() < _KEPT):
                    yield window(scene.picture, found[place], usual), label


@dataclass(frozen=True, slots=True)
class _Place:
    box: Box


def _overlap(boxes: NDArray[np.float32], written: NDArray[np.float32]) -> NDArray[np.float32]:
    """The most that each box has in common with anything written."""
    return np.asarray(overlaps(boxes, written).max(axis=1, initial=0), np.float32)


def _jittered(box: NDArray[np.float32], random: np.random.Generator) -> Box:
    """The box as a finder would have it: a little off."""
    size = float((box[2:] - box[:2]).max())
    return _whole(box + random.normal(0, 0.035, 4) * size)


def _cut(box: NDArray[np.float32], others: NDArray[np.float32], random: np.random.Generator) -> Box:
    """A box that holds half of a digit, or a digit and the next one."""
    near = others[np.abs(others[:, 0] - box[2]) < 0.5 * (box[3] - box[1])]
    if len(near) and random.random() < 0.5:
        both = np.stack([box, near[0]])
        return _whole(np.concatenate([both[:, :2].min(axis=0), both[:, 2:].max(axis=0)]))
    part, axis = box.copy(), int(random.random() < 0.5)
    lost = random.uniform(0.4, 0.6) * (box[axis + 2] - box[axis])
    if random.random() < 0.5:
        part[axis] += lost
    else:
        part[axis + 2] -= lost
    return _whole(part)


def _whole(box: NDArray[Any]) -> Box:
    left, top = (int(side) for side in np.floor(np.clip(box[:2], 0, SCENE - 2)))
    right, bottom = (int(side) for side in np.ceil(np.clip(box[2:], 0, SCENE)))
    return Box(left, top, max(left + 1, right), max(top + 1, bottom))


def _make(seed: int, shard: int) -> Windows:
    cut, labels = [], []
    for number in range(_SHARD):
        random = np.random.default_rng([seed, shard, number])
        for one, label in windows(_studio[0].scene(random), random):
            cut.append(one.astype(np.float16))
            labels.append(label)
    return np.array(cut), np.array(labels)


def _shards(seed: int, count: int, material: Path | None) -> Iterator[Windows]:
    # Fresh processes, not copies: TensorFlow's threads do not survive a fork.
    context = get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context, initializer=_open, initargs=(material,)) as makers:
        yield from makers.map(_make, [seed] * count, range(count))


_studio: list[Studio] = []


def _open(material: Path | None) -> None:
    cv2.setNumThreads(1)
    _studio[:] = [load_studio(material)]


def _joined(shards: list[Windows]) -> Windows:
    return np.concatenate([x for x, _ in shards]), np.concatenate([y for _, y in shards])


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
