from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REQUIREMENTS = Path("requirements")


def pinned(lock: str) -> set[str]:
    """Return what a lock pins, as it is written there, without the hashes."""
    lines = (REQUIREMENTS / f"{lock}.txt").read_text().splitlines()
    return {line.split(" \\")[0] for line in lines if line[:1].isalnum()}


def locked() -> dict[str, set[str]]:
    """Return each locked distribution's canonical name with the extras that the lock names."""
    parsed = [Requirement(line) for line in pinned("test")]
    return {canonicalize_name(one.name): {canonicalize_name(extra) for extra in one.extras} for one in parsed}


def test_lock_names_every_extra_that_an_installed_distribution_asks_for() -> None:
    """The lock names extras: pip 23 with --require-hashes takes `coverage` for no answer to `coverage[toml]`."""
    extras = locked()
    asked = [
        (distribution.name, requirement)
        for distribution in distributions()
        if canonicalize_name(distribution.name) in extras
        for requirement in map(Requirement, distribution.requires or ())
        if requirement.extras and _applies(requirement, extras[canonicalize_name(distribution.name)])
    ]
    assert any(requirement.name == "coverage" for _, requirement in asked)  # pytest-cov asks for coverage[toml]
    missing = [
        f"{who} asks for {requirement}, the lock names {sorted(extras.get(canonicalize_name(requirement.name), ()))}"
        for who, requirement in asked
        if not {canonicalize_name(extra) for extra in requirement.extras}
        <= extras.get(canonicalize_name(requirement.name), set())
    ]
    assert missing == []


@pytest.mark.parametrize(("smaller", "larger"), [("run", "test"), ("serve", "run")])
def test_what_is_run_is_what_was_tested(smaller: str, larger: str) -> None:
    """A smaller lock pins some of what the larger one pins, at the same versions."""

    def versions(lock: str) -> set[tuple[str, str]]:
        parsed = [Requirement(line) for line in pinned(lock)]
        return {(canonicalize_name(one.name), f"{one.specifier} {one.marker}") for one in parsed}  # whatever the extras

    assert versions(smaller) < versions(larger)


def test_serving_alone_installs_nothing_of_training() -> None:
    """serve.txt, for a small image, holds no TensorFlow and what comes with it."""
    names = {canonicalize_name(Requirement(line).name) for line in pinned("serve")}
    assert "ai-edge-litert" in names
    assert not names & {"tensorflow", "keras", "matplotlib", "rich"}


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    """Say whether a requirement counts here: for this Python, without an extra or with one that the lock names."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))
