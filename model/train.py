"""Training: a recipe, MNIST and perhaps corrections in; a version's folder out.

Imports TensorFlow when it runs, so it runs in a process of its own: `python -m model train`.

The same seed gives the same first weights and the same digits in the same order. The result is not the same to the
last bit: TensorFlow adds up in the order in which its threads finish.
"""

import json
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version as release
from pathlib import Path
from typing import Any, Final

import numpy as np

from model.charts import draw_charts
from model.errors import ModelError
from model.evaluate import evaluate
from model.export import ExportDiffers, export
from model.idx import MD5
from model.mnist import Mnist, load_mnist
from model.progress import Report
from model.quiet import quiet_native_code
from model.recipes import RECIPES, Digits, Recipe, fit
from model.registry import CLASSIFIER, METRICS, Version, open_version, sha256, writing_version

LIBRARIES: Final = ("tensorflow", "keras", "ai-edge-litert", "numpy", "opencv-python-headless")


class TrainingFailed(ModelError):
    """The training could not be done. The message is one line and says what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """One training, as it was asked for; None means what the recipe says."""

    recipe: str = "seed"
    epochs: int | None = None
    batch_size: int | None = None
    seed: int = 0
    output: Path | None = None  # the version's folder; None: one named after the version in `models`
    models: Path = Path("data", "models")
    digits: int | None = None  # train on the first so many digits only
    corrections: Path | None = None  # npz: x (N, 28, 28) float32 in 0..1, y (N,) 0..9
    command: str = ""  # the command line, for the record


def train(job: Job, report: Report) -> Version:
    """Train, export, measure and write a version; `report` is told each event of `model.progress` but `error`.

    Nothing is left behind unless the version is whole. Raises DatasetUnavailable, TrainingFailed, OSError, or
    ImportError where the training side is not installed.
    """
    now = datetime.now(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-{job.recipe}-{job.seed}"
    output = job.output or job.models / name
    # Opened first: a folder that can't be written is better known now than after the training.
    with writing_version(output) as folder:
        corrections = _read_corrections(job.corrections)
        mnist = load_mnist(lambda line: report({"event": "note", "message": line}))
        with quiet_native_code():
            import tensorflow as tf
        try:
            metrics = _train_into(folder, job, mnist, corrections, report)
        except tf.errors.ResourceExhaustedError as error:
            raise TrainingFailed("TensorFlow ran out of memory or disk; free some and train again") from error
        except ExportDiffers as error:
            raise TrainingFailed(f"nothing was kept, the export was wrong: {error}") from error
        metrics |= {
            "version": name,
            "date": now.isoformat(timespec="seconds"),
            "files": {path.name: sha256(path) for path in sorted(folder.iterdir())},
        }
        (folder / METRICS).write_text(json.dumps(metrics, indent=1, sort_keys=True) + "\n")
    version = open_version(output)
    report(
        {
            "event": "done",
            "version": version.name,
            "folder": str(version.folder),
            "parameters": version.metrics.parameters,
            "test_accuracy": version.metrics.test_accuracy,
            "validation_accuracy": version.metrics.validation_accuracy,
        }
    )
    return version


def _train_into(folder: Path, job: Job, mnist: Mnist, corrections: Digits, report: Report) -> dict[str, Any]:
    """Train and write the models and charts into `folder`; give what metrics.json says of them."""
    recipe = RECIPES[job.recipe]
    epochs, batch_size = job.epochs or recipe.epochs, job.batch_size or recipe.batch_size
    training, validation = _digits(recipe, mnist, job.digits)
    fitted = fit(
        recipe,
        training + corrections,
        validation,
        epochs=epochs,
        batch_size=batch_size,
        seed=job.seed,
        report=report,
    )
    report({"event": "exporting"})
    with quiet_native_code():
        layers = export(fitted.network, folder, training.x[:256])
    held_out = evaluate(folder / CLASSIFIER, *mnist.split()[1], threads=2) if recipe.validates else None
    # Last, when everything is decided: the test accuracy is reported, nothing is chosen by it.
    test = evaluate(folder / CLASSIFIER, mnist.test_images, mnist.test_labels, threads=2)
    parameters = fitted.network.count_params()
    draw_charts(folder, f"recipe {job.recipe}, seed {job.seed}, {parameters:,} parameters", test, fitted.history)
    return {
        "recipe": job.recipe,
        "network": recipe.network,
        "parameters": parameters,
        "seed": job.seed,
        "start": fitted.start,  # another seed than the one asked for when that stopped on a bad step
        "epochs": epochs,
        "batch_size": batch_size,
        "corrections": len(corrections),
        "command": job.command,
        "dataset": {"name": "MNIST", "training_digits": len(training), "md5": dict(MD5)},
        "libraries": {library: release(library) for library in LIBRARIES},
        "layers": [asdict(layer) for layer in layers],
        "history": fitted.history,
        "test_accuracy": test.accuracy,
        "test_loss": test.loss,
        "validation_accuracy": held_out.accuracy if held_out else None,
        "per_digit": test.per_digit,
        "confusion": test.confusion,
    }


def _digits(recipe: Recipe, mnist: Mnist, limit: int | None) -> tuple[Digits, Digits | None]:
    """Give the digits to train on and, where the recipe validates, those to validate on."""
    if not recipe.validates:
        return Digits.of(mnist.train_images[:limit], mnist.train_labels[:limit]), None
    (images, labels), held_out = mnist.split()
    return Digits.of(images[:limit], labels[:limit]), Digits.of(*held_out)


def _read_corrections(path: Path | None) -> Digits:
    """Read the corrected digits; none when there is no file to read."""
    if path is None:
        return Digits.of(np.empty((0, 28, 28), np.float32), np.empty(0, int))
    try:
        with np.load(path, allow_pickle=False) as arrays:
            x, y = arrays["x"], arrays["y"]
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise TrainingFailed(f"{path} holds no corrections; it must be an npz file with x and y") from error
    good = x.shape == (len(y), 28, 28) and x.dtype == np.float32 and y.dtype.kind in "iu" and y.ndim == 1
    if not good or (len(y) and not (np.isin(y, range(10)).all() and ((x >= 0) & (x <= 1)).all())):
        raise TrainingFailed(f"{path} is wrong; x must be (N, 28, 28) float32 in 0..1, y N whole numbers in 0..9")
    return Digits.of(x, y)
