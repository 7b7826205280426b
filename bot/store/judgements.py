"""What people say of a reading: that it was right or wrong, or what its digits are.

Each judgement is of the whole reading as it is known by then: it takes the place of what was said before, in the
corrections, in the tallies and in the questions that are open.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.alignment import Seen, Typed, align
from bot.store.corrections import Label, correction_row
from bot.store.database import Database
from bot.store.tables import CorrectionRow, CropRow, QuestionRow, ReadingRow
from bot.store.tallies import set_verdict


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


class Judgements:
    """Of remembered readings. What trusted people correct counts at once, see `corrections`."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def judge(self, reading_id: int, *, is_right: bool) -> bool:
        """Note that a reading was right, which takes back what was corrected in it, or wrong in a way not known yet.

        A judgement that says nothing new changes nothing; right leaves nothing to ask. False when the reading is
        forgotten.
        """
        async with self._database.transaction() as session:
            row = await session.get(ReadingRow, reading_id, with_for_update=True)
            if row is None:
                return False
            if is_right:
                await session.execute(delete(QuestionRow).where(QuestionRow.reading_id == reading_id))
            if row.is_right is not is_right:
                await set_verdict(
                    self._database,
                    session,
                    row,
                    int(self._now()),
                    is_right=is_right,
                    digits=row.digits,
                    digits_wrong=0 if is_right else None,
                )
                await session.execute(delete(CorrectionRow).where(CorrectionRow.reading_id == reading_id))
            return True

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
        session.add_all(correction_row(row, crop, label, giver_id, at, is_approved=is_trusted) for crop, label in wrong)
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


async def _crops(session: AsyncSession, reading_id: int) -> Sequence[CropRow]:
    """The crops of a reading, in reading order."""
    of_reading = select(CropRow).where(CropRow.reading_id == reading_id)
    return (await session.scalars(of_reading.order_by(CropRow.place))).all()


def _in_reading_order(crop: CropRow, digits: int) -> tuple[int, bool, int]:
    """Sort what was doubted behind the digits that stand before it; `digits` were read."""
    is_read = crop.place < digits
    return (crop.place if is_read else (crop.after or 0) - 1, not is_read, crop.place)
