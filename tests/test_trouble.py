"""Databases that go away, hang, or are damaged while the bot runs: real ones, SQLite and PostgreSQL."""

import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from bot.store import Store, StoreDamaged, StoreUnavailable


async def ask(store: Store, *statements: str) -> None:
    """Have statements done in one transaction."""
    async with store._database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


# ── SQLite


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An open store in a folder of its own."""
    opened = Store("", tmp_path / "data", bot="b", patience_s=0.2)
    await opened.open()
    yield opened
    await opened.close()


async def test_a_folder_that_is_deleted_while_the_bot_runs(store: Store, tmp_path: Path) -> None:
    """SQLite would go on writing into nothing: nobody is thanked for what is lost."""
    await store.updates.claim(1)
    shutil.rmtree(tmp_path / "data")
    with pytest.raises(StoreUnavailable, match="taken away") as told:
        await store.updates.claim(2)
    assert str(tmp_path / "data") in str(told.value)


async def test_a_database_that_is_put_back(store: Store, tmp_path: Path) -> None:
    """Moved away and back again it is used as before; another one in its place is not."""
    (tmp_path / "data").rename(tmp_path / "away")
    with pytest.raises(StoreUnavailable):
        await store.updates.claim(1)
    shutil.copytree(tmp_path / "away", tmp_path / "data")
    with pytest.raises(StoreUnavailable):
        await store.updates.claim(1)
    shutil.rmtree(tmp_path / "data")
    (tmp_path / "away").rename(tmp_path / "data")
    await store.updates.claim(1)


async def test_a_database_that_stays_away_is_one_line_in_the_log(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """However many ask for it; a second line says that it is back, and damage after that is news again."""
    (tmp_path / "data").rename(tmp_path / "away")
    for number in range(5):
        with pytest.raises(StoreUnavailable):
            await store.updates.claim(number)
    (tmp_path / "away").rename(tmp_path / "data")
    for number in range(5):
        await store.updates.claim(number)
    await ask(store, "DROP TABLE updates")
    for number in range(5):
        with pytest.raises(StoreDamaged):
            await store.updates.claim(number)
    gone, back, damaged = (record.getMessage() for record in caplog.records if record.name == "bot.store.database")
    assert "taken away" in gone
    assert "until that is over, pictures are answered without buttons" in gone
    assert "can be used again" in back
    assert "is damaged" in damaged


async def test_a_database_that_is_damaged_while_the_bot_runs(store: Store, tmp_path: Path) -> None:
    """A line says what is damaged and what to do."""
    await store.updates.note(dict.fromkeys(range(200), "x" * 500))
    await store.close()  # the pages in memory are not
    path = tmp_path / "data" / "bot.db"
    pages = bytearray(path.read_bytes())
    pages[4096:] = os.urandom(len(pages) - 4096)
    path.write_bytes(pages)
    with pytest.raises(StoreDamaged, match=r"is damaged .*malformed.*: stop the bot"):
        await store.updates.unfinished()


async def test_a_table_that_is_gone_is_damage(store: Store) -> None:
    """Somebody was at the database."""
    await ask(store, "DROP TABLE updates")
    with pytest.raises(StoreDamaged, match="no such table"):
        await store.updates.claim(1)


async def test_a_mistake_of_the_bots_is_raised_as_it_is(store: Store) -> None:
    """A bug is no trouble of the database's: it must be found."""
    with pytest.raises(IntegrityError):
        await ask(store, "INSERT INTO served (version) VALUES ('v')")


# ── PostgreSQL


@pytest.fixture
async def far(postgres: str, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store on the server."""
    opened = Store(postgres, tmp_path, bot="far", patience_s=0.5)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def admin(postgres: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of somebody who may do anything."""
    connection = await asyncpg.connect(postgres)
    yield connection
    await connection.close()


async def test_a_query_that_the_server_ends_midway(far: Store) -> None:
    """An operator or a shutdown ends it: unavailable, and the next transaction has a new connection."""
    with pytest.raises(StoreUnavailable, match="can't be used"):
        await ask(far, "SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1")
    await far.updates.claim(1)


async def test_a_query_that_is_cancelled(far: Store) -> None:
    """A statement timeout of the server's is no bug of the bot's."""
    with pytest.raises(StoreUnavailable, match="statement timeout"):
        await ask(far, "SET LOCAL statement_timeout = 20", "SELECT pg_sleep(0.3)")


async def test_a_server_that_only_reads(far: Store) -> None:
    """A standby refuses what is written."""
    with pytest.raises(StoreUnavailable, match="read-only"):
        await ask(far, "SET TRANSACTION READ ONLY", "DELETE FROM updates")


async def test_a_server_with_too_many_connections(
    postgres: str, tmp_path: Path, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """It says so, and is waited for like one that is away."""
    await admin.execute("CREATE ROLE crowded LOGIN SUPERUSER CONNECTION LIMIT 0")
    await admin.execute("ALTER ROLE crowded NOSUPERUSER")
    crowded = Store(postgres.replace("postgres@", "crowded@"), tmp_path, bot="b", patience_s=0.5)
    with pytest.raises(StoreUnavailable, match="too many connections"):
        await crowded.open()
    await admin.execute("DROP ROLE crowded")


async def test_a_server_that_hangs(far: Store, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    """It is not waited for for long."""
    await far.updates.claim(1)
    server = psutil.Process(await admin.fetchval("SELECT pg_backend_pid()")).parent()
    assert server is not None
    stopped = [server, *server.children()]
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    try:
        with pytest.raises(StoreUnavailable, match="no answer in time"):
            await far.updates.claim(2)
    finally:
        for process in stopped:
            process.send_signal(signal.SIGCONT)
    assert time.monotonic() - began < 10
    await far.updates.claim(2)


async def test_a_wrong_statement_is_raised_as_it_is(far: Store) -> None:
    """A bug is a bug on PostgreSQL too."""
    with pytest.raises(ProgrammingError):
        await ask(far, "SELECT nothing_of_that_name")
