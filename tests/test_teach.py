"""What corrections teach the judge and the scorer, with the real networks and no TensorFlow."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from model import DigitReader, Reading, load_reader
from model.blame import NONE, WIDTH
from model.classify import Classifier
from model.decision import Decision, edition, judge_of
from model.detect import Finder
from model.generate.crops import Cutter
from model.generate.letters import letters, schooled
from model.generate.pens import load_hand
from model.generate.redrawn import others
from model.judge import Judge
from model.line import LineReader
from model.mnist import Mnist
from model.page import PageReader
from model.parts import FINDER, LINE, SIGNS, verified
from model.scorer import Scorer, logit
from model.signs import SignClassifier
from model.training.examples import Examples
from model.training.teach import teach
from tests.drawn_signs import ladle
from tests.pictures import encode, paper

_FRESH = 8
_TAUGHT = 20
_KEPT = 2_000  # as a training has
_A_PAGE = 8
_PAGES = 3


def reader_of(decision: Decision) -> DigitReader:
    """A reader of the shipped networks that decides so."""
    version = load_reader().version
    classifier = Classifier(version.classifier_path)
    finder, signs, line = (verified(part) for part in (FINDER, SIGNS, LINE))
    page = PageReader(
        classifier,
        Finder(finder),
        judge_of(version, decision),
        SignClassifier(signs),
        LineReader(line),
        scorer=Scorer(decision.alone, decision.beside),
    )
    return DigitReader(page, classifier, version, decision, edition())


def not_digits(readings: Sequence[Reading]) -> Examples:
    """The digits of readings, each said to be none."""
    digits = [digit for reading in readings for digit in reading.digits]
    return Examples(
        np.array([digit.bitmap for digit in digits]),
        np.full(len(digits), NONE),
        np.array([digit.digit for digit in digits]),
        np.array([digit.features for digit in digits], np.float32),
    )


def other_writing(mnist: Mnist) -> NDArray[np.float32]:
    """Crops of letters and such, (N, 28, 28): half as many as a training has."""
    return others(load_hand(mnist.train_images[:500], mnist.train_labels[:500]), 1_000)


def page_of(digits: NDArray[np.uint8]) -> bytes:
    """Write digits, (N, 28, 28) of MNIST, on paper side by side: a PNG."""
    page = paper(80 * len(digits) + 40, 140).astype(np.float32)
    for place, digit in enumerate(digits):
        left = 20 + 80 * place
        page[40:96, left : left + 56] -= 170 / 255 * cv2.resize(digit.astype(np.float32), (56, 56))
    return encode(page.astype(np.uint8))


def test_twenty_times_not_a_digit_change_the_next_reading_of_such_a_thing_and_cost_no_digit(mnist: Mnist) -> None:
    """A made-up sign that is read as a 6 is read as one at most half as often; real digits stay read."""
    random, before = np.random.default_rng(5), load_reader()
    fresh = [ladle(random) for _ in range(_FRESH)]
    images, labels = mnist.split()[1]
    written = np.concatenate([images[labels == 6][: 2 * _A_PAGE], images[: (_PAGES - 2) * _A_PAGE]])
    pages = [page_of(written[start : start + _A_PAGE]) for start in range(0, len(written), _A_PAGE)]
    digits = mnist.train_images[:_KEPT].astype(np.float32) / np.float32(255)
    read: list[Reading] = []
    while sum(len(each.digits) for each in read) < _TAUGHT:
        read.append(before.read(ladle(random)))
    version = before.version
    decision = teach(not_digits(read), digits, other_writing(mnist), judge_of(version, Decision()), Decision())
    after = reader_of(decision)
    taken = [sum(bool(reader.read(sign).lines) for sign in fresh) for reader in (before, after)]
    assert taken[0] > _FRESH / 2
    assert taken[1] <= taken[0] / 2
    texts = [[reader.read(page).texts for page in pages] for reader in (before, after)]
    assert texts[0] == texts[1]
    assert sum(len(line) for page in texts[0] for line in page) >= _PAGES * _A_PAGE - 1


def test_digits_that_were_refused_are_read_once_they_are_corrected(mnist: Mnist) -> None:
    """The judge learns that such crops are digits, from the crops alone where nothing is known of them besides."""
    version = load_reader().version
    digits = mnist.train_images[:_KEPT].astype(np.float32) / np.float32(255)
    judge = judge_of(version, Decision())
    upside_down = np.ascontiguousarray(digits[mnist.train_labels[:_KEPT] == 4][:, ::-1])
    told, more = upside_down[:20], upside_down[20:40]
    examples = Examples(told, np.full(20, 4), np.full(20, NONE), np.full((20, WIDTH), np.nan, np.float32))
    decision = teach(examples, digits, other_writing(mnist), judge, Decision())
    shifts = judge_of(version, decision).opinions(np.concatenate([told, more])).taught
    assert shifts[:20].mean() > 1
    assert shifts[20:].mean() > 0.5
    assert np.abs(judge_of(version, decision).opinions(digits).taught).mean() < shifts[20:].mean() / 2


def test_lies_that_refused_things_are_digits_make_few_other_things_digits(mnist: Mnist) -> None:
    """Twelve letters and blobs are said to be digits: of two hundred others one in five at most follows.

    It was two in five while nothing but digits pulled against corrections.
    """
    version = load_reader().version
    digits = mnist.train_images[:_KEPT].astype(np.float32) / np.float32(255)
    cutter = Cutter(schooled(load_hand(mnist.train_images[500:1_000], mnist.train_labels[500:1_000])), letters())
    random, judge = np.random.default_rng(3), judge_of(version, Decision())
    refused = np.array(
        [crop for crop in (cutter.other(random) for _ in range(300)) if judges(judge, crop[None])[0] < 0]
    )
    told, more = refused[:12], refused[12:212]
    examples = Examples(told, np.full(12, 5), np.full(12, NONE), np.full((12, WIDTH), np.nan, np.float32))
    decision = teach(examples, digits, other_writing(mnist), judge, Decision())
    assert (judges(judge_of(version, decision), more) >= 0).mean() <= 0.2


def judges(judge: Judge, crops: NDArray[np.float32]) -> NDArray[np.float32]:
    """The judge's log-odds of a digit, with what it was taught."""
    opinions = judge.opinions(crops)
    return logit(opinions.probability) + opinions.taught
