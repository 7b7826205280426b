"""Model versions for tests: the shipped one's files, said to be others."""

import json
import shutil
from pathlib import Path

from model import SHIPPED, Comparison, Paired


def a_version(models: Path, name: str, *, lost: int = 2, is_judged: bool = True) -> Path:
    """Make the version `name` below `models`, which lost so many digits to the served one and won 2; its folder."""
    folder = models / name
    shutil.copytree(SHIPPED, folder)
    metrics = json.loads((folder / "metrics.json").read_text())
    both = Paired(digits=100, old=95, new=97 - lost, only_old=lost, only_new=2)
    comparison = Comparison(metrics["version"], both, both, None, is_judged=is_judged)
    metrics |= {"version": name, "recipe": "continue", "corrections": 16, "comparison": comparison.to_json()}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder
