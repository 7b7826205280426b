"""One photo, from its bytes to an answer, ours beside others': `python -m tests.bench.peers FOLDER…`, Linux only.

FOLDER holds photos and labels.csv as `tests.bench.photos` takes them. All readers that `tests.bench.peers_known` knows
read each photo in turn, each in a process of its own that runs on one core with one thread; what is no part of this
project is installed into an environment of its own at the first run. Prints what each reads right by kind, refuses
where there is no digit, gives surely (with 0.9 and more, by its own account), and how much of that is wrong, in
percent; its times in milliseconds; its memory at its peak and its size on disk in MB. Gives 1 when a reader could not
be measured.

A photo on which a reader fails counts as one in which it sees no digit, with the time it took. Memory is that of its
process and of those that it starts. The size is that of the Python packages that it needs, all that they need
included, and of its models, without Python; that of a program, its file, the libraries that it loads and its models.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Final

from tests.bench.figures import note
from tests.bench.peers_known import PEERS
from tests.bench.peers_started import Missing, Reader, started
from tests.bench.photos import CannotScore, labels_in
from tests.bench.scoring import Label, Scored, figures

# What each figure is, how its median is quoted, and its column in the table.
_FIGURES: Final = {
    "single": ("single digits read right", "{:.1f} %", "single"),
    "numbers": ("numbers read right", "{:.1f} %", "numbers"),
    "sums": ("calculations read right", "{:.1f} %", "sums"),
    "refused": ("no digit seen where there is none", "{:.1f} %", "refused"),
    "sure": ("readings given with 90 % and more", "{:.0f}", "sure"),
    "sure_wrong": ("given with 90 % and more and wrong", "{:.1f} %", "wrong"),
    "median": ("a photo", "{:.1f} ms", "median"),
    "mean": ("a photo, mean", "{:.1f} ms", "mean"),
    "p95": ("a photo, 95th percentile", "{:.1f} ms", "95 %"),
    "slowest": ("the slowest photo", "{:.1f} ms", "slowest"),
    "memory": ("memory at its peak", "{:.0f} MB", "memory"),
    "disk": ("size on disk", "{:.0f} MB", "disk"),
    "failed": ("photos it failed on", "{:.0f}", "failed"),
}
_COMPARED: Final = {"median": "median time", "mean": "mean time", "p95": "95th percentile of the times"}


def compare(photos: Sequence[Path], readers: dict[str, Reader]) -> dict[str, str]:
    """Let all read each photo in turn; give, by name, why one did not reach the end, and leave it out."""
    ended = {}
    for photo in photos:
        for name, reader in list(readers.items()):
            try:
                reader.read(photo)
            except Missing as why:
                ended[name] = str(why)
                del readers[name]
    for reader in readers.values():
        reader.end()
    return ended


def figures_of(labels: Sequence[Label], reader: Reader, disk_mb: float, name: str) -> dict[str, list[float]]:
    """Give every figure that there is of a reader, by name; of `median` each photo's, as `note` takes them."""
    found: dict[str, list[float]] = {}
    if PEERS[name].is_reader:
        scored = [Scored(label, answer) for label, answer in zip(labels, reader.answers, strict=True)]
        all_of = figures(scored)
        shares = {each: all_of[each] for each in ("numbers", "sums", "sure_wrong")}
        for each, kind in (("single", "single"), ("refused", "negative")):
            shares[each] = all_of[kind]["pooled"], sum(label["kind"] == kind for label in labels)
        found = {each: [100 * share] for each, (share, count) in shares.items() if count}
        found["sure"] = [all_of["sure_wrong"][1]]
    ordered = sorted(reader.times)
    return found | {
        "median": reader.times,
        "mean": [mean(ordered)],
        "p95": [ordered[int(0.95 * len(ordered))]],
        "slowest": [ordered[-1]],
        "memory": [reader.memory_mb],
        "disk": [disk_mb],
        "failed": [sum(bool(answer.get("error")) for answer in reader.answers)],
    }


def counted(labels: Sequence[Label]) -> str:
    """Say how many photos there are of what each reader is measured on."""
    kinds = Counter("sum" if Scored(label, {}).group.startswith("sum") else label["kind"] for label in labels)
    names = {"single": "single digits", "multi": "numbers", "sum": "calculations", "negative": "without a digit"}
    return f"{len(labels)} photos: " + ", ".join(f"{kinds[kind]} {name}" for kind, name in names.items())


def report(found: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Give the table: a row a reader, - where there is nothing to count."""
    lines = [f"{'':25}" + "".join(f"{column:>9}" for _, _, column in _FIGURES.values())]
    for name, row in found.items():
        cells = [
            form.split()[0].format(median(row[figure])) if figure in row else "-"
            for figure, (_, form, _) in _FIGURES.items()
        ]
        lines.append(f"{PEERS[name].what:25}" + "".join(f"{cell:>9}" for cell in cells))
    return "\n".join(lines)


def ratios(found: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, float]:
    """Give the times of RapidOCR with PP-OCRv4 over ours; nothing unless both were measured."""
    if not {"ours", "rapidocr_v4"} <= found.keys():
        return {}
    return {name: median(found["rapidocr_v4"][name]) / median(found["ours"][name]) for name in _COMPARED}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and note; give 1 when a reader could not be measured, 2 when there are no photos."""
    parser = argparse.ArgumentParser("python -m tests.bench.peers", description="A photo, ours beside others.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="photos with labels.csv")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth photo")
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS), metavar="NAME", help=", ".join(PEERS))
    options = parser.parse_args(arguments)
    try:
        rows = [(folder / row["file"], row) for folder in options.folders for row in labels_in(folder)]
    except CannotScore as problem:
        parser.exit(2, f"{problem}\n")
    photos, labels = zip(*rows[:: options.every], strict=True)
    readers, disks_mb, left_out = dict[str, Reader](), dict[str, float](), dict[str, str]()
    for name in (name for name in PEERS if name in options.only):
        try:
            readers[name], disks_mb[name] = started(name, PEERS[name])
        except Missing as why:
            left_out[name] = str(why)
    left_out |= compare(photos, readers)
    found = {name: figures_of(labels, readers[name], disks_mb[name], name) for name in readers}
    print(counted(labels))
    print(report(found))
    for name, reason in left_out.items():
        print(f"{PEERS[name].what}: {reason}")
    note("photos", "photos that all read", "{:.0f}", len(photos))
    for name, row in found.items():
        for figure, values in row.items():
            what, form, _ = _FIGURES[figure]
            note(f"{name}.{figure}", f"{PEERS[name].what}: {what}", form, *values)
    for name, ratio in ratios(found).items():
        print(f"{_COMPARED[name]}, RapidOCR with PP-OCRv4 over ours: {ratio:.1f}")
        note(f"ratio.{name}", f"{_COMPARED[name]}, RapidOCR with PP-OCRv4 over ours", "{:.1f}", ratio)
    return int(bool(left_out))


if __name__ == "__main__":
    sys.exit(main())
