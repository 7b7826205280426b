"""requirements/install.sh, which `make` and the Dockerfile install by: whose packages it takes, and what it says."""

import base64
import hashlib
import os
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.environments import borrowing_environment
from tests.processes import ROOT

SCRIPT = ROOT / "requirements" / "install.sh"
SECRET = "hunter2"

pytestmark = pytest.mark.slow  # starts processes, each for seconds


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The Python of a new environment."""
    return borrowing_environment(tmp_path / "environment")


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A package index on the disk with a package that no other index has, and a lock of it."""
    index = tmp_path / "index" / "nowhere-else"
    index.mkdir(parents=True)
    wheel = index / "nowhere_else-1.0-py3-none-any.whl"
    files = {
        "nowhere_else.py": "",
        "nowhere_else-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: nowhere-else\nVersion: 1.0\n",
        "nowhere_else-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},sha256={_digest(text)},{len(text)}" for name, text in files.items()]
    files["nowhere_else-1.0.dist-info/RECORD"] = "\n".join(record)
    with ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    (index / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (tmp_path / "lock.txt").write_text(f"nowhere-else==1.0 --hash=sha256:{sha256}\n")
    return tmp_path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def install(python: Path, lock: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Install a lock with pip's configuration as given and no other."""
    kept = {"PATH": os.environ["PATH"], "HOME": str(lock.parent), "PIP_CONFIG_FILE": os.devnull}
    command = ["sh", str(SCRIPT), str(python), str(lock)]
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, timeout=60, check=False)


def test_behind_a_mirror_pip_installs_and_says_so(python: Path, mirror: Path) -> None:
    """Where pip's configuration names an index, packages come from there, and a line says which setting decided."""
    index = (mirror / "index").as_uri()
    done = install(python, mirror / "lock.txt", PIP_INDEX_URL=index, PIP_PROXY=f"http://me:{SECRET}@127.0.0.1:1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == (
        "pip installs, as its configuration sets index-url proxy, which uv does not read."
    )
    assert "Successfully installed nowhere-else-1.0" in done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_a_file_of_another_hash_is_refused(python: Path, mirror: Path) -> None:
    """What the lock does not vouch for is not installed, whoever installs."""
    lock = mirror / "changed.txt"
    lock.write_text(f"nowhere-else==1.0 --hash=sha256:{'0' * 64}\n")
    done = install(python, lock, PIP_INDEX_URL=(mirror / "index").as_uri())
    assert done.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr


def test_an_installer_that_is_neither_is_refused(python: Path, mirror: Path) -> None:
    """A wrong INSTALLER is one line, and nothing is installed."""
    done = install(python, mirror / "lock.txt", INSTALLER="conda")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "INSTALLER=conda is neither uv nor pip.\n"
