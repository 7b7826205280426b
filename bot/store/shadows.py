"""The candidates that read beside the served version, unseen: since when, how much, and how it ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import func, select, update

from bot.store.database import Database, rows_changed
from bot.store.differences import Misread, difference_row
from bot.store.tables import DifferenceRow, ReadingRow, ShadowRow

Ending = Literal["served", "against", "changed", "stopped", "newer", "off", "crashed", "slow", "full", "gone"]
"""Why a candidate reads no more: it came into service; what was judged speaks against it; another version came into
service; an admin stopped it; a newer candidate took its place; the setting is off; it failed at a crop, took too long
for one, could not keep up; its files can't be had."""


@dataclass(frozen=True, slots=True)
class Shadow:
    """A candidate that reads, or read, beside the served version."""

    version: str  # the name of its folder
    served: str  # the version that it was compared with, and reads beside
    since: int  # unix seconds
    until: int
    by_id: int  # the admin who asked for its training
    crops: int  # how many it has read, in all processes
    differed: int  # how many of them otherwise
    missed: int  # how many it had no time for
    ended: Ending | None  # None: it reads on
    better: int  # of the differences that are remembered, how many were judged for it …
    worse: int  # … and how many against it
    unjudged: int  # and how many are left to judge


@dataclass(frozen=True, slots=True)
class Seen:
    """What a candidate has read since this was last stored."""

    crops: int
    missed: int
    differences: Sequence[Misread]


class Shadows:
    """One candidate reads at a time; its differences go with their readings."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def now(self) -> int:
        """Unix seconds, by the clock of `Shadow.until`."""
        return int(self._now())

    async def begin(self, version: str, *, served: str, lasts_s: float, by_id: int) -> None:
        """Have a candidate read beside `served` for so long, in place of the one that does."""
        at = self._now()
        row = {"version": version, "served": served, "since": int(at), "until": int(at + lasts_s), "by_id": by_id}
        fresh = self._database.insert(ShadowRow).values(**row, crops=0, differed=0, missed=0)
        others = (ShadowRow.version != version) & ShadowRow.ended.is_(None)
        async with self._database.transaction() as session:
            await session.execute(update(ShadowRow).where(others).values(ended="newer"))
            await session.execute(fresh.on_conflict_do_nothing())

    async def latest(self) -> Shadow | None:
        """Give the candidate that reads, or that was the last to."""
        newest = ShadowRow.ended.is_(None).desc(), ShadowRow.since.desc(), ShadowRow.version.desc()
        latest = select(ShadowRow).order_by(*newest).limit(1)
        async with self._database.transaction() as session:
            row = await session.scalar(latest)
            if row is None:
                return None
            counts = (
                select(DifferenceRow.is_better, func.count())
                .where(DifferenceRow.version == row.version)
                .group_by(DifferenceRow.is_better)
            )
            judged = {is_better: int(number) for is_better, number in await session.execute(counts)}
        return Shadow(
            row.version,
            row.served,
            row.since,
            row.until,
            row.by_id,
            row.crops,
            row.differed,
            row.missed,
            next((each for each in get_args(Ending) if each == row.ended), None),
            judged.get(True, 0),
            judged.get(False, 0),
            judged.get(None, 0),
        )

    async def add(self, version: str, seen: Seen) -> None:
        """Add what a candidate has read in this process; nothing of readings that are forgotten, or once it ended."""
        counted = {
            "crops": ShadowRow.crops + seen.crops,
            "differed": ShadowRow.differed + len(seen.differences),
            "missed": ShadowRow.missed + seen.missed,
        }
        reads = update(ShadowRow).where(ShadowRow.version == version, ShadowRow.ended.is_(None)).values(counted)
        found = select(ReadingRow.id).where(ReadingRow.id.in_([each.reading_id for each in seen.differences]))
        async with self._database.transaction() as session:
            if not await rows_changed(session, reads):
                return
            kept = set(await session.scalars(found.with_for_update(read=True)))  # until they are stored, none goes
            rows = [difference_row(version, each) for each in seen.differences if each.reading_id in kept]
            if rows:
                await session.execute(self._database.insert(DifferenceRow).values(rows).on_conflict_do_nothing())

    async def end(self, version: str, why: Ending) -> bool:
        """Have a candidate read no more; False when it has ended before."""
        ending = update(ShadowRow).where(ShadowRow.version == version, ShadowRow.ended.is_(None)).values(ended=why)
        async with self._database.transaction() as session:
            return bool(await rows_changed(session, ending))

    async def end_all(self, why: Ending) -> None:
        """Have none read any more."""
        async with self._database.transaction() as session:
            await session.execute(update(ShadowRow).where(ShadowRow.ended.is_(None)).values(ended=why))
