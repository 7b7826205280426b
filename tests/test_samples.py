import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import DigitReader, load_reader
from model.generate.samples import MAX_BYTES, SAMPLES, Sample, make_samples
from model.mnist import Mnist

SHIPPED = Path(__file__).parent.parent / "bot" / "local" / "page" / "samples"


@pytest.fixture(scope="module")
def made(mnist: Mnist) -> dict[str, bytes]:
    """The samples, made now."""
    return make_samples(mnist.test_images, mnist.test_labels)


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader that is served."""
    return load_reader()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_shipped_sample_is_read_as_what_is_written_on_it(reader: DigitReader, sample: Sample) -> None:
    """A newcomer's first click gets the right answer, "no digit" for the view over hills included."""
    reading = reader.read((SHIPPED / sample.name).read_bytes())
    assert reading.texts == sample.lines


def test_shipped_samples_are_those_that_the_command_makes(made: dict[str, bytes]) -> None:
    """What the page offers comes from this code: nobody edits or adds a picture by hand."""
    assert {file.name for file in SHIPPED.iterdir()} == set(made)
    for name, data in made.items():
        shipped, fresh = (
            np.asarray(Image.open(source).convert("L").resize((60, 45)), np.float32)
            for source in (SHIPPED / name, io.BytesIO(data))
        )
        assert np.abs(shipped - fresh).max() < 12, (
            name
        )  # room for other encoders and processors, not for another picture


def test_samples_made_twice_are_equal(mnist: Mnist, made: dict[str, bytes]) -> None:
    """One seed gives one set of pictures, another seed another set."""
    assert make_samples(mnist.test_images, mnist.test_labels) == made
    other = make_samples(mnist.test_images, mnist.test_labels, seed=1)
    assert all(other[name] != made[name] for name in made)


def test_samples_are_small_pictures_of_a_useful_size(made: dict[str, bytes]) -> None:
    """The page loads them all at once: each is a picture of 480 to 640 pixels and at most 25 kB."""
    for name, data in made.items():
        picture = Image.open(io.BytesIO(data))
        assert 480 <= max(picture.size) <= 640, name
        assert len(data) <= MAX_BYTES, name


def test_some_sample_shows_no_digit_and_some_several_lines() -> None:
    """The set shows what the bot can do: refuse, read one digit, a number, several lines."""
    lines = {sample.lines for sample in SAMPLES}
    assert () in lines
    assert any(len(written) > 1 for written in lines)
    assert any(len("".join(written)) == 1 for written in lines)
    assert any(len(written) == 1 and len(written[0]) >= 4 for written in lines)
