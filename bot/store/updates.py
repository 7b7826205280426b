"""Each update is handled once: a row from when it comes, with a lease while it is being handled.

What an update says stays until it is handled; that it was is kept for a while. Several processes may be at the updates
of one bot: a lease that is not renewed is one of a process that died.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import Database
from bot.store.tables import UpdateRow

# Above what any handler takes: whoever still holds a lease after that is dead. (A download may take 60 s.)
_LEASE_S: Final = 120

RENEWED_LEASE_S: Final = 12
"""Likewise, of a process that renews its leases every quarter of it: its updates are taken over sooner."""

# Of an update that waits: nobody is at it, by any clock. A time would become one to come when the clock is set back.
_FREE: Final = 0
# Telegram offers an update again for a day at most.
_KEEP_S: Final = 2 * 24 * 3600
_PRUNE_EVERY: Final = 1000
# Attempts that nobody lived to see the end of. Who dies has many updates in hand: one that was there three times may be
# innocent, and is handled alone from then on; one that a process dies of all alone is not, unless that was chance, so
# it has more than one such try: with two, one of 1,000 was given up where a process was killed every 6 s.
_MOST_ATTEMPTS: Final = 3
_MOST_ALONE: Final = 4


class Claim(Enum):
    """What to do with an update."""

    HANDLE = auto()  # it is ours for the time of the lease
    ALONE = auto()  # likewise, but whoever took it on died again and again: nothing else is to be in danger
    SKIP = auto()  # it was handled
    WAIT = auto()  # somebody else is at it, or died a moment ago
    GIVE_UP = auto()  # whoever took it on died of it, again and again


class Album(NamedTuple):
    """What the parts of an album have in common."""

    chat_id: int
    name: str  # Telegram's media_group_id


class Updates:
    """The updates of one `bot`: ids are counted apart for each."""

    lease_s: int = _LEASE_S
    """How long an update is ours without being renewed."""

    def __init__(self, database: Database, bot: str, now: Callable[[], float] | None) -> None:
        self._database = database
        self._bot = bot
        self._now = now
        self._since_prune = 0
        self._held: set[int] = set()

    async def note(self, contents: Mapping[int, str], album: Album | None = None) -> set[int]:
        """Write down updates that wait, what each says by its id; give the ids of those that did not come before.

        They may be parts of an album, to be taken together.
        """
        rows = [
            {
                "bot": self._bot,
                "id": update_id,
                "leased_until": _FREE,
                "is_done": False,
                "attempts": 0,
                "content": content,
                "chat_id": album and album.chat_id,
                "album": album and album.name,
            }
            for update_id, content in contents.items()
        ]
        new = self._database.insert(UpdateRow).on_conflict_do_nothing(index_elements=["bot", "id"])
        async with self._database.transaction() as session:
            return set(await session.scalars(new.values(rows).returning(UpdateRow.id)))

    async def unfinished(self) -> list[str]:
        """Give what the updates say that wait to be handled and nobody is at, the oldest first."""
        is_free = ~UpdateRow.is_done & (UpdateRow.leased_until <= self._database.moment(self._now))
        waiting = select(UpdateRow.content).where(UpdateRow.bot == self._bot, is_free, UpdateRow.content.is_not(None))
        async with self._database.transaction() as session:
            return [content for content in await session.scalars(waiting.order_by(UpdateRow.id)) if content]

    async def claim(self, update_id: int, after_albums_of: int | None = None) -> Claim:
        """Take an update on, unless it was handled or is being handled, or an album waits in the chat of that id."""
        now = self._database.moment(self._now)
        async with self._database.transaction() as session:
            if after_albums_of is not None and await session.scalar(self._waiting(after_albums_of).limit(1)):
                return Claim.WAIT
            return await self._claimed(session, update_id, now)

    async def _claimed(self, session: AsyncSession, update_id: int, now: ColumnElement[int]) -> Claim:
        lease = self._database.insert(UpdateRow).values(
            bot=self._bot, id=update_id, leased_until=now + self.lease_s, is_done=False, attempts=1
        )
        expired = ~UpdateRow.is_done & (UpdateRow.leased_until <= now)
        renewed = {"leased_until": lease.excluded.leased_until, "attempts": UpdateRow.attempts + 1}
        taken = lease.on_conflict_do_update(
            index_elements=["bot", "id"], set_=renewed, where=expired
        ).returning(UpdateRow.attempts)  # fmt: skip
        attempts = await session.scalar(taken)
        if attempts is not None:
            self._held.add(update_id)
            alone = attempts - _MOST_ATTEMPTS
            return Claim.HANDLE if alone <= 0 else Claim.ALONE if alone <= _MOST_ALONE else Claim.GIVE_UP
        done = await session.scalar(
            select(UpdateRow.is_done).where(UpdateRow.bot == self._bot, UpdateRow.id == update_id)
        )
        return Claim.SKIP if done else Claim.WAIT

    def _waiting(self, chat_id: int) -> Select[int]:
        """The parts of albums of a chat that are not answered."""
        return select(UpdateRow.id).where(UpdateRow.bot == self._bot, UpdateRow.chat_id == chat_id, ~UpdateRow.is_done)

    async def waiting(self, album: Album) -> int:
        """Count the parts of an album that are not answered."""
        async with self._database.transaction() as session:
            parts = self._waiting(album.chat_id).where(UpdateRow.album == album.name).subquery()
            return await session.scalar(select(func.count()).select_from(parts)) or 0

    async def claim_album(self, album: Album) -> dict[int, tuple[Claim, str]]:
        """Take on all parts of an album that nobody is at: what each says by its id."""
        parts = self._waiting(album.chat_id).where(UpdateRow.album == album.name, UpdateRow.content.is_not(None))
        now = self._database.moment(self._now)
        async with self._database.transaction() as session:
            # One after another in one order: of two processes the second waits for the first, and finds them taken.
            ids = list(await session.scalars(parts.order_by(UpdateRow.id)))
            taken = {update_id: await self._claimed(session, update_id, now) for update_id in ids}
            said = await session.execute(select(UpdateRow.id, UpdateRow.content).where(
                UpdateRow.bot == self._bot, UpdateRow.id.in_(ids)))  # fmt: skip
            others = (Claim.SKIP, Claim.WAIT)
            return {id_: (taken[id_], content) for id_, content in said if content and taken[id_] not in others}

    async def renew(self) -> None:
        """Go on holding what is held."""
        if not self._held:
            return
        held = (UpdateRow.bot == self._bot) & UpdateRow.id.in_(self._held) & ~UpdateRow.is_done
        later = {"leased_until": self._database.moment(self._now) + self.lease_s}
        async with self._database.transaction() as session:
            await session.execute(update(UpdateRow).where(held).values(later))

    async def finish(self, update_id: int, keep: str | None = None) -> None:
        """Note that an update is over, for good, and forget what it said, or `keep` it for a while."""
        self._held.discard(update_id)
        # From now on it is kept.
        done = {"is_done": True, "content": keep, "leased_until": self._database.moment(self._now)}
        done |= {"chat_id": None, "album": None}  # whose it was is nobody's business any more
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
            self._held.discard(update_id)
            leased &= UpdateRow.id == update_id
            given |= {"attempts": UpdateRow.attempts - 1}
        async with self._database.transaction() as session:
            await session.execute(update(UpdateRow).where(leased).values(given))

    async def prune(self) -> None:
        """Throw away what was handled and Telegram can't offer any more, and what came before it could be noted."""
        self._since_prune = 0
        is_old = UpdateRow.leased_until < self._database.moment(self._now) - _KEEP_S
        async with self._database.transaction() as session:
            waits = ~UpdateRow.is_done & UpdateRow.content.is_not(None)
            await session.execute(delete(UpdateRow).where(is_old, ~waits))
