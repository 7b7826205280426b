"""Which model is in service: a pile of versions, the served one on top, those before it below.

An empty pile stands for the version that comes with the bot. Putting another one on top, or taking the top off, is one
transaction: whenever a process is killed, there is one served version.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select

from bot.store.changes import changes, tell
from bot.store.database import Database
from bot.store.records import raise_within
from bot.store.tables import ServedRow

_CHANNEL: Final = "digit_bot_served"


@dataclass(frozen=True, slots=True)
class Served:
    """A version that is or was in service."""

    id: int
    version: str
    since: int  # unix seconds
    by_id: int  # the admin who put it there or asked for its training


class Service:
    """The pile. Each change names what its author believes to be on top: of two at once, one comes to nothing."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def pile(self) -> tuple[Served, ...]:
        """All of it, the served version first."""
        async with self._database.transaction() as session:
            rows = (await session.scalars(select(ServedRow).order_by(ServedRow.id.desc()))).all()
        return tuple(Served(row.id, row.version, row.since, row.by_id) for row in rows)

    async def put(self, version: str, *, on: int, by_id: int, figures: Mapping[str, int] | None = None) -> bool:
        """Serve `version` in place of the top, which has the number `on` (0: the pile is empty).

        `figures` say how much of each fixed set it reads: from then on the records are no lower (`records`).
        """
        now = int(self._now())
        row = self._database.insert(ServedRow).values(version=version, since=now, by_id=by_id, below=on)
        put = row.on_conflict_do_nothing(index_elements=["below"]).returning(ServedRow.id)
        async with self._database.transaction() as session:
            top = await session.scalar(select(func.max(ServedRow.id))) or 0
            is_put = top == on and await session.scalar(put) is not None
            if is_put:
                await raise_within(self._database, session, figures or {}, version, now)
                await tell(self._database, session, _CHANNEL)
            return is_put

    async def take(self, ids: Sequence[int]) -> None:
        """Take these out of the pile."""
        async with self._database.transaction() as session:
            await session.execute(delete(ServedRow).where(ServedRow.id.in_(ids)))
            await tell(self._database, session, _CHANNEL)

    def changes(self, every_s: float) -> AsyncGenerator[None]:
        """Say when to look at the pile: at once, when any process has changed it, and every `every_s` seconds.

        Of a change by another process SQLite tells nothing, nor does a PostgreSQL that is away: then the latter is all.
        """
        return changes(self._database, _CHANNEL, every_s)
