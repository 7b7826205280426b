"""The score on labelled photos: `make photos`, or `python -m tests.bench.photos [FOLDER] [--chat]`.

FOLDER holds photos and labels.csv. They are read by `python -m model read`, or sent through the local chat as people
do. Prints the share read right by kind, group and source, numbers and calculations apart, as written with all marks
where the reader gives them, and how honest the confidence is. `make photos` also appends a line of figures to
docs/photos-history.csv and shows how they differ from the line before.
"""

import argparse
import csv
import json
import math
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.figures import note
from tests.bench.photos_history import append, difference, heading, line_of
from tests.bench.scoring import COLUMNS, KINDS, Answer, Label, Scored, Share, figures

_ROOT: Final = Path(__file__).parents[2]
PHOTOS: Final = _ROOT.parent / "shared" / "photos"
_READERS: Final = {False: ("-m", "model", "read", "--json"), True: ("-m", "tests.bench.chat_reader")}


class CannotScore(Exception):
    """Why there are no figures, in words for whoever asked for them."""


def labels_in(folder: Path) -> list[Label]:
    """Give the rows of a folder's labels.csv. Raises CannotScore: no such file, not in this form, photos missing."""
    path = folder / "labels.csv"
    try:
        with path.open(newline="") as file:
            rows: list[Label] = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotScore(f"{path} can't be read: name the folder that holds the photos and their labels") from error
    if not rows or any(row.get(column) is None for row in rows for column in COLUMNS):
        raise CannotScore(f"{path} needs a row a photo, and in each the columns {', '.join(COLUMNS)}")
    if unknown := {row["kind"] for row in rows} - set(KINDS):
        raise CannotScore(f"{path}: kind is {', '.join(KINDS)}, not {', '.join(map(repr, sorted(unknown)))}")
    if empty := [row["file"] for row in rows if row["kind"] == "multi" and not row["label"].strip(" /")]:
        raise CannotScore(f"{path}: {empty[0]} is of kind multi and needs a label")
    if missing := [row["file"] for row in rows if not (folder / row["file"]).is_file()]:
        raise CannotScore(f"{len(missing)} photos of {path} are missing, {missing[0]} first")
    return rows


def answers_in(said: str, labels: Sequence[Label]) -> list[Answer]:
    """Give what a reader said, an answer a photo; lines that are no answers are passed over. Raises CannotScore."""
    try:
        answers: list[Answer] = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    except json.JSONDecodeError as error:
        raise CannotScore(f"an answer is not JSON: {error}") from error
    if len(answers) != len(labels):
        raise CannotScore(f"the reader answered {len(answers)} of {len(labels)} photos: it should say above why")
    for label, answer in zip(labels, answers, strict=True):
        if Path(answer.get("file", "")).name != Path(label["file"]).name:
            raise CannotScore(f"the answer in the place of {label['file']} is that of {answer.get('file')}")
    return answers


def read(folder: Path, labels: Sequence[Label], *, chat: bool) -> tuple[str, float]:
    """Have every photo read in a process of its own; what it printed, and the seconds that it took, start included."""
    photos = [str(folder.resolve() / label["file"]) for label in labels]
    start = time.monotonic()
    run = subprocess.run(
        [sys.executable, *_READERS[chat], *photos], cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    return run.stdout, time.monotonic() - start


def report(found: Mapping[str, Any]) -> str:
    """Give the figures as tables: kinds and groups, then sources, then the confidence."""
    lines = []
    for kind in KINDS:
        part = found[kind]
        extra = f"   cer {_shown(part['cer'])}" if "cer" in part else ""
        lines.append(f"{kind:10} pooled {_shown(part['pooled'])}   mean over sources {_shown(part['macro'])}{extra}")
        lines += [f"  {name:44} {_of(share)}" for name, share in part["groups"].items()]
        lines.append("  by source")
        lines += [f"    {name:42} {_of(share)}" for name, share in part["sources"].items()]
    lines += [f"{name:10} {_of(found[name])}" for name in ("numbers", "sums", "written")]
    lines += [
        f"sure (0.9 and more) and wrong {_of(found['sure_wrong'])}",
        f"expected calibration error {_shown(found['ece'])}",
        f"share of the errors in the least confident tenth {_shown(found['doubtful'])}",
        f"  counting digits seen where there are none {_shown(found['doubtful_all'])}",
        f"{found['photos']} photos" + ("" if math.isnan(found["seconds"]) else f" in {found['seconds']:.1f} s"),
    ]
    return "\n".join(lines)


def misread(scored: Sequence[Scored]) -> list[str]:
    """Give a line for each photo that was not read right."""
    nothing = "(no digit)"
    return [
        f"{each.label['file']}: wrote {each.label['label'].strip() or nothing}, read {each.said or nothing}"
        + (f"  {each.answer['error']}" if each.answer.get("error") else "")
        for each in scored
        if not each.is_right
    ]


def as_json(found: Any) -> Any:
    """Give figures as JSON knows them: null for what there is nothing to count of."""
    match found:
        case float() if math.isnan(found):
            return None
        case dict():
            return {name: as_json(value) for name, value in found.items()}
        case list() | tuple():
            return [as_json(value) for value in found]
    return found


def _note(found: Mapping[str, Any]) -> None:
    """Note the figures that documents quote."""
    shares = {"numbers": found["numbers"], "sums": found["sums"], "written": found["written"]}
    shares |= found["negative"]["groups"]
    for kind in KINDS:
        count = sum(share[1] for share in found[kind]["groups"].values())
        shares[kind] = found[kind]["pooled"], count
        note(f"{kind}.sources", f"{kind}: how many sources", "{:.0f}", len(found[kind]["sources"]))
    sources = {name for kind in KINDS for name in found[kind]["sources"]}
    note("sources", "how many sources in all", "{:.0f}", len(sources))
    for name, (right, count) in shares.items():
        if count:
            note(name, f"{name}, read right", "{:.1f} %", 100 * right)
            note(f"{name}.count", f"{name}, how many", "{:.0f}", count)
    wrong, sure = found["sure_wrong"]
    note("sure_wrong", "given with 90 % and more and wrong", "{:.1f} %", 100 * wrong)
    note("sure_wrong.count", "given with 90 % and more", "{:.0f}", sure)
    note("ece", "expected calibration error", "{:.3f}", found["ece"])


def _of(share: Share) -> str:
    return f"{_shown(share[0])}  of {share[1]}"


def _shown(figure: float) -> str:
    return "n/a" if math.isnan(figure) else f"{figure:.3f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Score, print, remember, compare; give 2 when there is nothing to score."""
    parser = argparse.ArgumentParser("python -m tests.bench.photos", description="The score on labelled photos.")
    parser.add_argument("folder", nargs="?", type=Path, default=PHOTOS, help="photos with labels.csv")
    reader = parser.add_mutually_exclusive_group()
    reader.add_argument("--chat", action="store_true", help="send them through the local chat, as people do")
    reader.add_argument("--answers", type=Path, metavar="FILE", help="read nothing: what `model read --json` said")
    parser.add_argument("--wrong", action="store_true", help="list every photo that was misread")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures there too")
    parser.add_argument("--history", type=Path, metavar="CSV", help="append a line, and compare with the one before")
    options = parser.parse_args(arguments)
    for written in (options.json, options.history):
        if written and not written.parent.is_dir():
            parser.error(f"there is no folder {written.parent} to write {written.name} in")
    try:
        labels = labels_in(options.folder)
        said, seconds = (
            (options.answers.read_text(), math.nan)
            if options.answers
            else read(options.folder, labels, chat=options.chat)
        )
        answers = answers_in(said, labels)
    except (CannotScore, OSError, UnicodeDecodeError) as problem:
        parser.exit(2, f"{problem}\n")
    scored = [Scored(label, answer) for label, answer in zip(labels, answers, strict=True)]
    found = figures(scored) | {"seconds": round(seconds, 2)}
    if options.wrong:
        print("\n".join(misread(scored)), end="\n\n")
    print(report(found))
    _note(found)
    if options.json:
        options.json.write_text(json.dumps(as_json(found), indent=1) + "\n")
    if options.history:
        kept = line_of(found)
        before = append(options.history, heading(), kept)
        print(f"\n{difference(before, kept)}" if before else "\nthe first line of the history")
    return 0


if __name__ == "__main__":
    sys.exit(main())
