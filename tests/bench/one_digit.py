"""One digit through the network, in the libraries one could serve it with: `python -m tests.bench.one_digit`, Linux.

The shipped weights in LiteRT, as the bot serves them, and in Keras' `predict`, a `tf.function`, ONNX Runtime and
PyTorch, which are installed into environments of their own at the first run. Each is a process of its own with so many
threads on as many cores, one after the other; its probabilities for 256 validation digits are compared with ours
first. The last row is what the multiply-adds alone would take at the highest rate of float32 matrix products.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from model.mnist import load_mnist
from tests.bench.digit_networks import ANSWERS, BATCHES, DIGITS, WEIGHTS
from tests.bench.figures import ROOT, note
from tests.bench.folded import Array, read
from tests.bench.peer_environments import NotInstalled, interpreter, last_line

THREADS: Final = (1, 2)
TOLERANCE: Final = 1e-3  # between probabilities; more is another network
_DIGITS: Final = 256
_WIDE: Final = 24  # a column of the table
_NUMPY: Final = "numpy==2.4.6"
_POOLS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_OTHER_PROCESSOR: Final = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # with these the peak would not be this machine's


@dataclass(frozen=True, slots=True)
class Candidate:
    """A library; `packages` are those of its own environment, none where it is in this one."""

    name: str
    shown: str
    packages: tuple[str, ...] = ()


CANDIDATES: Final = (
    Candidate("ours", "LiteRT, ours"),
    Candidate("keras", "keras predict"),
    Candidate("tf_function", "tf.function"),
    Candidate("onnx_runtime", "ONNX Runtime", ("onnxruntime==1.32.0", "onnx==1.23.2", _NUMPY)),
    Candidate("pytorch", "PyTorch", ("torch==2.13.0", _NUMPY)),
)


@dataclass(slots=True)
class Row:
    """What became of a candidate."""

    candidate: Candidate
    times: dict[tuple[int, int], list[float]] = field(default_factory=dict)  # µs a digit, by batch and threads
    difference: float = 0.0  # the largest from our probabilities
    problem: str = ""  # why it has no times

    def line(self) -> str:
        """Give its line of the table."""
        if self.problem:
            return f"{self.candidate.shown:14}  {self.problem}"
        shown = "".join(_shown(self.times.get((batch, threads))) for threads in THREADS for batch in BATCHES)
        apart = "" if self.candidate.name == "ours" else f"  {self.difference:.0e}"
        return f"{self.candidate.shown:14}{shown}{apart}" + (" NOT THE SAME" if self.difference > TOLERANCE else "")


class WorkFailed(Exception):
    """Why a process gave nothing, in one line."""


def work(python: Path, what: str, threads: int, seconds: float, folder: Path) -> Any:
    """Let a process do one work and give what it printed last, if anything. Raises WorkFailed."""
    command = [str(python), "-m", "tests.bench.digit_networks", what, str(threads), str(seconds), str(folder)]
    surroundings = {name: text for name, text in os.environ.items() if name not in _OTHER_PROCESSOR}
    surroundings |= dict.fromkeys(_POOLS, str(threads)) | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    run = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    if run.returncode:
        raise WorkFailed(f"failed: {last_line(run.stderr)}")
    return json.loads(last_line(run.stdout)) if run.stdout.strip() else None


def measured(candidate: Candidate, cores: Sequence[int], seconds: float, folder: Path) -> Row:
    """Time a candidate with each number of threads that there are cores for. `folder` keeps our answers."""
    row = Row(candidate)
    own = folder / "ours.npy"
    try:
        python = interpreter(candidate.name, *candidate.packages) if candidate.packages else Path(sys.executable)
        for threads in cores:
            times = work(python, candidate.name, threads, seconds, folder)
            row.times |= {(int(batch), threads): found for batch, found in times.items()}
            answers: Array = np.load(folder / ANSWERS)
            if not own.exists():
                np.save(own, answers)
            row.difference = max(row.difference, float(np.abs(answers - np.load(own)).max()))
    except (NotInstalled, WorkFailed) as problem:
        row.problem, row.times = str(problem), {}
    return row


def report(rows: Sequence[Row], multiply_adds: int, peaks: dict[int, float]) -> None:
    """Print the table, and note what is in it."""
    print(f"{multiply_adds / 1e6:.2f} million multiply-adds a digit; µs a digit: median (least–most)")
    heads = "".join(f"{f'batch {batch}, threads {threads}':>{_WIDE}}" for threads in THREADS for batch in BATCHES)
    print(f"{'':14}{heads}  largest difference from ours")
    for row in rows:
        print(row.line())
        for (batch, threads), times in row.times.items():
            what = f"a digit, {row.candidate.shown}, {batch} at a time, threads: {threads}"
            note(f"{row.candidate.name}.{batch}.{threads}", what, "{:.0f} µs", *times)
    limits = {threads: 1e6 * multiply_adds / rate for threads, rate in peaks.items()}
    shown = "".join(_shown([limits[threads]] if threads in limits else None) for threads in THREADS for _ in BATCHES)
    print(f"{'the limit':14}{shown}  at {', '.join(f'{rate / 1e9:.0f}' for rate in peaks.values())} billion a second")
    for threads, limit in limits.items():
        note(
            f"limit.{threads}", f"a digit's multiply-adds at the machine's peak, threads: {threads}", "{:.0f} µs", limit
        )


def _shown(times: Sequence[float] | None) -> str:
    if times is None:
        return f"{'too few cores':>{_WIDE}}"
    ranged = f" ({min(times):.0f}–{max(times):.0f})" if len(times) > 1 else ""
    return f"{f'{median(times):.0f}{ranged}':>{_WIDE}}"


def main() -> int:
    """Measure one after the other; 1 when one that is here failed."""
    parser = argparse.ArgumentParser("python -m tests.bench.one_digit", description="One digit through the network.")
    parser.add_argument("--seconds", type=float, default=3, metavar="S", help="of calls for each figure (3)")
    seconds = parser.parse_args().seconds
    _, (images, _) = load_mnist().split()
    cores = [threads for threads in THREADS if threads <= len(os.sched_getaffinity(0))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / DIGITS, np.divide(images[:_DIGITS].reshape(-1, 28, 28), 255, dtype=np.float32))
        try:
            work(Path(sys.executable), "weights", 1, seconds, folder)
            multiply_adds = sum(stage.multiply_adds for stage in read(folder / WEIGHTS))
            peaks = {threads: float(work(Path(sys.executable), "peak", threads, seconds, folder)) for threads in cores}
        except WorkFailed as problem:
            sys.exit(f"the network's weights or the machine's peak: {problem}")
        rows = [measured(candidate, cores, seconds, folder) for candidate in CANDIDATES]
    report(rows, multiply_adds, peaks)
    return int(any(row.problem.startswith("failed") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
