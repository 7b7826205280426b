"""A reader of `tests.bench.peers` at work: installed into an environment of its own if need be, started, and asked.

The environments are beside the cache of MNIST, in peers/, and made anew when what they hold is no longer what
`tests.bench.peers_known` says.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

import psutil
from packaging.requirements import Requirement

from tests.bench.figures import ROOT
from tests.bench.peer_environments import NotInstalled, interpreter
from tests.bench.peers_known import Peer
from tests.bench.scoring import Answer

_ONE_THREAD: Final = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "CUDA_VISIBLE_DEVICES": "",  # processors are compared
}


class Missing(Exception):
    """Why a peer can't be measured, in words for whoever asked for it."""


class Reader:
    """A process that reads photos and says what it read and how long that took."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        """Start it, and wait until it can read. Raises Missing when it can't."""
        self.answers, self.times, self.memory_mb = list[Answer](), list[float](), 0.0
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (as long as the process)
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **_ONE_THREAD},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        self._answer("it could read")

    def read(self, photo: Path) -> None:
        """Let it read one photo. Raises Missing when it ends instead."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # that it ended is seen below
            print(photo.resolve(), file=self._process.stdin, flush=True)
        answer = self._answer(f"it had read {photo.name}")
        self.answers.append(answer)
        self.times.append(1000 * float(answer["seconds"]))

    def end(self) -> None:
        """Take its memory, and end it."""
        process = psutil.Process(self._process.pid)
        tree = [process.pid, *(child.pid for child in process.children(recursive=True))]
        ended = max((float(answer.get("ended_mb", 0)) for answer in self.answers), default=0.0)
        self.memory_mb = ended + sum(map(_peak_mb, tree))
        self.close()

    def _answer(self, what: str) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            answer: Mapping[str, Any] = json.loads(line)
            return answer
        status = self._process.wait()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
        self.close()
        raise Missing(f"ended with status {status} before {what}: {said[-1]}")

    def close(self) -> None:
        """End it, if it runs."""
        if self._said.closed:
            return
        self._process.communicate()
        self._said.close()


def _peak_mb(process: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0  # one that has just ended has none


def started(name: str, peer: Peer) -> tuple[Reader, float]:
    """Start a peer, installed if need be; it, and its size on disk in MB. Raises Missing when that can't be done."""
    if peer.program and not shutil.which(peer.program):
        raise Missing(f"not installed: apt-get install {peer.package}")
    python, places = _installed(name, peer) if peer.is_apart else (Path(sys.executable), sys.path)
    files = _files_of(peer.needs, places) | _program_files(peer.program) | _project_files(peer.files)
    size = sum(path.stat().st_size for path in files)
    return Reader([python, "-m", "tests.bench.peers_known", name]), size / 2**20


def _installed(name: str, peer: Peer) -> tuple[Path, list[str]]:
    """Give the interpreter of the peer's environment and where its packages are; made unless it is there."""
    try:
        python = interpreter(name, *peer.needs)
    except NotInstalled as problem:
        raise Missing(str(problem)) from problem
    return python, [str(place) for place in python.parent.parent.glob("lib/python*/site-packages")]


def _files_of(needs: Iterable[str], places: list[str]) -> set[Path]:
    """Give the files of packages and of all that they need in turn. Raises Missing when one is not there."""
    files, left, known = set[Path](), [Requirement(need) for need in needs], set[str]()
    while left:
        need = left.pop()
        if str(need) in known:
            continue
        known.add(str(need))
        package = next(iter(distributions(name=need.name, path=places)), None)
        if package is None:
            raise Missing(f"{need.name}, which it needs, is not installed")
        files |= {Path(str(file.locate())).resolve() for file in package.files or ()}
        extras = ("", *need.extras)
        left += [
            each
            for each in map(Requirement, package.requires or ())
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return {path for path in files if path.is_file()}


def _program_files(program: str) -> set[Path]:
    """Give a program, the libraries that it loads, and what Tesseract knows of English."""
    path = shutil.which(program)
    if not program or path is None:
        return set()
    loaded = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    languages = subprocess.run([path, "--list-langs"], capture_output=True, text=True, check=True).stdout
    learned = re.findall(r'"(.+)"', languages)
    files = [path, *re.findall(r"=> (/\S+)", loaded), *(f"{folder}/eng.traineddata" for folder in learned)]
    return {Path(file).resolve() for file in files}


def _project_files(name: str) -> set[Path]:
    """Give a file of the project, or all of a folder as a wheel would hold them; nothing without a name."""
    path = ROOT / name
    if not name or path.is_file():
        return {path} if name else set()
    return {each for each in path.rglob("*") if each.is_file() and each.suffix != ".pyc"}
