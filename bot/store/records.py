"""The most that any version ever in service reads of each fixed set: what promotions may not add up to losing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database
from bot.store.tables import RecordRow


@dataclass(frozen=True, slots=True)
class Record:
    """The best of a set."""

    right: int  # how many of the set
    version: str  # that reads so many
    since: int  # unix seconds


class Records:
    """The records by the name and edition of their set. They only rise."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def best(self) -> Mapping[str, Record]:
        """All of them, those of earlier editions too."""
        async with self._database.transaction() as session:
            rows = (await session.scalars(select(RecordRow))).all()
        return {row.name: Record(row.right, row.version, row.since) for row in rows}

    async def raise_to(self, figures: Mapping[str, int], version: str) -> None:
        """Raise each to what `version`, which is or was in service, reads right of its set."""
        async with self._database.transaction() as session:
            await raise_within(self._database, session, figures, version, int(self._now()))


async def raise_within(
    database: Database, session: AsyncSession, figures: Mapping[str, int], version: str, now: int
) -> None:
    """Do that as a part of another transaction."""
    for name, right in sorted(figures.items()):  # in one order: two at once never wait for each other
        row = database.insert(RecordRow).values(name=name, right=right, version=version, since=now)
        better = row.excluded.right > RecordRow.right
        fresh = {"right": right, "version": version, "since": now}
        await session.execute(row.on_conflict_do_update(index_elements=["name"], set_=fresh, where=better))
