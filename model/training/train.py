"""Training: a recipe, MNIST and perhaps corrections in; a version's folder out.

Imports TensorFlow when it runs, so it runs in a process of its own: `python -m model train`.

The same seed, corrections and served version give the same weights, to the bit, on one machine with the same libraries:
TensorFlow is told to add up in one order, whichever of its threads finishes first.
"""

import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version as release
from pathlib import Path
from typing import Any, Final

from model.blame import blames
from model.decision import decision_of, judge_of
from model.evaluate import evaluate
from model.generate.whole import COUNT
from model.idx import MD5
from model.mnist import Mnist, load_mnist
from model.parts import JUDGE as SHIPPED_JUDGE
from model.parts import verified
from model.quiet import quiet_native_code
from model.record import record
from model.registry import CLASSIFIER, DECISION, JUDGE, SHIPPED, Version, open_version, writing_version
from model.signature import Signer
from model.training.charts import draw_charts
from model.training.compare import compare
from model.training.examples import Examples, TrainingFailed
from model.training.export import ExportDiffers, export
from model.training.gather import Gathered, gather, read_corrections
from model.training.progress import Report
from model.training.recipes import RECIPES, fit
from model.training.teach import teach
from model.training.told_apart import COUNT as THINGS

LIBRARIES: Final = ("tensorflow", "keras", "ai-edge-litert", "numpy", "opencv-python-headless")
_FEW: Final = 12  # whole photos that a short training is compared on, and five times as many single things


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
    held_back: Path | None = None  # likewise: corrections that are not learned from, to compare on
    served: Path | None = None  # the version to compare with, and to continue; None: no comparison, the shipped one
    signing_key: Path | None = None  # the private key to sign the version with; None: it is not signed
    material: Path | None = None  # a folder of other people's handwriting and photos, see model.generate.material
    command: str = ""  # the command line, for the record


def train(job: Job, report: Report) -> Version:
    """Train, export, measure and write a version; `report` is told each event of `model.training.progress` but `error`.

    Nothing is left behind unless the version is whole. Raises DatasetUnavailable, TrainingFailed, KeyUnusable, OSError,
    or ImportError where the training side is not installed.
    """
    signer = Signer(job.signing_key) if job.signing_key else None
    recipe, now = RECIPES[job.recipe], datetime.now(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-{job.recipe}-{job.seed}"
    output = job.output or job.models / name
    # Opened first: a folder that can't be written is better known now than after the training.
    with writing_version(output) as folder:
        corrections, held_back = (read_corrections(path, report) for path in (job.corrections, job.held_back))
        served = open_version(job.served or SHIPPED) if job.served or recipe.network is None else None
        mnist = load_mnist(lambda line: report({"event": "note", "message": line}))
        with quiet_native_code():
            import tensorflow as tf
        try:
            gathered = gather(recipe, mnist, job.material, limit=job.digits, seed=job.seed, report=report)
            metrics = _Training(job, mnist, gathered, corrections, served, report).into(folder)
        except tf.errors.ResourceExhaustedError as error:
            raise TrainingFailed("TensorFlow ran out of memory or disk; free some and train again") from error
        except ExportDiffers as error:
            raise TrainingFailed(f"nothing was kept, the export was wrong: {error}") from error
        metrics |= {"version": name, "date": now.isoformat(timespec="seconds")}
        if job.served and served:  # read as it will be served: from its folder, with its figures
            record(folder, metrics)
            held_out, is_judged = mnist.split()[1], recipe.validates
            with quiet_native_code():
                comparison = compare(
                    served,
                    open_version(folder),
                    held_out,
                    held_back.digits,
                    is_judged=is_judged,
                    count=COUNT if job.digits is None else _FEW,
                    single=THINGS if job.digits is None else 5 * _FEW,
                )
            metrics["comparison"] = comparison.to_json()
        record(folder, metrics, signer)
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


@dataclass(frozen=True, slots=True)
class _Training:
    """A job with everything that it needs at hand."""

    job: Job
    mnist: Mnist
    gathered: Gathered
    corrections: Examples
    served: Version | None
    report: Report

    def into(self, folder: Path) -> dict[str, Any]:
        """Train and write the models and charts into `folder`; give what metrics.json says of them."""
        job, gathered, recipe = self.job, self.gathered, RECIPES[self.job.recipe]
        epochs, batch_size = job.epochs or recipe.epochs, job.batch_size or recipe.batch_size
        self._decide(folder)
        fitted = fit(
            recipe,
            gathered.training,
            gathered.drawn,
            self.corrections.digits,
            # A short training would spend half its time on it.
            gathered.validation if recipe.network else None,
            base=self.served.keras_path if self.served else None,
            epochs=epochs,
            batch_size=batch_size,
            seed=job.seed,
            report=self.report,
        )
        self.report({"event": "exporting"})
        with quiet_native_code():
            layers = export(fitted.network, folder, gathered.training.x[:256])
        # A network that goes on from one that saw the validation digits has seen them too.
        unseen = recipe.validates and (recipe.network or (self.served and self.served.metrics.validation_accuracy))
        held_out = evaluate(folder / CLASSIFIER, *self.mnist.split()[1], threads=2) if unseen else None
        # The test accuracy is reported, nothing is chosen by it.
        test = evaluate(folder / CLASSIFIER, self.mnist.test_images, self.mnist.test_labels, threads=2)
        parameters = fitted.network.count_params()
        draw_charts(folder, f"recipe {job.recipe}, seed {job.seed}, {parameters:,} parameters", test, fitted.history)
        return {
            "recipe": job.recipe,
            "network": recipe.network or (self.served.metrics.network if self.served else None),
            "parameters": parameters,
            "seed": job.seed,
            "deterministic": True,  # the same again gives the same weights; of older versions nobody knows
            "start": fitted.start,  # another seed than the one asked for when that stopped on a bad step
            "epochs": epochs,
            "batch_size": batch_size,
            "corrections": len(self.corrections),
            "taught": self._taught(),
            "command": job.command,
            "dataset": {
                "name": "MNIST",
                "training_digits": len(gathered.training),
                "md5": dict(MD5),
                "material": list(gathered.sources),
            },
            "redrawn": len(gathered.drawn),
            "libraries": {library: release(library) for library in LIBRARIES},
            "layers": [asdict(layer) for layer in layers],
            "history": fitted.history,
            "continued": None if recipe.network or not self.served else self.served.name,
            "comparison": None,  # it is compared when it is whole
            "test_accuracy": test.accuracy,
            "test_loss": test.loss,
            "validation_accuracy": held_out.accuracy if held_out else None,
            "per_digit": test.per_digit,
            "confusion": test.confusion,
        }

    def _decide(self, folder: Path) -> None:
        """Write the judge and the decision of the version: the served one's, or what the corrections made of it."""
        served = self.served or open_version(SHIPPED)
        decision = decision_of(served)
        shutil.copyfile(served.judge_path or verified(SHIPPED_JUDGE), folder / JUDGE)
        if RECIPES[self.job.recipe].redrawn:
            with quiet_native_code():
                judge = judge_of(served, decision)
                decision = teach(self.corrections, self.gathered.kept, self.gathered.things, judge, decision)
        (folder / DECISION).write_text(decision.to_json())

    def _taught(self) -> dict[str, int]:
        """Count how many corrections teach whom."""
        decision = decision_of(self.served or open_version(SHIPPED))
        taught = blames(self.corrections.said, self.corrections.y, self.corrections.features, decision)
        return {"classifier": taught.classifier, "judge": taught.judge, "scorer": taught.scorer}
