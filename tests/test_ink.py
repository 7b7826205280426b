"""What is ink in a grey picture: how deep it is, and which of it hangs together."""

import cv2
import numpy as np
import pytest

from model.ink import connected, ink_depth
from model.reading import Grey


def stroke(paper: int, ink: int) -> Grey:
    """Paper of one grey with a stroke of another."""
    page = np.full((120, 160), paper, np.uint8)
    page[30:90, 70:80] = ink
    return page


@pytest.mark.parametrize(("paper", "ink"), [(230, 40), (30, 250)])
def test_ink_is_as_deep_as_it_differs_from_its_paper(paper: int, ink: int) -> None:
    """Dark on bright or bright on dark: the stroke has the difference in grey levels, the paper nothing."""
    depth = ink_depth(stroke(paper, ink))
    assert depth.dtype == np.uint8
    assert (depth[30:90, 70:80] == abs(paper - ink)).all()
    assert np.count_nonzero(depth) == 60 * 10


def test_grain_is_no_ink() -> None:
    """What changes from one pixel to the next everywhere is the paper's own."""
    grain = np.random.default_rng(4).integers(-9, 10, (120, 160))
    assert not ink_depth((200 + grain).astype(np.uint8)).any()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 1.0])
def test_connected_pieces_are_those_that_opencv_finds(share: float) -> None:
    """The quicker way numbers and measures the pieces of any mask as OpenCV's own choice does."""
    mask = (np.random.default_rng(7).random((101, 143)) < share).astype(np.uint8)
    labels, stats = connected(mask)
    _, wanted, measured, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert (labels == wanted).all()
    assert (stats == measured).all()
