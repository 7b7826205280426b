"""What people say that a digit is, and whether it may be learned from."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, delete, func, or_, select, true, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Executable

from bot.store.alignment import Seen, Typed, align
from bot.store.database import Database
from bot.store.tables import AnsweredRow, CorrectionRow, CropRow, DifferenceRow, PersonRow, QuestionRow, ReadingRow
from bot.store.tallies import set_verdict

Label = int | None
"""What a crop is: a digit 0..9, or None, not a digit."""

SOMEBODY_GONE: Final = 0
"""Instead of the id of an approver who was forgotten: nobody has it."""

_AT_ONCE: Final = 1_000  # numbers in one statement: databases take so many, not any


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of an answer: `changed` crops were stored; None when nobody can tell which it says what of."""

    found: int  # digits of the reading, or crops that might be some
    changed: int | None
    nothing: int = 0  # of the changed: what was read and is no digit
    doubted: int = 0  # of the changed: what was not read and is a digit
    missed: int = 0  # digits that have no crop of their own
    unclear: int = 0  # crops that were misread, nobody can tell as what

    @property
    def is_plain(self) -> bool:
        """Whether as many digits were read as there are, each in its place."""
        return not (self.nothing or self.doubted or self.missed or self.unclear)


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


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a person's was deleted."""

    readings: int
    corrections: int
    had_language: bool = False  # one that they had chosen


class Corrections:
    """Corrections by trusted people count at once, others wait until they are approved. A dropped one is deleted."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def correct(
        self, reading_id: int, labels: Sequence[Label], *, giver_id: int, is_trusted: bool
    ) -> Corrected | None:
        """Store what the digits of a reading are, in reading order, in place of what was said of them before.

        Digits that the model had right are counted, not stored. Of "I see no digit", it is what its doubtful crops
        are, and every digit among them was missed. Closes the questions about the reading. None when the reading is
        forgotten; nothing is stored when there are more or fewer labels than crops.
        """
        async with self._database.transaction() as session:
            row = await session.get(ReadingRow, reading_id, with_for_update=True)
            if row is None:
                return None
            crops = await _crops(session, reading_id)
            crops = crops[: row.digits or len(crops)]
            if not crops or len(crops) != len(labels):
                return Corrected(len(crops), None)
            said = dict(zip(crops, labels, strict=True))
            return await self._take(session, row, said, giver_id, is_trusted=is_trusted)

    async def correct_number(
        self, reading_id: int, number: Typed, *, giver_id: int, is_trusted: bool
    ) -> Corrected | None:
        """Store what the crops of a reading are by its right number, which may have more digits, or fewer.

        A digit that was read and is none there is no digit; one that was not read is what was doubted in its place, if
        anything was. As `correct` in all else; nothing is stored when too little of the number was read to tell.
        """
        async with self._database.transaction() as session:
            row = await session.get(ReadingRow, reading_id, with_for_update=True)
            if row is None:
                return None
            crops = await _crops(session, reading_id)
            found = row.digits or len(crops)
            in_order = sorted(crops, key=lambda crop: _in_reading_order(crop, row.digits))
            seen = [Seen(crop.digit, crop.confidence, is_read=crop.place < row.digits) for crop in in_order]
            aligned = await asyncio.to_thread(align, seen, number)  # a long number takes a tenth of a second
            if aligned is None:
                return Corrected(found, None)
            said = {in_order[at]: label for at, label in aligned.labels.items()}
            return await self._take(session, row, said, giver_id, is_trusted=is_trusted, missed=aligned.missed)

    async def correct_digit(
        self, reading_id: int, place: int, label: Label, *, giver_id: int, is_trusted: bool
    ) -> Corrected | None:
        """Store what one digit of a reading is, `place` from 0; what was said of its other digits stays.

        As `correct` in all else; nothing is stored when no digit was read at that place.
        """
        async with self._database.transaction() as session:
            row = await session.get(ReadingRow, reading_id, with_for_update=True)
            if row is None:
                return None
            crops = await _crops(session, reading_id)
            if place >= row.digits:
                return Corrected(row.digits or len(crops), None)
            return await self._take(session, row, {crops[place]: label}, giver_id, is_trusted=is_trusted, alone=True)

    async def labels(self, reading_id: int) -> tuple[Label, ...]:
        """What the digits of a reading are by now, in reading order: as they were read, or else corrected."""
        is_of_crop = (CorrectionRow.reading_id == CropRow.reading_id) & (CorrectionRow.place == CropRow.place)
        known = (
            select(CropRow.digit, CorrectionRow.id, CorrectionRow.label)
            .outerjoin(CorrectionRow, is_of_crop)
            .where(CropRow.reading_id == reading_id, CropRow.after.is_(None))
            .order_by(CropRow.place)
        )
        async with self._database.transaction() as session:
            return tuple(
                row.digit if row.id is None else row.label for row in await session.execute(known)
            )  # fmt: skip

    async def _take(
        self,
        session: AsyncSession,
        row: ReadingRow,
        said: Mapping[CropRow, Label],
        giver_id: int,
        *,
        is_trusted: bool,
        alone: bool = False,
        missed: int = 0,
    ) -> Corrected:
        """Store what is said of crops of a reading, and judge the reading by it.

        What was said of its other crops before stays if it is said of one `alone`; `missed` digits have no crop.
        """
        at = int(self._now())
        corrections_of = CorrectionRow.reading_id == row.id
        # A fresh row, not a changed one: its new number tells /review that it was not on the sheet shown before.
        replaced = CorrectionRow.place.in_([crop.place for crop in said]) if alone else true()
        await session.execute(delete(CorrectionRow).where(corrections_of, replaced))
        wrong = [
            (crop, label) for crop, label in said.items() if label != (crop.digit if crop.place < row.digits else None)
        ]
        unclear = 0 if alone else row.digits - sum(crop.place < row.digits for crop in said)
        session.add_all(_row(row, crop, label, giver_id, at, is_approved=is_trusted) for crop, label in wrong)
        await session.flush()
        places = (await session.scalars(select(CorrectionRow.place).where(corrections_of))).all()
        await set_verdict(
            self._database,
            session,
            row,
            at,
            is_right=not (places or missed or unclear),
            digits=row.digits,
            digits_wrong=sum(place < row.digits for place in places) + unclear,
        )
        await session.execute(delete(QuestionRow).where(QuestionRow.reading_id == row.id))
        return Corrected(
            row.digits or len(said),
            len(wrong),
            nothing=sum(label is None for _, label in wrong),
            doubted=sum(crop.place >= row.digits for crop, _ in wrong),
            missed=missed,
            unclear=unclear,
        )

    async def waiting(self) -> tuple[Correction, ...]:
        """Everything that waits for approval, oldest first."""
        return await self._all(~CorrectionRow.is_approved)

    async def pending(self, limit: int) -> tuple[Correction, ...]:
        """The oldest corrections that wait for approval."""
        waiting = select(CorrectionRow).where(~CorrectionRow.is_approved).order_by(CorrectionRow.id).limit(limit)
        async with self._database.transaction() as session:
            return tuple(as_correction(row) for row in await session.scalars(waiting))

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

    async def judge_difference(self, difference_id: int, *, is_better: bool, by_id: int) -> bool:
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
            right = difference.instead if is_better else difference.said
            label = None if right < 0 else right
            is_of_crop = (CorrectionRow.reading_id == row.id) & (CorrectionRow.place == crop.place)
            known = await session.scalar(select(CorrectionRow).where(is_of_crop))
            if known is not None and known.is_approved and known.label == label:
                return True
            await session.execute(delete(CorrectionRow).where(is_of_crop))
            fresh = _row(row, crop, label, by_id, int(self._now()), is_approved=True)
            fresh.is_held_back = True
            session.add(fresh)
            return True

    async def approved(self) -> tuple[Correction, ...]:
        """Everything that may be learned from, oldest first."""
        return await self._all(CorrectionRow.is_approved.is_(True))

    async def _all(self, those: ColumnElement[bool]) -> tuple[Correction, ...]:
        found = select(CorrectionRow).where(those).order_by(CorrectionRow.id)
        async with self._database.transaction() as session:
            return tuple(as_correction(row) for row in await session.scalars(found))

    async def count(self) -> tuple[int, int]:
        """How many corrections count, and how many wait."""
        counts = select(CorrectionRow.is_approved, func.count()).group_by(CorrectionRow.is_approved)
        async with self._database.transaction() as session:
            found = {bool(state): int(number) for state, number in await session.execute(counts)}
        return found.get(True, 0), found.get(False, 0)

    async def forget(self, user_id: int) -> Forgotten:
        """Delete what came from a person: readings with crops, corrections by them or of their digits, choices.

        What they approved of others' was approved by somebody, all the same.
        """
        theirs = or_(CorrectionRow.giver_id == user_id, CorrectionRow.owner_id == user_id)
        async with self._database.transaction() as session:
            readings = await _changed(session, delete(ReadingRow).where(ReadingRow.user_id == user_id))
            corrections = await _changed(session, delete(CorrectionRow).where(theirs))
            approved = update(CorrectionRow).where(CorrectionRow.approved_by == user_id)
            await session.execute(approved.values(approved_by=SOMEBODY_GONE))
            await session.execute(delete(QuestionRow).where(QuestionRow.user_id == user_id))
            await session.execute(delete(AnsweredRow).where(AnsweredRow.user_id == user_id))
            chosen = await _changed(session, delete(PersonRow).where(PersonRow.user_id == user_id))
        return Forgotten(readings, corrections, bool(chosen))


def _row(
    reading: ReadingRow, crop: CropRow, label: Label, giver_id: int, at: int, *, is_approved: bool
) -> CorrectionRow:
    """What somebody says of a crop; it counts at once when it is approved, by whoever said it."""
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


async def _crops(session: AsyncSession, reading_id: int) -> Sequence[CropRow]:
    """The crops of a reading, in reading order."""
    of_reading = select(CropRow).where(CropRow.reading_id == reading_id)
    return (await session.scalars(of_reading.order_by(CropRow.place))).all()


def _in_reading_order(crop: CropRow, digits: int) -> tuple[int, bool, int]:
    """Sort what was doubted behind the digits that stand before it; `digits` were read."""
    is_read = crop.place < digits
    return (crop.place if is_read else (crop.after or 0) - 1, not is_read, crop.place)


async def _changed(session: AsyncSession, statement: Executable) -> int:
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)  # of a DELETE or an UPDATE
    return int(result.rowcount)


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
