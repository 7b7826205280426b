"""What a release says of itself agrees with itself."""

import re
import tomllib
from datetime import date

from packaging.specifiers import SpecifierSet

from tests.processes import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
WORKFLOW = (ROOT / ".github" / "workflows" / "check.yml").read_text()


def headings() -> list[str]:
    """The changelog's versions, newest first."""
    return re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)


def test_the_changelogs_newest_version_is_the_projects() -> None:
    """What is not released stands first; below it, the version of pyproject.toml."""
    unreleased, newest, *_ = headings()
    assert unreleased == "[Unreleased]"
    assert newest.split(" - ")[0] == f"[{PROJECT['version']}]"


def test_every_version_of_the_changelog_is_dated_and_newer_than_the_one_below() -> None:
    """The date of each is one, written as 2026-11-25; versions only grow."""
    released = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (\S+)", heading) for heading in headings()[1:]]
    assert None not in released
    found = [(tuple(map(int, each.groups()[:3])), date.fromisoformat(each[4])) for each in released if each]
    assert found == sorted(found, reverse=True)


def test_the_workflow_runs_what_a_release_must_pass_on_every_python_that_is_supported() -> None:
    """Nothing is repeated from .ci/run, and no Python that the project promises is left out."""
    assert re.search(r"^      - run: \.ci/run$", WORKFLOW, re.MULTILINE)
    matrix = re.search(r"^        python: \[(.+)\]$", WORKFLOW, re.MULTILINE)
    assert matrix is not None
    tried = set(re.findall(r'"([\d.]+)"', matrix[1]))
    supported = SpecifierSet(PROJECT["requires-python"])
    assert tried == {f"3.{minor}" for minor in range(50) if f"3.{minor}.0" in supported}
