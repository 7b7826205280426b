"""The command that scores a folder of photos, and its history; what is counted is in test_scoring."""

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.bench.photos import main
from tests.bench.photos_history import append, difference

HEADER = "file,label,kind,source_repo,notes,text"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos of numbers by two people, with their labels."""
    for name in ("a.png", "b.png"):
        Image.new("L", (40, 40), 250).save(tmp_path / name)
    label(tmp_path, "a.png,12,multi,ann,form,1.2", "b.png,34,multi,bob,form,34")
    return tmp_path


def label(folder: Path, *rows: str, header: str = HEADER) -> None:
    """Write labels.csv."""
    (folder / "labels.csv").write_text("\n".join([header, *rows]) + "\n")


def answered(folder: Path, lines: dict[str, str]) -> str:
    """Keep what a reader said of some photos; the file's name."""
    said = [json.dumps({"file": name, "lines": [line], "confidence": 0.97}) for name, line in lines.items()]
    (folder / "answers").write_text("\n".join(["a greeting", *said]))
    return str(folder / "answers")


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said when there is nothing to score."""
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    caught = capsys.readouterr()
    assert caught.out == ""
    return caught.err


def test_what_a_reader_said_before_is_scored(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One of two right; the wrong one is named; what can't be counted is n/a, in JSON null."""
    out = folder / "figures.json"
    assert (
        main(
            [str(folder), "--answers", answered(folder, {"a.png": "12", "b.png": "35"}), "--wrong", "--json", str(out)]
        )
        == 0
    )
    said = capsys.readouterr().out
    assert "b.png: wrote 34, read 35" in said
    assert "a.png" not in said
    assert "multi      pooled 0.500   mean over sources 0.500   cer 0.250" in said
    assert "written    n/a  of 0" in said
    assert "sure (0.9 and more) and wrong 0.500  of 2" in said
    found = json.loads(out.read_text())
    assert found["numbers"] == [0.5, 2]
    assert found["written"] == [None, 0]
    assert found["single"]["pooled"] is None


def test_photos_are_read_by_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without answers `python -m model read` gives them: blank paper holds no number."""
    assert main([str(folder), "--wrong"]) == 0
    said = capsys.readouterr().out
    assert "a.png: wrote 12, read (no digit)" in said
    assert "2 photos in " in said


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        ("file,label", ["a.png,12"], "columns file, label, kind, source_repo, notes"),
        (HEADER, [], "a row a photo"),
        (HEADER, ["a.png,12"], "in each the columns"),
        (HEADER, ["a.png,12,several,ann,form,"], "not 'several'"),
        (HEADER, ["a.png,,multi,ann,form,"], "a.png is of kind multi and needs a label"),
        (HEADER, ["a.png,12,multi,ann,form,", "c.png,1,single,ann,form,"], "1 photos of"),
    ],
)
def test_labels_in_another_form_are_refused_before_anything_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str], header: str, rows: list[str], said: str
) -> None:
    """What is wrong with the file is said, and nothing is scored."""
    label(folder, *rows, header=header)
    assert said in complaint(capsys, str(folder))


def test_a_folder_without_labels_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line names the file that is missing and asks for the right folder."""
    assert f"{tmp_path}/labels.csv can't be read: name the folder" in complaint(capsys, str(tmp_path))


def test_a_reader_that_answers_too_little_gives_no_score(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half of the answers must not be taken for all of them."""
    said = complaint(capsys, str(folder), "--answers", answered(folder, {"a.png": "12"}))
    assert "answered 1 of 2 photos" in said


def test_answers_of_other_photos_give_no_score(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As many answers as photos, but in another order: the first that is out of place is named."""
    answers = answered(folder, {"a.png": "12", "b.png": "34"})
    label(folder, "b.png,34,multi,bob,form,34", "a.png,12,multi,ann,form,1.2")
    assert "in the place of b.png is that of a.png" in complaint(capsys, str(folder), "--answers", answers)


def test_a_folder_to_write_in_that_is_missing_is_said_before_anything_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Minutes of reading must not end in an error that was to be seen at the start."""
    assert "there is no folder" in complaint(capsys, str(folder), "--json", str(folder / "no" / "figures.json"))


def test_the_history_grows_by_a_line_and_compares_with_the_line_before(tmp_path: Path) -> None:
    """A header once, then a line a run; what went up or down is called better or worse by its meaning."""
    history = tmp_path / "history.csv"
    heading = {"date": "2026-01-01 10:00", "commit": "abc", "model": "m"}
    assert append(history, heading, {"single": 0.9, "ece": 0.05, "multi": 0.8}) == {}
    later = {"single": 0.95, "ece": 0.07, "multi": 0.8}
    before = append(history, heading | {"commit": "def"}, later)
    assert history.read_text().splitlines() == [
        "date,commit,model,single,ece,multi",
        "2026-01-01 10:00,abc,m,0.9,0.05,0.8",
        "2026-01-01 10:00,def,m,0.95,0.07,0.8",
    ]
    said = difference(before, later)
    assert "abc" in said
    assert [line.split()[0] + " " + line.split()[-1] for line in said.splitlines()[1:]] == [
        "single better",
        "ece worse",
    ]


def test_a_run_that_changes_nothing_says_so() -> None:
    """Silence would look like a failure."""
    before = {"date": "d", "commit": "c", "model": "m", "single": "0.9"}
    assert "nothing changed" in difference(before, {"single": 0.9})


def test_a_run_keeps_its_line_in_the_history_that_it_is_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run starts the file, the second is compared with it."""
    history = folder / "history.csv"
    for said in ("the first line of the history", "nothing changed"):
        assert (
            main(
                [str(folder), "--answers", answered(folder, {"a.png": "12", "b.png": "34"}), "--history", str(history)]
            )
            == 0
        )
        assert said in capsys.readouterr().out
    assert len(history.read_text().splitlines()) == 3
