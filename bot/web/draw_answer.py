"""What the draw page is told: the served model's stages, and what each of them makes of a drawing.

Everything here computes, and runs in the pool's threads.
"""

import base64
import gzip
import json
import logging
import threading
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot import words
from bot.pool import Reader
from model import Digit, Layer, Layers, ModelUnavailable, Version

_log = logging.getLogger(__name__)

# Every digit's maps are 60 kB. A page full of digits is read whole, and the first of them are shown inside.
_MAX_SHOWN: Final = 16
# Of a digit's 77 kB in JSON, level 1 leaves 25 kB in 0.6 ms, level 6 23 kB in 2 ms.
_GZIP_LEVEL: Final = 1


@dataclass(frozen=True, slots=True)
class _Inside:
    version: Version
    layers: Layers | None  # None when they can't be shown


class Answers:
    """The answers as JSON. Any thread may ask; `layers` follow the reader that is given."""

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._inside: _Inside | None = None

    def model(self, reader: Reader) -> dict[str, Any]:
        """Describe the reader's network: `GET /draw/model`."""
        layers = self._layers(reader.version)
        first = None if layers is None or layers.kernels is None else layers.kernels.round(4).tolist()
        return {
            "version": reader.version.name,
            "network": reader.version.metrics.network,
            "parameters": reader.version.metrics.parameters,
            "test_accuracy": reader.version.metrics.test_accuracy,
            "stages": [_stage(stage) for stage in layers.stages] if layers else [],
            "kernels": first,
            "problem": None if layers else words.drawing.NO_LAYERS(),
        }

    def reading(self, reader: Reader, png: bytes) -> dict[str, Any]:
        """Read a drawing, and look at what the network makes of each digit. Raises UnreadablePhoto."""
        reading = reader.read(png)
        layers = self._layers(reader.version)
        return {
            "version": reader.version.name,
            "lines": list(reading.texts),
            "text": list(reading.as_written),
            "confidence": reading.confidence,
            "size": list(reading.size),
            "hint": reading.hint,
            "digits": [
                _digit(digit, layers if place < _MAX_SHOWN else None) for place, digit in enumerate(reading.digits)
            ],
        }

    def _layers(self, version: Version) -> Layers | None:
        with self._loading:
            if self._inside is None or self._inside.version is not version:
                try:
                    self._inside = _Inside(version, Layers(version))
                except ModelUnavailable as error:
                    _log.error("the layers of version %s can't be shown: %s", version.name, error)
                    self._inside = _Inside(version, None)
            return self._inside.layers


def encoded(body: dict[str, Any], *, compressed: bool) -> bytes:
    """Encode an answer as JSON, gzipped for clients that take it."""
    text = json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
    return gzip.compress(text, _GZIP_LEVEL, mtime=0) if compressed else text


def _stage(stage: Layer) -> dict[str, Any]:
    is_maps = len(stage.shape) == 3
    height, width, maps = stage.shape if is_maps else (1, int(np.prod(stage.shape)), 1)
    return {
        "name": stage.name,
        "kind": stage.kind,
        "shape": list(stage.shape),
        "parts": list(stage.parts),
        "maps": maps,
        "height": height,
        "width": width,
    }


def _digit(digit: Digit, layers: Layers | None) -> dict[str, Any]:
    shown = [_maps(values) for values in layers.activations(digit.bitmap)] if layers else []
    ranges, maps = zip(*(_quantised(each) for each in shown), strict=True) if shown else ((), ())
    return {
        "digit": digit.digit,
        "confidence": digit.confidence,
        "box": list(digit.box),
        "probabilities": list(digit.probabilities),
        "bitmap": _base64(np.rint(255 * digit.bitmap).astype(np.uint8)),
        "ranges": _base64(*ranges) if shown else None,
        "maps": _base64(*maps) if shown else None,
    }


def _maps(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """A stage's output as (maps, pixels): the maps of (H, W, C), or the one of a row of numbers."""
    return values.reshape(-1, values.shape[2]).T if values.ndim == 3 else values.reshape(1, -1)


def _quantised(maps: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Each map's lowest and highest value, (maps, 2), and its pixels from 0 to 255 between them."""
    low, high = maps.min(axis=1, keepdims=True), maps.max(axis=1, keepdims=True)
    spread = np.where(high > low, high - low, 1)
    return np.hstack([low, high]).astype("<f4"), np.rint((maps - low) / spread * 255).astype(np.uint8)


def _base64(*parts: NDArray[Any]) -> str:
    return base64.b64encode(b"".join(part.tobytes() for part in parts)).decode()
