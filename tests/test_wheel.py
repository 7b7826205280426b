"""The project as a package: built, installed in an environment of its own, and used from an empty folder."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest

from model import SHIPPED, open_version
from tests.environments import borrowing_environment, site_packages
from tests.processes import ROOT, announced, environment, healthz

PACKAGES = ("bot", "model")
_FOR_TRANSLATORS = {".po", ".pot"}  # what is spoken is compiled from them
A_SEVEN = ROOT / "bot" / "local" / "page" / "samples" / "a-seven.jpg"

pytestmark = pytest.mark.slow  # starts processes, each for seconds


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network from a copy, for building leaves things beside the sources."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "dist"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "."]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = (source / "dist").iterdir()
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel in it, which borrows the tests' dependencies."""
    python = borrowing_environment(tmp_path_factory.mktemp("installed"))
    options = ["--no-deps", "--no-index"]
    subprocess.run([python, "-m", "pip", "install", *options, wheel], check=True, capture_output=True)
    return python.parent


def surroundings(**settings: str) -> dict[str, str]:
    """An environment from which Python finds no checkout of the project."""
    found = environment(LOCAL_CHAT_PORT="0", **settings)
    del found["PYTHONPATH"]
    return found


def test_the_wheel_holds_every_file_of_its_packages(wheel: Path) -> None:
    """Pages, samples, weights and migrations travel along: nothing beside the code is forgotten."""
    written = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in _FOR_TRANSLATORS
    }
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert packed == written


def test_digit_bot_starts_from_an_empty_folder(programs: Path, tmp_path: Path) -> None:
    """The installed command starts the local chat, answers /healthz and reads a photo; its data are in ./data."""
    with announced([programs / "digit-bot"], tmp_path, surroundings()) as bot:
        assert healthz(bot.origin) == {"status": "ok", "model": open_version(SHIPPED).name}
        (reply,) = bot.replies(bot.send(A_SEVEN))
    assert reply["text"].startswith("7\n")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert (tmp_path / "data" / "bot.db").exists()


def test_the_installed_command_line_reads_a_photo(programs: Path, tmp_path: Path) -> None:
    """`python -m model read` of the wheel reads a sample that came with it."""
    sample = site_packages(programs / "python") / A_SEVEN.relative_to(ROOT)
    command = [str(programs / "python"), "-m", "model", "read", str(sample)]
    read = subprocess.run(
        command, cwd=tmp_path, env=surroundings(), capture_output=True, text=True, timeout=60, check=True
    )
    assert read.stdout.startswith(f"{sample}: 7 ")


@pytest.mark.parametrize("folder", ["weights", "finder_weights", "judge_weights", "signs_weights", "line_weights"])
def test_a_wheel_without_its_weights_says_in_one_line_what_to_do(programs: Path, tmp_path: Path, folder: str) -> None:
    """Where a network is missing, digit-bot ends with status 2 and the command that brings it."""
    with without(site_packages(programs / "python") / "model" / folder):
        refused = subprocess.run(
            [programs / "digit-bot"],
            cwd=tmp_path,
            env=surroundings(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert folder in refused.stderr
    assert "mend it with: pip install --force-reinstall" in refused.stderr


@contextmanager
def without(folder: Path) -> Iterator[None]:
    """Take a folder away for a while."""
    hidden = folder.rename(folder.with_name("hidden"))
    try:
        yield
    finally:
        hidden.rename(folder)
