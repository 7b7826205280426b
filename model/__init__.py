"""Everything that knows digits. The bot imports these names and nothing deeper.

reader = load_reader()
reading = reader.read(photo)        # bytes in, a Reading or an UnreadablePhoto out
"""

from pathlib import Path

import numpy as np

from model.classify import Classifier
from model.decode import upright
from model.errors import DatasetUnavailable, ModelError, ModelUnavailable, UnreadablePhoto, UnreadableReason
from model.gate import Comparison, Paired
from model.quiet import quiet_native_code
from model.reader import DigitReader
from model.reading import Bitmap, Box, Digit, Hint, Reading
from model.registry import SHIPPED, Metrics, Version, open_version

__all__ = [
    "SHIPPED",
    "Bitmap",
    "Box",
    "Comparison",
    "DatasetUnavailable",
    "Digit",
    "DigitReader",
    "Hint",
    "Metrics",
    "ModelError",
    "ModelUnavailable",
    "Paired",
    "Reading",
    "UnreadablePhoto",
    "UnreadableReason",
    "Version",
    "load_reader",
    "open_version",
    "upright",
]


def load_reader(folder: Path | None = None) -> DigitReader:
    """Load the version in `folder` (None: the one that comes with the repository), verified and warmed up.

    Raises ModelUnavailable, whose message names the command that mends it.
    """
    version = open_version(SHIPPED if folder is None else folder)
    with quiet_native_code():  # LiteRT greets each process on standard error
        classifier = Classifier(version.classifier_path)
        classifier.probabilities(np.zeros((1, 28, 28), np.float32))  # the first run of a LiteRT model is the slow one
    return DigitReader(classifier, version)
