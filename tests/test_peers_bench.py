"""The comparison of readers: with readers made up here, in processes of their own, and no engine."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench import peers
from tests.bench.figures import NOTES, noted
from tests.bench.peers_known import PEERS, Peer, Piece, Read, answer_of, words_in
from tests.bench.peers_started import Missing, Reader, started

# A reader that says a number for each photo, after what is put before it.
_SERVING = """
import time
from tests.bench.peers_known import serve

def read(photo):
    print("chatter")
    BEFORE
    return {"lines": photo.decode().split(), "confidence": 0.95}

serve(read)
"""
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
Start = Callable[..., Reader]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start readers that do this before they answer what is in the file, each word a line."""
    readers: list[Reader] = []

    def begin(before: str = "pass") -> Reader:
        readers.append(Reader([sys.executable, "-c", _SERVING.replace("BEFORE", before)]))
        return readers[-1]

    yield begin
    for reader in readers:
        reader.close()


def folder_of(folder: Path, *rows: tuple[str, str, str]) -> Path:
    """Make a folder of photos whose content is what the made-up readers say: (kind, label, content)."""
    lines = ["file,label,kind,source_repo,notes"]
    for number, (kind, label, content) in enumerate(rows):
        (folder / f"photo {number}.jpg").write_text(content)
        lines.append(f"photo {number}.jpg,{label},{kind},somebody,camera")
    (folder / "labels.csv").write_text("\n".join(lines))
    return folder


def known(monkeypatch: pytest.MonkeyPatch, **readers: Reader | str) -> None:
    """Have these readers be started, with 7 MB on disk each; a text is why one can't be."""

    def begin(name: str, _peer: Peer) -> tuple[Reader, float]:
        reader = readers[name]
        if isinstance(reader, str):
            raise Missing(reader)
        return reader, 7.0

    monkeypatch.setattr(peers, "started", begin)


@on_linux
def test_each_reader_reads_every_photo_and_has_its_row(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is read right, refused and surely wrong is counted by kind, and what was measured is noted."""
    photos = folder_of(
        tmp_path, ("single", "7", "7"), ("single", "1", "7"), ("multi", "12/34", "12 34"), ("negative", "", "")
    )
    monkeypatch.setenv(NOTES, str(tmp_path / "notes"))
    known(monkeypatch, ours=start(), rapidocr_v4=start("time.sleep(0.05)"))
    assert peers.main([str(photos), "--only", "ours", "rapidocr_v4"]) == 0
    counts, _heading, ours, theirs, *ratios = capsys.readouterr().out.splitlines()
    assert counts == "4 photos: 2 single digits, 1 numbers, 0 calculations, 1 without a digit"
    assert ours.split()[:7] == ["ours", "50.0", "100.0", "-", "100.0", "3", "33.3"]
    assert theirs.startswith("RapidOCR, PP-OCRv4 ")
    assert [float(ratio.rsplit(maxsplit=1)[1]) > 1 for ratio in ratios] == [True] * 3
    figures = {figure.name: figure for figure in noted(tmp_path / "notes")}
    assert figures["ours.sure_wrong"].shown == "33.3 %"
    assert "ours.sums" not in figures
    assert figures["rapidocr_v4.median"].times == 4
    assert figures["rapidocr_v4.slowest"].median >= 50
    assert figures["rapidocr_v4.memory"].median > 5
    assert figures["rapidocr_v4.disk"].median == 7
    assert {"ratio.median", "ratio.mean", "ratio.p95"} <= figures.keys()


@on_linux
def test_a_photo_on_which_a_reader_fails_counts_as_one_without_digits(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader goes on with the next photo, and its failures are counted."""
    known(monkeypatch, tesseract=start("assert photo != b'bad'"))
    photos = folder_of(tmp_path, ("single", "7", "bad"), ("single", "1", "1"))
    assert peers.main([str(photos), "--only", "tesseract"]) == 0
    *_, row = capsys.readouterr().out.splitlines()
    assert (row.split()[3], row.split()[-1]) == ("50.0", "1")


@on_linux
def test_a_reader_that_cannot_be_measured_is_named_and_the_others_go_on(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether it can't be started or ends midway: the reason is printed, the status 1, and there is no row of it."""
    known(monkeypatch, ours=start(), tesseract="not installed", keras=start("if photo == b'1': raise SystemExit(3)"))
    photos = folder_of(tmp_path, ("single", "7", "7"), ("single", "1", "1"))
    assert peers.main([str(photos), "--only", "ours", "tesseract", "keras"]) == 1
    _, _, ours, *others = capsys.readouterr().out.splitlines()
    assert ours.startswith("ours ")
    assert [line.split(":")[:2] for line in others] == [
        ["Tesseract, digits only", " not installed"],
        ["resize, invert, predict", " ended with status 3 before it had read photo 1.jpg"],
    ]


def test_a_reader_that_cannot_start_says_why() -> None:
    """The last line of what it said is the reason."""
    with pytest.raises(Missing, match="ended with status 1 before it could read: ValueError: no weights"):
        Reader([sys.executable, "-c", "raise ValueError('no weights')"])


def nothing() -> Read:
    """Load nothing."""
    raise NotImplementedError


@pytest.mark.parametrize(
    ("peer", "reason"),
    [
        (Peer("", nothing, program="no-such-program", package="some-package"), "apt-get install some-package"),
        (Peer("", nothing, ("no-such-package",)), "no-such-package, which it needs, is not installed"),
    ],
)
def test_what_a_peer_lacks_is_said(peer: Peer, reason: str) -> None:
    """A program that is not on PATH, a package that is not there."""
    with pytest.raises(Missing, match=reason):
        started("made-up", peer)


def test_pieces_of_text_become_lines_of_digits() -> None:
    """Words beside one another are one line, left to right; letters and pieces without digits are dropped."""
    pieces = [
        Piece("34", 0.9, left=200, top=12, bottom=52),
        Piece("No: 5O6", 0.8, left=10, top=100, bottom=140),
        Piece("12", 0.95, left=10, top=10, bottom=50),
        Piece("Sum", 0.1, left=10, top=60, bottom=90),
        Piece("７½", 0.99, left=90, top=95, bottom=135),
    ]
    assert answer_of(pieces) == {"lines": ["1234", "567"], "confidence": 0.8}
    assert answer_of([Piece("Sum", 0.1, 0, 0, 10)]) == {"lines": [], "confidence": 0.0}


def test_tesseracts_words_are_found_in_its_table() -> None:
    """Only words count, and a quotation mark is no quotation."""
    table = (
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
        "4\t1\t1\t1\t1\t0\t5\t6\t70\t40\t-1\t\n"
        '5\t1\t1\t1\t1\t1\t5\t6\t30\t40\t96.5\t"12\n'
    )
    assert words_in(table) == [Piece('"12', 0.965, left=5, top=6, bottom=46)]


def test_every_version_that_is_installed_is_pinned() -> None:
    """Who measures next year compares with the same peers."""
    apart = [peer for peer in PEERS.values() if peer.is_apart]
    assert apart
    assert [need for peer in apart for need in peer.needs if "==" not in need] == []
