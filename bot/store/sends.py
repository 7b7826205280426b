"""When the next message may go out, for all replicas that share a database.

A row per limit (of a chat, of the whole bot) holds when its next slot would come if all were taken one by one: the
theoretical arrival time of the generic cell rate algorithm. Taking a slot moves it on, in one statement.
"""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Integer, case, cast, delete, extract, func
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database
from bot.store.tables import SlotRow

_US: Final = 1_000_000  # microseconds: whole numbers, for a sum of seconds in floats may come out short
# Nobody queues that long: whoever would have to wait longer sees a database's clock that was set back.
_FAR_US: Final = 600 * _US
_KEEP_US: Final = 60 * _US  # of a row that says nothing any more
_PRUNE_EVERY: Final = 200
_UNIX_EPOCH: Final = 2440587.5  # as a Julian day


@dataclass(frozen=True, slots=True)
class Rate:
    """A slot every so many seconds, of which `burst` may be taken at once by who took none for long.

    In any stretch of `n * every_s` seconds, the one end counted, at most `n + burst - 1` slots lie.
    """

    every_s: float
    burst: int = 1


class Sends:
    """The slots of one `bot`, whoever sends for it. Time is the database server's, so no replica's clock matters."""

    def __init__(self, database: Database, bot: str) -> None:
        self._database = database
        self._bot = bot
        self._since_prune = 0

    async def reserve(self, key: str, rate: Rate) -> float:
        """Take the next free slot of what `key` names, and give the seconds until it comes; 0 for at once."""
        self._since_prune += 1
        if self._since_prune >= _PRUNE_EVERY:
            await self.prune()
        every_us = math.ceil(rate.every_s * _US)  # upwards: never more slots than asked for
        now = self._now_us()
        first = self._database.insert(SlotRow).values(bot=self._bot, key=key, free_at_us=now + every_us)
        is_ahead = SlotRow.free_at_us.between(now, now + _FAR_US)
        moved = {"free_at_us": case((is_ahead, SlotRow.free_at_us), else_=now) + every_us}
        taken = first.on_conflict_do_update(index_elements=["bot", "key"], set_=moved)
        async with self._statement() as session:
            left_us: int | None = await session.scalar(taken.returning(SlotRow.free_at_us - now))
        assert left_us is not None  # an upsert without a condition gives its row
        return max(0.0, (left_us - rate.burst * every_us) / _US)

    async def forget(self, key: str) -> None:
        """Delete the slots of what `key` names, whichever bot they are of."""
        async with self._statement() as session:
            await session.execute(delete(SlotRow).where(SlotRow.key == key))

    async def prune(self) -> None:
        """Throw away what has long been free, whose row says no more than none."""
        self._since_prune = 0
        is_old = SlotRow.free_at_us < self._now_us() - _KEEP_US
        async with self._statement() as session:
            await session.execute(
                delete(SlotRow).where(is_old), execution_options={"synchronize_session": False}
            )  # fmt: skip

    @asynccontextmanager
    async def _statement(self) -> AsyncIterator[AsyncSession]:
        """A session for one statement."""
        async with self._database.transaction() as session:
            if not self._database.is_sqlite:
                # Nothing around it: a machine that vanishes in a transaction keeps its rows locked, here for everybody.
                await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            yield session

    def _now_us(self) -> ColumnElement[Any]:
        """What time it is where the database is, in unix microseconds, each time that it is looked at."""
        if self._database.is_sqlite:  # whose clock ticks in milliseconds
            return cast((func.julianday("now") - _UNIX_EPOCH) * 86_400_000, Integer) * 1000
        return cast(extract("epoch", func.clock_timestamp()) * _US, BigInteger)
