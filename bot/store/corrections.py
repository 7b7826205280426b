"""What people said that crops are: which corrections count, and may be learned from, and which wait for approval."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import func, select, update

from bot.store.database import Database
from bot.store.tables import CorrectionRow, CropRow, ReadingRow

Label = int | None
"""What a crop is: a digit 0..9, or None, not a digit."""

SOMEBODY_GONE: Final = 0
"""Instead of the id of an approver who was forgotten: nobody has it."""

_AT_ONCE: Final = 1_000  # numbers in one statement: databases take so many, not any


class Kind(NamedTuple):
    """What corrections have in common: what something was read as, None for no digit, and what it is."""

    read_as: int | None
    label: Label


@dataclass(frozen=True, slots=True)
class Correction:
    """A crop with what a person said it is, and what the model had said."""

    id: int
    bitmap: bytes  # 784 bytes: 28 rows of 28, 0 paper to 255 stroke
    label: Label
    said: int  # what the model took it for; what it would have been taken for, when it was refused as no digit
    confidence: float  # 0..1, of what was said
    version: str  # the model that said it
    giver_id: int
    given_at: int  # unix seconds
    was_read: bool = True  # as a digit; False: it was taken for none
    features: bytes | None = None  # float32, little-endian: what the scorer knew of it
    edition: str | None = None  # which features these are
    is_held_back: bool = False  # never learned from: a judgement of what a candidate read
    approved_by: int | None = None  # who let it count: its giver, when they are trusted
    reason: str | None = None  # why it waits, or was approved all the same: it looked wrong
    is_approved: bool = True

    @property
    def kind(self) -> Kind:
        """What it has in common with others."""
        return Kind(self.said if self.was_read else None, self.label)


class Corrections:
    """Those by trusted people count at once, others wait until they are approved. A dropped one is deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def approved(self) -> tuple[Correction, ...]:
        """Everything that may be learned from, oldest first."""
        return await self._found(is_approved=True)

    async def waiting(self, at_most: int | None = None) -> tuple[Correction, ...]:
        """What waits for approval, oldest first: all of it, or the oldest ones."""
        return await self._found(is_approved=False, at_most=at_most)

    async def count(self) -> tuple[int, int]:
        """How many corrections count, and how many wait."""
        counts = select(CorrectionRow.is_approved, func.count()).group_by(CorrectionRow.is_approved)
        async with self._database.transaction() as session:
            found = {bool(state): int(number) for state, number in await session.execute(counts)}
        return found.get(True, 0), found.get(False, 0)

    async def kinds(self) -> tuple[Counter[Kind], Counter[Kind]]:
        """Count the corrections of each kind: those that count, and those that wait."""
        columns = CorrectionRow.is_approved, CorrectionRow.was_read, CorrectionRow.said, CorrectionRow.label
        counting, waiting = Counter[Kind](), Counter[Kind]()
        async with self._database.transaction() as session:
            found = await session.execute(select(*columns, func.count()).group_by(*columns))
            for is_approved, was_read, said, label, number in found:
                kind = Kind(said if was_read else None, label)
                (counting if is_approved else waiting)[kind] += number
        return counting, waiting

    async def set_aside(self, reasons: Mapping[int, str]) -> None:
        """Let corrections wait, by their numbers, whether they counted or not, each with why.

        One that has a reason stays as it is: an admin knows, or will see it.
        """
        by_reason: dict[str, list[int]] = {}
        for number, reason in sorted(reasons.items()):
            by_reason.setdefault(reason, []).append(number)
        async with self._database.transaction() as session:
            for reason, numbers in by_reason.items():
                for start in range(0, len(numbers), _AT_ONCE):
                    some = CorrectionRow.id.in_(numbers[start : start + _AT_ONCE]) & CorrectionRow.reason.is_(None)
                    waiting = {"is_approved": False, "approved_by": None, "reason": reason}
                    await session.execute(update(CorrectionRow).where(some).values(waiting))

    async def _found(self, *, is_approved: bool, at_most: int | None = None) -> tuple[Correction, ...]:
        those = CorrectionRow.is_approved.is_(True) if is_approved else ~CorrectionRow.is_approved
        found = select(CorrectionRow).where(those).order_by(CorrectionRow.id).limit(at_most)
        async with self._database.transaction() as session:
            return tuple(as_correction(row) for row in await session.scalars(found))


def as_correction(row: CorrectionRow) -> Correction:
    """Give what a row says."""
    return Correction(
        row.id,
        row.bitmap,
        row.label,
        row.said,
        row.confidence,
        row.version,
        row.giver_id,
        row.given_at,
        row.was_read,
        row.features,
        row.edition,
        row.is_held_back,
        row.approved_by,
        row.reason,
        row.is_approved,
    )


def correction_row(
    reading: ReadingRow, crop: CropRow, label: Label, giver_id: int, at: int, *, is_approved: bool
) -> CorrectionRow:
    """Write down what somebody says of a crop; it counts at once when it is approved, by whoever said it."""
    return CorrectionRow(
        reading_id=reading.id,
        place=crop.place,
        label=label,
        said=crop.digit,
        confidence=crop.confidence,
        version=reading.version,
        bitmap=crop.bitmap,
        giver_id=giver_id,
        owner_id=reading.user_id,
        given_at=at,
        is_approved=is_approved,
        approved_by=giver_id if is_approved else None,
        features=crop.features,
        edition=crop.edition,
        was_read=crop.place < reading.digits,
        is_held_back=False,
    )
