"""Boxes, and what they share."""

import numpy as np
import pytest

from model.boxes import covered, covered_by_each
from model.reading import Box


def test_what_each_two_boxes_share() -> None:
    """All at once is what one at a time is; beside no box there is nothing to share."""
    random = np.random.default_rng(3)
    corners = random.integers(0, 40, (12, 2))
    boxes = [
        Box(x, y, x + w, y + h) for (x, y), (w, h) in zip(corners.tolist(), (corners[::-1] + 1).tolist(), strict=True)
    ]
    shared = covered_by_each(boxes[:7], boxes[5:])
    assert shared.shape == (7, 7)
    assert shared[5, 0] == 1
    for i, box in enumerate(boxes[:7]):
        assert shared[i].tolist() == pytest.approx([covered(box, other) for other in boxes[5:]])
    assert covered_by_each(boxes, []).shape == (12, 0)
    assert covered_by_each([], boxes).shape == (0, 12)
