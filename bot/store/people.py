"""People: in which language they want to be answered, where they chose one, and how all of theirs is forgotten."""

from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update

from bot.store.corrections import SOMEBODY_GONE
from bot.store.database import Database, rows_changed
from bot.store.tables import AnsweredRow, CorrectionRow, PersonRow, QuestionRow, ReadingRow


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a person's was deleted."""

    readings: int
    corrections: int
    had_language: bool = False  # one that they had chosen


class People:
    """Choices by the id of whoever speaks: a user's, or below 0 a chat's in whose name people write.

    They hold for every bot on the database: the local chat, for one, is another bot with each start.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def language(self, user_id: int) -> str | None:
        """Give the code of the language that somebody chose, which a newer or older version may have known alone."""
        async with self._database.transaction() as session:
            return await session.scalar(select(PersonRow.language).where(PersonRow.user_id == user_id))

    async def choose(self, user_id: int, code: str) -> None:
        """Note that somebody wants to be answered in a language."""
        chosen = self._database.insert(PersonRow).values(user_id=user_id, language=code)
        async with self._database.transaction() as session:
            await session.execute(
                chosen.on_conflict_do_update(index_elements=["user_id"], set_={"language": code})
            )  # fmt: skip

    async def forget_language(self, user_id: int) -> None:
        """Forget what somebody chose: they are answered in the language of their Telegram again."""
        async with self._database.transaction() as session:
            await session.execute(delete(PersonRow).where(PersonRow.user_id == user_id))

    async def forget(self, user_id: int) -> Forgotten:
        """Delete what came from a person: readings with crops, corrections by them or of their digits, choices.

        What they approved of others' was approved by somebody, all the same.
        """
        theirs = or_(CorrectionRow.giver_id == user_id, CorrectionRow.owner_id == user_id)
        async with self._database.transaction() as session:
            readings = await rows_changed(session, delete(ReadingRow).where(ReadingRow.user_id == user_id))
            corrections = await rows_changed(session, delete(CorrectionRow).where(theirs))
            approved = update(CorrectionRow).where(CorrectionRow.approved_by == user_id)
            await session.execute(approved.values(approved_by=SOMEBODY_GONE))
            await session.execute(delete(QuestionRow).where(QuestionRow.user_id == user_id))
            await session.execute(delete(AnsweredRow).where(AnsweredRow.user_id == user_id))
            chosen = await rows_changed(session, delete(PersonRow).where(PersonRow.user_id == user_id))
        return Forgotten(readings, corrections, bool(chosen))
