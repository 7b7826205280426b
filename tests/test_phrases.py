from pathlib import Path

import numpy as np

from model.generate.lines import Scribe, Style
from model.generate.material import Material, load_material
from model.generate.pens import Hand
from model.generate.phrases import NAMED, mixed, phrase
from model.generate.signs import sign
from model.generate.writing import OTHER, Pen, Sheet
from model.reading import SIGNS


def _pen() -> Pen:
    return Pen(width=0.06, grey=False, wobble=0, dry=False, turn=0, slant=0, stretch=1)


def _hand() -> Hand:
    """One digit, a 1."""
    line = np.array([[0, -0.5], [0, 0.5]], np.float32)
    return Hand(((line,),), np.zeros((0, 28, 28), np.uint8), np.array([1], np.uint8))


def test_phrases_hold_every_sign() -> None:
    """Every sign that is read is written in training, and nothing that no character stands for."""
    random = np.random.default_rng(0)
    phrases = [phrase(random) for _ in range(2_000)]
    written = set("".join(phrases))
    assert set(SIGNS) <= written
    assert written <= set(SIGNS) | NAMED | set("0oaw^ ")
    assert all("0" in one for one in phrases)


def test_mixed_phrases_hold_what_could_be_taken_for_a_digit() -> None:
    """In each of them something stands beside digits: money, a unit, a slash, a bracket, a letter."""
    random = np.random.default_rng(0)
    for one in (mixed(random) for _ in range(300)):
        assert "0" in one
        assert set(one) & (NAMED | set("a/-.()"))


def test_a_sign_fills_its_size_and_stands_in_its_line() -> None:
    """A sign's long side is 1, so that its size is what is asked for; points stand low, dashes in the middle."""
    random = np.random.default_rng(0)
    for character in SIGNS:
        for _ in range(20):
            glyph, long_side, height = sign(character, {}, random)
            points = np.concatenate(glyph)
            assert np.ptp(points, axis=0).max() <= 1.001
            assert 0 < long_side <= 1.5
            assert (height > 0.3) == (character in ".,")


def test_a_line_is_labelled_as_it_is_written() -> None:
    """Digits and signs carry their labels from left to right; a letter is other writing."""
    letter = (np.array([[-0.5, -0.5], [0.5, 0.5]], np.float32),)
    sheet, random = Sheet(), np.random.default_rng(3)
    Scribe(_hand(), (letter,), Material()).write(
        sheet, "0+0=0a", np.array([5, 90], np.float32), Style(20, 0.3, _pen()), random
    )
    marks = sorted(sheet.marks, key=lambda mark: mark.points[:, 0].mean())
    assert [mark.label for mark in marks] == [1, 10 + SIGNS.index("+"), 1, 10 + SIGNS.index("="), 1, OTHER]


def test_noughts_and_units_are_written_as_themselves() -> None:
    """`o` is a nought, and a unit is drawn from its own letters where there are some: other writing beside digits."""
    stroke = (np.array([[0, -0.5], [0, 0.5]], np.float32),)
    ring = (np.array([[0, -0.5], [0.3, 0], [0, 0.5], [-0.3, 0], [0, -0.5]], np.float32),)
    hand = Hand((stroke, ring), np.zeros((0, 28, 28), np.uint8), np.array([1, 0], np.uint8))
    sheet, random = Sheet(), np.random.default_rng(3)
    scribe = Scribe(hand, (stroke,), Material(named={"g": (ring,)}))
    scribe.write(sheet, "ooog", np.array([5, 90], np.float32), Style(20, 0.3, _pen()), random)
    assert [mark.label for mark in sheet.marks] == [0, 0, 0, OTHER]
    assert np.ptp(sheet.marks[-1].points[:, 0]) > 5


def test_what_is_struck_out_is_no_digit() -> None:
    """Of many lines some hold a digit that is struck out, which is taught as other writing."""
    labels = []
    for seed in range(100):
        sheet = Sheet()
        Scribe(_hand(), _hand().glyphs, Material()).write(
            sheet, "00", np.array([60, 90], np.float32), Style(30, 0.3, _pen()), np.random.default_rng(seed)
        )
        labels += [mark.label for mark in sheet.marks]
    assert 0 < labels.count(OTHER) < 0.2 * len(labels)


def test_material_that_is_missing(tmp_path: Path) -> None:
    """Training goes on without other people's writing, and its metrics can say that there was none."""
    for folder in (None, tmp_path / "nowhere", tmp_path):
        material = load_material(folder)
        assert not material
        assert material.digits == material.photos == ()


def test_material_that_is_there(tmp_path: Path) -> None:
    """Strokes become lines of height 1 under their labels; letters that look like digits are left out."""
    (tmp_path / "unipen").mkdir()
    points = np.array([[0, 0], [0, 1000], [500, 500]] * 2, np.int16)
    for kind, labels in (("digits", ["1", "7"]), ("letters", ["o", "k"]), ("symbols", ["/", "$"])):
        path = tmp_path / "unipen" / f"unipen_{kind}_strokes.npz"
        np.savez(path, y=np.array(labels), xy=points, stroke=np.zeros(6, np.uint8), offset=np.array([0, 3, 6]))
    (tmp_path / "digits").mkdir()
    form = np.zeros((1, 32, 32), np.uint8)
    form[0, 4:28, 14:18] = 255
    np.savez(tmp_path / "digits" / "optdigits32.npz", x=form, y=np.array([1]))
    material = load_material(tmp_path)
    assert [value for value, _ in material.digits] == [1, 7]
    assert [(crop.shape, float(crop.max()), value) for crop, value in material.scans] == [((28, 28), 1.0, 1)]
    assert {value: len(glyphs) for value, glyphs in material.signs.items()} == {"/": 1}
    assert len(material.letters) == 2  # k and $
    assert np.ptp(np.concatenate(material.digits[0][1]), axis=0).tolist() == [0.5, 1]
    strokes = tuple(f"unipen/unipen_{kind}_strokes.npz" for kind in ("digits", "symbols", "letters"))
    assert material.sources == (*strokes, "digits/optdigits32.npz")
