"""Remembering readings while they can be judged, the questions asked about them, and how many were judged how."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database
from bot.store.tables import CropRow, QuestionRow, ReadingRow
from bot.store.tallies import Tally, count, tally_since
from model import Digit, Reading

MAX_AGE_S: Final = 7 * 24 * 3600
MAX_READINGS: Final = 10_000
# Between two looks for readings that are too old or too many.
_PRUNE_EVERY: Final = 100
_DAY_S: Final = 24 * 3600
_FRESH_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Remembered:
    """A reading that can be judged."""

    id: int
    chat_id: int
    user_id: int  # who asked for it
    lines: tuple[str, ...]  # the digits said; empty for "I see no digit"
    album: tuple[int, ...]  # the readings of its album in order, its own included; empty when it came alone
    is_right: bool | None  # as a person judged it
    doubtful: int = 0  # of "I see no digit": how many crops are kept that might be digits

    @property
    def digits(self) -> str:
        """All digits said, in reading order."""
        return "".join(self.lines)


@dataclass(frozen=True, slots=True)
class Question:
    """An open question for the right number of a reading."""

    reading: Remembered
    user_id: int  # who was asked
    may_be_gone: bool = False  # an ephemeral message lasts as long as Telegram pleases


@dataclass(frozen=True, slots=True)
class Crop:
    """One digit of a remembered reading, as it was read."""

    reading_id: int
    place: int  # from 0, in reading order
    digit: int
    confidence: float  # 0..1
    bitmap: bytes  # 784 bytes: 28 rows of 28, 0 paper to 255 stroke
    version: str  # the model that read it


class Readings:
    """Each reading for a week, and the latest `keep` at most."""

    def __init__(self, database: Database, bot: str, keep: int, now: Callable[[], float]) -> None:
        self._database = database
        self._bot = bot
        self._keep = keep
        self._now = now
        self._since_prune = 0

    async def remember(self, reads: Sequence[Reading], *, chat_id: int, user_id: int) -> tuple[Remembered, ...]:
        """Remember and count what is about to be answered: one reading, or those of an album in order.

        Kept behind the crops of its digits are those that might be some and were not read, for somebody who says so.
        """
        at = int(self._now())
        async with self._database.transaction() as session:
            rows = [
                ReadingRow(
                    chat_id=chat_id,
                    user_id=user_id,
                    version=read.version,
                    text="\n".join(read.texts),
                    confidence=read.confidence,
                    made_at=at,
                )
                for read in reads
            ]
            session.add_all(rows)
            await session.flush()
            for row, read in zip(rows, reads, strict=True):
                row.album = rows[0].id if len(rows) > 1 else None
                session.add_all(
                    CropRow(
                        reading_id=row.id,
                        place=place,
                        after=after,
                        digit=digit.digit,
                        confidence=digit.confidence,
                        bitmap=np.rint(255 * digit.bitmap).astype(np.uint8).tobytes(),
                        features=np.array(digit.features, "<f4").tobytes() if digit.features else None,
                        edition=read.edition if digit.features else None,
                    )
                    for place, (digit, after) in enumerate(_with_place(read))
                )
            found = sum(bool(read.lines) for read in reads)
            await count(self._database, session, at, {"readings": found, "refusals": len(reads) - found})
        self._since_prune += len(reads)
        if self._since_prune >= _PRUNE_EVERY:
            await self.prune()
        album = tuple(row.id for row in rows) if len(rows) > 1 else ()
        return tuple(
            _remembered(row, album, 0 if read.lines else len(read.doubtful))
            for row, read in zip(rows, reads, strict=True)
        )

    async def discard(self, reading_ids: Sequence[int]) -> None:
        """Forget readings whose answer never reached anybody, and count them no more."""
        async with self._database.transaction() as session:
            rows = (await session.scalars(select(ReadingRow).where(ReadingRow.id.in_(reading_ids)))).all()
            for row in rows:
                await count(self._database, session, row.made_at, {"readings" if row.text else "refusals": -1})
                await session.delete(row)

    async def recall(self, reading_id: int) -> Remembered | None:
        """The reading of this number; None when it is forgotten by now."""
        async with self._database.transaction() as session:
            row = await session.get(ReadingRow, reading_id)
            return await self._whole(session, row)

    async def crops(self, reading_ids: Sequence[int]) -> tuple[Crop, ...]:
        """The digits that were read in these readings, in order; nothing of what was refused."""
        async with self._database.transaction() as session:
            found = (
                select(CropRow, ReadingRow.version)
                .join(ReadingRow, ReadingRow.id == CropRow.reading_id)
                .where(ReadingRow.id.in_(reading_ids), ReadingRow.text != "", CropRow.after.is_(None))
                .order_by(CropRow.reading_id, CropRow.place)
            )
            return tuple(
                Crop(row.reading_id, row.place, row.digit, row.confidence, row.bitmap, version)
                for row, version in await session.execute(found)
            )

    async def ask(self, reading_id: int, *, chat_id: int, message_id: int, user_id: int) -> None:
        """Note that a message asks `user_id` for a reading's right number; an ephemeral one's number is below 0."""
        async with self._database.transaction() as session:
            if await session.get(ReadingRow, reading_id) is not None:
                key = {"bot": self._bot, "chat_id": chat_id, "message_id": message_id}
                asked_at = int(self._now())
                await session.merge(QuestionRow(**key, reading_id=reading_id, user_id=user_id, asked_at=asked_at))

    async def question(
        self,
        chat_id: int,
        *,
        message_id: int | None = None,
        user_id: int | None = None,
        reading_id: int | None = None,
        elsewhere: int | None = None,
    ) -> Question | None:
        """The last open question of a chat: in this message, to this person, about this reading, as far as given.

        `elsewhere` is a message in which it is not.

        Without a message it is one of the last hour: later, nobody who says a number means that.
        """
        open_ones = select(QuestionRow).where(QuestionRow.bot == self._bot, QuestionRow.chat_id == chat_id)
        if message_id is not None:
            open_ones = open_ones.where(QuestionRow.message_id == message_id)
        else:
            open_ones = open_ones.where(QuestionRow.asked_at > self._now() - _FRESH_S)
        if user_id is not None:
            open_ones = open_ones.where(QuestionRow.user_id == user_id)
        if reading_id is not None:
            open_ones = open_ones.where(QuestionRow.reading_id == reading_id)
        if elsewhere is not None:
            open_ones = open_ones.where(QuestionRow.message_id != elsewhere)
        async with self._database.transaction() as session:
            asked = await session.scalar(
                open_ones.order_by(QuestionRow.asked_at.desc(), QuestionRow.message_id.desc()).limit(1)
            )
            if asked is None:
                return None
            reading = await self._whole(session, await session.get(ReadingRow, asked.reading_id))
            return Question(reading, asked.user_id, may_be_gone=asked.message_id < 0) if reading else None

    async def tally(self) -> tuple[Tally, Tally]:
        """What happened in the last 24 hours (to the hour), and in all."""
        async with self._database.transaction() as session:
            return await tally_since(session, int(self._now()) - _DAY_S), await tally_since(session, 0)

    async def prune(self) -> None:
        """Forget readings that are too old or too many; what is counted and corrected stays."""
        self._since_prune = 0
        async with self._database.transaction() as session:
            newest = await session.scalar(select(func.max(ReadingRow.id))) or 0
            old = (ReadingRow.made_at < self._now() - MAX_AGE_S) | (ReadingRow.id <= newest - self._keep)
            await session.execute(delete(ReadingRow).where(old))

    async def _whole(self, session: AsyncSession, row: ReadingRow | None) -> Remembered | None:
        if row is None or row.made_at < self._now() - MAX_AGE_S:
            return None
        album: Sequence[int] = ()
        if row.album is not None:
            mates = select(ReadingRow.id).where(ReadingRow.album == row.album).order_by(ReadingRow.id)
            album = (await session.scalars(mates)).all()
        crops = select(func.count()).select_from(CropRow).where(CropRow.reading_id == row.id)
        doubtful = 0 if row.digits else await session.scalar(crops) or 0
        return _remembered(row, tuple(album), doubtful)


def _remembered(row: ReadingRow, album: tuple[int, ...], doubtful: int) -> Remembered:
    return Remembered(row.id, row.chat_id, row.user_id, tuple(row.text.split()), album, row.is_right, doubtful)


def _with_place(read: Reading) -> Iterator[tuple[Digit, int | None]]:
    """Give the crops of a reading, those that were read first; the others with how many of those stand before them."""
    for digit in read.digits:
        yield digit, None
    yield from zip(read.doubtful, read.doubtful_after or [0] * len(read.doubtful), strict=True)
