"""What the classifier is trained on: MNIST's digits, a share of them drawn anew, corrections. Before `train`.

Crops of other things are among it, for the judge, which must go on refusing them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.blame import WIDTH
from model.decision import edition
from model.generate.crops import Cutter
from model.generate.letters import schooled
from model.generate.material import Material, load_material
from model.generate.pens import load_hand
from model.generate.redrawn import others, redrawn
from model.generate.scenes import with_others
from model.mnist import Mnist
from model.training.batches import Digits
from model.training.examples import Examples, read_examples
from model.training.progress import Report
from model.training.recipes import Recipe

_KEPT: Final = 2_000  # digits of each kind that the judge goes on judging as before, whatever it is taught
_OTHERS: Final = 2_000  # crops of other things, likewise: with 400, lies made it take things for digits
_TIMES: Final = 4  # other people's digits come so often among those that are redrawn: about half of them

_NO_DIGITS: Final = Digits.of(np.empty((0, 28, 28), np.float32), np.empty(0, int))


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """What a training learns from, beside corrections, and what it must not forget."""

    training: Digits
    validation: Digits | None  # None where the recipe validates on nothing
    drawn: Digits  # training digits drawn anew
    things: NDArray[np.float32]  # (N, 28, 28) crops of other things, drawn with the same pens
    sources: tuple[str, ...]  # the material's files that were there, for the metrics

    @property
    def kept(self) -> NDArray[np.float32]:
        """Crops of digits, (N, 28, 28), that the judge goes on judging as before."""
        return np.concatenate([self.training.x[:_KEPT, ..., 0], self.drawn.x[:_KEPT, ..., 0]])


def gather(
    recipe: Recipe, mnist: Mnist, material: Path | None, *, limit: int | None, seed: int, report: Report
) -> Gathered:
    """Gather what the recipe learns from: of MNIST the first `limit` digits, and of the folder `material`.

    The same seed draws the same.
    """
    # What redraws nothing learns from no other people's digits, and its metrics must not say so.
    loaded = load_material(material if recipe.redrawn else None)
    training, validation = _digits(recipe, mnist, limit)
    count = min(recipe.redrawn, limit or recipe.redrawn)
    if not count:
        return Gathered(training, validation, _NO_DIGITS, np.empty((0, 28, 28), np.float32), loaded.sources)
    report({"event": "note", "message": f"drawing {count:,} digits anew"})
    drawn, things = _drawn(mnist, loaded, count, seed)
    return Gathered(training, validation, drawn, things, loaded.sources)


def read_corrections(path: Path | None, report: Report) -> Examples:
    """Read the corrections in a file, if there is one; those judged by other features are reported.

    Raises TrainingFailed.
    """
    examples, left_out = read_examples(path, edition(), WIDTH)
    if left_out:
        report({"event": "note", "message": f"{left_out} corrections were judged by other features: left out"})
    return examples


def _digits(recipe: Recipe, mnist: Mnist, limit: int | None) -> tuple[Digits, Digits | None]:
    """Give the digits to train on and, where the recipe validates, those to validate on."""
    if not recipe.validates:
        return Digits.of(mnist.train_images[:limit], mnist.train_labels[:limit]), None
    (images, labels), held_out = mnist.split()
    return Digits.of(images[:limit], labels[:limit]), Digits.of(*held_out)


def _drawn(mnist: Mnist, material: Material, count: int, seed: int) -> tuple[Digits, NDArray[np.float32]]:
    """Draw the first `count` training digits anew with other pens, other people's among them, and other things."""
    images, labels = (part[:count] for part in mnist.split()[0])
    hand = load_hand(images, labels)
    if material:
        cutter = Cutter(with_others(schooled(hand), material, _TIMES), scans=material.scans)
        digits = cutter.digits(count, seed)
    else:
        digits = redrawn(hand, count, seed)
    return Digits.of(*digits), others(hand, min(count, _OTHERS))
