"""Slots to send, on SQLite and on PostgreSQL alike: what the replicas of a bot take together."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from bot.api.pace import _GROUP, _PRIVATE
from bot.store import Rate, Store, StoreUnavailable
from tests.databases import migrated_file

ALL = Rate(1 / 28)
SLOW = Rate(10.0)  # no test takes that long: what is taken is still taken at its end
US = 1_000_000


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database without a slot that is taken."""
    if request.param == "sqlite":
        yield await migrated_file(tmp_path / "bot.db")
        return
    server = request.getfixturevalue("postgres")
    await (store := Store(server, tmp_path, bot="any")).open()  # the first of all makes the tables
    await store.close()
    connection = await asyncpg.connect(server)
    await connection.execute("TRUNCATE slots")
    await connection.close()
    yield server


@dataclass
class Replicas:
    """Two stores of one bot, and one of another bot, on one database."""

    a: Store
    b: Store
    foreign: Store

    async def free_at_us(self, key: str) -> int:
        """What the row of `key` holds."""
        async with self.a._database.transaction() as session:
            held = await session.execute(text("SELECT free_at_us FROM slots WHERE key = :key"), {"key": key})
            return int(held.scalar_one())

    async def keys(self) -> set[str]:
        """Which limits have a row."""
        async with self.a._database.transaction() as session:
            return set(await session.scalars(text("SELECT key FROM slots")))

    async def set_free(self, key: str, seconds: float) -> None:
        """Have the next slot of `key` come so many seconds from now."""
        row = {"at_us": int((time.time() + seconds) * US), "key": key}
        async with self.a._database.transaction() as session:
            await session.execute(text("UPDATE slots SET free_at_us = :at_us WHERE key = :key"), row)

    async def starts(self, count: int, rate: Rate) -> list[int]:
        """Reserve by turns, without waiting; the moments of the slots, in microseconds from the first."""
        taken = []
        for number in range(count):
            before = time.time()
            wait_s = await (self.a, self.b)[number % 2].sends.reserve("key", rate)
            after = time.time()
            slot_us = await self.free_at_us("key") - round(rate.burst * rate.every_s * US)
            if wait_s:  # the database runs by this machine's clock, which SQLite takes without its last digits
                assert before - 0.002 <= slot_us / US - wait_s <= after + 0.002
            taken.append(max(slot_us, int(before * US)))
        return [each - taken[0] for each in taken]


@pytest.fixture
async def replicas(url: str, tmp_path: Path) -> AsyncIterator[Replicas]:
    """All of them open."""
    async with AsyncExitStack() as stack:
        stores = [Store(url, tmp_path, bot=bot) for bot in ("ours", "ours", "foreign")]
        for store in stores:
            await store.open()
            stack.push_async_callback(store.close)
        yield Replicas(*stores)


def worst(starts: list[int], window_us: int) -> int:
    """How many lie in the worst window, both its ends counted."""
    return max(sum(start <= other <= start + window_us for other in starts) for start in starts)


async def test_the_worst_second_of_two_replicas(replicas: Replicas) -> None:
    """28 of 200 messages, wherever the second begins; and no fewer while some wait, for nothing is wasted."""
    await replicas.a.sends.reserve("key", ALL)
    await replicas.set_free("key", 60)
    starts = await replicas.starts(200, ALL)
    assert worst(starts, US - 1) == 28


async def test_a_private_chat_has_a_message_a_second_and_three_at_once(replicas: Replicas) -> None:
    """A short burst leaves at once, what follows each a second later."""
    starts = await replicas.starts(10, _PRIVATE)
    assert starts[2] < 0.9 * US
    assert worst(starts, US) <= 4
    assert worst(starts, 5 * US) <= 8


async def test_the_worst_minute_of_a_group(replicas: Replicas) -> None:
    """20 messages, with both ends of the minute."""
    assert 19 <= worst(await replicas.starts(60, _GROUP), 60 * US) <= 20


async def test_who_asks_at_once_gets_a_slot_each(replicas: Replicas) -> None:
    """Two replicas with many questions under way at the same time."""
    asked = [store.sends.reserve("key", SLOW) for _ in range(20) for store in (replicas.a, replicas.b)]
    waits = sorted(await asyncio.gather(*asked))
    gaps = [later - earlier for earlier, later in pairwise(waits)]
    assert 390 - 10 < waits[-1] <= 390
    assert min(gaps) > 0


async def test_chats_and_bots_have_slots_of_their_own(replicas: Replicas) -> None:
    """What one of them takes keeps no other waiting."""
    await replicas.a.sends.reserve("7", SLOW)
    assert await replicas.b.sends.reserve("7", SLOW) > 0
    assert await replicas.b.sends.reserve("-7", SLOW) == 0
    assert await replicas.foreign.sends.reserve("7", SLOW) == 0


async def test_a_pause_does_not_save_slots_up(replicas: Replicas) -> None:
    """After an hour of silence the burst is what it always is."""
    await replicas.a.sends.reserve("key", Rate(10.0, burst=2))
    await replicas.set_free("key", -3600)
    waits = [await replicas.a.sends.reserve("key", Rate(10.0, burst=2)) for _ in range(3)]
    assert waits[:2] == [0, 0]
    assert waits[2] > 0


async def test_a_databases_clock_that_is_set_back(replicas: Replicas) -> None:
    """Nobody waits for an hour that comes a second time."""
    await replicas.a.sends.reserve("key", ALL)
    await replicas.set_free("key", 3600)
    assert await replicas.a.sends.reserve("key", SLOW) == 0
    assert await replicas.b.sends.reserve("key", SLOW) > 0


async def test_what_has_long_been_free_is_thrown_away(replicas: Replicas) -> None:
    """At the start and now and then; what is taken stays, and so does what was free a moment ago."""
    for key in ("old", "lately", "taken"):
        await replicas.a.sends.reserve(key, SLOW)
    await replicas.set_free("old", -61)
    await replicas.set_free("lately", -30)
    for _ in range(200):
        await replicas.a.sends.reserve("taken", ALL)
    assert await replicas.keys() == {"lately", "taken"}


async def test_slots_are_forgotten_with_their_chat(replicas: Replicas) -> None:
    """Of every bot, for whoever asks means all; other chats keep theirs."""
    for store in (replicas.a, replicas.foreign):
        await store.sends.reserve("7", SLOW)
        await store.sends.reserve("77", SLOW)
    await replicas.a.sends.forget("7")
    assert await replicas.keys() == {"77"}
    assert await replicas.b.sends.reserve("7", SLOW) == 0


async def test_a_replica_that_stops_in_a_transaction_holds_nobody_up(postgres: str, tmp_path: Path) -> None:
    """Its rows are free again with the statement that took the slot, before anything else is said or heard."""
    replica = Store(postgres, tmp_path, bot="ours", patience_s=1.0)
    await replica.open()
    async with replica.sends._statement() as session:  # as if it vanished here
        await session.execute(text("INSERT INTO slots (bot, key, free_at_us) VALUES ('ours', 'held', 0)"))
        assert await replica.sends.reserve("held", SLOW) == 0
    await replica.close()


async def test_other_transactions_stay_whole(replicas: Replicas) -> None:
    """A slot is taken without a transaction around it; what comes next on that connection has one again."""

    async def broken_off() -> None:
        async with replicas.a._database.transaction() as session:
            await session.execute(text("DELETE FROM slots"))
            raise ZeroDivisionError

    await replicas.a.sends.reserve("key", ALL)
    with pytest.raises(ZeroDivisionError):
        await broken_off()
    assert await replicas.keys() == {"key"}


async def test_a_database_that_is_away(tmp_path: Path) -> None:
    """The caller is told, as by every other part of the store."""
    store = Store("", tmp_path / "data", bot="ours", patience_s=0.2)
    await store.open()
    (tmp_path / "data").rename(tmp_path / "away")
    with pytest.raises(StoreUnavailable):
        await store.sends.reserve("key", ALL)
    await store.close()
