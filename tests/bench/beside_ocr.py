"""A photo's time beside an OCR engine's: `python -m tests.bench.beside_ocr FOLDER… [--every N]`, Linux only.

Both read each photo in turn, from its bytes, in a process of its own that runs on one core with one thread. FOLDER
holds photos and labels.csv as `tests.bench.photos` takes them. RapidOCR with PP-OCRv4 is installed into an environment
of its own at the first run. Prints median, mean, 95th percentile and slowest in milliseconds, the peak memory in MB,
and the ratios.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median
from typing import Final

from model.mnist import cache_folder
from tests.bench.figures import note
from tests.bench.photos import labels_in

_PEER: Final = "rapidocr-onnxruntime==1.4.4"
_OURS: Final = """
from model import UnreadablePhoto, load_reader
reader = load_reader()
def read(photo):
    try:
        reader.read(photo)
    except UnreadablePhoto:
        pass
"""
_THEIRS: Final = """
from rapidocr_onnxruntime import RapidOCR
engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
def read(photo):
    try:
        engine(photo)
    except Exception as problem:  # an engine's own, of any kind: the photo counts with the time it took
        print("failed", repr(problem), flush=True)
"""
_CHILD: Final = """
import os, sys, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import cv2
cv2.setNumThreads(1)
LOAD
print("ready", flush=True)
for line in sys.stdin:
    with open(line.rstrip("\\n"), "rb") as file:
        photo = file.read()
    start = time.perf_counter()
    read(photo)
    print("took", time.perf_counter() - start, flush=True)
"""


class Reader:
    """A process that reads photos and says how long each took."""

    def __init__(self, name: str, python: str, load: str) -> None:
        """Start it with an interpreter, and wait until it can read."""
        self.name, self.times, self.failed = name, list[float](), 0
        self._child = subprocess.Popen(  # (this interpreter, or one that was installed here)
            [python, "-c", _CHILD.replace("LOAD", load)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._answer("ready")

    def read(self, photo: Path) -> None:
        """Let it read one photo."""
        assert self._child.stdin is not None
        print(photo, file=self._child.stdin, flush=True)
        self.times.append(float(self._answer("took")))

    def end(self) -> str:
        """End it, and give its row of the table."""
        status = Path(f"/proc/{self._child.pid}/status").read_text()
        peak = int(status.split("VmHWM:")[1].split()[0]) // 1024
        self._child.communicate()
        ordered = sorted(self.times)
        figures = median(ordered), mean(ordered), ordered[int(0.95 * len(ordered))], ordered[-1]
        shown = "".join(f"{1000 * seconds:9.0f}" for seconds in figures)
        return f"{self.name:10}{shown}{peak:9}" + (f"   failed on {self.failed}" if self.failed else "")

    def _answer(self, word: str) -> str:
        assert self._child.stdout is not None
        for line in self._child.stdout:  # an engine may print what it likes besides
            if line.startswith("failed"):
                self.failed += 1
            if line.startswith(word):
                return line[len(word) :]
        self._child.communicate()
        sys.exit(f"{self.name} ended before it answered")


def peer() -> str:
    """Give the interpreter of an environment with the OCR engine, which is made unless it is there."""
    folder = cache_folder().parent / "peers" / _PEER
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        print(f"installing {_PEER} into {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", _PEER], check=True)
        (folder / "ready").touch()
    return str(python)


def compare(photos: Sequence[Path], readers: Sequence[Reader]) -> None:
    """Let all read each photo in turn, and print the table."""
    for photo in photos:
        for reader in readers:
            reader.read(photo)
    print(f"{len(photos)} photos{'median':>10}{'mean':>9}{'95 %':>9}{'most':>9}{'peak MB':>9}")
    for reader in readers:
        print(reader.end())
    ours, theirs = (reader.times for reader in readers)
    print(f"its median is {median(theirs) / median(ours):.1f} of ours, its mean {mean(theirs) / mean(ours):.1f}")
    note("median", "RapidOCR's median time over ours", "{:.1f}", median(theirs) / median(ours))
    note("mean", "RapidOCR's mean time over ours", "{:.1f}", mean(theirs) / mean(ours))
    note("photos", "photos that both read", "{:.0f}", len(photos))
    note("ours", "a photo, ours", "{:.0f} ms", *(1000 * each for each in ours))
    note("theirs", "a photo, RapidOCR with PP-OCRv4", "{:.0f} ms", *(1000 * each for each in theirs))


def main() -> None:
    """Read the photos of the folders."""
    parser = argparse.ArgumentParser(
        "python -m tests.bench.beside_ocr", description="A photo's time beside an OCR engine's."
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth photo")
    options = parser.parse_args()
    photos = [folder / label["file"] for folder in options.folders for label in labels_in(folder)]
    compare(photos[:: options.every], [Reader("ours", sys.executable, _OURS), Reader("RapidOCR", peer(), _THEIRS)])


if __name__ == "__main__":
    main()
