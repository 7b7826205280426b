"""The documentation is held against what is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT

README = (ROOT / "README.md").read_text()
DOCS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])


def tree() -> list[Path]:
    """The paths in the README's tree, from its indentation."""
    block = README.split("## What is where")[1].split("```")[1]
    folders: list[str] = []
    paths = []
    for line in block.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = line.strip().split("  ")[0]
        folders[depth:] = [names.rstrip("/")]
        paths += [Path(*folders[:depth], name.rstrip("/")) for name in names.split(" · ")]
    return paths


def test_everything_in_the_readmes_tree_exists() -> None:
    """No line of the tree names a file or folder that is gone."""
    assert [str(path) for path in tree() if not (ROOT / path).exists()] == []


def test_every_module_of_the_bot_and_of_the_model_is_in_the_readmes_tree() -> None:
    """A new module gets its line; a folder that the tree leaves closed stands for what is in it."""
    named = set(tree())
    opened = {path.parent for path in named}
    modules = [
        path.relative_to(ROOT)
        for folder in ("bot", "model")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "__init__.py" and path.parent.relative_to(ROOT) in opened
    ]
    assert [str(module) for module in modules if module not in named] == []


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_link_to_a_file_of_the_project_leads_somewhere(document: Path) -> None:
    """Pictures and pages that a document points to are there."""
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text())
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_python_module_that_a_document_tells_to_run_can_be_run(document: Path) -> None:
    """`python -m …` in a document names a module that exists."""
    modules = set(re.findall(r"python -m ([\w.]+)", document.read_text())) - {"venv", "pip", "pytest"}
    for module in modules:
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_every_make_target_that_the_readme_names_exists() -> None:
    """`make …` in the README is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)\b(?=`|\n| PHOTOS)", README))
    assert named
    assert named <= targets


def test_the_readmes_command_reads_the_samples() -> None:
    """The command that the README gives for reading works as written, from the project's root."""
    command = re.search(r"^\.venv/bin/python (-m model read \S+)", README, re.MULTILINE)
    assert command is not None
    *arguments, pattern = command[1].split()
    samples = [str(path) for path in sorted(ROOT.glob(pattern))]
    assert samples
    read = subprocess.run([sys.executable, *arguments, *samples], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(read.stdout.splitlines()) >= len(samples)
    assert read.stderr == ""
