"""Environments of their own that borrow what the tests' environment has: made in a moment, without a network."""

import sysconfig
import venv
from pathlib import Path


def borrowing_environment(home: Path) -> Path:
    """Make an environment in `home` that also finds the tests' packages, pip among them; its Python."""
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    (site_packages(python) / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return python


def site_packages(python: Path) -> Path:
    """Where an environment keeps what is installed in it."""
    (folder,) = python.parent.parent.glob("lib/python*/site-packages")
    return folder
