"""What is taken for a digit: by all that is known of each hypothesis, and by what stands around it."""

from dataclasses import replace

import numpy as np
import pytest

from model.choose import chosen, doubtful, unread
from model.hypothesis import Hypothesis
from model.reading import Box
from model.scorer import ALONE, BESIDE, Scorer, alone_features, beside_features, opinions
from model.signs import CLASSES, DIGITS
from tests.bench.scorer import Example, fit, fit_both, told_right
from tests.fakes import a_hypothesis

A_SEVEN = np.full(10, 0.001) + 0.99 * (np.arange(10) == 7)


def something(place: int, doubt: float = 0.0, row: int = 0) -> Hypothesis:
    """A 7 in its place of a row, doubted by everything that is asked: 0 is a sure one, 1 a letter."""
    box = Box(60 * place, 100 * row, 60 * place + 40, 100 * row + 70)
    meaning = np.zeros(CLASSES, np.float32)
    meaning[DIGITS] = (1 - doubt) / 10
    meaning[-1] = doubt
    sure = a_hypothesis(box, A_SEVEN)
    return replace(sure, score=1 - doubt, judged=1 - doubt, classical=1 - 0.6 * doubt, meaning=meaning, likely=0.0)


@pytest.mark.parametrize(
    "doubted",
    [
        replace(something(1), score=0.2),
        replace(something(1), judged=0.02),
        replace(something(1), classical=0.3),
        replace(something(1), share=0.01),
    ],
    ids=["finder", "judge", "classifier", "small"],
)
def test_whatever_speaks_against_a_digit_makes_it_less_likely(doubted: Hypothesis) -> None:
    """Each of the networks has a say, and what is small in its picture is rather none."""
    sure, less = Scorer().alone([something(0), doubted])
    assert 1 - less > 3 * (1 - sure)


@pytest.mark.parametrize(
    ("doubted", "stage"),
    [
        (replace(something(1), score=0.2), "finder"),
        (replace(something(1), judged=0.2), "judge"),
        (replace(something(1), classical=0.2), "classifier"),
    ],
)
def test_what_each_stage_thought_is_known_afterwards(doubted: Hypothesis, stage: str) -> None:
    """The stage that doubted a hypothesis is told from the others."""
    scorer = Scorer()
    (seen,) = scorer.scored([doubted])
    thought = opinions(seen.features)
    assert thought.pop(stage) == pytest.approx(0.2, abs=1e-3)
    assert thought.pop("scorer") == pytest.approx(float(scorer.alone([doubted])[0]), abs=1e-3)
    assert min(thought.values()) > 0.9


def test_a_classifier_that_was_not_asked_thought_nothing() -> None:
    """Where nothing was cut out for it."""
    (seen,) = Scorer().scored([replace(something(0), classical=0.0)])
    assert set(opinions(seen.features)) == {"finder", "judge", "scorer"}


def test_the_same_stroke_among_digits_and_among_letters() -> None:
    """What may be a digit is likelier one between digits than between letters."""
    among_digits = Scorer().scored([something(0), something(1, 0.5), something(2)])[1]
    among_letters = Scorer().scored([something(0, 1), something(1, 0.5), something(2, 1)])[1]
    assert among_digits.likely > among_letters.likely + 0.1


def test_letters_elsewhere_on_the_page() -> None:
    """A page that is mostly letters makes each of its digits less likely; another line of digits does not."""
    row = [something(n) for n in range(3)]
    page = Scorer().scored(row + [something(n, 1, row=3) for n in range(12)])[0]
    digits = Scorer().scored(row + [something(n, row=3) for n in range(3)])[0]
    assert page.likely < digits.likely


def test_what_is_fainter_or_much_smaller_than_the_digits_is_not_chosen() -> None:
    """What shines through the paper is none of the digits, nor is dirt, however likely."""
    sure = [replace(something(n), likely=0.99) for n in range(2)]
    faint = replace(something(2), likely=0.9, contrast=50.0)
    dirt = replace(something(3), likely=0.9, box=Box(190, 40, 195, 48))
    assert [one.box for one in chosen([*sure, faint, dirt])] == [one.box for one in sure]


def test_what_stands_in_a_line_and_is_not_read_is_kept_with_its_place() -> None:
    """What was left out or taken back; nothing that shares its place with what is read, or with what is likelier."""
    top = [replace(something(n), likely=0.9) for n in range(3)]
    low = [replace(something(n, row=3), likely=0.3) for n in range(3)]
    within = replace(top[0], box=Box(2, 2, 38, 68), likely=0.2)
    twin = replace(low[1], likely=0.1)
    kept, after = unread([[*top, within], [*low, twin]], [[top[0], top[2]], [low[0]]])
    assert [one.box for one in kept] == [top[1].box, low[1].box, low[2].box]
    assert after == (1, 3, 3)
    assert kept[1].likely == 0.3
    assert unread([top], [[]]) == (tuple(top), (0, 0, 0))


def test_of_much_that_is_not_read_the_likeliest_is_kept() -> None:
    """Twelve at most, in reading order."""
    row = [replace(something(n), likely=0.1 + n / 100) for n in range(15)]
    kept, _ = unread([row[::-1]], [[]])
    assert [one.box for one in kept] == [one.box for one in row[3:]]


def test_a_picture_in_which_nothing_is_likely() -> None:
    """Nothing is chosen where even the likeliest is doubtful; it is what somebody may have meant."""
    rather = [replace(something(0), likely=0.45), replace(something(1), likely=0.1)]
    assert chosen(rather) == []
    assert doubtful(rather) == rather[:1]
    assert chosen([]) == doubtful([]) == []


def test_features_stand_in_the_order_of_their_weights() -> None:
    """A row a hypothesis, a column a weight; of none there are no rows."""
    some = [something(0), something(1, 0.5)]
    assert alone_features(some).shape == (2, len(ALONE))
    assert beside_features(some, Scorer().alone(some)).shape == (2, len(BESIDE))
    assert Scorer().scored([]) == []


def test_fitting_finds_what_tells_digits_from_letters() -> None:
    """Weights fitted on told hypotheses tell fresh ones right; what is told as neither is left out."""
    random = np.random.default_rng(5)

    def example(kind: str) -> Example:
        doubts = random.uniform(0.6, 1, 4) if kind == "negative" else random.uniform(0, 0.4, 4)
        told = np.full(4, 0 if kind == "negative" else 1, np.int8)
        told[3] = -1
        return Example(
            "a source", kind, Scorer().scored([something(n, float(doubt)) for n, doubt in enumerate(doubts)]), told
        )

    taught, asked = ([example(kind) for kind in ("negative", "multi") * 15] for _ in range(2))
    both = fit_both(taught)
    assert told_right(asked, lambda _: both) == "multi 1.000 of 15  negative 1.000 of 15"
    features = [alone_features(each.hypotheses).astype(np.float64) for each in taught]
    assert fit(taught, features)[list(ALONE).index("score")] > 0
