"""Hearing that somebody changed something: PostgreSQL tells of it, and both databases are asked every few seconds."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.store.database import Database

_log = logging.getLogger(__name__)


async def tell(database: Database, session: AsyncSession, channel: str) -> None:
    """Tell whoever listens on `channel`, once this transaction is kept. SQLite tells nobody."""
    if not database.is_sqlite:
        await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})


async def changes(database: Database, channel: str, every_s: float) -> AsyncGenerator[None]:
    """Say when to look for a change: at once, when one is told on `channel`, and every `every_s` seconds. Never ends.

    Nothing is missed: whoever looks when it is said has seen all that was told before.
    """
    heard = asyncio.Event()
    line = _Line(database, channel, heard.set)
    try:
        while True:
            heard.clear()
            if not database.is_sqlite:
                await line.keep(every_s)
            yield
            with suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await heard.wait()
    finally:
        await line.hang_up()


class _Line:
    """A connection that listens, made anew when it breaks; `ring` is called at each notification."""

    def __init__(self, database: Database, channel: str, ring: Callable[[], None]) -> None:
        self._database = database
        self._channel = channel
        self._ring = ring
        self._connection: AsyncConnection | None = None
        self._is_silent = False  # whether the log has said that nothing is told

    async def keep(self, every_s: float) -> None:
        """See that it listens. Where it can't, the log says so, once."""
        from asyncpg import InterfaceError, PostgresError  # noqa: PLC0415 SQLite needs none of it

        try:
            if self._connection is not None:
                await self._connection.execute(text("SELECT 1"))  # else nobody would ever know that it is broken
                return
        except (SQLAlchemyError, OSError):
            await self.hang_up()
        try:
            self._connection = await self._database.connect_apart()
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            await driver.add_listener(self._channel, lambda *_: self._ring())
        except (SQLAlchemyError, OSError, PostgresError, InterfaceError) as error:
            await self.hang_up()
            if not self._is_silent:
                why = self._database.reason(error)
                _log.warning("the database tells of no changes (%s): it is asked every %g s", why, every_s)
            self._is_silent = True
        else:
            self._is_silent = False

    async def hang_up(self) -> None:
        """Let go of the connection, in whatever state it is."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()  # a plain close waits for a server that may be gone
            await connection.close()
