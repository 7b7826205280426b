"""Several processes on one store: what one puts into service, all serve. On SQLite and on PostgreSQL alike."""

import asyncio
import contextlib
import logging
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from bot.learning.depot import Depot
from bot.learning.models import Models
from bot.learning.promotion import Promotion
from bot.learning.versions import SHIPPED_NAME, Versions
from bot.pool import ReadingPool
from bot.store import Store
from model import SHIPPED, ModelUnavailable, open_version
from tests.fakes import ADMIN_ID, ScriptedReader
from tests.test_store import clock, store, url
from tests.versions import a_version

__all__ = ["clock", "store", "url"]  # fixtures

OFTEN_S, NEVER_S = 0.05, 600.0
SHIPPED_VERSION = open_version(SHIPPED).name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where all processes find the versions."""
    for name in ("v1", "v2"):
        a_version(tmp_path / "models", name)
    return tmp_path / "models"


@pytest.fixture
async def other_store(store: Store, url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """The same database, as another process has it open."""
    assert store  # open, so that the schema is there
    opened = Store(url, tmp_path, bot="b", patience_s=1.0)
    await opened.open()
    yield opened
    await opened.close()


def replica(folder: Path, store: Store, poll_s: float = OFTEN_S, depot: Depot | None = None) -> Models:
    """What one process has; its reader says the version it is of."""
    versions = Versions(folder, scripted, depot)
    return Models(versions, store.service, ReadingPool(ScriptedReader(), 2), poll_s=poll_s)


def promotion(models: Models, store: Store) -> Promotion:
    """Likewise, of what may come into service."""
    return Promotion(models, store.records, store.shadows)


def scripted(folder: Path) -> ScriptedReader:
    """A reader of a version that is whole."""
    return ScriptedReader(open_version(folder))


@contextlib.asynccontextmanager
async def following(models: Models) -> AsyncIterator[None]:
    """The process follows until the block ends; it must not have given up by then."""
    task = asyncio.create_task(models.follow())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something, not for long."""
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 it is what the bot does by itself
            await asyncio.sleep(0.01)


async def serves(models: Models, name: str) -> None:
    """Wait until the process serves this version."""
    await until(lambda: models.served.name == name)


async def test_what_one_process_serves_all_serve(folder: Path, store: Store, other_store: Store, url: str) -> None:
    """Promoted, promoted again, and back: on PostgreSQL at once, on SQLite when it is asked next."""
    one = replica(folder, store)
    other = replica(folder, other_store, OFTEN_S if url.startswith("sqlite") else NEVER_S)
    async with following(other):
        await one.serve("v1", ADMIN_ID)
        await serves(other, "v1")
        await one.serve("v2", ADMIN_ID)
        await serves(other, "v2")
        await one.go_back()
        await serves(other, "v1")
        await one.go_back()
        await serves(other, SHIPPED_VERSION)


async def test_what_was_served_before_it_came_is_served(folder: Path, store: Store, other_store: Store) -> None:
    """A change between the start and the first look is not missed, and nobody waits for the next."""
    other = replica(folder, other_store, NEVER_S)
    await other.restore()
    await replica(folder, store).serve("v1", ADMIN_ID)
    async with following(other):
        await serves(other, "v1")


async def test_photos_are_read_while_a_process_follows(folder: Path, store: Store, other_store: Store) -> None:
    """What is being read is read to its end by its reader; of many photos none is missed."""
    reader = ScriptedReader()
    pool = ReadingPool(reader, 2)
    other = Models(Versions(folder, scripted), other_store.service, pool, poll_s=OFTEN_S)
    one = replica(folder, store)
    gate = reader.gate = threading.Event()
    async with following(other):
        begun = asyncio.create_task(pool.read(b"7"))
        await until(lambda: len(reader.photos) == 1)
        await one.serve("v1", ADMIN_ID)
        await serves(other, "v1")
        many = [asyncio.create_task(pool.read(str(number).encode())) for number in range(10, 40)]
        await one.serve("v2", ADMIN_ID)
        gate.set()
        assert (await begun).version == SHIPPED_VERSION
        assert [(await read).texts for read in many] == [(str(number),) for number in range(10, 40)]
        await serves(other, "v2")
        assert (await pool.read(b"8")).version == "v2"
    pool.close()


async def test_a_version_that_is_damaged_here_rolls_nobody_back(
    folder: Path, store: Store, other_store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The old one goes on, one error is logged, the pile stands; once it is mended it is served."""
    mine = shutil.copytree(folder, tmp_path / "mine")
    (mine / "v1" / "model.tflite").write_bytes(b"x")
    looks = 0

    def load(path: Path) -> ScriptedReader:
        nonlocal looks
        looks += 1
        return scripted(path)

    other = Models(Versions(mine, load), other_store.service, ReadingPool(ScriptedReader(), 1), poll_s=OFTEN_S)
    async with following(other):
        await replica(folder, store).serve("v1", ADMIN_ID)
        await until(lambda: looks > 3)
        assert other.served.name == SHIPPED_VERSION
        assert [each.version for each in await store.service.pile()] == ["v1"]
        (error,) = (record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR)
        assert error.startswith("version v1 is in service, and can't be served here (yet): the model in ")
        shutil.copy(folder / "v1" / "model.tflite", mine / "v1")
        await serves(other, "v1")


async def test_a_start_with_a_bad_disk_rolls_nobody_back(
    folder: Path, store: Store, other_store: Store, tmp_path: Path
) -> None:
    """It serves what it has, the one before; the other processes' version stays on top, and comes when it can."""
    mine = shutil.copytree(folder, tmp_path / "mine")
    one, other = replica(folder, store), replica(mine, other_store)
    await one.serve("v1", ADMIN_ID)
    await one.serve("v2", ADMIN_ID)
    shutil.rmtree(mine / "v2")
    await other.restore()
    assert other.served.name == "v1"
    assert [each.version for each in await store.service.pile()] == ["v2", "v1"]
    shutil.copytree(folder / "v2", mine / "v2")
    async with following(other):
        await serves(other, "v2")


async def test_a_promotion_over_another_processs_promotion_comes_to_nothing(
    folder: Path, store: Store, other_store: Store
) -> None:
    """It was compared with a version that is no longer served, though this process has not heard of it yet."""
    a_version(folder, "v3")
    await replica(folder, store).serve("v1", ADMIN_ID)
    late = replica(folder, other_store)
    assert (await promotion(late, other_store).judge("v3", ADMIN_ID))[1] == "changed"
    assert [each.version for each in await store.service.pile()] == ["v1"]


async def test_serving_and_following_at_once_end_with_one_version(
    folder: Path, store: Store, other_store: Store
) -> None:
    """Both processes serve and follow; whatever the order was, both end with the top."""
    one, other = replica(folder, store), replica(folder, other_store)
    async with following(one), following(other):
        for _ in range(5):
            turns = (one.serve("v1", ADMIN_ID), other.serve("v2", ADMIN_ID), one.go_back(), other.serve("v1", ADMIN_ID))
            await asyncio.gather(*turns, return_exceptions=True)
        pile = await store.service.pile()  # empty, if it was the last who went back
        top = pile[0].version if pile else SHIPPED_VERSION
        await serves(one, top)
        await serves(other, top)


# ── a database that is away


class Road:
    """The way to a server, which can be closed and opened again."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self) -> None:
        """Let everybody through, on the same port as before."""
        self._server = await asyncio.start_server(self._through, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Break every connection, and let nobody through."""
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        both = {writer, far_writer}
        self._open |= both
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        self._open -= both

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(4096):
                writer.write(chunk)
        writer.transport.abort()


async def test_a_database_that_is_away_in_between(
    folder: Path, store: Store, url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Following goes on, and what was served meanwhile is served here as soon as the database is back."""
    place = make_url(url)
    road = None
    if not url.startswith("sqlite"):
        road = Road(str(place.host), place.port or 5432)
        await road.open()
        place = place.set(port=road.port)
    behind = Store(place.render_as_string(hide_password=False), tmp_path, bot="b", patience_s=1.0)
    await behind.open()
    one, other = replica(folder, store), replica(folder, behind)
    async with following(other):
        await one.serve("v1", ADMIN_ID)
        await serves(other, "v1")
        if road is not None:
            await road.close()
        else:
            (tmp_path / "bot.db").rename(tmp_path / "away.db")
        await until(lambda: "can't be used" in caplog.text or "was taken away" in caplog.text)
        assert other.served.name == "v1"
        if road is not None:
            await one.serve("v2", ADMIN_ID)
            await road.open()
        else:
            (tmp_path / "away.db").rename(tmp_path / "bot.db")
            await one.serve("v2", ADMIN_ID)
        await serves(other, "v2")
    await behind.close()
    if road is not None:
        await road.close()


async def test_the_connection_that_listens_is_made_anew(postgres: str, tmp_path: Path) -> None:
    """When it breaks, the next look makes another, which hears again; in the end none is left."""
    listens = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query = 'SELECT 1'"
    admin = await asyncpg.connect(postgres)
    opened = Store(postgres, tmp_path, bot="b", patience_s=1.0)
    await opened.open()
    changes = opened.service.changes(OFTEN_S)
    await anext(changes)
    (first,) = await admin.fetch(listens)
    await admin.execute("SELECT pg_terminate_backend($1)", first["pid"])
    await anext(changes)
    await anext(changes)
    (second,) = await admin.fetch(listens)
    assert second["pid"] != first["pid"]
    await changes.aclose()
    async with asyncio.timeout(5):
        while await admin.fetch(listens):  # noqa: ASYNC110 the server's own time
            await asyncio.sleep(0.01)
    await opened.close()
    await admin.close()


async def test_a_change_that_came_to_nothing_is_not_told(postgres: str, tmp_path: Path) -> None:
    """Whoever was wrong about the top changed nothing; the next one who is right is heard."""
    opened = Store(postgres, tmp_path, bot="b")
    await opened.open()
    changes = opened.service.changes(NEVER_S)
    await anext(changes)
    assert not await opened.service.put("v1", on=77, by_id=8)
    told = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0.05)
    assert not told.done()
    assert await opened.service.put("v1", on=0, by_id=8)
    await asyncio.wait_for(told, 5)
    (row,) = await opened.service.pile()
    await opened.service.take([row.id])
    await changes.aclose()
    await opened.close()


# ── each with a disk of its own


@pytest.mark.usefixtures("fsspec")
async def test_versions_come_from_the_depot(folder: Path, store: Store, other_store: Store, tmp_path: Path) -> None:
    """One trains, the other serves it from an empty disk; a third one that starts later does too."""
    depot = Depot((tmp_path / "depot").as_uri())
    one = replica(folder, store, depot=depot)
    other = replica(tmp_path / "empty", other_store, depot=depot)
    async with following(other):
        metrics = open_version(folder / "v1").metrics
        assert metrics.comparison is not None
        assert (await promotion(one, store).judge("v1", ADMIN_ID))[1] == "promoted"
        await serves(other, "v1")
    assert other.served.folder == tmp_path / "empty" / "v1"
    third = replica(tmp_path / "third", other_store, depot=depot)
    await third.restore()
    assert third.served.name == "v1"


@pytest.mark.usefixtures("fsspec")
async def test_a_refused_version_can_be_served_by_whoever_is_asked(
    folder: Path, store: Store, other_store: Store, tmp_path: Path
) -> None:
    """/models lists what another process trained, and its button works there; what is damaged is said to be."""
    depot = Depot((tmp_path / "depot").as_uri())
    a_version(folder, "v3", lost=30)
    assert (await promotion(replica(folder, store, depot=depot), store).judge("v3", ADMIN_ID))[1] == "worse"
    (tmp_path / "depot" / "v0").mkdir()
    (tmp_path / "depot" / "v0" / "metrics.json").write_text("{}")
    other = replica(tmp_path / "empty", other_store, depot=depot)
    assert [(each.name, each.metrics is None) for each in await promotion(other, other_store).listed()] == [
        ("v3", False),
        ("v0", True),
        (SHIPPED_NAME, False),
    ]
    assert (await other.serve("v3", ADMIN_ID)).name == "v3"
    with pytest.raises(ModelUnavailable, match="v0 is damaged"):
        await other.serve("v0", ADMIN_ID)


@pytest.mark.usefixtures("fsspec")
async def test_a_depot_that_is_empty_leaves_all_as_it_is(
    folder: Path, store: Store, other_store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A version that can't be fetched yet is an error in the log, and is served when it is there."""
    other = replica(tmp_path / "empty", other_store, depot=Depot((tmp_path / "depot").as_uri()))
    async with following(other):
        await replica(folder, store).serve("v1", ADMIN_ID)  # it shares nothing
        await until(lambda: "can't be served here (yet): the models' depot has no v1" in caplog.text)
        assert other.served.name == SHIPPED_VERSION
        shutil.copytree(folder / "v1", tmp_path / "depot" / "v1")
        await serves(other, "v1")


@pytest.mark.usefixtures("fsspec")
async def test_a_version_that_is_damaged_on_the_disk_comes_anew(folder: Path, store: Store, tmp_path: Path) -> None:
    """A bad file on one machine is mended from the depot."""
    depot = Depot((tmp_path / "depot").as_uri())
    running = replica(folder, store, depot=depot)
    await running.serve("v1", ADMIN_ID)
    (folder / "v1" / "model.tflite").write_bytes(b"x")
    after = replica(folder, store, depot=depot)
    await after.restore()
    assert after.served.name == "v1"
    assert open_version(folder / "v1").name == "v1"


@pytest.mark.usefixtures("fsspec")
async def test_what_can_not_be_shared_is_not_served(folder: Path, store: Store, tmp_path: Path) -> None:
    """The store must not name what the other processes can't have."""
    (tmp_path / "file").write_text("no folder")
    running = replica(folder, store, depot=Depot((tmp_path / "file").as_uri()))
    with pytest.raises(ModelUnavailable, match="depot can't be used"):
        await running.serve("v1", ADMIN_ID)
    assert await store.service.pile() == ()
    assert running.served.name == SHIPPED_VERSION
