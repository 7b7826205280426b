"""Everything that knows digits. The bot imports these names and nothing deeper.

reader = load_reader()
reading = reader.read(photo)        # bytes in, a Reading or an UnreadablePhoto out
"""

from pathlib import Path

from model.blame import Blames
from model.classify import Classifier
from model.crop_reader import CropReader, Opinion
from model.decision import decision_of, edition, judge_path
from model.decode import upright
from model.detect import Finder
from model.errors import DatasetUnavailable, ModelError, ModelUnavailable, UnreadablePhoto, UnreadableReason
from model.gate import CALIBRATION, LARGEST, SLOWER, Change, Comparison, Paired
from model.judge import Judge
from model.layers import Layers
from model.line import LineReader
from model.page import PageReader
from model.parts import FINDER, LINE, SIGNS, verified
from model.quiet import quiet_native_code
from model.reader import DigitReader
from model.reading import Bitmap, Box, Digit, Hint, Reading
from model.registry import SHIPPED, SIGNATURE, Layer, Metrics, Version, open_version, writing_version
from model.scorer import Scorer, opinions
from model.signature import KeyUnusable, Signer, Verifier
from model.signs import SignClassifier
from model.why import Why

__all__ = [
    "CALIBRATION",
    "LARGEST",
    "SHIPPED",
    "SIGNATURE",
    "SLOWER",
    "Bitmap",
    "Blames",
    "Box",
    "Change",
    "Comparison",
    "CropReader",
    "DatasetUnavailable",
    "Digit",
    "DigitReader",
    "Hint",
    "KeyUnusable",
    "Layer",
    "Layers",
    "Metrics",
    "ModelError",
    "ModelUnavailable",
    "Opinion",
    "Paired",
    "Reading",
    "Signer",
    "UnreadablePhoto",
    "UnreadableReason",
    "Verifier",
    "Version",
    "Why",
    "edition",
    "load_reader",
    "open_version",
    "opinions",
    "upright",
    "writing_version",
]


def load_reader(folder: Path | None = None) -> DigitReader:
    """Load the version in `folder` (None: the one that comes with the repository), verified and warmed up.

    Raises ModelUnavailable, whose message names the command that mends it.
    """
    version = open_version(SHIPPED if folder is None else folder)
    decision = decision_of(version)
    finder, signs, line = (verified(part) for part in (FINDER, SIGNS, LINE))
    judge = judge_path(version)
    with quiet_native_code():  # LiteRT greets each process on standard error
        classifier = Classifier(version.classifier_path)
        page = PageReader(
            classifier,
            Finder(finder),
            Judge(judge, decision.taught),
            SignClassifier(signs),
            LineReader(line),
            scorer=Scorer(decision.alone, decision.beside),
        )
        page.warm_up()
    return DigitReader(page, classifier, version, decision, edition())
