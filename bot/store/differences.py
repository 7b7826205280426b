"""What a candidate reads otherwise than the served version, and which of the two is right, as an admin judges."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, delete, select

from bot.store.corrections import correction_row
from bot.store.database import Database, rows_changed
from bot.store.tables import CorrectionRow, CropRow, DifferenceRow, ReadingRow

_NONE: Final = -1  # as a digit in the table: not a digit


@dataclass(frozen=True, slots=True)
class Misread:
    """A crop that a candidate reads otherwise; None: not a digit."""

    reading_id: int
    place: int  # of the crop in the reading
    said: int | None  # by the served version
    instead: int | None  # by the candidate
    confidence: float  # 0..1, of that


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored one, with its crop."""

    id: int
    said: int | None
    instead: int | None
    confidence: float
    bitmap: bytes  # 784 bytes: 28 rows of 28, 0 paper to 255 stroke


class Differences:
    """They go with their readings; those that nobody has judged wait for an admin."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

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
            return bool(await rows_changed(session, delete(DifferenceRow).where(unjudged)))

    async def judge(self, difference_id: int, *, is_better: bool, by_id: int) -> bool:
        """Note whether a candidate read a crop right, or else the served version; so what it is counts, held back.

        An approved correction of the crop that says the same stays in its place. False when it is judged or forgotten.
        """
        async with self._database.transaction() as session:
            difference = await session.get(DifferenceRow, difference_id, with_for_update=True)
            if difference is None or difference.is_better is not None:
                return False
            row = await session.get_one(ReadingRow, difference.reading_id)  # they go together
            crop = await session.get_one(CropRow, (row.id, difference.place))  # likewise
            difference.is_better = is_better
            label = _digit(difference.instead if is_better else difference.said)
            is_of_crop = (CorrectionRow.reading_id == row.id) & (CorrectionRow.place == crop.place)
            known = await session.scalar(select(CorrectionRow).where(is_of_crop))
            if known is not None and known.is_approved and known.label == label:
                return True
            await session.execute(delete(CorrectionRow).where(is_of_crop))
            fresh = correction_row(row, crop, label, by_id, int(self._now()), is_approved=True)
            fresh.is_held_back = True
            session.add(fresh)
            return True

    async def _found(self, found: Select[DifferenceRow, bytes], limit: int) -> tuple[Difference, ...]:
        async with self._database.transaction() as session:
            return tuple(
                Difference(row.id, _digit(row.said), _digit(row.instead), row.confidence, bitmap)
                for row, bitmap in await session.execute(found.order_by(DifferenceRow.id).limit(limit))
            )


def difference_row(version: str, misread: Misread) -> dict[str, Any]:
    """Write down what the candidate `version` reads otherwise."""
    return {
        "version": version,
        "reading_id": misread.reading_id,
        "place": misread.place,
        "said": _NONE if misread.said is None else misread.said,
        "instead": _NONE if misread.instead is None else misread.instead,
        "confidence": misread.confidence,
    }


def _digit(stored: int) -> int | None:
    return None if stored == _NONE else stored


def _differences() -> Select[DifferenceRow, bytes]:
    is_of_crop = (CropRow.reading_id == DifferenceRow.reading_id) & (CropRow.place == DifferenceRow.place)
    return select(DifferenceRow, CropRow.bitmap).join(CropRow, is_of_crop).where(DifferenceRow.is_better.is_(None))
