"""Model versions for tests: the shipped one's files, said to be others."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from model import SHIPPED, Comparison, Paired, open_version

DIGITS: Mapping[str, int] = {"validation": 5_000, "photos": 1_140, "readings": 128, "things": 208}
"""How many there are of each fixed set."""


def a_version(models: Path, name: str, *, lost: int = 2, is_judged: bool = True, decision: str = "") -> Path:
    """Make the version `name` below `models`, which lost so many digits to the served one and won 2; its folder.

    `decision` is its decision.json, if it has one of its own.
    """
    both = Paired(digits=100, old=95, new=97 - lost, only_old=lost, only_new=2)
    return _written(models / name, Comparison(_shipped(), both, both, None, is_judged=is_judged), decision)


def a_measured_version(
    models: Path, name: str, new: Mapping[str, int], old: Mapping[str, int], served: str = "", *, edition: str = "1"
) -> Path:
    """Make a version that reads so many of each set, where the `served` one (the shipped by itself) read `old`.

    Each reads thirty that the other does not, so that a loss of a dozen is not significant.
    """
    sets = {}
    for each, digits in DIGITS.items():
        lost, won = max(0, old[each] - new[each]), max(0, new[each] - old[each])
        sets[each] = Paired(digits, old[each], new[each], only_old=lost + 30, only_new=won + 30)
    comparison = Comparison(
        served or _shipped(),
        sets["validation"],
        sets["photos"],
        None,
        is_judged=True,
        readings=sets["readings"],
        things=sets["things"],
        editions=dict.fromkeys(DIGITS, edition),
    )
    return _written(models / name, comparison)


def _shipped() -> str:
    return open_version(SHIPPED).name


def _written(folder: Path, comparison: Comparison, decision: str = "") -> Path:
    shutil.copytree(SHIPPED, folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics |= {
        "version": folder.name,
        "recipe": "continue",
        "corrections": 16,
        "comparison": comparison.to_json(),
    }
    if decision:
        (folder / "decision.json").write_text(decision)
        metrics["files"]["decision.json"] = hashlib.sha256(decision.encode()).hexdigest()
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder
