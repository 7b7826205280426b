"""`python -m model`: what it prints, what it returns, what it keeps out of its process."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.__main__ import main
from model.commands.mnist import table
from model.evaluate import score
from model.mnist import Mnist
from model.registry import SHIPPED, open_version


@pytest.fixture
def photo(mnist: Mnist, tmp_path: Path) -> Path:
    """A picture of a 7 as it might be written: dark on light, 280 pixels, with a margin."""
    digit = np.pad(mnist.test_images[0], 10)
    path = tmp_path / "seven.png"
    Image.fromarray(255 - digit).resize((480, 480), Image.Resampling.BICUBIC).save(path)
    return path


def test_picture_is_read_as_the_contract_says(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`read --json` prints one object with exactly the promised keys, and the digit that is in the picture."""
    assert main(["read", "--json", str(photo)]) == 0
    line = json.loads(capsys.readouterr().out)
    assert list(line) == ["file", "lines", "text", "confidence", "digits", "error"]
    assert (line["file"], line["lines"], line["text"], line["error"]) == (str(photo), ["7"], ["7"], None)
    assert 0.5 < line["confidence"] <= 1
    (digit,) = line["digits"]
    assert list(digit) == ["digit", "confidence", "box"]
    left, top, right, bottom = digit["box"]
    assert 100 < left < right < 400
    assert 100 < top < bottom < 400


def test_picture_is_read_for_a_person(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json a line a picture says file, digits and percent."""
    assert main(["read", str(photo)]) == 0
    assert capsys.readouterr().out.startswith(f"{photo}: 7  (")


def test_blank_page_is_no_digit_and_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page with nothing on it is a normal result: no lines, no error, exit status 0."""
    Image.new("L", (200, 200), 250).save(tmp_path / "blank.png")
    assert main(["read", "--json", str(tmp_path / "blank.png")]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["lines"], line["digits"], line["confidence"], line["error"]) == ([], [], 0, None)


def test_bad_files_between_good_ones_are_said_in_order(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file gets its line in order, whatever is wrong with it; the good ones are read; the exit status is 1."""
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "letter.jpg").write_text("Dear Sir or Madam")
    files = [str(tmp_path / name) for name in ("missing.jpg", "empty.jpg", "letter.jpg", ".")] + [str(photo)]
    assert main(["read", "--json", *files]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == files
    assert [line["error"] for line in lines] == [
        "the file can't be read: No such file or directory",
        "the file is empty",
        "this is not a picture",
        "the file can't be read: Is a directory",
        None,
    ]
    assert [line["lines"] for line in lines] == [[], [], [], [], ["7"]]


def test_evaluation_gives_the_promised_figures(mnist: Mnist, capsys: pytest.CaptureFixture[str]) -> None:
    """`evaluate --json` prints the promised keys about all 10,000 test digits: those users are shown."""
    assert main(["evaluate", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == [
        *("version", "network", "parameters", "test_accuracy", "test_loss", "per_digit", "confusion")
    ]
    assert figures["test_accuracy"] >= 0.989
    assert sorted(figures["per_digit"]) == [str(digit) for digit in range(10)]
    assert sum(map(sum, figures["confusion"])) == len(mnist.test_labels)
    shown = open_version(SHIPPED).metrics
    assert figures["test_accuracy"] == pytest.approx(shown.test_accuracy, abs=2e-4)
    assert figures["test_loss"] == pytest.approx(shown.test_loss, abs=1e-4)


def test_evaluation_for_a_person_is_a_table() -> None:
    """Without --json the accuracy comes in percent, then a row a digit: how many are taken for what."""
    digits = np.arange(20, dtype=np.uint8) % 10
    answers = np.eye(10, dtype=np.float32)[[3, *digits[1:]]]  # the first 0 is taken for a 3
    head, accuracy, _, columns, *rows = table(open_version(SHIPPED), score(answers, digits)).splitlines()
    assert open_version(SHIPPED).name in head
    assert "test accuracy 95.00%" in accuracy
    assert columns.split()[:4] == ["written", "right", "as", "0"]
    assert [row.split()[0] for row in rows] == [str(digit) for digit in range(10)]
    assert rows[0].split()[1:6] == ["50.00%", "1", "·", "·", "1"]


def test_missing_model_is_one_line_that_mends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model that is not there gives one line on stderr with the command that makes it, and status 1."""
    assert main(["evaluate", "--model", str(tmp_path / "nothing")]) == 1
    caught = capsys.readouterr()
    assert caught.out == ""
    assert len(caught.err.splitlines()) == 1
    assert "python -m model train --output" in caught.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["read"],
        ["paint"],
        ["train", "--recipe", "cake"],
        ["train", "--epochs", "0"],
        ["train", "--batch-size", "-1"],
        ["train", "--digits", "many"],
        ["fetch", "--from", "the moon"],
    ],
)
def test_wrong_command_line_ends_with_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command line that makes no sense ends with status 2 and the usage, before anything is done."""
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: python -m model" in capsys.readouterr().err


def test_fetch_says_where_mnist_is(mnist: Mnist, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`fetch` ends with the folder that holds MNIST, or with one line that says why it can't."""
    assert len(mnist.test_labels) == 10_000
    program = [sys.executable, "-m", "model", "fetch", "--from", "folder"]
    done = subprocess.run(
        program,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MNIST_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith(f"{tmp_path}/train-images-idx3-ubyte is missing")
    if "MNIST_DIR" not in os.environ:
        assert main(["fetch", "--from", "cache"]) == 0
        assert "digit-bot/mnist" in capsys.readouterr().out


def test_reading_keeps_the_training_side_out(photo: Path) -> None:
    """Reading imports neither TensorFlow nor Keras nor matplotlib: they would cost seconds and half a gigabyte."""
    script = (
        "import sys; from model.__main__ import main; status = main(sys.argv[1:]); "
        "print(sorted({'tensorflow', 'keras', 'matplotlib', 'rich'} & sys.modules.keys())); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "read", str(photo)], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_output_that_nobody_reads_any_more_ends_quietly(photo: Path) -> None:
    """`… | head -1` ends the program without a traceback."""
    program = [sys.executable, "-m", "model", "read", "--json", *[str(photo)] * 5]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert isinstance(process.stdout, io.BufferedReader)
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 1
