"""Where replicas share versions: a folder, a memory, an S3 that nobody here wrote."""

import asyncio
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.learning.depot import Depot, DepotUnavailable, WrongDepot
from model import ModelUnavailable, open_version
from tests import loopback
from tests.versions import a_version

needs_fsspec = pytest.mark.usefixtures("fsspec")


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """The folder of a version."""
    return a_version(tmp_path / "models", "v1")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder of another machine's versions."""
    return tmp_path / "here"


@pytest.fixture(scope="session")
def s3(fsspec: None) -> Iterator[str]:  # noqa: ARG001 it skips
    """The address of moto's S3, a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + 60
            while not _answers(port):
                assert server.poll() is None
                assert time.monotonic() < until
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=["file", "memory", pytest.param("s3", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place of each kind."""
    request.getfixturevalue("fsspec")
    match request.param:
        case "file":
            return (tmp_path / "de pot").as_uri()
        case "memory":
            return f"memory://{tmp_path.name}"
        case _:
            server = request.getfixturevalue("s3")
            in_s3(server, monkeypatch)
            loopback.put(f"{server}/{tmp_path.name.replace('_', '-')}")
            return f"s3://{tmp_path.name.replace('_', '-')}/models/of/bots"


def in_s3(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have s3:// mean this server, as one who runs the bot would."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def files(folder: Path) -> dict[str, bytes]:
    """What is below a folder, hidden files too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_what_is_pushed_can_be_pulled(address: str, version: Path, here: Path) -> None:
    """Each file as it was, and nothing else beside it; known by name and figures before."""
    depot = Depot(address)
    assert await depot.names() == frozenset()
    await depot.push(version)
    await depot.push(version)
    assert await depot.names() == {"v1"}
    assert await depot.metrics("v1") == open_version(version).metrics
    await depot.pull("v1", here)
    assert files(here) == {f"v1/{name}": content for name, content in files(version).items()}


async def test_a_version_that_is_not_there(address: str, here: Path) -> None:
    """An error that is not the depot's own trouble, and nothing on the disk."""
    with pytest.raises(ModelUnavailable, match=r"the models' depot has no v7/metrics\.json") as told:
        await Depot(address).pull("v7", here)
    assert not isinstance(told.value, DepotUnavailable)
    assert not here.exists()


async def test_what_others_push_is_seen(address: str, version: Path, here: Path) -> None:
    """Nothing that was listed once is remembered."""
    mine, others = Depot(address), Depot(address)
    assert await mine.names() == frozenset()
    with pytest.raises(ModelUnavailable):
        await mine.pull("v1", here)
    await others.push(version)
    assert await mine.names() == {"v1"}
    await mine.pull("v1", here)


async def test_a_version_that_is_damaged_there(address: str, version: Path, here: Path) -> None:
    """It is never taken for whole, what is here stays as it is, and whoever has it whole mends it."""
    depot = Depot(address)
    await depot.push(version)
    await depot.pull("v1", here)
    before = files(here)
    damage(depot, "v1/model.tflite", b"x")
    with pytest.raises(ModelUnavailable, match="version v1 is damaged in the models' depot"):
        await depot.pull("v1", here)
    assert files(here) == before
    await depot.push(version)
    await depot.pull("v1", here)
    damage(depot, "v1/metrics.json", b"{")
    for asked in (depot.pull("v1", here), depot.metrics("v1")):
        with pytest.raises(ModelUnavailable, match="is damaged"):
            await asked
    await depot.push(version)
    assert await depot.metrics("v1") == open_version(version).metrics


def damage(depot: Depot, path: str, content: bytes) -> None:
    """Write into the place where a depot is, past it."""
    depot._files.pipe_file(f"{depot._root}/{path}", content)


# ── in a folder


@pytest.fixture
def depot(fsspec: None, tmp_path: Path) -> Depot:  # noqa: ARG001 it skips
    """A depot that is a folder."""
    return Depot((tmp_path / "depot").as_uri())


async def test_a_version_that_is_uploaded_by_half_is_none(
    depot: Depot, version: Path, here: Path, tmp_path: Path
) -> None:
    """metrics.json comes last: an upload that breaks off leaves nothing that has a name; the next one completes it."""
    (tmp_path / "depot" / "v1" / "training.png").mkdir(parents=True)
    with pytest.raises(DepotUnavailable, match="the models' depot can't be used: IsADirectoryError"):
        await depot.push(version)
    assert len(files(tmp_path / "depot")) > 1
    assert await depot.names() == frozenset()
    with pytest.raises(ModelUnavailable):
        await depot.pull("v1", here)
    (tmp_path / "depot" / "v1" / "training.png").rmdir()
    await depot.push(version)
    assert await depot.names() == {"v1"}


async def test_what_is_damaged_here_is_not_pushed(depot: Depot, version: Path) -> None:
    """One bad disk does not spoil what others have."""
    (version / "model.tflite").write_bytes(b"x")
    with pytest.raises(ModelUnavailable, match=r"model\.tflite is not the file"):
        await depot.push(version)
    assert await depot.names() == frozenset()


async def test_two_versions_of_one_name(depot: Depot, version: Path, tmp_path: Path) -> None:
    """The first one stays."""
    await depot.push(version)
    with pytest.raises(ModelUnavailable, match="another version that is called v1"):
        await depot.push(a_version(tmp_path / "others", "v1", lost=30))
    assert await depot.metrics("v1") == open_version(version).metrics


async def test_a_disk_that_can_not_be_written(depot: Depot, version: Path, here: Path) -> None:
    """An error that names the version and the folder."""
    await depot.push(version)
    here.write_text("no folder")
    with pytest.raises(ModelUnavailable, match=f"version v1 can't be written to {here}"):
        await depot.pull("v1", here)


async def test_many_pull_and_push_at_once(depot: Depot, version: Path, here: Path) -> None:
    """Two replicas with one disk, or two calls of one: all end well."""
    await asyncio.gather(*(depot.push(version) for _ in range(3)))
    await asyncio.gather(*(depot.pull("v1", here) for _ in range(3)))
    assert open_version(here / "v1").name == "v1"
    assert [path.name for path in here.iterdir()] == ["v1"]


# ── a place that is wrong, slow, or away


@needs_fsspec
@pytest.mark.parametrize("url", ["nonsense://secret/x", "gs://secret/x"])
def test_an_address_of_an_unknown_kind(url: str) -> None:
    """Unknown to fsspec, or known with a package that is not there: one line names the setting, and not its value."""
    with pytest.raises(WrongDepot) as told:
        Depot(url)
    assert str(told.value).startswith("MODELS_URL ")
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


def test_without_the_package_a_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's own packages hold no fsspec."""
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(WrongDepot, match=r"^MODELS_URL .*install digit-bot\[cluster\]"):
        Depot("file:///mnt/models")


def test_who_keeps_versions_in_a_folder_alone_imports_no_fsspec() -> None:
    """It would be a tenth of a start, for nothing."""
    asked = "import sys, bot.process; sys.exit('fsspec' in sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True)


class Stuck:
    """A file system that does not answer until it is freed, as a mount whose server is gone."""

    async_impl = False

    def __init__(self) -> None:
        self.freed = threading.Event()
        self.waiting: set[int] = set()

    def invalidate_cache(self) -> None:
        """Nothing is cached."""

    def find(self, *_: object, **__: object) -> dict[str, Any]:
        """Wait."""
        self.waiting.add(threading.get_ident())
        self.freed.wait()
        return {}


async def test_a_mount_that_hangs(depot: Depot) -> None:
    """Everybody who asks gets an error in time; one thread waits, however many ask; afterwards all is well."""
    stuck = Stuck()
    mounted = depot._files
    depot._files, depot._patience_s = stuck, 0.1
    for _ in range(3):
        with pytest.raises(DepotUnavailable, match=r"no answer in 0\.1 s"):
            await depot.names()
    assert len(stuck.waiting) == 1
    depot._files = mounted
    stuck.freed.set()
    assert await depot.names() == frozenset()


@pytest.mark.slow
@needs_fsspec
async def test_an_s3_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, version: Path, here: Path) -> None:
    """It takes a connection and is silent; or nobody is there at all. Each is an error in time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        in_s3(f"http://127.0.0.1:{silent.getsockname()[1]}", monkeypatch)
        depot = Depot("s3://bucket/models", patience_s=0.5)
        for asked in (depot.names(), depot.pull("v1", here), depot.push(version)):
            start = time.monotonic()
            with pytest.raises(DepotUnavailable, match="no answer in"):
                await asked
            assert time.monotonic() - start < 5
    with pytest.raises(DepotUnavailable):
        await depot.names()


@pytest.mark.slow
async def test_an_s3_without_the_bucket(s3: str, monkeypatch: pytest.MonkeyPatch, version: Path) -> None:
    """No bucket is made; a line says what is wrong."""
    in_s3(s3, monkeypatch)
    depot = Depot("s3://nowhere/models")
    with pytest.raises(DepotUnavailable, match="the place that MODELS_URL names is none"):
        await depot.push(version)


@pytest.mark.slow
async def test_an_s3_that_refuses_us(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    """Without keys nothing is asked for; the error says that it is the keys."""
    in_s3("http://127.0.0.1:9", monkeypatch)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(here))
    with pytest.raises(DepotUnavailable, match="redentials"):
        await Depot("s3://bucket/models").names()
