"""A grey picture to what in it looks like a digit, by the learned finder. After `decode`, beside `find`.

The finder sees the picture at several sizes: it knows digits of 10 to 180 pixels best. What it sees at two sizes is
surer than what it sees at one.
"""

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from model.litert import Network
from model.ranks import median
from model.reading import Grey
from model.scan import CHANNELS, STRIDE, Scan, agreed, is_seen_again
from model.shrink import shrunk
from model.sighting import Sighting

Floats = NDArray[np.float32]
Corner = tuple[int, int]
"""x and y."""

_SIDES: Final = (96, 160, 288, 512)  # the picture's long side, in turn
_MULTIPLE: Final = 32  # of both sides of what the network takes
_LOOKS: Final = 3  # always taken: at fewer, small writing beside a large digit leaves no hint
_LARGE: Final = 48.0  # pixels at the last look; the hint of a smaller digit deserves a larger look, which knows it best
_HINT: Final = 0.3
_FINE_SIDE: Final = 832  # one more look, when there is writing too small for the others
_FINE: Final = 24.0  # pixels at the last of `_SIDES`; digits smaller than that are looked at again
_SMALL: Final = 0.35  # how surely they must be digits: of letters and of a texture's dots, most are less so
_MAY_BE_SMALL: Final = 0.1  # how surely, for what the closer look must show too where one is taken
_ROOM: Final = 48  # pixels of the closer look, around what it must show: its neighbours, that nothing shows yet
_LARGEST_ZOOM: Final = 2.0
_MARGIN: Final = 0.06  # of the long side, added around: a digit may touch the picture's edge


class Finder:
    """The learned finder. Any number of threads may use one at once."""

    def __init__(self, path: Path) -> None:
        """Load the LiteRT file. Raises ModelUnavailable."""
        mend = f"python -m model train --recipe finder --output {path.parent}"
        # One for each of `_SIDES`: to be made ready for pictures of another shape takes as long as a small look. The
        # last one, which takes the closer look through windows of the same shape, needs some 30 MB.
        first = Network(path, mend=mend, shared=True)
        self._networks = [first, *(first.another() for _ in _SIDES[1:])]
        entry, result = first.shapes
        if len(entry) != 4 or entry[3] != 1 or len(result) != 4 or result[3] != CHANNELS:
            raise first.unavailable(f"it maps {entry} to {result}, not pictures to maps of {CHANNELS} channels")

    def find(self, grey: Grey, sides: Sequence[int] = _SIDES) -> tuple[Sighting, ...]:
        """Find what looks like digits, surest first. `grey` is (H, W) uint8; boxes do not overlap by much.

        At sides that are told there is no closer look at what is small.
        """
        largest = round(max(grey.shape) * _LARGEST_ZOOM)
        wanted = sorted({min(side, largest) for side in sides})
        scans: list[Scan] = []
        for side in wanted:
            if _is_plain(scans):
                return agreed([(scan,) for scan in scans], grey.shape)
            framed = _framed(grey, side)
            scans.append(self._scanned(framed, framed.grey, side))
        closer: list[Scan] = []
        if sides is _SIDES and wanted[-1] < largest and scans[-1].smaller(_FINE, _SMALL).any():
            closer = self._closer(_framed(grey, min(_FINE_SIDE, largest)), scans[-1], wanted[-1])
        return agreed([*((scan,) for scan in scans), *([closer] if closer else [])], grey.shape)

    def _closer(self, framed: "_Framed", last: Scan, side: int) -> list[Scan]:
        """Look closer at what the last scan, at `side`, shows that may be small digits: through one window, or more."""
        boxes = last.boxes[last.smaller(_FINE, _MAY_BE_SMALL)] / framed.scale + framed.margin
        height, width = (min(2 * seen, whole) for seen, whole in zip(last.ink.shape, framed.grey.shape, strict=True))
        return [
            self._scanned(framed, framed.grey[top : top + height, left : left + width], side, (left, top))
            for left, top in _windows(boxes, (width, height), framed.grey.shape[::-1])
        ]

    def _scanned(self, framed: "_Framed", seen: Grey, side: int, at: Corner = (0, 0)) -> Scan:
        """Run the network of the long side `side` on what is seen of a framed picture, with its corner `at`."""
        network = self._networks[min(bisect_left(_SIDES, side), len(_SIDES) - 1)]
        answer = network.run((seen * np.float32(1 / 255))[None, ..., None])[0]
        return Scan.of(answer, framed.scale, (framed.margin - at[0], framed.margin - at[1]))


class _Framed(NamedTuple):
    """A picture at the size that the network is to see, with paper around it."""

    grey: Grey  # (H, W)
    scale: float  # pixels of the picture to one of its own
    margin: int  # pixels at the left and above


def _framed(grey: Grey, side: int) -> _Framed:
    height, width = grey.shape
    scale = max(height, width) / side
    size = (max(8, round(width / scale)), max(8, round(height / scale)))
    small = shrunk(grey, size) if scale > 1 else cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
    margin = round(_MARGIN * side)
    right, bottom = (-(length + 2 * margin) % _MULTIPLE + margin for length in size)
    edge = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    paper = int(median(edge))
    framed = cv2.copyMakeBorder(small, margin, bottom, margin, right, cv2.BORDER_CONSTANT, value=[paper])
    return _Framed(np.asarray(framed, np.uint8), scale, margin)


def _windows(boxes: Floats, window: Sequence[int], picture: Sequence[int]) -> list[Corner]:
    """Give the corners of the windows, of a size of half a picture's or more, that show (N, 4) boxes, N > 0.

    Along each side there is one, around them, where they fit into it, and else one at each end.
    """
    starts = []
    for axis in (0, 1):
        low, high, last = boxes[:, axis].min(), boxes[:, axis + 2].max(), picture[axis] - window[axis]
        if high - low + 2 * _ROOM <= window[axis]:
            around = round(float(low + high - window[axis]) / 2)
            starts.append([min(max(around // STRIDE * STRIDE, 0), last)])
        else:
            starts.append([0, last])
    corners = [(left, top) for left in starts[0] for top in starts[1]]
    middles = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    away = np.abs(middles - (np.array(corners) + np.array(window) / 2)).max(axis=2)  # (N, corners)
    return [corners[nearest] for nearest in sorted(set(away.argmin(axis=1).tolist()))]


def _is_plain(scans: Sequence[Scan]) -> bool:
    """Whether a closer look would show nothing more: something large is seen surely and again, and nothing small."""
    return len(scans) >= _LOOKS and not scans[-1].smaller(_LARGE, _HINT).any() and is_seen_again(scans)
