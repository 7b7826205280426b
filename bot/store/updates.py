"""Each update is handled once: a row from when it comes, with a lease while it is being handled.

What an update says stays until it is handled; that it was is kept for a while.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, Final

from sqlalchemy import delete, select, update

from bot.store.database import Database
from bot.store.tables import UpdateRow

# Above what any handler takes: whoever still holds a lease after that is dead. (A download may take 60 s.)
_LEASE_S: Final = 120
# Of an update that waits: nobody is at it, by any clock. A time would become one to come when the clock is set back.
_FREE: Final = 0
# Telegram offers an update again for a day at most.
_KEEP_S: Final = 2 * 24 * 3600
_PRUNE_EVERY: Final = 1000
_MOST_ATTEMPTS: Final = 3  # that nobody lived to see the end of


class Claim(Enum):
    """What to do with an update."""

    HANDLE = auto()  # it is ours for the time of the lease
    SKIP = auto()  # it was handled
    WAIT = auto()  # somebody else is at it, or died a moment ago
    GIVE_UP = auto()  # whoever took it on died of it, again and again


class Updates:
    """The updates of one `bot`: ids are counted apart for each."""

    def __init__(self, database: Database, bot: str, now: Callable[[], float]) -> None:
        self._database = database
        self._bot = bot
        self._now = now
        self._since_prune = 0

    async def note(self, contents: Mapping[int, str]) -> set[int]:
        """Write down updates that wait, what each says by its id; give the ids of those that did not come before."""
        rows = [
            {
                "bot": self._bot,
                "id": update_id,
                "leased_until": _FREE,
                "is_done": False,
                "attempts": 0,
                "content": content,
            }
            for update_id, content in contents.items()
        ]
        new = self._database.insert(UpdateRow).on_conflict_do_nothing(index_elements=["bot", "id"])
        async with self._database.transaction() as session:
            return set(await session.scalars(new.values(rows).returning(UpdateRow.id)))

    async def unfinished(self) -> list[str]:
        """Give what the updates say that wait to be handled, the oldest first."""
        waiting = select(UpdateRow.content).where(
            UpdateRow.bot == self._bot, ~UpdateRow.is_done, UpdateRow.content.is_not(None)
        )
        async with self._database.transaction() as session:
            return [content for content in await session.scalars(waiting.order_by(UpdateRow.id)) if content]

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
        ).returning(UpdateRow.attempts)  # fmt: skip
        async with self._database.transaction() as session:
            attempts = await session.scalar(taken)
            if attempts is not None:
                return Claim.HANDLE if attempts <= _MOST_ATTEMPTS else Claim.GIVE_UP
            done = await session.scalar(
                select(UpdateRow.is_done).where(UpdateRow.bot == self._bot, UpdateRow.id == update_id)
            )
        return Claim.SKIP if done else Claim.WAIT

    async def finish(self, update_id: int) -> None:
        """Note that an update is handled, for good, and forget what it said."""
        done = {"is_done": True, "content": None, "leased_until": int(self._now())}  # from when on it is kept
        ours = (UpdateRow.bot == self._bot) & (UpdateRow.id == update_id)
        async with self._database.transaction() as session:
            await session.execute(update(UpdateRow).where(ours).values(done))
        self._since_prune += 1
        if self._since_prune >= _PRUNE_EVERY:
            await self.prune()

    async def release(self, update_id: int | None = None) -> None:
        """Give back an update that was broken off in good order, which is no attempt; or all of a process that died.

        The caller knows that nobody else is at them.
        """
        leased = (UpdateRow.bot == self._bot) & ~UpdateRow.is_done
        given: dict[str, Any] = {"leased_until": _FREE}
        if update_id is not None:
            leased &= UpdateRow.id == update_id
            given |= {"attempts": UpdateRow.attempts - 1}
        async with self._database.transaction() as session:
            await session.execute(update(UpdateRow).where(leased).values(given))

    async def prune(self) -> None:
        """Throw away what was handled and Telegram can't offer any more, and what came before it could be noted."""
        self._since_prune = 0
        is_old = UpdateRow.leased_until < self._now() - _KEEP_S
        async with self._database.transaction() as session:
            waits = ~UpdateRow.is_done & UpdateRow.content.is_not(None)
            await session.execute(delete(UpdateRow).where(is_old, ~waits))
