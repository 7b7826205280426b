"""The candidates that read beside the served version, unseen, and what they read otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.engine import CursorResult

from bot.store.database import Database
from bot.store.tables import CropRow, DifferenceRow, ReadingRow, ShadowRow

Ending = Literal["served", "against", "changed", "stopped", "newer", "off", "crashed", "slow", "full", "gone"]
"""Why a candidate reads no more: it came into service; what was judged speaks against it; another version came into
service; an admin stopped it; a newer candidate took its place; the setting is off; it failed at a crop, took too long
for one, could not keep up; its files can't be had."""

_NONE: Final = -1  # as a digit in the tables: not a digit


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
class Misread:
    """A crop that a candidate reads otherwise; None: not a digit."""

    reading_id: int
    place: int  # of the crop in the reading
    said: int | None  # by the served version
    instead: int | None  # by the candidate
    confidence: float  # 0..1, of that


@dataclass(frozen=True, slots=True)
class Seen:
    """What a candidate has read since this was last stored."""

    crops: int
    missed: int
    differences: Sequence[Misread]


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored one, with its crop."""

    id: int
    said: int | None
    instead: int | None
    confidence: float
    bitmap: bytes  # 784 bytes: 28 rows of 28, 0 paper to 255 stroke


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
            if not _changed(await session.execute(reads)):
                return
            kept = set(await session.scalars(found.with_for_update(read=True)))  # until they are stored, none goes
            rows = [
                {
                    "version": version,
                    "reading_id": each.reading_id,
                    "place": each.place,
                    "said": _NONE if each.said is None else each.said,
                    "instead": _NONE if each.instead is None else each.instead,
                    "confidence": each.confidence,
                }
                for each in seen.differences
                if each.reading_id in kept
            ]
            if rows:
                await session.execute(self._database.insert(DifferenceRow).values(rows).on_conflict_do_nothing())

    async def end(self, version: str, why: Ending) -> bool:
        """Have a candidate read no more; False when it has ended before."""
        ending = update(ShadowRow).where(ShadowRow.version == version, ShadowRow.ended.is_(None)).values(ended=why)
        async with self._database.transaction() as session:
            return bool(_changed(await session.execute(ending)))

    async def end_all(self, why: Ending) -> None:
        """Have none read any more."""
        async with self._database.transaction() as session:
            await session.execute(update(ShadowRow).where(ShadowRow.ended.is_(None)).values(ended=why))

    async def unjudged(self, version: str, limit: int) -> tuple[Difference, ...]:
        """The oldest differences of a candidate that nobody has judged."""
        return await self._found(_differences().where(DifferenceRow.version == version), limit)

    async def following(self, after: int, until: int) -> Difference | None:
        """The next difference that nobody has judged, with a number in (after, until]."""
        between = (DifferenceRow.id > after) & (DifferenceRow.id <= until)
        return next(iter(await self._found(_differences().where(between), 1)), None)

    async def pass_over(self, difference_id: int) -> bool:
        """Forget a difference in which neither is right; False when it is judged or forgotten."""
        unjudged = (DifferenceRow.id == difference_id) & DifferenceRow.is_better.is_(None)
        async with self._database.transaction() as session:
            return bool(_changed(await session.execute(delete(DifferenceRow).where(unjudged))))

    async def _found(self, found: Select[DifferenceRow, bytes], limit: int) -> tuple[Difference, ...]:
        async with self._database.transaction() as session:
            return tuple(
                Difference(
                    row.id,
                    None if row.said == _NONE else row.said,
                    None if row.instead == _NONE else row.instead,
                    row.confidence,
                    bitmap,
                )
                for row, bitmap in await session.execute(found.order_by(DifferenceRow.id).limit(limit))
            )


def _differences() -> Select[DifferenceRow, bytes]:
    is_of_crop = (CropRow.reading_id == DifferenceRow.reading_id) & (CropRow.place == DifferenceRow.place)
    return select(DifferenceRow, CropRow.bitmap).join(CropRow, is_of_crop).where(DifferenceRow.is_better.is_(None))


def _changed(result: object) -> int:
    assert isinstance(result, CursorResult)  # of a DELETE or an UPDATE
    return int(result.rowcount)
