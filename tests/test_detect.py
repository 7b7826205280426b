import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.boxes import are_side_by_side, overlaps
from model.detect import Finder
from model.errors import ModelUnavailable
from model.hypothesis import Floats
from model.judge import Judge
from model.litert import Network
from model.mnist import Mnist
from model.parts import FINDER, JUDGE, verified
from model.reading import Box, Grey
from model.registry import METRICS
from model.sighting import Sighting, strokes


@pytest.fixture(scope="module")
def finder() -> Finder:
    """The finder that is served."""
    return Finder(verified(FINDER))


def page_with(mnist: Mnist, index: int, at: tuple[int, int], size: int, shape: tuple[int, int] = (300, 400)) -> Grey:
    """A test digit, `size` pixels large with its empty frame, on grainy paper."""
    page = np.full(shape, 200.0) + np.random.default_rng(0).normal(0, 3, shape)
    ink = cv2.resize(mnist.test_images[index], (size, size), interpolation=cv2.INTER_CUBIC)
    page[at[1] : at[1] + size, at[0] : at[0] + size] -= ink * 0.6
    return page.clip(0, 255).astype(np.uint8)


def test_a_digit_is_seen_where_it_is(finder: Finder, mnist: Mnist) -> None:
    """The surest sighting lies on the digit, at any of several sizes."""
    for index, size in ((0, 90), (1, 120), (3, 160)):
        page = page_with(mnist, index, (120, 90), size)
        best = finder.find(page)[0]
        rows, columns = np.nonzero(page < 130)
        written = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)
        assert overlaps(np.array([best.box], np.float32), written)[0, 0] > 0.5
        assert best.score > 0.2


def test_small_writing_beside_a_large_digit_is_seen(finder: Finder, mnist: Mnist) -> None:
    """A large digit that is seen surely ends the looking only where nothing smaller is left to see."""
    page = page_with(mnist, 0, (40, 60), 400, (600, 900))
    small = page_with(mnist, 3, (700, 400), 60, (600, 900))
    page[400:460, 700:760] = small[400:460, 700:760]
    sure = [sighting.box for sighting in finder.find(page) if sighting.score > 0.3]
    assert any(box.left < 240 < box.right and box.bottom - box.top > 200 for box in sure)
    assert any(box.left >= 700 and box.right <= 762 and box.top >= 398 for box in sure)


def test_a_large_digit_alone_is_not_looked_at_closer(mnist: Mnist, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is seen surely in a small picture is not looked at in a larger one, unless small writing is beside it."""
    seen: list[int] = []
    run = Network.run

    def counted(network: Network, values: Floats) -> Floats:
        seen.append(values.shape[2])
        return run(network, values)

    monkeypatch.setattr(Network, "run", counted)
    finder, page = Finder(verified(FINDER)), page_with(mnist, 3, (300, 10), 580, (600, 900))
    (digit, *_), alone = finder.find(page), tuple(seen)
    assert digit.score > 0.3
    assert (len(alone), max(alone)) == (3, 352)
    page[400:460, 60:120] = page_with(mnist, 3, (60, 400), 60, (600, 900))[400:460, 60:120]
    finder.find(page)
    assert max(seen) > 500


def test_a_side_that_is_told_is_not_looked_at_closer(finder: Finder, mnist: Mnist) -> None:
    """Small writing, which a whole look goes after, is seen at that one size, or not at all."""
    page = page_with(mnist, 3, (600, 400), 44, (900, 1200))
    (closer, *_), (alone, *_) = finder.find(page), finder.find(page, (512,))
    assert alone.score < closer.score
    assert alone.ink.shape[0] < closer.ink.shape[0]


def test_small_things_that_are_no_digits_are_not_looked_at_closest(
    finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The largest look, which costs as much as all before it, is for small digits: not for pebbles or a grid's dots."""
    seen: list[int] = []
    run = Network.run

    def counted(network: Network, values: Floats) -> Floats:
        seen.append(max(values.shape))
        return run(network, values)

    monkeypatch.setattr(Network, "run", counted)
    page, random = np.full((900, 1200), 200, np.uint8), np.random.default_rng(5)
    for x, y in random.integers(30, 870, (150, 2)).tolist():
        cv2.ellipse(page, (x, y), (random.integers(6, 14), random.integers(6, 14)), 0, 0, 360, (90,), -1)
    finder.find(page)
    assert seen == [128, 192, 352, 576]


@pytest.mark.parametrize(
    ("places", "windows"),
    [
        ([(300, 400), (350, 400), (400, 400)], 1),
        ([(100, 80), (1160, 90)], 2),
        ([(100, 80), (1160, 90), (120, 860), (1150, 850)], 4),
    ],
    ids=["together", "left and right", "in all corners"],
)
def test_small_digits_are_looked_at_closest_where_they_are(
    places: list[tuple[int, int]], windows: int, mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The closest look is taken through windows of the shape of the look before it, none where nothing small is."""
    seen: list[tuple[int, ...]] = []
    run = Network.run

    def counted(network: Network, values: Floats) -> Floats:
        seen.append(values.shape)
        return run(network, values)

    monkeypatch.setattr(Network, "run", counted)
    page = np.full((960, 1280), 255, np.uint8)
    for place, (x, y) in enumerate(places):
        small = cv2.resize(mnist.test_images[place], (44, 44), interpolation=cv2.INTER_AREA)
        page[y : y + 44, x : x + 44] -= small
    found = Finder(verified(FINDER)).find(page)
    assert seen[3:] == [seen[3]] * (1 + windows)
    middles = [
        ((one.box.left + one.box.right) / 2, (one.box.top + one.box.bottom) / 2) for one in found if one.sure > 0.3
    ]
    for x, y in places:
        assert any(x < across < x + 44 and y < down < y + 44 for across, down in middles)


def test_blank_pages_show_nothing(finder: Finder) -> None:
    """Black, white and grey pictures of any shape, the smallest too, hold no digit that is worth a look."""
    for shape in ((8, 8), (100, 100), (40, 900), (700, 500)):
        for grey in (0, 128, 255):
            assert all(sighting.score < 0.2 for sighting in finder.find(np.full(shape, grey, np.uint8)))


@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_boxes_lie_in_the_picture(finder: Finder, mnist: Mnist, edge: str) -> None:
    """A digit that the picture's edge cuts is seen up to that edge, with probabilities, the surest sighting first."""
    whole = page_with(mnist, 3, (100, 100), 160, (360, 360))
    parts = {"left": whole[:, 165:], "top": whole[165:], "right": whole[:, :195], "bottom": whole[:195]}
    page = np.ascontiguousarray(parts[edge])
    sightings = finder.find(page)
    height, width = page.shape
    assert getattr(sightings[0].box, edge) == {"left": 0, "top": 0, "right": width, "bottom": height}[edge]
    for sighting in sightings:
        left, top, right, bottom = sighting.box
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert 0 <= sighting.score <= 1
        assert sighting.classes.sum() == pytest.approx(1, abs=1e-3)
    assert [s.score for s in sightings] == sorted((s.score for s in sightings), reverse=True)


def test_strokes_come_from_the_picture(mnist: Mnist) -> None:
    """Under the finder's ink, the deepest pixels are ink and the paper is none, of either polarity."""
    page = page_with(mnist, 0, (120, 90), 112)
    likely = cv2.resize(mnist.test_images[0], (40, 40)).astype(np.float32) / 255
    for seen in (page, 255 - page):
        ink = strokes(seen, Sighting(Box(130, 100, 222, 192), 1.0, np.full(11, 1 / 11, np.float32), likely))
        assert ink.min() == 0
        assert ink.max() == 1
        assert 0.03 < ink.mean() < 0.4


def test_strokes_where_nothing_is_written() -> None:
    """No ink gives no strokes, not an error."""
    blank = Sighting(Box(0, 0, 10, 12), 0.1, np.full(11, 1 / 11, np.float32), np.zeros((6, 5), np.float32))
    assert not strokes(np.full((50, 50), 90, np.uint8), blank).any()


def test_strokes_of_neighbours_are_left_out() -> None:
    """An end of a neighbour's stroke at the rim is gone; a dot of the digit's own, within its box, stays."""
    page = np.full((100, 120), 220, np.uint8)
    page[20:80, 56:62] = 40  # the digit
    page[30:34, 72:76] = 40  # a piece of it
    page[20:80, 83:86] = 40  # a neighbour, beyond the box
    ink = cv2.resize((page < 100)[14:86, 34:86].astype(np.float32), (26, 36))
    found = strokes(page, Sighting(Box(40, 20, 80, 80), 0.9, np.full(11, 1 / 11, np.float32), ink))
    columns = np.flatnonzero(found.max(axis=0) > 0.5)
    assert found[:, columns[0] : columns[0] + 6].max() > 0.5
    assert columns[-1] < 0.85 * found.shape[1]
    assert columns[-1] > 0.7 * found.shape[1]


@pytest.mark.parametrize(
    ("parts", "are"),
    [
        ([Box(0, 0, 40, 80), Box(42, 2, 84, 78)], True),
        ([Box(0, 0, 84, 80), Box(42, 2, 84, 78)], False),  # one of them is the whole
        ([Box(0, 0, 40, 30), Box(42, 0, 84, 30)], False),  # halves of something taller
        ([Box(0, 0, 40, 80), Box(90, 0, 130, 80)], False),  # the other one is elsewhere
        ([Box(0, 0, 20, 80), Box(22, 0, 40, 80)], False),  # half of the ink is neither
        ([Box(0, 0, 40, 80)], False),
    ],
)
def test_digits_that_touch(parts: list[Box], are: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """Two that stand side by side and fill the box of their ink are two digits."""
    assert are_side_by_side(parts, Box(0, 0, 84, 80)) is are


def test_overlaps_of_boxes() -> None:
    """Boxes that are the same have 1, boxes apart 0, halves a third."""
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [50, 50, 60, 60]], np.float32)
    assert overlaps(boxes, boxes)[0].tolist() == pytest.approx([1, 1 / 3, 0], abs=1e-5)


def test_the_judge_tells_digits_from_other_things(mnist: Mnist) -> None:
    """Test digits are digits; a cross, a frame and a filled disc are not."""
    judge = Judge(verified(JUDGE))
    digits = judge.opinions((mnist.test_images[:200] / 255).astype(np.float32)).probability
    assert (digits > 0.5).mean() > 0.93
    others = np.zeros((3, 28, 28), np.uint8)
    cv2.line(others[0], (4, 14), (23, 14), 255, 2)
    cv2.line(others[0], (14, 4), (14, 23), 255, 2)
    cv2.rectangle(others[1], (5, 5), (22, 22), 255, 2)
    cv2.circle(others[2], (14, 14), 9, 255, -1)
    assert (judge.opinions((others / 255).astype(np.float32)).probability < 0.3).all()
    assert judge.opinions(np.empty((0, 28, 28), np.float32)).probability.shape == (0,)


def test_damaged_parts_are_refused_with_the_command_that_mends_them(tmp_path: Path) -> None:
    """A file that is missing, changed or of another network is never served."""
    path = tmp_path / FINDER.name
    with pytest.raises(ModelUnavailable, match="--recipe finder"):
        verified(path)
    (tmp_path / METRICS).write_text("{}")
    with pytest.raises(ModelUnavailable, match="damaged"):
        verified(path)
    (tmp_path / METRICS).write_text(json.dumps({"files": {path.name: "0"}}))
    path.write_bytes(b"no model")
    with pytest.raises(ModelUnavailable, match="vouches"):
        verified(path)
    with pytest.raises(ModelUnavailable, match="can't load"):
        Finder(path)
    with pytest.raises(ModelUnavailable, match="not pictures"):
        Finder(JUDGE)
    with pytest.raises(ModelUnavailable, match="not"):
        Judge(FINDER)
