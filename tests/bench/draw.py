"""The draw page's answers: `.venv/bin/python -m tests.bench.draw`, half a minute, the last part needs Chromium.

Replays 100 MNIST test digits through `POST /draw/read` over real HTTP, as the page would send them, and prints how many
are read right, whether the reader itself answers the same, what goes over the wire, and the time from a stroke's end to
its answer, layers included; then the same time as the page itself sees it, with real pointer events.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import DigitReader, Reading, load_reader
from model.mnist import load_mnist
from tests.bench.figures import note
from tests.browser.drawing import draw, open_sheet
from tests.browser.driving import INSTALL, chromium, running_browser
from tests.processes import running_bot

# As the page frames what is drawn: bot/web/page/sketch.js.
_INK, _FRAME = 64, 32
_MEASURED = """() => new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => resolve(list.getEntries()[0].duration));
    observer.observe({ type: "measure", buffered: true });
})"""


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of some digits."""

    right: int
    same: int  # as the reader reads the same picture itself
    sent: list[int]  # bytes of each request's body
    received: list[int]  # bytes of each answer's body as it came over the wire
    ms: list[float]


def as_drawn(digit: NDArray[np.uint8]) -> bytes:
    """Make the PNG that the page would send had a (28, 28) MNIST digit been drawn on it: enlarged, black on white."""
    rows, columns = np.nonzero(digit)
    ink = Image.fromarray(digit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    scale = _INK / ink.height
    ink = ink.resize((max(1, round(ink.width * scale)), _INK), Image.Resampling.BICUBIC)
    page = Image.new("RGBA", (ink.width + 2 * _FRAME, ink.height + 2 * _FRAME), "white")
    page.paste(Image.new("RGBA", ink.size, "black"), (_FRAME, _FRAME), ink)
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


def replay(origin: str, reader: DigitReader, digits: NDArray[np.uint8], labels: Sequence[int]) -> Replay:
    """Send (N, 28, 28) digits one after the other, and compare each answer with the digit and with the reader."""
    right = same = 0
    sent, received, ms = [], [], []
    with httpx.Client(base_url=origin, timeout=30) as http:
        http.get("/draw/model").raise_for_status()  # the page asks it first, and by it the layers are loaded
        for digit, label in zip(digits, labels, strict=True):
            png = as_drawn(digit)
            start = time.perf_counter()
            response = http.post("/draw/read", content=png)
            answer = response.raise_for_status().json()
            ms.append(1000 * (time.perf_counter() - start))
            assert all(each["maps"] for each in answer["digits"])
            sent.append(len(png))
            received.append(response.num_bytes_downloaded)
            right += answer["lines"] == [str(label)]
            same += is_same(answer, reader.read(png))
    return Replay(right, same, sent, received, ms)


def is_same(answer: dict[str, Any], reading: Reading) -> bool:
    """Whether an answer says of each digit what a reading says, to the last bit."""
    said = [(each["digit"], each["confidence"], each["box"], each["probabilities"]) for each in answer["digits"]]
    known = [(each.digit, each.confidence, list(each.box), list(each.probabilities)) for each in reading.digits]
    return (answer["lines"], answer["confidence"], said) == (list(reading.texts), reading.confidence, known)


def in_the_page(origin: str, rounds: int = 4) -> list[float]:
    """Draw digits in Chromium, and give the milliseconds from each stroke's end until the last map was painted.

    Empty without Chromium.
    """
    executable = chromium()
    if executable is None:
        return []
    found = []
    with running_browser(executable) as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        open_sheet(page, origin)
        # Drawings are sent at a stroke's end only: answers on the way would be measured too.
        page.evaluate("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
        for digit in "0123456789" * rounds:
            draw(page, digit, left=0.35)
            found.append(float(page.evaluate(_MEASURED)))
            page.evaluate("performance.clearMeasures()")
            page.locator("#clear").click()
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """What so many percent of the values are at most."""
    return float(np.percentile(values, share))


def main() -> int:
    """Measure, and fail below the floor."""
    parser = argparse.ArgumentParser("python -m tests.bench.draw", description=__doc__)
    parser.add_argument("--digits", type=int, default=100, help="how many test digits are replayed")
    count = parser.parse_args().digits
    mnist = load_mnist()
    images, labels = mnist.test_images, mnist.test_labels
    digits = images[:count].reshape(-1, 28, 28)
    with tempfile.TemporaryDirectory() as folder, running_bot(Path(folder), LOG_LEVEL="WARNING") as bot:
        replay(bot.origin, reader := load_reader(), digits[:5], [int(label) for label in labels[:5]])  # warm
        result = replay(bot.origin, reader, digits, [int(label) for label in labels[:count]])
        print(f"MNIST test digits through POST /draw/read: {result.right} of {count} right")
        print(f"the same answer as the reader on the same picture: {result.same} of {count}")
        print(f"sent a stroke: {percentile(result.sent, 50) / 1000:.1f} kB; answered: ", end="")
        print(f"{percentile(result.received, 50) / 1000:.1f} kB with every layer")
        print(f"request to answer, layers included: median {percentile(result.ms, 50):.0f} ms, ", end="")
        print(f"95th percentile {percentile(result.ms, 95):.0f} ms", flush=True)
        note("right", "MNIST test digits read right through the page's API", f"{{:.0f}} of {count}", result.right)
        note("answer", "a stroke to its answer with every layer", "{:.0f} ms", *result.ms)
        note("sent", "sent a stroke", "{:.1f} kB", *(size / 1000 for size in result.sent))
        note("received", "answered a stroke, with every layer", "{:.1f} kB", *(size / 1000 for size in result.received))
        if shown := in_the_page(bot.origin):
            print(f"stroke's end to the last map painted, in Chromium: median {percentile(shown, 50):.0f} ms, ", end="")
            print(f"95th percentile {percentile(shown, 95):.0f} ms ({len(shown)} strokes)")
            note("page", "in the browser, a stroke to its last map", "{:.0f} ms", *shown)
        else:
            print(f"Chromium is missing, so the page's own time is not measured: {INSTALL}")
    return 0 if result.right >= 0.97 * count and result.same == count else 1


if __name__ == "__main__":
    sys.exit(main())
