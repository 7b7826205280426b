"""The figures of `make photos` as they were, a line a run, and what changed since the line before."""

import csv
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from model import SHIPPED, open_version

_ROOT: Final = Path(__file__).parents[2]
# The figures of a line for which less is better.
_LESS_IS_BETTER: Final = {"cer", "ece", "seconds"}


def heading() -> dict[str, str]:
    """Say what is measured, and when."""
    return {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "commit": _commit(), "model": open_version(SHIPPED).name}


def line_of(figures: Mapping[str, Any]) -> dict[str, float]:
    """Give the figures that the history keeps."""
    groups = figures["negative"]["groups"]
    refused = {name: groups[name][0] if name in groups else float("nan") for name in ("ordinary", "look-alike")}
    return {
        "single": figures["single"]["pooled"],
        "single_macro": figures["single"]["macro"],
        "single_worst_group": min((share for share, _ in figures["single"]["groups"].values()), default=float("nan")),
        "multi": figures["multi"]["pooled"],
        "multi_macro": figures["multi"]["macro"],
        "cer": figures["multi"]["cer"],
        "ordinary_refused": refused["ordinary"],
        "look_alike_refused": refused["look-alike"],
        "ece": figures["ece"],
        "doubtful": figures["doubtful"],
        "doubtful_all": figures["doubtful_all"],
        "seconds": figures["seconds"],
    }


def append(history: Path, heading: Mapping[str, str], figures: Mapping[str, float]) -> dict[str, str]:
    """Write a line, the first one below a header; give the line before it, empty when there is none."""
    known: list[dict[str, str]] = []
    if history.exists():
        with history.open(newline="") as file:
            known = list(csv.DictReader(file))
    with history.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if not known:
            writer.writerow([*heading, *figures])
        writer.writerow([*heading.values(), *figures.values()])
    return known[-1] if known else {}


def difference(before: Mapping[str, str], figures: Mapping[str, float]) -> str:
    """Say what changed since a line of the history, better or worse."""
    lines = [f"since {before['date']}, {before['commit']}, model {before['model']}:"]
    for name, now in figures.items():
        change = now - float(before.get(name) or "nan")
        if abs(change) >= 5e-5:  # NaN is no change either
            verdict = "better" if (change < 0) == (name in _LESS_IS_BETTER) else "worse"
            lines.append(f"  {name:20} {float(before[name]):8.4f} → {now:8.4f}   {change:+.4f}  {verdict}")
    return "\n".join(lines if len(lines) > 1 else [*lines, "  nothing changed"])


def _commit() -> str:
    """Name the commit that was measured, with a + when the reader has changes that no commit has."""

    def git(*arguments: str) -> str:
        run = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
        return run.stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "?") + ("+" if git("status", "--porcelain", "--", "model") else "")
