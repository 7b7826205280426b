"""Percentiles and medians as NumPy's own would give them, in less time.

NumPy's load its masked arrays, 10 MB that nothing else here needs.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


def percentiles(values: NDArray[Any], *shares: float) -> tuple[float, ...]:
    """Give percentiles, 0 to 100, of all of an array, between two of its values where need be; fails without values."""
    ordered = np.sort(values, axis=None)

    def at(place: float) -> float:
        low = int(place)
        below, above = float(ordered[low]), float(ordered[min(low + 1, len(ordered) - 1)])
        return below + (place - low) * (above - below)

    return tuple(at(share / 100 * (len(ordered) - 1)) for share in shares)


def median(values: NDArray[Any]) -> float:
    """Give the median of all of an array, to the last bit what NumPy's gives; fails without values."""
    middle = (values.size - 1) // 2, values.size // 2
    return float(np.partition(values, middle, axis=None)[middle[0] : middle[1] + 1].mean())


def median_of_bytes(values: NDArray[np.uint8]) -> float:
    """Give the median of an array of bytes, by counting them. Fails without any."""
    up_to = np.cumsum(cv2.calcHist([np.ascontiguousarray(values)], [0], None, [256], [0, 256]))
    return float(np.searchsorted(up_to, [(values.size + 1) // 2, values.size // 2 + 1]).mean())
