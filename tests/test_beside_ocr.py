"""The comparison of times: with readers that take no time, in processes of their own."""

import sys
from pathlib import Path

import pytest

from tests.bench.beside_ocr import Reader, compare

_QUICK = "def read(photo): print('chatter', len(photo), flush=True)"


@pytest.mark.skipif(sys.platform != "linux", reason="it pins processes to a core")
def test_each_reads_every_photo_and_the_ratio_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a reader prints besides is passed over; the table has a row each, with its peak memory."""
    photos = [tmp_path / name for name in ("one photo.jpg", "other.jpg")]
    for photo in photos:
        photo.write_bytes(b"photo")
    slow = "import time\ndef read(photo): time.sleep(0.05)"
    compare(photos, [Reader("quick", sys.executable, _QUICK), Reader("slow", sys.executable, slow)])
    heading, quick, slower, ratio = capsys.readouterr().out.splitlines()
    assert heading.startswith("2 photos")
    assert [row.split()[0] for row in (quick, slower)] == ["quick", "slow"]
    assert int(slower.split()[1]) >= 50
    assert float(ratio.rsplit(maxsplit=1)[1]) > 1


@pytest.mark.skipif(sys.platform != "linux", reason="it pins processes to a core")
def test_a_reader_that_cannot_start_is_named() -> None:
    """The comparison ends with a line that says who failed."""
    with pytest.raises(SystemExit, match="broken ended before it answered"):
        Reader("broken", sys.executable, "raise RuntimeError")
