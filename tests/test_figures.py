"""Figures go from what was measured into the documents, by one way."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import figures
from tests.bench.figures import NOTES, Figure, Run, filled, keep, load, note, noted, table, taken


def figure(shown: str = "55 ms") -> Figure:
    """A figure with this in it."""
    return Figure("chat", "a photo", shown, 55.0, 50.0, 61.0, 3)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own: docs/ with one document that quotes a figure."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "speed.md").write_text("It takes <!--=read_speed.chat-->9 ms<!--/--> here.\n")
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    monkeypatch.setattr(figures, "KEPT", tmp_path / "docs" / "figures.json")
    monkeypatch.setattr(figures, "TABLE", tmp_path / "docs" / "figures.md")
    return tmp_path / "docs"


def test_the_documents_say_what_was_measured() -> None:
    """No figure between marks differs from docs/figures.json; `python -m tests.bench --fill` mends it."""
    runs = load()
    assert [path.name for path in figures.documents() if filled(path.read_text(), runs) != path.read_text()] == []
    assert figures.TABLE.read_text() == table(runs)


def test_every_figure_names_the_command_that_measures_it_today() -> None:
    """What is kept was measured by a benchmark that exists, called as it is called now."""
    assert {name: run.command for name, run in load().items()} == {
        name: bench.BENCHMARKS[name].command for name in load()
    }


def test_a_figure_has_its_median_and_range(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several measurements the median is quoted, and the least and the most are kept beside it."""
    monkeypatch.setenv(NOTES, str(tmp_path / "notes"))
    note("A photo, read", "a photo", "{:.0f} ms", 50, 61, 55)
    assert noted(tmp_path / "notes") == (Figure("a_photo_read", "a photo", "55 ms", 55, 50, 61, 3),)


def test_a_measurement_by_itself_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `make bench` around it, a measurement prints and leaves the documents alone."""
    monkeypatch.delenv(NOTES, raising=False)
    monkeypatch.chdir(tmp_path)
    note("chat", "a photo", "{:.0f} ms", 55)
    assert list(tmp_path.iterdir()) == []


def test_what_is_measured_anew_is_put_into_the_documents(kept: Path) -> None:
    """Figures, table and documents are written together, and read back as they were."""
    run = taken("python -m tests.bench.read_speed", (figure(),))
    keep({"read_speed": run})
    assert (kept / "speed.md").read_text() == "It takes <!--=read_speed.chat-->55 ms<!--/--> here.\n"
    assert load() == {"read_speed": run}
    assert "| a photo | 55 ms | 50 | 61 | 3 |" in (kept / "figures.md").read_text()
    for said in (run.date[:10], str(run.machine["processor"]), run.versions["numpy"]):
        assert said in (kept / "figures.md").read_text()


def test_a_document_that_quotes_what_nobody_measured_is_refused() -> None:
    """A mark for an unknown figure is an error that names it."""
    with pytest.raises(KeyError, match=r"read_speed\.nothing"):
        filled("<!--=read_speed.nothing-->1<!--/-->", {})


def ran(monkeypatch: pytest.MonkeyPatch, status: int, *found: Figure) -> None:
    """Have a benchmark end so, with these figures."""

    def run(_self: bench.Benchmark, _folders: dict[str, Path], notes: Path) -> int:
        with monkeypatch.context() as patched:
            patched.setenv(NOTES, str(notes))
            for each in found:
                note(each.name, each.what, "{:.0f} ms", each.median)
        return status

    monkeypatch.setattr(bench.Benchmark, "run", run)


def test_a_benchmark_that_breaks_off_loses_nothing(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says so, gives 1, and what was known before stays."""
    before = Run("python -m tests.bench.read_speed", "2026-01-01", {"load": 0}, {}, (figure(),))
    keep({"read_speed": before})
    ran(monkeypatch, 1)
    assert bench.main(["read_speed"]) == 1
    assert load() == {"read_speed": before}
    assert "what was known of it is kept, for it came to no chat" in capsys.readouterr().out
    assert (kept / "figures.json").exists()


def test_a_missed_goal_is_kept_as_openly_as_a_reached_one(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All figures came, so they are kept, and the end says that a goal was missed."""
    ran(monkeypatch, 1, figure())
    assert bench.main(["read_speed"]) == 1
    assert "55 ms" in (kept / "speed.md").read_text()
    assert "a goal was missed" in capsys.readouterr().out


def test_photos_that_are_not_there_are_said_to_be_missing(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A benchmark of somebody's photos is left out aloud where the folder is missing, and that is no failure."""
    assert bench.main(["photos", "--photos", str(kept / "nowhere")]) == 0
    assert f"photos left out, for there is no folder {kept / 'nowhere'}" in capsys.readouterr().out


def test_make_bench_says_which_benchmarks_there_are() -> None:
    """An unknown name is refused with the list."""
    command = [sys.executable, "-m", "tests.bench", "nothing"]
    run = subprocess.run(command, cwd=figures.ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "no such benchmark: nothing; there are read_speed" in run.stderr
