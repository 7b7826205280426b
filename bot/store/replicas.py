"""Which processes serve the bot: each says now and then that it lives."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, func, select

from bot.store.database import Database
from bot.store.tables import ReplicaRow
from bot.store.updates import RENEWED_LEASE_S

ALIVE_S: Final = RENEWED_LEASE_S
"""Who was not seen for so long is dead."""


class Replicas:
    """The processes of one `bot`."""

    def __init__(self, database: Database, bot: str, now: Callable[[], float] | None) -> None:
        self._database = database
        self._bot = bot
        self._now = now

    async def seen(self, name: str, version: str) -> None:
        """Note that a process lives, and the model version it reads with; forget those that died."""
        row = {"seen_at": self._database.moment(self._now), "version": version}
        insert = self._database.insert(ReplicaRow).values(bot=self._bot, name=name, **row)
        dead = (ReplicaRow.bot == self._bot) & (ReplicaRow.seen_at < self._database.moment(self._now) - ALIVE_S)
        async with self._database.transaction() as session:
            await session.execute(insert.on_conflict_do_update(index_elements=["bot", "name"], set_=row))
            await session.execute(delete(ReplicaRow).where(dead, ReplicaRow.name != name))

    async def leave(self, name: str) -> int:
        """Forget a process that ends; give how many others live."""
        ours = (ReplicaRow.bot == self._bot) & (ReplicaRow.name == name)
        alive = ReplicaRow.seen_at >= self._database.moment(self._now) - ALIVE_S
        others = select(func.count()).select_from(ReplicaRow).where(ReplicaRow.bot == self._bot, alive)
        async with self._database.transaction() as session:
            await session.execute(delete(ReplicaRow).where(ours))
        # Of two that leave at once, within one transaction each would see the other.
        async with self._database.transaction() as session:
            return await session.scalar(others) or 0

    async def versions(self) -> dict[str, str]:
        """Give the model version of each process that lives, by its name."""
        alive = (ReplicaRow.bot == self._bot) & (ReplicaRow.seen_at >= self._database.moment(self._now) - ALIVE_S)
        async with self._database.transaction() as session:
            found = await session.execute(select(ReplicaRow.name, ReplicaRow.version).where(alive))
            return dict(iter(found))
