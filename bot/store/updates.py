"""Each update is handled once: a row with a lease while it is being handled, kept for a while when it is done."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from sqlalchemy import delete, select, update

from bot.store.database import Database
from bot.store.tables import UpdateRow

# Above what any handler takes: whoever still holds a lease after that is dead. (A download may take 60 s.)
_LEASE_S: Final = 120
# Telegram offers an update again for a day at most.
_KEEP_S: Final = 2 * 24 * 3600
_PRUNE_EVERY: Final = 1000


class Claim(Enum):
    """What to do with an update."""

    HANDLE = auto()  # it is ours for the time of the lease
    SKIP = auto()  # it was handled
    WAIT = auto()  # somebody else is at it, or died a moment ago


class Updates:
    """The updates of one `bot`: ids are counted apart for each."""

    def __init__(self, database: Database, bot: str, now: Callable[[], float]) -> None:
        self._database = database
        self._bot = bot
        self._now = now
        self._since_prune = 0

    async def claim(self, update_id: int) -> Claim:
        """Take an update on, unless it was handled or is being handled."""
        now = int(self._now())
        lease = self._database.insert(UpdateRow).values(
            bot=self._bot, id=update_id, leased_until=now + _LEASE_S, is_done=False, attempts=1
        )
        expired = ~UpdateRow.is_done & (UpdateRow.leased_until <= now)
        renewed = {"leased_until": lease.excluded.leased_until, "attempts": UpdateRow.attempts + 1}
        taken = lease.on_conflict_do_update(
            index_elements=["bot", "id"], set_=renewed, where=expired
        ).returning(UpdateRow.id)  # fmt: skip
        async with self._database.transaction() as session:
            if await session.scalar(taken) is not None:
                return Claim.HANDLE
            done = await session.scalar(
                select(UpdateRow.is_done).where(UpdateRow.bot == self._bot, UpdateRow.id == update_id)
            )
        return Claim.SKIP if done else Claim.WAIT

    async def finish(self, update_id: int) -> None:
        """Note that an update is handled, for good."""
        async with self._database.transaction() as session:
            await session.execute(
                update(UpdateRow).where(UpdateRow.bot == self._bot, UpdateRow.id == update_id).values(is_done=True)
            )
        self._since_prune += 1
        if self._since_prune >= _PRUNE_EVERY:
            await self.prune()

    async def release(self, update_id: int | None = None) -> None:
        """Give an unfinished update back, or all of this bot's: the caller knows that nobody else is at them."""
        leased = (UpdateRow.bot == self._bot) & ~UpdateRow.is_done
        if update_id is not None:
            leased &= UpdateRow.id == update_id
        async with self._database.transaction() as session:
            await session.execute(update(UpdateRow).where(leased).values(leased_until=0))

    async def prune(self) -> None:
        """Throw away what Telegram can't offer any more."""
        self._since_prune = 0
        async with self._database.transaction() as session:
            await session.execute(delete(UpdateRow).where(UpdateRow.leased_until < self._now() - _KEEP_S))
