"""The documentation is held against what is there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import BENCHMARKS
from tests.bench.figures import documents
from tests.processes import ROOT

README = (ROOT / "README.md").read_text()
DOCS = documents()
# `python -m MODULE ARGUMENT …`, for a module that measures.
COMMAND = re.compile(r"python -m (tests\.bench[\w.]*|model \w+)([^`\n#]*)")


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


@pytest.fixture(scope="module")
def helps() -> dict[str, str]:
    """What each command that a document names says to --help; asked in one process, for each imports what all do."""
    commands = sorted({name for document in DOCS for name, _ in COMMAND.findall(document.read_text())})
    asking = (
        "import contextlib, io, json, runpy, sys\n"
        "said = {}\n"
        "for command in json.load(sys.stdin):\n"
        "    module, *arguments = command.split()\n"
        "    sys.argv, out = [module, *arguments, '--help'], io.StringIO()\n"
        "    with contextlib.redirect_stdout(out):\n"
        "        try:\n"
        "            runpy.run_module(module, run_name='__main__')\n"
        "        except SystemExit as ended:\n"
        "            said[command] = out.getvalue() if not ended.code else ''\n"
        "print(json.dumps(said))\n"
    )
    program = [sys.executable, "-W", "ignore::RuntimeWarning:runpy", "-c", asking]
    run = subprocess.run(program, input=json.dumps(commands), cwd=ROOT, capture_output=True, text=True, check=True)
    answers: dict[str, str] = json.loads(run.stdout.splitlines()[-1])
    return answers


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_command_that_measures_says_how_it_is_used(document: Path, helps: dict[str, str]) -> None:
    """A measurement that a document names answers --help without measuring, and knows each option that is given."""
    for name, arguments in COMMAND.findall(document.read_text()):
        assert helps.get(name, "").startswith("usage: python -m"), name
        assert [option for option in re.findall(r"--[\w-]+", arguments) if option not in helps[name]] == [], name


def test_every_figure_of_the_readme_names_a_command_that_is_in_the_project() -> None:
    """The column "measured by" holds one command of the project's own a row, or says that it is the one above."""
    table = README.split("| measured by |\n")[1].split("\n\n")[0]
    measured_by = [row.split(" | ")[2].removesuffix(" |") for row in table.splitlines()[1:]]
    assert len(measured_by) > 10
    assert measured_by[0] != "the same"
    others = [how for how in measured_by if how != "the same"]
    assert [how for how in others if not re.fullmatch(rf"`\.venv/bin/{COMMAND.pattern}`", how)] == []


def test_make_bench_measures_every_figure_of_the_readme_that_needs_no_photos() -> None:
    """A benchmark that the README quotes is one of `make bench`, unless it reads a folder of photos."""
    table = README.split("| measured by |\n")[1].split("\n\n")[0]
    quoted = {name for name, arguments in COMMAND.findall(table) if "FOLDER" not in arguments}
    assert {name.removeprefix("tests.bench.") for name in quoted if name.startswith("tests.")} <= set(BENCHMARKS)


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
