"""How long an explanation takes: `python -m tests.bench.why`. From a photo's bytes to the picture, read again included.

Four rows are the most that are drawn, and cost the most.
"""

import argparse
import sys
import time
from statistics import median

from bot.drawn.why import explained, of_reading
from model import load_reader
from tests.bench.figures import note
from tests.pictures import encode, paper, write
from tests.processes import ROOT

SAMPLES = ROOT / "bot" / "local" / "page" / "samples"
ROUNDS = 10


def main() -> int:
    """Print the seconds for the samples of the local chat and a photo of 12 megapixels, and the size of the picture."""
    argparse.ArgumentParser("python -m tests.bench.why", description="How long an explanation takes.").parse_args()
    reader = load_reader()
    photos = {path.name: path.read_bytes() for path in sorted(SAMPLES.iterdir())}
    large = write(paper(4000, 3000), "40712", 300, 1000, height=900, pen=70)
    photos["12 megapixels"] = encode(large, "JPEG")
    slowest = 0.0
    for name, photo in photos.items():
        took, sizes = [], []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            reading = reader.read(photo)
            if not reading.digits:
                break
            picture = explained(reader, of_reading(reading), photo, reading)
            took.append(time.perf_counter() - start)
            sizes.append(len(picture))
        if took:
            slowest = max(slowest, *took)
            figures = f"median {median(took):.2f} s, slowest {max(took):.2f} s, {max(sizes) / 1000:.0f} kB"
            print(f"{name}: {len(reading.digits)} digits, {figures}")
            note(name.removesuffix(".jpg"), f"a photo to its explanation: {name}", "{:.2f} s", *took)
    print(f"slowest of all: {slowest:.2f} s")
    note("slowest", "the slowest explanation", "{:.1f} s", slowest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
