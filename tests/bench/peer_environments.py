"""Environments for what the benches compare with: each has its own, made at the first run and kept."""

import subprocess
import sys
from pathlib import Path

from model.mnist import cache_folder


class NotInstalled(Exception):
    """Why a peer can't be had here, in one line."""


def interpreter(name: str, *packages: str) -> Path:
    """Give the interpreter of the environment of this name that has these packages, `PACKAGE==VERSION` each.

    It is made anew when it is for other packages or was not made to the end. Raises NotInstalled.
    """
    folder = cache_folder().parent / "peers" / name
    python, ready = folder / "bin" / "python", folder / "ready"
    needs = "\n".join(packages)
    if not (python.exists() and ready.exists() and ready.read_text() == needs):
        print(f"installing {', '.join(packages)} into {folder}", flush=True)
        pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
        for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], pip):
            run = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
            if run.returncode:
                raise NotInstalled(f"can't be installed: {last_line(run.stderr)}")
        ready.write_text(needs)
    return python


def last_line(said: str) -> str:
    """Give the last line that says something: what went wrong, where a program ended with an error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it did not say why"
