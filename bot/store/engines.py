"""How the bot connects to each of its databases: which URL, which driver, which pool."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool, Connection, NullPool, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.trouble import StoreUnavailable


def database_url(given: str, data_dir: Path) -> URL:
    """Where the database is: `given` with the drivers that the bot uses, or SQLite in `data_dir` when it is empty.

    Raises StoreUnavailable when `given` is no URL of SQLite or PostgreSQL.
    """
    if not given:
        return URL.create("sqlite+aiosqlite", database=str(data_dir / "bot.db"))
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise StoreUnavailable("DATABASE_URL is wrong: it is no URL") from None  # the cause holds it, password and all
    match url.drivername.partition("+")[0]:
        case "sqlite":
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            # libpq's name for it, as hosters hand it out; the driver calls it ssl.
            query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
            return url.set(drivername="postgresql+asyncpg", query=query)
        case _:
            raise StoreUnavailable("DATABASE_URL is wrong: it takes sqlite:///FILE or postgresql://USER@HOST/NAME")


def sqlite_engine(url: URL, patience_s: float) -> AsyncEngine:
    """SQLite, whose locks are waited for so long."""
    # One connection: within one process, waiting in line is faster than waiting for locks.
    engine = create_async_engine(
        url, connect_args={"timeout": patience_s}, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not guessed by the driver
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = NORMAL")  # with WAL: a killed process loses nothing
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:  # read-only or locked: the first transaction tells it better
            if "locked" not in str(error) and "readonly" not in str(error):
                raise
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that first reads and then writes could find the lock taken in between, and would fail at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def postgresql_engine(url: URL, patience_s: float, *, is_pooled: bool = True) -> AsyncEngine:
    """PostgreSQL, of which each answer is waited for so long."""
    how = {"timeout": patience_s, "command_timeout": patience_s}
    if not is_pooled:
        return create_async_engine(url, connect_args=how, poolclass=NullPool)
    return create_async_engine(url, connect_args=how, pool_pre_ping=True, pool_timeout=patience_s)
