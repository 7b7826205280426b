"""Counting what happened, by the hour, so that figures outlive the readings they came from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database
from bot.store.tables import ReadingRow, TallyRow

_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened in a span of time. `right` and `wrong` are as people judged, of readings and of their digits."""

    readings: int = 0  # with digits
    refusals: int = 0  # "I see no digit"
    right: int = 0
    wrong: int = 0
    digits_right: int = 0
    digits_wrong: int = 0

    @property
    def accuracy(self) -> float | None:
        """The share of judged readings that were right, 0..1; None when none was judged."""
        judged = self.right + self.wrong
        return self.right / judged if judged else None


async def tally_since(session: AsyncSession, start: int) -> Tally:
    """Sum what was counted in the hours that begin after `start`, unix seconds."""
    sums = select(TallyRow.name, func.sum(TallyRow.count)).where(TallyRow.hour > start).group_by(TallyRow.name)
    return Tally(**{name: int(total) for name, total in await session.execute(sums)})


async def count(database: Database, session: AsyncSession, at: int, counts: Mapping[str, int]) -> None:
    """Add `counts`, by their names in `Tally`, to the hour of `at`."""
    for name in sorted(counts):  # always in the same order: two transactions then never wait for each other
        if counts[name]:
            row = database.insert(TallyRow).values(hour=at - at % _HOUR_S, name=name, count=counts[name])
            added = {"count": TallyRow.count + row.excluded.count}
            await session.execute(row.on_conflict_do_update(index_elements=["hour", "name"], set_=added))


async def set_verdict(
    database: Database,
    session: AsyncSession,
    row: ReadingRow,
    at: int,
    *,
    is_right: bool,
    digits: int,
    digits_wrong: int | None,
) -> None:
    """Judge a reading of `digits` digits, `digits_wrong` of them wrong (None: not known).

    Whoever judges again takes the earlier judgement back.
    """
    before, judged_at = _verdict_counts(row, digits), row.judged_at
    row.is_right, row.digits_wrong, row.judged_at = is_right, digits_wrong, at
    if judged_at is not None:
        await count(database, session, judged_at, {name: -number for name, number in before.items()})
    await count(database, session, at, _verdict_counts(row, digits))


def _verdict_counts(row: ReadingRow, digits: int) -> Counter[str]:
    if row.is_right is None:
        return Counter()
    counts = Counter(right=int(row.is_right), wrong=int(not row.is_right))
    if row.digits_wrong is not None and digits:
        counts.update(digits_right=digits - row.digits_wrong, digits_wrong=row.digits_wrong)
    return counts
