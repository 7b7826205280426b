"""The generated whole photos that versions are compared on."""

from pathlib import Path

import pytest

from model import load_reader
from model.generate.whole import Photo, make, whole_photos
from model.mnist import Images, Labels, Mnist
from model.reading import SIGNS

Digits = tuple[Images, Labels]


@pytest.fixture(scope="module")
def digits(mnist: Mnist) -> Digits:
    """Some that no training sees."""
    images, labels = mnist.split()[1]
    return images[-60:], labels[-60:]


@pytest.fixture(scope="module")
def photos(digits: Digits) -> tuple[Photo, ...]:
    """One of each kind."""
    return make(*digits, 8)


def test_photos_of_every_kind_are_the_same_each_time(digits: Digits, photos: tuple[Photo, ...]) -> None:
    """A digit, numbers, a sum with signs and pictures of nothing, twice alike to the byte."""
    assert make(*digits, 8) == photos
    one, number, total, none = (photo.text for photo in photos[:4])
    assert one.isdecimal()
    assert len(one) == 1
    assert number.replace("\n", "").isdecimal()
    assert set(total) & set(SIGNS)
    assert none == photos[7].text == ""
    assert photos[2].digits == "".join(filter(str.isdecimal, total))


def test_what_is_said_to_be_written_can_be_read(photos: tuple[Photo, ...]) -> None:
    """The served reader reads the digits of most of the first photos, and none where there are none."""
    reader = load_reader()
    right = ["\n".join(reader.read(photo.file).texts) == photo.digits for photo in photos]
    assert sum(right) >= 5


def test_the_cached_photos_are_those_of_the_digits_asked_for(
    digits: Digits, photos: tuple[Photo, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made once, and made for other digits when others are asked for; only whole files are left."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    images, labels = digits
    assert whole_photos(images, labels, 4) == photos[:4]
    assert whole_photos(images, labels, 4) == photos[:4]
    assert len(list(tmp_path.rglob("*.npz"))) == 1
    assert whole_photos(images[:30], labels[:30], 4) != photos[:4]
    assert len(list(tmp_path.rglob("*.npz"))) == 2
