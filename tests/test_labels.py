"""Where labels go: found beside their boxes, out of the way of writing and of each other."""

from collections.abc import Iterable
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drawn.labels import Rect, place_labels

SIZE = (30.0, 36.0)


def a_line(top: float, count: int = 4, *, left: float = 100, pitch: float = 60) -> list[Rect]:
    """Boxes 40 wide and 60 high, side by side."""
    return [Rect(left + place * pitch, top, left + place * pitch + 40, top + 60) for place in range(count)]


def placed(*lines: list[Rect], page: tuple[float, float] = (800, 600)) -> list[list[Rect]]:
    """Labels of one size for lines of boxes."""
    return place_labels(lines, [[SIZE] * len(line) for line in lines], page)


def shared(one: Rect, other: Rect) -> float:
    """The area that two have in common."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, width) * max(0.0, height)


def hidden(labels: Iterable[Rect], boxes: Iterable[Rect]) -> float:
    """How much of the boxes lies under labels."""
    boxes = list(boxes)
    return sum(shared(label, box) for label in labels for box in boxes)


def test_the_labels_of_a_line_stand_above_it() -> None:
    """In the middle over each box, touching it."""
    (labels,) = placed(line := a_line(200))
    assert [(label.left + 15, label.bottom) for label in labels] == [(box.left + 20, box.top) for box in line]


def test_at_the_upper_edge_they_hang_below() -> None:
    """Where there is no room above, the whole line has its labels below."""
    (labels,) = placed(line := a_line(5))
    assert [label.top for label in labels] == [box.bottom for box in line]


def test_two_lines_close_together_take_the_two_outer_sides() -> None:
    """Between them no label would fit without hiding a digit."""
    upper, lower = a_line(200), a_line(270)
    above, below = placed(upper, lower)
    assert {label.bottom for label in above} == {200}
    assert {label.top for label in below} == {330}


def test_a_line_that_fills_the_picture_has_its_labels_beyond_the_edge() -> None:
    """The picture grows before a label hides writing."""
    line = a_line(2, 2, left=2, pitch=50)
    (labels,) = placed(line, page=(94, 64))
    assert hidden(labels, line) == 0


def test_digits_strewn_over_a_page_hide_nothing() -> None:
    """Every box keeps its writing, every label can be read."""
    boxes = [Rect(x, y, x + 40, y + 60) for x, y in ((100, 100), (145, 170), (90, 240), (160, 95), (230, 150))]
    labels = [label for line in placed(*[[box] for box in boxes]) for label in line]
    assert len(labels) == len(boxes)
    assert hidden(labels, boxes) == 0
    assert all(shared(one, other) == 0 for one in labels for other in labels if one is not other)


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.lists(st.lists(st.tuples(st.integers(0, 780), st.integers(0, 580)), max_size=5), max_size=5))
def test_each_box_has_its_label_next_to_it(corners: list[list[tuple[int, int]]]) -> None:
    """However boxes lie, each gets one label of its size, which touches it and hides nothing of it."""
    lines = [[Rect(x, y, x + 20, y + 20) for x, y in line] for line in corners]
    labels = placed(*lines)
    assert [len(line) for line in labels] == [len(line) for line in lines]
    for box, label in zip(chain(*lines), chain(*labels), strict=True):
        assert (label.right - label.left, label.bottom - label.top) == SIZE
        assert label.left <= box.right
        assert label.right >= box.left
        assert label.top <= box.bottom
        assert label.bottom >= box.top
        assert shared(label, box) == 0
