"""The examples that /help shows: a photo that is read, one that is in doubt, and one in which there is no digit.

They lie beside the code with what was read in them. `python -m bot.drawn.examples` makes them anew, with the model that
is shipped, from the local chat's samples.
"""

import argparse
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from bot.drawn.pictures import drawn
from model import Reading, load_reader

SAMPLES: Final = Path(__file__).parents[1] / "local" / "page" / "samples"
SHIPPED: Final = Path(__file__).parent / "example_pictures"
_READINGS: Final = "readings.json"

# By example, its sample, and how wide it is left, in pixels; 0: as it is.
_SOURCES: Final = {
    "good": ("on-ruled-paper.jpg", 0),
    "doubtful": ("chalk-on-a-board.jpg", 410),  # which leaves most of the 6
    "refused": ("no-digit-at-all.jpg", 0),
}
_LONG_SIDE: Final = 640  # three of them are looked at side by side


@dataclass(frozen=True, slots=True)
class Example:
    """A picture (a JPEG) and what is read in it: nothing in the one that is refused."""

    name: str  # good, doubtful, refused
    written: str
    confidence: float
    picture: bytes


def shipped_examples() -> tuple[Example, ...]:
    """The three that were made ahead, in their order."""
    readings = json.loads((SHIPPED / _READINGS).read_text())
    return tuple(
        Example(name, written=written, confidence=confidence, picture=(SHIPPED / f"{name}.jpg").read_bytes())
        for name, (written, confidence) in readings.items()
    )


def make_examples(read: Callable[[bytes], Reading]) -> tuple[Example, ...]:
    """Read the samples and draw on each what was read in it."""
    return tuple(_made(name, *source, read) for name, source in _SOURCES.items())


def _made(name: str, sample: str, width: int, read: Callable[[bytes], Reading]) -> Example:
    photo = (SAMPLES / sample).read_bytes()
    if width:
        whole = Image.open(io.BytesIO(photo)).convert("RGB")
        photo = _jpeg(whole.crop((0, 0, width, whole.height)), quality=88)
    reading = read(photo)
    picture = drawn(photo, reading) if reading.digits else Image.open(io.BytesIO(photo)).convert("RGB")
    picture.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.LANCZOS)
    return Example(name, " ".join(reading.as_written), round(reading.confidence, 2), _jpeg(picture, quality=80))


def _jpeg(picture: Image.Image, *, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def main() -> None:
    """Write the examples into the package."""
    argparse.ArgumentParser("python -m bot.drawn.examples", description="Make the pictures of /help.").parse_args()
    made = make_examples(load_reader().read)
    for example in made:
        (SHIPPED / f"{example.name}.jpg").write_bytes(example.picture)
    readings = {example.name: [example.written, example.confidence] for example in made}
    (SHIPPED / _READINGS).write_text(json.dumps(readings, indent=1) + "\n")


if __name__ == "__main__":
    main()
