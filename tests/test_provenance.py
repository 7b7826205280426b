"""The key of a generated set that is kept in the cache."""

import shutil
import sys
from pathlib import Path

import pytest

import model
from model.generate.provenance import made_with

SHIPPED = Path(model.__file__).parent


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to be changed."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "model", ignore=shutil.ignore_patterns("__pycache__")))


def photolike(package: Path) -> str:
    """The key of the photos that models are compared on."""
    return made_with(package / "generate" / "photolike.py", package)


def test_the_same_package_elsewhere_has_the_same_key(package: Path) -> None:
    """A set that was made in one checkout serves in another."""
    assert photolike(package) == photolike(SHIPPED)


@pytest.mark.parametrize(
    "part",
    [
        *("generate/photolike.py", "generate/pens.py", "generate/papers.py"),
        *("find.py", "ink.py", "cells.py", "grouping.py", "normalize.py", "reading.py"),
    ],
)
def test_a_change_of_what_makes_the_photos_gives_another_key(package: Path, part: str) -> None:
    """The finder, the ink, the normaliser, the pens: whatever is imported on the way, by whatever it is imported."""
    before = photolike(package)
    source = package / part
    source.write_text(source.read_text() + "\n_CHANGED = True\n")
    assert photolike(package) != before


@pytest.mark.parametrize(
    "part", ["reader.py", "__init__.py", "training/train.py", "generate/letters.py", "weights/model.tflite"]
)
def test_a_change_of_something_else_keeps_the_key(package: Path, part: str) -> None:
    """What takes no part does not make the set be made again."""
    before = photolike(package)
    with (package / part).open("ab") as file:
        file.write(b"\n")
    assert photolike(package) == before


@pytest.mark.parametrize(
    ("maker", "changed"),
    [
        ("from made.helper import help\n", "helper.py"),
        ("from made import helper\n", "helper.py"),
        ("import made.helper\n", "helper.py"),
        ("from . import helper\n", "helper.py"),
        ("from .helper import help\n", "helper.py"),
        ("from made import something\n", "__init__.py"),
        ("def make():\n    from made.helper import help\n", "helper.py"),
        ("from made.helper import help\n", "weights/net.tflite"),
    ],
)
def test_every_way_to_name_a_part_is_followed(tmp_path: Path, maker: str, changed: str) -> None:
    """Imports of any form and depth, and the weights that a module names, are found without being told."""
    package = tmp_path / "made"
    (package / "weights").mkdir(parents=True)
    (package / "maker.py").write_text(maker)
    (package / "helper.py").write_text("from pathlib import Path\nNET = Path('weights') / 'net.tflite'\n")
    (package / "__init__.py").write_text("something = 1\n")
    (package / "weights" / "net.tflite").write_bytes(b"1")
    before = made_with(package / "maker.py", package)
    (package / changed).write_text("other = 2\n")
    assert made_with(package / "maker.py", package) != before


def test_another_release_of_a_library_gives_another_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV may draw a line in another way from one release to the next."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "drawing_library.py").write_text("__version__ = '1'\n")
    package = tmp_path / "made"
    package.mkdir()
    (package / "maker.py").write_text("import drawing_library\n")
    before = made_with(package / "maker.py", package)
    (tmp_path / "drawing_library.py").write_text("__version__ = '22'\n")
    del sys.modules["drawing_library"]
    assert made_with(package / "maker.py", package) != before
