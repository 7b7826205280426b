import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.box import DecodingBox
from model.boxed import ANSWER, answer
from model.errors import UnreadablePhoto
from model.formats import sniff
from model.picture import upright_picture
from tests.pictures import encode, paper, write

PHOTO = encode(write(paper(), "7"), "GIF")
FAKE = "import os, sys, time; from model.boxed import *; out = sys.stdout.buffer; out.write(READY); out.flush(); "


@pytest.fixture
def box() -> Iterator[DecodingBox]:
    """A box of its own."""
    box = DecodingBox()
    yield box
    box.close()


def fake(doing: str, **options: Any) -> DecodingBox:
    """A box whose process does something else with what it is asked."""
    return DecodingBox((sys.executable, "-c", FAKE + doing), **options)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_is_the_same_out_of_the_box(box: DecodingBox, mode: Any) -> None:
    """Another process changes nothing of the pixels and the size."""
    picture, size = box.upright_picture(PHOTO, mode)
    expected, expected_size = upright_picture(PHOTO, sniff(PHOTO), mode)
    assert size == expected_size
    assert np.array_equal(picture, expected)


def test_threads_get_their_own_pictures(box: DecodingBox) -> None:
    """Questions of several threads do not mix with each other's answers."""
    files = [encode(paper(20 + number, 30), "BMP") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        sizes = [size for _, size in pool.map(lambda file: box.upright_picture(file, "L"), files)]
    assert sizes == [(20 + number, 30) for number in range(12)]


def test_why_a_file_is_unreadable_comes_out_of_the_box(box: DecodingBox) -> None:
    """The reason and its words are those of the decoder, and the next picture is decoded."""
    with pytest.raises(UnreadablePhoto, match="GIF") as caught:
        box.upright_picture(PHOTO[:6] + b"\xff\xff\xff\xff" + PHOTO[10:], "L")
    assert caught.value.reason == "too large"
    assert box.upright_picture(PHOTO, "L")[1] == (400, 300)


def test_a_decoder_that_never_ends() -> None:
    """It is ended, its file is refused as too costly, and so is the next one's by a new process."""
    box = fake("time.sleep(60)", most_s=0.1)
    for _ in range(2):
        with pytest.raises(UnreadablePhoto) as caught:
            box.upright_picture(PHOTO, "L")
        assert caught.value.reason == "too costly"


def test_a_decoder_that_crashes_over_a_file() -> None:
    """A file that kills its decoder costs nothing but that file, even halfway through the answer."""
    box = fake("sys.stdin.buffer.read(20); out.write(ANSWER.pack(0, 2, 2, 1, 2, 2) + b'x'); out.flush(); os.abort()")
    with pytest.raises(UnreadablePhoto) as caught:
        box.upright_picture(PHOTO, "L")
    assert caught.value.reason == "too costly"


def test_a_process_that_does_not_start() -> None:
    """That is no fault of the file, and not said to be one."""
    with pytest.raises(OSError, match="does not start"):
        DecodingBox((sys.executable, "-c", "")).upright_picture(PHOTO, "L")


def test_a_box_learns_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a decoder's process could give away is not in its environment."""
    monkeypatch.setenv("BOT_TOKEN", "secret")
    box = fake("words = repr(dict(os.environ)).encode(); out.write(ANSWER.pack(1, len(words), 0, 0, 0, 0) + words)")
    with pytest.raises(UnreadablePhoto) as caught:
        box.upright_picture(PHOTO, "L")
    assert "PATH" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_answer_says_what_was_decoded() -> None:
    """Colours come as three channels, after the shape and the full size."""
    out = BytesIO()
    answer(encode(Image.new("RGB", (30, 20), (200, 30, 40)), "BMP"), "RGB", out)
    assert ANSWER.unpack(out.getvalue()[: ANSWER.size]) == (0, 20, 30, 3, 30, 20)
    assert tuple(out.getvalue()[ANSWER.size :][:3]) == (200, 30, 40)


def test_a_decoder_that_asks_for_much_memory() -> None:
    """It gets none: the machine's memory is the bot's."""
    box = fake(
        "limit_memory()\ntry: words = bytes(300 << 20)\nexcept MemoryError: words = b'refused'\n"
        "out.write(ANSWER.pack(1, len(words), 0, 0, 0, 0) + words)"
    )
    with pytest.raises(UnreadablePhoto, match="refused"):
        box.upright_picture(PHOTO, "L")
