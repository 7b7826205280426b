"""How what the networks say is put together: with networks that say what a test wants, on real pictures."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from model.judge import Opinions
from model.line import LABELS, OTHER, STEP
from model.page import PageReader
from model.reading import SIGNS, Box, Grey
from model.sighting import Sighting
from model.signs import CLASSES
from model.strip import Strip
from tests.pictures import paper, write

Floats = NDArray[np.float32]


class Says:
    """All five networks: every crop is a 7, as surely as told; sightings as told; nothing is a sign."""

    def __init__(self, sure: float, judged: float, sightings: Sequence[Sighting] = ()) -> None:
        """Take the probability of a 7, that of a digit at all, and what the learned finder sees."""
        self._sure, self._judged, self._sightings = sure, judged, tuple(sightings)

    def probabilities(self, bitmaps: Floats) -> Floats:
        """The same for all."""
        row = np.full(10, (1 - self._sure) / 9, np.float32)
        row[7] = self._sure
        return np.tile(row, (len(bitmaps), 1))

    def find(self, grey: Grey, sides: Sequence[int] = ()) -> tuple[Sighting, ...]:  # noqa: ARG002 (the finder's own)
        """What was told."""
        return self._sightings

    def opinions(self, bitmaps: Floats) -> Opinions:
        """The same for all."""
        return Opinions(np.full(len(bitmaps), self._judged, np.float32), np.zeros(len(bitmaps), np.float32))

    def columns(self, strip: Strip) -> Floats:
        """Any label is as likely as any other."""
        return np.full((strip.picture.shape[1] // STEP, LABELS), -np.log(LABELS), np.float32)

    def meanings(self, grey: Grey, boxes: Sequence[Box], usual: float = 0.0) -> Floats:  # noqa: ARG002 (the network's own)
        """A 7, wherever it is."""
        return np.tile(np.eye(CLASSES, dtype=np.float32)[7], (len(boxes), 1))


def reading(says: Says) -> PageReader:
    """A reader of pages whose networks all say what is told."""
    return PageReader(says, says, says, says, says)


def seen(box: Box, score: float) -> Sighting:
    """A sighting of a 7."""
    classes = np.full(11, 0.001, np.float32)
    classes[7] = 0.99
    return Sighting(box, score, classes, np.ones((20, 20), np.float32))


def looked(page: Grey, sure: float, judged: float, sightings: Sequence[Sighting] = ()) -> list[Box]:
    """The boxes of what is read in a page."""
    networks = Says(sure, judged, sightings)
    return [
        one.box
        for line in PageReader(networks, networks, networks, networks, networks).look(page).lines
        for one in line
    ]


@pytest.mark.parametrize(("sure", "count"), [(0.4, 0), (0.95, 1)])
def test_what_the_learned_finder_does_not_see_must_look_sure(sure: float, count: int) -> None:
    """A speck that the classifier takes for a digit, not very surely, is none where the learned finder sees nothing."""
    assert len(looked(write(paper(), "7"), sure, 0.6)) == count


def test_a_digit_that_the_learned_finder_sees_need_not_look_sure() -> None:
    """The same digit with the learned finder's word for it is read."""
    page = write(paper(), "7")
    assert len(looked(page, 0.4, 0.6, [seen(Box(56, 56, 126, 164), 0.6)])) == 1


PLACES = (Box(60, 90, 120, 190), Box(160, 90, 220, 190), Box(260, 90, 320, 190))


@pytest.mark.parametrize(("grey", "count"), [(190, 2), (120, 3)])
def test_what_is_much_fainter_than_the_surest_is_not_read(grey: int, count: int) -> None:
    """Something seen as surely as the digits, but a fifth as dark, is the paper's pattern."""
    page = np.full((280, 400), 225, np.uint8)
    for (left, top, right, bottom), shade in zip(PLACES, (50, 50, grey), strict=True):
        page[top:bottom:2, left:right] = shade
    assert len(looked(page, 0.9, 0.9, [seen(box, 0.65) for box in PLACES])) == count


def textured(*boxes: Box, shade: int = 120) -> Grey:
    """A page with textures that the classical finder takes for no strokes."""
    page = paper(max(400, *(box.right + 60 for box in boxes)), 280)
    for left, top, right, bottom in boxes:
        page[top:bottom:2, left:right] = shade
    return page


def test_a_strip_between_two_digits_is_no_third_one() -> None:
    """What the learned finder sees less surely where two digits meet is covered by them, though by neither alone."""
    digits = Box(60, 90, 140, 190), Box(150, 90, 230, 190)
    strip = Box(105, 95, 185, 185)
    scores = (0.65, 0.65, 0.5)
    sightings = [seen(box, score) for box, score in zip((*digits, strip), scores, strict=True)]
    assert looked(textured(*digits), 0.9, 0.9, sightings) == list(digits)


def test_a_pattern_that_is_surer_than_the_writing() -> None:
    """Faint veins of the paper that look more like a digit than the black digit does are not read with it."""
    digit, vein = Box(60, 90, 120, 190), Box(260, 90, 320, 190)
    page = textured(digit)
    page[90:190:2, 260:320] = 205
    assert looked(page, 0.9, 0.9, [seen(digit, 0.5), seen(vein, 0.65)]) == [digit]


def test_a_closer_look_beside_something_much_blacker() -> None:
    """A pale digit that is lost beside a black blot is cut out in a window of its own, if nothing else is near."""
    page = write(paper(600, 400, 200), "7", 60, 60, ink=150)
    page[250:350, 400:440] = 0
    pale = seen(Box(56, 56, 126, 164), 0.42)
    (closer,) = looked(page, 0.85, 0.9, [pale])
    assert closer != pale.box
    crowd = seen(Box(150, 56, 220, 164), 0.25)
    assert looked(page, 0.85, 0.9, [pale, crowd]) == [pale.box]


def test_a_thin_1_is_what_the_learned_finder_sees_around_it() -> None:
    """It sees a box as wide as most digits; the stroke in it is no second hypothesis, unless another one is in it."""
    page, wide = write(paper(), "1", pen=3), Box(40, 56, 130, 164)
    says = Says(0.9, 0.9, [seen(wide, 0.6)])
    (one,), things = reading(says).hypotheses(page)
    assert (things, one.classical > 0, one.score > 0) == (1, True, True)
    assert one.box.right - one.box.left < 40
    both = write(page, "1", 100, pen=3)
    assert len(reading(says).hypotheses(both)[0]) == 3


def test_a_page_of_print_is_not_examined_letter_by_letter() -> None:
    """Among hundreds of pieces of writing only what the learned finder sees is looked at."""
    page = np.tile(write(paper(30, 40), "1", 8, 8, height=24, pen=3), (15, 20))
    number = Box(8, 8, 28, 34)
    assert len(looked(page, 0.95, 0.9, [seen(number, 0.6)])) == 1
    assert not looked(page, 0.95, 0.9)


class InPlace(Says):
    """Says what each thing is by where it stands: shares of characters, for the left edge of a box and `usual`."""

    def __init__(self, shares: Callable[[int, float], dict[str, float]], *sightings: Sighting) -> None:
        """Take what says it, and what the learned finder sees."""
        super().__init__(0.95, 1.0, sightings)
        self._shares = shares

    def meanings(self, grey: Grey, boxes: Sequence[Box], usual: float = 0.0) -> Floats:  # noqa: ARG002
        """The shares, the rest other writing."""
        meanings = np.zeros((len(boxes), CLASSES), np.float32)
        for row, box in zip(meanings, boxes, strict=True):
            for character, share in self._shares(box.left, usual).items():
                row[int(character) if character.isdigit() else 10 + SIGNS.index(character)] = share
            row[-1] = 1 - row.sum()
        return meanings

    def written(self, page: Grey) -> tuple[str, ...]:
        """What a page says, as it is written; every digit is a 7."""
        return reading(self).look(page).as_written


def test_a_small_thing_beside_digits_is_seen_with_them() -> None:
    """A cross that alone may be a 4 is a times sign beside what is twice as high."""
    page = write(write(paper(600), "7", 60), "7", 320)
    small = write(page, "7", 210, 90, height=45, pen=6)
    sightings = [seen(Box(left, 56, left + 70, 164), 0.9) for left in (56, 316)] + [seen(Box(206, 86, 245, 139), 0.9)]
    says = InPlace(lambda left, usual: {"×": 0.9} if usual and 190 < left < 300 else {"7": 0.9}, *sightings)
    assert says.written(small) == ("7×7",)


@pytest.mark.parametrize(("closed", "text"), [(True, "(7)"), (False, "777")])
def test_a_bracket_is_likelier_where_its_other_one_is(closed: bool, text: str) -> None:  # noqa: FBT001
    """What may be a bracket or a 1 is a bracket where the one that closes it surely is."""
    page = write(paper(600), "777", gap=1)

    def shares(left: int, _usual: float) -> dict[str, float]:
        if left < 150:
            return {"(": 0.65, "7": 0.3}
        return {")": 0.95} if closed and left > 300 else {"7": 0.95}

    assert InPlace(shares).written(page) == (text,)


def test_a_glimpse_counts_what_looks_like_digits() -> None:
    """Two sightings that count in full and one too faint to count: about two digits."""
    says = Says(
        0.99, 0.99, [seen(Box(20 + 60 * n, 60, 60 + 60 * n, 140), score) for n, score in enumerate((1, 1, 0.1))]
    )
    assert reading(says).glimpse(paper()) == pytest.approx(2, abs=0.05)


def test_a_glimpse_is_taken_closer_where_a_coarse_one_shows_something() -> None:
    """Where it shows nothing, the closer one, three times as dear, is not taken."""

    class Counts(Says):
        sides: list[int]

        def find(self, grey: Grey, sides: Sequence[int] = (512,)) -> tuple[Sighting, ...]:
            self.sides += sides
            return super().find(grey, sides)

    for score, sides in ((0.1, [288]), (0.3, [288, 512])):
        says = Counts(0.99, 0.99, [seen(Box(20, 60, 60, 140), score)])
        says.sides = []
        reading(says).glimpse(paper())
        assert says.sides == sides


class HearsOne(Says):
    """A line reader that surely reads one 7, at the left end."""

    def columns(self, strip: Strip) -> Floats:
        """The 7 where a lone digit has its middle, then nothing."""
        said = np.full((strip.picture.shape[1] // STEP, LABELS), 1e-6, np.float32)
        said[:, -1] = 1
        said[14, [7, -1]] = 1, 1e-6
        return np.asarray(np.log(said / said.sum(axis=1, keepdims=True)), np.float32)


def test_a_digit_that_the_line_reader_takes_away_is_left_over() -> None:
    """It is read no more, and what spoke for it makes the rest less sure."""
    page, both = write(paper(600), "77"), [seen(Box(56 + 94 * n, 56, 126 + 94 * n, 164), 0.9) for n in range(2)]
    (kept, all_left), (one, left) = (
        (sum(map(len, found.lines)), found.left)
        for found in (reading(says).look(page) for says in (Says(0.9, 0.9, both), HearsOne(0.9, 0.9, both)))
    )
    assert (kept, all_left) == (2, 0)
    assert one == 1
    assert left > 0.5


@pytest.mark.parametrize(("height", "count"), [(8, 1), (40, 2)])
def test_dirt_beside_a_digit(height: int, count: int) -> None:
    """A speck that the learned finder is sure of is none beside a digit ten times as high; a small digit is one."""
    page, speck = write(paper(300, 280), "7"), Box(200, 60, 206, 60 + height)
    page[speck.top : speck.bottom : 2, speck.left : speck.right] = 120
    digit, *others = looked(page, 0.95, 0.9, [seen(Box(56, 56, 126, 164), 0.5), seen(speck, 0.7)])
    assert digit.bottom - digit.top > 90
    assert len(others) == count - 1


class HearsAt(Says):
    """A line reader that surely reads a 7 at each of some places of the picture."""

    def __init__(self, middles: Sequence[int], sightings: Sequence[Sighting], label: int = 7) -> None:
        """Take where the 7s are read, what the learned finder sees, and what the last of them is instead of a 7."""
        super().__init__(0.9, 0.45, sightings)
        self._middles, self._labels = middles, [7] * (len(middles) - 1) + [label]

    def columns(self, strip: Strip) -> Floats:
        """The 7s, and nothing between them."""
        said = np.full((strip.picture.shape[1] // STEP, LABELS), 1e-6, np.float32)
        said[:, -1] = 1
        for middle, label in zip(self._middles, self._labels, strict=True):
            column = round(float(strip.onto[0] @ [middle, 140, 1])) // STEP
            if 0 <= column < len(said):
                said[column, [label, -1]] = 1, 1e-6
        return np.asarray(np.log(said / said.sum(axis=1, keepdims=True)), np.float32)


@pytest.mark.parametrize(
    ("gap", "heard", "count"),
    [(40, True, 3), (140, True, 3), (340, True, 3), (40, False, 2), (140, False, 2), (700, True, 2)],
)
def test_what_is_left_out_of_a_line_is_a_digit_where_the_line_reader_reads_it(
    gap: int,
    heard: bool,  # noqa: FBT001 (a parameter of pytest)
    count: int,
) -> None:
    """Too weak to be a digit alone, it is read beside sure ones, in their strip or in one of its own; not far away.

    Where the line reader reads nothing, it stays left out, however near.
    """
    boxes = (*PLACES[:2], Box(220 + gap, 90, 280 + gap, 190))
    page = textured(*boxes)
    middles = [(box.left + box.right) // 2 for box in boxes]
    says = HearsAt(
        middles if heard else middles[:2], [seen(box, s) for box, s in zip(boxes, (0.65, 0.65, 0.31), strict=True)]
    )
    lines = reading(says).look(page).lines
    assert [len(line) for line in lines] == [count]


def test_other_writing_is_left_over() -> None:
    """What the line reader takes for other writing beside the digits is told, and makes them less sure."""
    page, two = textured(*PLACES[:2]), [seen(box, 0.65) for box in PLACES[:2]]
    other, none = (reading(says).look(page) for says in (HearsAt([90, 190, 290], two, OTHER), HearsAt([90, 190], two)))
    assert [len(line) for line in other.lines] == [len(line) for line in none.lines] == [2]
    assert (other.other > 0.9, none.other) == (True, 0)
    assert other.left > 0.9 > none.left
