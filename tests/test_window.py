import numpy as np
import pytest

from model.reading import Box
from model.window import CHANNELS, SIDE, window
from tests.pictures import paper, write

BOX = Box(60, 60, 123, 160)
"""Where `write` puts a digit by itself."""


@pytest.mark.parametrize(("ink", "brightness"), [(40, 225), (230, 30)], ids=["dark on light", "light on dark"])
def test_paper_is_nothing_and_ink_is_one(ink: int, brightness: int) -> None:
    """Whatever the polarity of the picture is, the network sees ink as 1 on paper of 0."""
    seen = window(write(paper(brightness=brightness), "0", ink=ink), BOX)
    assert seen.shape == (SIDE, SIDE, CHANNELS)
    for channel in (0, 2):
        assert np.median(seen[..., channel]) == pytest.approx(0, abs=0.05)
        assert 0.8 < seen[..., channel].max() < 1.5


def test_the_box_is_marked_in_its_surroundings() -> None:
    """The second channel is 1 where the box is, in the middle, and 0 around it."""
    marked = window(write(paper(), "0"), BOX)[..., 1]
    rows, columns = np.nonzero(marked)
    assert (rows.min() + rows.max() + 1) / 2 == (columns.min() + columns.max() + 1) / 2 == SIDE / 2
    assert np.ptp(rows) + 1 == pytest.approx(SIDE / 2.4, abs=1)
    assert np.ptp(columns) < np.ptp(rows)


def test_what_stands_beside_is_seen() -> None:
    """A neighbour shows in the surroundings and not in the close picture."""
    alone, beside = (window(write(paper(), text), BOX) for text in ("0", "01"))
    assert np.abs(alone - beside)[..., 0].max() > 0.5
    assert np.abs(alone - beside)[..., 2].max() < 0.05


def test_a_point_is_shown_with_the_digits_of_its_line() -> None:
    """How high its line is says how far around a small thing is looked."""
    page = write(paper(), "0")
    page[150:158, 140:148] = 40
    point = Box(140, 150, 148, 158)
    assert window(page, point)[..., 1].sum() > 8 * window(page, point, usual=100)[..., 1].sum()


@pytest.mark.parametrize("box", [Box(0, 0, 1, 1), Box(-20, -20, 30, 30), Box(390, 290, 500, 400), Box(0, 0, 400, 300)])
def test_a_box_at_the_edge_or_beyond(box: Box) -> None:
    """Beyond the picture its edge goes on: no box is out of reach."""
    seen = window(write(paper(), "0"), box)
    assert seen.shape == (SIDE, SIDE, CHANNELS)
    assert np.isfinite(seen).all()
