import numpy as np

from model.generate.frames import boxed, boxes, circled, ring, underlined
from model.generate.surfaces import SIDE

SPANS = tuple((30.0 + 24 * number, 80.0, 44.0 + 24 * number, 110.0) for number in range(5))


def test_boxes_stand_around_each_digit_and_leave_it_legible() -> None:
    """Walls stand between the digits of a form, and seldom within one."""
    inside = between = 0.0
    for seed in range(60):
        page = np.full((SIDE, SIDE), 220, np.float32)
        boxes(page, SPANS, np.random.default_rng(seed))
        printed = page < 215
        assert printed.any()
        inside += sum(printed[84:106, int(span[0]) + 2 : int(span[2]) - 2].mean() for span in SPANS) / 5
        between += sum(printed[84:106, int(span[2]) : int(span[2]) + 10].any() for span in SPANS[:-1]) / 4
    assert between / 60 > 0.6
    assert inside / 60 < 0.05


def test_boxes_without_digits_print_nothing() -> None:
    """A line of letters only gets no form."""
    page = np.full((SIDE, SIDE), 220, np.float32)
    boxes(page, (), np.random.default_rng(0))
    assert (page == 220).all()


def test_boxes_show_on_a_blackboard() -> None:
    """On a dark page lines are lighter than it."""
    page = np.full((SIDE, SIDE), 30, np.float32)
    boxes(page, SPANS[:1], np.random.default_rng(0))
    assert page.max() > 45
    assert page.min() >= 30


def test_a_ring_goes_round_its_digit() -> None:
    """The middle of a circled digit stays free, and the ring is seen on each side of it."""
    for seed in range(20):
        points = ring((60, 60, 100, 120), np.random.default_rng(seed)) - np.array([80, 90], np.float32)
        assert np.hypot(points[:, 0] / 20, points[:, 1] / 30).min() > 0.85
        turned = np.unwrap(np.arctan2(points[:, 1], points[:, 0]))
        assert np.ptp(turned) > 0.8 * 2 * np.pi


def test_hand_drawn_frames_have_the_ink_they_are_given() -> None:
    """A ring drawn with the pen of the writing is as dark as the writing."""
    for draw in (circled, boxed, underlined):
        page = np.full((SIDE, SIDE), 220, np.float32)
        draw(page, (60, 60, 100, 120), np.random.default_rng(1), 25.0)
        assert abs(page.min() - 25) < 1
        assert (page[75:105, 75:85] == 220).all()
