"""What /review has shown: sheets of corrections, which an admin settles.

A sheet has a number of its own and its corrections have places on it, so that a button settles what its sheet showed
and nothing else: what was corrected anew is a new row, and what was settled or put on a newer sheet is not on it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.sql import Executable

from bot.store.corrections import Correction, as_correction
from bot.store.database import Database, rows_changed
from bot.store.tables import CorrectionRow

# As many numbers as a button has room for, taken by chance: whichever process takes one, it was never taken before.
_NUMBERS: Final = 10**18


@dataclass(frozen=True, slots=True)
class Sheet:
    """Corrections that wait, in the order in which they are shown."""

    number: int
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A correction that waits, and its place on its sheet, from 1."""

    place: int
    correction: Correction


class Sheets:
    """Sheets of corrections that wait. An approved correction counts from then on, a dropped one is deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lay(self, ids: Sequence[int]) -> Sheet:
        """Put corrections on a new sheet, in this order, and so take them off the sheets that they were on.

        Those that wait no more are left out.
        """
        number = 1 + secrets.randbelow(_NUMBERS - 1)
        # In the order of their numbers, as whoever else locks several does.
        waiting = select(CorrectionRow).where(~CorrectionRow.is_approved, CorrectionRow.id.in_(ids))
        locked = waiting.order_by(CorrectionRow.id).with_for_update()
        async with self._database.transaction() as session:
            rows = {row.id: row for row in await session.scalars(locked)}
            shown = [rows[each] for each in ids if each in rows]
            for place, row in enumerate(shown, 1):
                row.sheet, row.sheet_place = number, place
            return Sheet(number, tuple(map(as_correction, shown)))

    async def next_on(self, sheet: int, *, after: int) -> Placed | None:
        """Give the first of a sheet's corrections beyond a place that still waits."""
        following = select(CorrectionRow).where(_waits_on(sheet), CorrectionRow.sheet_place > after)
        async with self._database.transaction() as session:
            row = await session.scalar(following.order_by(CorrectionRow.sheet_place).limit(1))
            return None if row is None else Placed(row.sheet_place or 0, as_correction(row))

    async def approve(self, sheet: int, *, by_id: int, place: int | None = None) -> int:
        """Let a sheet's corrections that still wait count, or the one at a place of it; how many they were.

        The reason of one that was set aside stays, so that it is not set aside again.
        """
        counting = {"is_approved": True, "approved_by": by_id, "sheet": None, "sheet_place": None}
        return await self._change(update(CorrectionRow).where(_waits_on(sheet, place)).values(counting))

    async def drop(self, sheet: int, *, place: int | None = None) -> int:
        """Delete a sheet's corrections that still wait, or the one at a place of it; how many they were."""
        return await self._change(delete(CorrectionRow).where(_waits_on(sheet, place)))

    async def _change(self, statement: Executable) -> int:
        async with self._database.transaction() as session:
            return await rows_changed(session, statement)


def _waits_on(sheet: int, place: int | None = None) -> ColumnElement[bool]:
    waits = and_(~CorrectionRow.is_approved, CorrectionRow.sheet == sheet)
    return waits if place is None else and_(waits, CorrectionRow.sheet_place == place)
