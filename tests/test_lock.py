from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path("requirements/test.txt")


def locked() -> dict[str, set[str]]:
    """Return each locked distribution's canonical name with the extras that the lock names."""
    lines = [line.split(" \\")[0] for line in LOCK.read_text().splitlines() if line[:1].isalnum()]
    parsed = [Requirement(line) for line in lines]
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


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    """Say whether a requirement counts here: for this Python, without an extra or with one that the lock names."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))
