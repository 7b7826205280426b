"""The database itself: SQLite or PostgreSQL, opened, brought to the newest schema, one transaction at a time."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, insert, inspect, literal, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, CursorResult
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql import Executable

from bot.store.engines import postgresql_engine, sqlite_engine
from bot.store.tables import MIGRATIONS, SCHEMA, Base
from bot.store.trouble import StoreTooNew, StoreUnavailable, reason, told

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_log = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number, the same in every replica: who holds it migrates, the others wait.
_MIGRATION_LOCK = 0x64696769
_ANSWERS = 3  # patiences a transaction may take in all


class Database:
    """An open database. `transaction` is the only way in; `connect_apart` is for who listens."""

    def __init__(self, url: URL, patience_s: float) -> None:
        """Know where the database is; `open` goes there. `patience_s` is for its lock, reaching it, or its answer."""
        self._url = url
        self._patience_s = patience_s
        self._file: tuple[Path, int] | None = None  # SQLite's, and its number on the disk
        self._trouble: type[StoreUnavailable] | None = None  # what the log has said last
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._engine = sqlite_engine(url, patience_s) if self.is_sqlite else postgresql_engine(url, patience_s)

    async def open(self) -> None:
        """Connect, and migrate where that is needed. Raises StoreUnavailable."""
        if self.is_sqlite and self._url.database not in (None, "", ":memory:"):
            folder = Path(str(self._url.database).removeprefix("file:")).parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreUnavailable(f"DATA_DIR: {folder} can't be made ({error.strerror})") from error
        try:
            await self._migrate()
        except (SQLAlchemyError, OSError) as error:
            await self.close()
            raise self._told(error) or StoreUnavailable(f"the database {self._place} can't be used: {error}") from error
        except StoreUnavailable:
            await self.close()
            raise
        path = Path(str(self._url.database))
        if self.is_sqlite and (number := _number(path)) is not None:
            self._file = path, number

    async def close(self) -> None:
        """Let go of every connection."""
        await self._engine.dispose()

    def insert(self, table: type[Base]) -> "sqlite.Insert | postgresql.Insert":
        """An INSERT that can say what to do on a conflict: both databases can, each by a class of its own."""
        if self.is_sqlite:
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 a tenth of a start that most starts don't need

        return postgresql.insert(table)

    def moment(self, now: Callable[[], float] | None) -> ColumnElement[int]:
        """The time, unix seconds: by `now`, else by the clock that all have who share the database."""
        if now is None and not self.is_sqlite:
            return cast(func.extract("epoch", func.clock_timestamp()), BigInteger)
        return literal(int((now or time.time)()), BigInteger)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are all kept when the block ends well, and none otherwise.

        Raises StoreUnavailable when the database can't be reached, stays locked, does not answer or is damaged.
        """
        try:
            self._check_file()
            async with (
                asyncio.timeout(None if self.is_sqlite else _ANSWERS * self._patience_s),
                AsyncSession(self._engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
            self._check_file()
        except (SQLAlchemyError, OSError, StoreUnavailable) as error:
            if (unavailable := self._told(error)) is None:
                raise
            self._note(unavailable)
            raise unavailable from error
        self._note(None)

    async def connect_apart(self) -> AsyncConnection:
        """A connection to PostgreSQL that is none of the pool's, without transactions, for whoever keeps it for long.

        Raises SQLAlchemyError, OSError.
        """
        engine = postgresql_engine(self._url, self._patience_s, is_pooled=False)
        return await engine.execution_options(isolation_level="AUTOCOMMIT").connect()

    def reason(self, error: BaseException) -> str:
        """What the database or its driver says, in one line and without the password."""
        return reason(error, self._url.password)

    def _note(self, trouble: StoreUnavailable | None) -> None:
        """Say in the log when the database goes away and when it is back, however many ask for it meanwhile."""
        kind = None if trouble is None else type(trouble)
        if kind is self._trouble:
            return
        self._trouble = kind
        if trouble is None:
            _log.warning("the database %s can be used again", self._place)
        else:
            _log.error("%s; until that is over, pictures are answered without buttons", trouble)

    def _check_file(self) -> None:
        """Raise StoreUnavailable when SQLite's file is gone: what is written then goes nowhere, without a word."""
        if self._file is None:
            return
        path, number = self._file
        if _number(path) != number:
            raise StoreUnavailable(f"the database {self._place} was taken away: put it back, or start the bot anew")

    async def _migrate(self) -> None:
        async with self._engine.begin() as connection:
            found = await connection.run_sync(_schema)
            if found == SCHEMA:
                return
            if not self.is_sqlite:  # SQLite's transactions keep each other out by themselves
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            if not await connection.run_sync(_upgrade):
                raise StoreTooNew(
                    f"the database {self._place} was written by a newer version of this bot (schema {found}): update "
                    "the bot, or choose another database with DATABASE_URL"
                )

    @property
    def _place(self) -> str:
        """Where the database is, for people: no user, no password."""
        if self.is_sqlite:
            return str(self._url.database)
        return f"{self._url.database} at {self._url.host or 'localhost'}:{self._url.port or 5432}"

    def _told(self, error: BaseException) -> StoreUnavailable | None:
        return told(error, self._place, self._url.password)


async def rows_changed(session: AsyncSession, statement: Executable) -> int:
    """Execute a DELETE or an UPDATE; how many rows it was that were deleted or changed."""
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)  # of either
    return int(result.rowcount)


def _number(path: Path) -> int | None:
    """A file's number on its disk; None where there is no file."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _schema(connection: Connection) -> str | None:
    """The migration that the database is at; None before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> bool:
    """Bring the schema up to date; False when the database is at a migration that is not known here.

    An empty database gets the newest tables at once: what the migrations come to, a test compares them.
    """
    if not inspect(connection).get_table_names():
        Base.metadata.create_all(connection, checkfirst=False)
        MIGRATIONS.create(connection)
        connection.execute(insert(MIGRATIONS).values(version_num=SCHEMA))
        return True
    from alembic import command  # noqa: PLC0415 takes long, and most starts need none
    from alembic.config import Config  # noqa: PLC0415 likewise
    from alembic.script import ScriptDirectory  # noqa: PLC0415 likewise

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS))
    found = _schema(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        return False
    command.upgrade(config, "head")
    return True
