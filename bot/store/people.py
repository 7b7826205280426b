"""In which language people want to be answered, where they chose one. `Corrections.forget` deletes it with the rest."""

from sqlalchemy import delete, select

from bot.store.database import Database
from bot.store.tables import PersonRow


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

    async def forget(self, user_id: int) -> None:
        """Forget what somebody chose: they are answered in the language of their Telegram again."""
        async with self._database.transaction() as session:
            await session.execute(delete(PersonRow).where(PersonRow.user_id == user_id))
