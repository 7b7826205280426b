"""The figures that documents quote: gathered by `make bench`, kept with the machine, the versions and the date.

A measurement calls `note` for each figure. `python -m tests.bench` keeps what was noted in docs/figures.json, writes
docs/figures.md, and puts the figures into the documents, between marks that Markdown does not show:

    <!--=read_speed.chat-->55 ms<!--/-->
"""

import json
import os
import platform
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

import psutil

ROOT: Final = Path(__file__).parents[2]
KEPT: Final = ROOT / "docs" / "figures.json"
TABLE: Final = ROOT / "docs" / "figures.md"
NOTES: Final = "BENCH_NOTES"
"""Environment variable: the file that `note` appends to; without it nothing is kept."""

_MARK: Final = re.compile(r"(<!--=([\w.-]+)-->)(.*?)(<!--/-->)", re.DOTALL)
_PACKAGES: Final = (
    *("numpy", "opencv-python-headless", "pillow", "ai-edge-litert", "tensorflow", "keras"),
    *("python-telegram-bot", "aiohttp"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, once or several times."""

    name: str
    what: str  # what it is, for the table
    shown: str  # the median as documents quote it, with its unit
    median: float
    least: float
    most: float
    times: int  # how often it was measured


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement's figures, and where and when they were taken."""

    command: str
    date: str  # ISO 8601, UTC
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    figures: tuple[Figure, ...]

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `asdict` made."""
        return cls(**{**kept, "figures": tuple(Figure(**each) for each in kept["figures"])})


def note(name: str, what: str, form: str, *values: float) -> None:
    """Note a figure that was measured once or several times; `form` formats its median, as "{:.0f} ms".

    In documents, what is no letter, digit or point of its name is an underscore.
    """
    notes = os.environ.get(NOTES)
    if notes is None:
        return
    middle = median(values)
    figure = Figure(
        re.sub(r"[^\w.]+", "_", name.lower()).strip("_"),
        what,
        form.format(middle),
        middle,
        min(values),
        max(values),
        len(values),
    )
    with Path(notes).open("a") as file:
        print(json.dumps(asdict(figure)), file=file)


def noted(notes: Path) -> tuple[Figure, ...]:
    """Give what was noted in a file."""
    return tuple(Figure(**json.loads(line)) for line in notes.read_text().splitlines())


def taken(command: str, figures: tuple[Figure, ...]) -> Run:
    """Put the machine, the versions and the date to figures that were just taken."""
    return Run(command, datetime.now(UTC).isoformat(timespec="minutes"), machine(), _versions(), figures)


def machine() -> dict[str, Any]:
    """Say what this machine is, and how busy it was in the last minute."""
    names = re.findall(r"^model name\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "processors": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
    }


def load() -> dict[str, Run]:
    """Give all that is kept, by measurement."""
    return {name: Run.from_json(run) for name, run in json.loads(KEPT.read_text()).items()} if KEPT.exists() else {}


def keep(runs: Mapping[str, Run]) -> None:
    """Write the figures, their table and the documents that quote them."""
    KEPT.write_text(
        json.dumps({name: asdict(runs[name]) for name in sorted(runs)}, indent=1, ensure_ascii=False) + "\n"
    )
    TABLE.write_text(table(runs))
    for path in documents():
        before = path.read_text()
        after = filled(before, runs)
        if after != before:
            path.write_text(after)


def documents() -> list[Path]:
    """The documents that may quote figures."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def filled(text: str, runs: Mapping[str, Run]) -> str:
    """Put the kept figures between the marks of a text. Raises KeyError for a figure that is not kept."""
    shown = {f"{name}.{each.name}": each.shown for name, run in runs.items() for each in run.figures}
    return _MARK.sub(lambda mark: mark[1] + shown[mark[2]] + mark[4], text)


def table(runs: Mapping[str, Run]) -> str:
    """Give all figures in Markdown: medians and ranges, with the command, the machine, the versions and the date."""
    lines = ["# Figures", "", "Written by `make bench`; what each figure's command prints says more.", ""]
    for name in sorted(runs):
        run = runs[name]
        lines += [
            f"## {name}",
            f"`{run.command}`, {run.date[:10]}",
            "",
            "| what | median | least | most | times |",
            "|---|---|---|---|---|",
            *(
                f"| {each.what} | {each.shown} | {each.least:.4g} | {each.most:.4g} | {each.times} |"
                for each in run.figures
            ),
            "",
            f"{_said(run.machine)}; {_said(run.versions)}.",
            "",
        ]
    return "\n".join(lines)


def _said(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {fact}" for name, fact in facts.items())


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # a part that this environment does without
            continue
    return found


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:  # not Linux
        return ""
