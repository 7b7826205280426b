"""Model versions on disk: what a version's folder holds, and whether it can be trusted.

A version is one folder, written whole by `model.training.train` and only read afterwards:

    model.keras     the network as Keras keeps it, without optimiser state: what training continues from
    model.tflite    the network as LiteRT runs it: (N, 28, 28, 1) float32 to (N, 10) probabilities
    layers.tflite   the same network with each stage as an output, named in the signature as in `Metrics.layers`
    judge.tflite    the judge, as LiteRT runs it  } where they are missing, as in versions of before,
    decision.json   see `model.decision`          } those that come with the package are meant
    *.png           charts of the training and of the test
    README.md       the model card, and
    DATA.md         the data card, see `model.card`, made of metrics.json; older versions have none
    metrics.json    figures, provenance and the sha256 of every file above
    model.sig       the signature over all the others, where a key is set, see `model.signature`

This module knows no TensorFlow and no LiteRT: the bot's process uses it.
"""

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from model.errors import ModelUnavailable
from model.gate import Comparison

SHIPPED: Final = Path(__file__).parent / "weights"
"""The version that comes with the package."""

KERAS, CLASSIFIER, LAYERS, METRICS = "model.keras", "model.tflite", "layers.tflite", "metrics.json"
JUDGE, DECISION = "judge.tflite", "decision.json"
CARD, DATA_CARD, SIGNATURE = "README.md", "DATA.md", "model.sig"


@dataclass(frozen=True, slots=True)
class Layer:
    """One output of layers.tflite: a layer of the network, or several that the converter fuses into one stage."""

    name: str  # its name in the signature
    kind: str  # Conv2D, MaxPooling2D, Dense …
    shape: tuple[int, ...]  # of one digit's output: (28, 28, 32), (64,)
    parts: tuple[str, ...]  # the names of the Keras layers in it, in order; one name when nothing is fused


@dataclass(frozen=True, slots=True)
class Metrics:
    """What metrics.json says about a version."""

    version: str
    recipe: str
    network: str
    parameters: int
    test_accuracy: float  # 0..1, on the 10,000 test digits
    test_loss: float  # mean categorical cross-entropy, natural logarithm
    validation_accuracy: float | None  # 0..1, on the 5,000 digits left out; None when the recipe leaves none out
    per_digit: Mapping[int, float]  # digit to its accuracy on the test set
    confusion: tuple[tuple[int, ...], ...]  # rows: the true digit, columns: the answer
    seed: int
    epochs: int
    batch_size: int
    corrections: int  # how many corrected digits were mixed in
    comparison: Comparison | None  # with the version that was served then; None when there was nothing to compare with
    date: str  # ISO 8601, UTC
    command: str  # the command line that made it
    dataset: Mapping[str, Any]
    libraries: Mapping[str, str]
    layers: tuple[Layer, ...]  # in the order of the network
    files: Mapping[str, str]  # name to sha256, of everything in the folder but metrics.json and the signature
    # How many corrections taught the classifier, the judge and the scorer; empty for a version that was not counted.
    taught: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Metrics":
        """Read metrics.json. Raises ValueError, KeyError or TypeError when it is not what `train` writes."""
        fields = dict(json.loads(text))
        files = {str(name): str(digest) for name, digest in dict(fields["files"]).items()}
        if any(Path(name).name != name for name in files):
            raise ValueError("a file outside the version's folder")
        return cls(
            version=str(fields["version"]),
            recipe=str(fields["recipe"]),
            network=str(fields["network"]),
            parameters=int(fields["parameters"]),
            test_accuracy=float(fields["test_accuracy"]),
            test_loss=float(fields["test_loss"]),
            validation_accuracy=None if fields["validation_accuracy"] is None else float(fields["validation_accuracy"]),
            per_digit={int(digit): float(accuracy) for digit, accuracy in dict(fields["per_digit"]).items()},
            confusion=tuple(tuple(int(count) for count in row) for row in fields["confusion"]),
            seed=int(fields["seed"]),
            epochs=int(fields["epochs"]),
            batch_size=int(fields["batch_size"]),
            corrections=int(fields["corrections"]),
            comparison=Comparison.from_json(fields["comparison"]) if fields.get("comparison") else None,
            date=str(fields["date"]),
            command=str(fields["command"]),
            dataset=dict(fields["dataset"]),
            libraries={str(name): str(release) for name, release in dict(fields["libraries"]).items()},
            layers=tuple(
                Layer(
                    name=str(layer["name"]),
                    kind=str(layer["kind"]),
                    shape=tuple(int(side) for side in layer["shape"]),
                    parts=tuple(str(part) for part in layer["parts"]),
                )
                for layer in fields["layers"]
            ),
            files=files,
            taught={str(name): int(count) for name, count in dict(fields.get("taught") or {}).items()},
        )


@dataclass(frozen=True, slots=True)
class Version:
    """A version whose files are all there and are the ones that its training wrote."""

    name: str
    folder: Path
    metrics: Metrics

    @property
    def keras_path(self) -> Path:
        """The Keras model, for continuing training."""
        return self.folder / KERAS

    @property
    def classifier_path(self) -> Path:
        """The LiteRT model that is served."""
        return self.folder / CLASSIFIER

    @property
    def layers_path(self) -> Path:
        """The LiteRT model with every stage as an output."""
        return self.folder / LAYERS

    @property
    def judge_path(self) -> Path | None:
        """Its own judge; None: that of the package."""
        return self.folder / JUDGE if JUDGE in self.metrics.files else None

    @property
    def decision_path(self) -> Path | None:
        """Its own decision; None: that of the package."""
        return self.folder / DECISION if DECISION in self.metrics.files else None

    @property
    def chart_paths(self) -> tuple[Path, ...]:
        """The charts, in the order of their names."""
        return tuple(self.folder / name for name in sorted(self.metrics.files) if name.endswith(".png"))


def open_version(folder: Path) -> Version:
    """Open the version in `folder` after checking every file against its sha256.

    Raises ModelUnavailable, which says in one line what is wrong and which command mends it.
    """
    if not folder.is_dir():
        raise _unavailable(folder, "there is no such folder")
    try:
        metrics = Metrics.from_json((folder / METRICS).read_bytes())
    except OSError as error:
        raise _unavailable(folder, f"{METRICS} can't be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _unavailable(folder, f"{METRICS} is damaged") from error
    for name in sorted({KERAS, CLASSIFIER, LAYERS} - metrics.files.keys()):
        raise _unavailable(folder, f"{METRICS} does not vouch for {name}")
    for name, digest in metrics.files.items():
        try:
            found = sha256(folder / name)
        except OSError as error:
            raise _unavailable(folder, f"{name} can't be read ({error.strerror})") from error
        if found != digest:
            raise _unavailable(folder, f"{name} is not the file that {METRICS} vouches for")
    return Version(metrics.version, folder, metrics)


def sha256(path: Path) -> str:
    """The sha256 of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def writing_version(folder: Path) -> Iterator[Path]:
    """Give a fresh folder to write a version's files in, which becomes `folder` when the block ends well.

    Until then `folder` is as it was; when the block raises, nothing of it is left. An older version in `folder` is
    replaced; FileExistsError when `folder` holds anything that is not of a version.
    """
    folder = folder.absolute()
    _refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the last step is a rename within one file system.
    # Named before it is made: whatever ends the process from here on, a signal too, leaves nothing of it.
    work = folder.parent / f".{folder.name}-{secrets.token_hex(4)}"
    try:
        fresh = work / "new"
        fresh.mkdir(parents=True)
        yield fresh
        _refuse_foreign(folder)
        older = work / "old"
        if folder.exists():
            folder.rename(older)
        try:
            fresh.rename(folder)
        except OSError:
            if older.exists():
                older.rename(folder)
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _refuse_foreign(folder: Path) -> None:
    """Raise FileExistsError unless `folder` is missing, empty or a version's own."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; choose a folder for the model")
    known = {KERAS, CLASSIFIER, LAYERS, JUDGE, DECISION, METRICS, CARD, DATA_CARD, SIGNATURE}
    foreign = sorted(path.name for path in folder.iterdir() if path.name not in known and path.suffix != ".png")
    if foreign:
        raise FileExistsError(f"{folder} holds other things ({foreign[0]}); choose an empty folder for the model")


def mending(folder: Path, recipe: str = "") -> str:
    """Name the command that mends the network in `folder`: what came with the package comes again, the rest is trained.

    `recipe` trains it; empty is what `python -m model train` takes by itself.
    """
    package = SHIPPED.parent
    if folder.absolute().parent != package:
        return f"python -m model train {f'--recipe {recipe} ' if recipe else ''}--output {folder}"
    if (package.parent / ".git").exists():
        return f"git checkout -- {package.name}/{folder.name}"
    return "pip install --force-reinstall --no-deps WHEEL, with a whole wheel of digit-bot"


def _unavailable(folder: Path, problem: str) -> ModelUnavailable:
    return ModelUnavailable(f"the model in {folder} can't be served: {problem}; mend it with: {mending(folder)}")
