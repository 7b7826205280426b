"""The score on labelled photos: `make photos`, or `python -m tests.bench.photos [FOLDER]`.

FOLDER holds photos and labels.csv; the scorer, score_photos.py, lies beside it. Prints the share read right by kind,
group and source, and how honest the confidence is; appends a line of figures to docs/photos-history.csv and shows how
they differ from the line before.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from model import SHIPPED, open_version

_ROOT: Final = Path(__file__).parents[2]
_HISTORY: Final = _ROOT / "docs" / "photos-history.csv"
PHOTOS: Final = _ROOT.parent / "shared" / "photos"
_KINDS: Final = ("single", "multi", "negative")
# The figures of a line of the history for which less is better.
_LESS_IS_BETTER: Final = {"cer", "ece", "seconds"}

Answer = Mapping[str, Any]
"""What `python -m model read --json` says of one photo."""


def is_right(label: Mapping[str, str], answer: Answer) -> bool:
    """Whether a photo was read as its row in labels.csv says; of scattered digits the order does not count."""
    said, wrote = "/".join(answer["lines"]), label["label"].strip()
    if "multiset" in label["notes"]:
        return sorted(said.replace("/", "")) == sorted(wrote.replace("/", ""))
    return said == wrote


def errors_among_the_doubtful(readings: Sequence[tuple[float, bool]], share: float = 0.1) -> float:
    """The share of all errors that is found in the least confident `share` of (confidence, is right) readings.

    Where equally confident readings straddle the limit, each counts in part. NaN when there is no error.
    """
    errors = sum(not right for _, right in readings)
    if not errors:
        return float("nan")
    left, found = share * len(readings), 0.0
    for confidence in sorted({confidence for confidence, _ in readings}):
        level = [right for each, right in readings if each == confidence]
        taken = min(1.0, left / len(level))
        found += taken * sum(not right for right in level)
        left -= taken * len(level)
        if left <= 0:
            break
    return found / errors


def score(folder: Path) -> dict[str, Any]:
    """Read all photos once and give the scorer's figures, with `doubtful` and `doubtful_all` beside its `ece`.

    `doubtful` is `errors_among_the_doubtful` of what `ece` looks at: photos of digits in which some were read.
    `doubtful_all` counts the digits seen where there are none as well.
    """
    with tempfile.TemporaryDirectory() as scratch:
        figures_path, answers_path = Path(scratch, "figures.json"), Path(scratch, "answers")
        # The scorer starts the reader itself: a shell in between keeps a copy of what it said.
        tee = 'keep=$1; shift; "$0" -m model read --json "$@" | tee "$keep"'
        reader = ["sh", "-c", tee, sys.executable, str(answers_path)]
        scorer = [sys.executable, str(folder.parent / "score_photos.py"), str(folder), "--json", str(figures_path)]
        subprocess.run([*scorer, "--", *reader], cwd=_ROOT, stdout=subprocess.DEVNULL, check=True)
        figures: dict[str, Any] = json.loads(figures_path.read_text())
        answers = [json.loads(line) for line in answers_path.read_text().splitlines()]
    with (folder / "labels.csv").open(newline="") as file:
        labels = list(csv.DictReader(file))
    said = [pair for pair in zip(labels, answers, strict=True) if pair[1]["lines"]]
    for name, among in (
        ("doubtful", [pair for pair in said if pair[0]["kind"] != "negative"]),
        ("doubtful_all", said),
    ):
        readings = [(answer["confidence"], is_right(label, answer)) for label, answer in among]
        figures[name] = round(errors_among_the_doubtful(readings), 4)
    return figures


def report(figures: Mapping[str, Any]) -> str:
    """The figures as tables: kinds and groups, then sources, then the confidence."""
    lines = []
    for kind in _KINDS:
        part = figures[kind]
        extra = f"   cer {part['cer']:.3f}" if "cer" in part else ""
        lines.append(f"{kind:10} pooled {part['pooled']:.3f}   mean over sources {part['macro']:.3f}{extra}")
        lines += [f"  {name:44} {share:.3f}  of {photos}" for name, (share, photos) in part["groups"].items()]
        lines.append("  by source")
        lines += [f"    {name:42} {share:.3f}  of {photos}" for name, (share, photos) in part["sources"].items()]
    lines += [
        f"expected calibration error {figures['ece']:.3f}",
        f"share of the errors in the least confident tenth {figures['doubtful']:.2f}",
        f"  counting digits seen where there are none {figures['doubtful_all']:.2f}",
        f"{figures['photos']} photos in {figures['seconds']:.1f} s",
    ]
    return "\n".join(lines)


def line_of(figures: Mapping[str, Any]) -> dict[str, float]:
    """The figures that the history keeps."""
    groups = figures["negative"]["groups"]
    refused = {name: groups[name][0] if name in groups else float("nan") for name in ("ordinary", "look-alike")}
    return {
        "single": figures["single"]["pooled"],
        "single_macro": figures["single"]["macro"],
        "single_worst_group": min(share for share, _ in figures["single"]["groups"].values()),
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
    """What changed since a line of the history, better or worse."""
    lines = [f"since {before['date']}, {before['commit']}, model {before['model']}:"]
    for name, now in figures.items():
        change = now - float(before.get(name) or "nan")
        if abs(change) >= 5e-5:  # NaN is no change either
            verdict = "better" if (change < 0) == (name in _LESS_IS_BETTER) else "worse"
            lines.append(f"  {name:20} {float(before[name]):8.4f} → {now:8.4f}   {change:+.4f}  {verdict}")
    return "\n".join(lines if len(lines) > 1 else [*lines, "  nothing changed"])


def _commit() -> str:
    """The commit that was measured, with a + when the reader has changes that no commit has."""

    def git(*arguments: str) -> str:
        run = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
        return run.stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "?") + ("+" if git("status", "--porcelain", "--", "model") else "")


def main() -> int:
    """Score, print, remember, compare."""
    parser = argparse.ArgumentParser(description="The score on labelled photos.")
    parser.add_argument("folder", nargs="?", type=Path, default=PHOTOS, help="photos with labels.csv")
    parser.add_argument("--no-history", action="store_true", help="only print")
    options = parser.parse_args()
    folder = options.folder.resolve()
    for needed in (folder / "labels.csv", folder.parent / "score_photos.py"):
        if not needed.exists():
            parser.exit(2, f"{needed.name} is missing: give the folder of the photos, with the scorer beside it\n")
    figures = score(folder)
    print(report(figures))
    if not options.no_history:
        heading = {
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
            "commit": _commit(),
            "model": open_version(SHIPPED).name,
        }
        kept = line_of(figures)
        before = append(_HISTORY, heading, kept)
        print(f"\n{difference(before, kept)}" if before else "\nthe first line of the history")
    return 0


if __name__ == "__main__":
    sys.exit(main())
