"""`make bench`: every measurement that the documents quote, one after the other, and their figures into the documents.

Those that read photos of strangers need folders of them, `--photos` and `--harder`, each with a labels.csv, as
`tests.bench.photos` takes them. What is measured replaces what docs/figures.json knew of it; the rest stays.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.figures import KEPT, NOTES, TABLE, keep, load, noted, taken
from tests.bench.photos import PHOTOS

_PHOTOS, _HARDER = "FOLDER", "HARDER"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module that measures, and its arguments, where FOLDER and HARDER stand for folders of photos."""

    module: str
    arguments: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """How documents name it."""
        return " ".join(("python -m", f"tests.bench.{self.module}", *self.arguments))

    def run(self, folders: dict[str, Path], notes: Path) -> int:
        """Measure in a process of its own: what one leaves in memory must not weigh on the next. Its exit status."""
        arguments = [str(folders.get(argument, argument)) for argument in self.arguments]
        command = [sys.executable, "-m", f"tests.bench.{self.module}", *arguments]
        return subprocess.run(command, env={**os.environ, NOTES: str(notes)}, check=False).returncode

    def lacks(self, folders: dict[str, Path]) -> list[Path]:
        """The folders that it needs and that are not there."""
        return [folder for name, folder in folders.items() if name in self.arguments and not folder.is_dir()]


BENCHMARKS: Final = {
    "read_speed": Benchmark("read_speed"),
    "bombs": Benchmark("bombs"),
    "chat_load": Benchmark("chat_load"),
    "plain_bot": Benchmark("plain_bot"),
    "draw": Benchmark("draw"),
    "why": Benchmark("why"),
    "growth": Benchmark("growth"),
    "unseen": Benchmark("unseen", ("240",)),
    "unseen_signs": Benchmark("unseen", ("200", "--signs")),
    "classifier": Benchmark("classifier", ("--test",)),
    "one_digit": Benchmark("one_digit"),
    "photos": Benchmark("photos", (_PHOTOS, "--chat")),
    "harder": Benchmark("photos", (_HARDER,)),
    "worse": Benchmark("worse", (_PHOTOS,)),
    "peers": Benchmark("peers", (_PHOTOS, _HARDER, "--every", "2")),
    "seed_accuracy": Benchmark("seed_accuracy"),
    "while_training": Benchmark("while_training", ("240",)),
    "learning": Benchmark("learning"),  # the longest last
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks that are named, or all of them; 1 when one missed its goals or ended with an error."""
    parser = argparse.ArgumentParser("python -m tests.bench", description="Measure what the documents quote.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="photos with labels.csv")
    parser.add_argument("--harder", type=Path, default=PHOTOS.with_name("wild"), help="likewise, harder ones")
    parser.add_argument("--fill", action="store_true", help="measure nothing: put what is kept into the documents")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    runs, ended = load(), dict[str, str]()
    if options.fill:
        keep(runs)
        return 0
    folders = {_PHOTOS: options.photos, _HARDER: options.harder}
    for name in options.names or BENCHMARKS:
        benchmark = BENCHMARKS[name]
        print(f"── {name}: {benchmark.command}", flush=True)
        if missing := benchmark.lacks(folders):
            ended[name] = f"left out, for there is no folder {', '.join(map(str, missing))}"
            continue
        with tempfile.TemporaryDirectory() as folder:
            notes = Path(folder, "notes")
            notes.touch()
            status, figures = benchmark.run(folders, notes), noted(notes)
        if status:
            ended[name] = f"ended with status {status}: a goal was missed, or it says above what went wrong"
        known = {each.name for each in runs[name].figures} if name in runs else set()
        if status and (lost := known - {each.name for each in figures}):
            ended[name] += f"; what was known of it is kept, for it came to no {', '.join(sorted(lost))}"
        elif figures:
            runs[name] = taken(benchmark.command, figures)
            keep(runs)  # at once: a later one may be interrupted
    print("\n".join([f"── figures are in {KEPT} and {TABLE}", *(f"{name} {how}" for name, how in ended.items())]))
    return int(any("status" in how for how in ended.values()))


if __name__ == "__main__":
    sys.exit(main())
