"""Which picture a message held when it was answered: an edit that brings the same one is not answered again."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import delete

from bot.store.database import Database
from bot.store.tables import AnsweredRow

EDITABLE_S: Final = 2 * 24 * 3600
"""People can edit what they sent for so long; in a group, who may pin messages can do it later too."""

ANSWERED_AGE_S: Final = EDITABLE_S + 24 * 3600
"""For so long it is kept: Telegram brings an edit for a day at most."""

_PRUNE_EVERY: Final = 1000


class Answered:
    """The messages of one `bot`: they are numbered apart for each."""

    def __init__(self, database: Database, bot: str, now: Callable[[], float] | None) -> None:
        self._database = database
        self._bot = bot
        self._now = now
        self._since_prune = 0

    async def note(self, chat_id: int, message_id: int, file: str, *, update_id: int, user_id: int) -> bool:
        """Note that an update brings a message with a picture; whether no other brought that picture in it last.

        `file` tells pictures apart. An update that comes again, after whoever was at it died, brings what it brought.
        """
        self._since_prune += 1
        if self._since_prune >= _PRUNE_EVERY:
            await self.prune()
        at = self._database.moment(self._now)
        row = {"file": file, "update_id": update_id, "user_id": user_id, "at": at}
        first = self._database.insert(AnsweredRow).values(
            bot=self._bot, chat_id=chat_id, message_id=message_id, **row
        )  # fmt: skip
        is_new = (AnsweredRow.file != file) | (AnsweredRow.update_id == update_id)
        noted = first.on_conflict_do_update(index_elements=["bot", "chat_id", "message_id"], set_=row, where=is_new)
        async with self._database.transaction() as session:
            return await session.scalar(noted.returning(AnsweredRow.message_id)) is not None

    async def prune(self) -> None:
        """Throw away what nobody can edit any more."""
        self._since_prune = 0
        is_old = AnsweredRow.at < self._database.moment(self._now) - ANSWERED_AGE_S
        async with self._database.transaction() as session:
            await session.execute(delete(AnsweredRow).where(is_old))
