"""Which model is in service, on SQLite and on PostgreSQL alike."""

import asyncio

from bot.store import Store
from tests.test_store import clock, store, url

__all__ = ["clock", "store", "url"]  # fixtures


async def served(store: Store) -> list[str]:
    """The pile, top first."""
    return [each.version for each in await store.service.pile()]


async def test_the_version_put_last_is_served(store: Store) -> None:
    """Each is put on what was on top; the earlier ones stay below."""
    assert await served(store) == []
    assert await store.service.put("a", on=0, by_id=8)
    (first,) = await store.service.pile()
    assert await store.service.put("b", on=first.id, by_id=8)
    assert await served(store) == ["b", "a"]
    assert (first.by_id, first.since) == (8, 3_600_000)


async def test_who_is_wrong_about_the_top_changes_nothing(store: Store) -> None:
    """A promotion that was compared with a version that is no longer served does not come in."""
    await store.service.put("a", on=0, by_id=8)
    assert not await store.service.put("b", on=0, by_id=8)
    assert not await store.service.put("b", on=77, by_id=8)
    assert await served(store) == ["a"]


async def test_of_two_promotions_at_once_one_comes_in(store: Store) -> None:
    """Whatever the order, there is one top and nobody is told otherwise."""
    outcomes = await asyncio.gather(*(store.service.put(name, on=0, by_id=8) for name in "abcde"))
    assert sorted(outcomes) == [False] * 4 + [True]
    assert len(await served(store)) == 1


async def test_taking_the_top_off_serves_the_one_below_and_another_can_come(store: Store) -> None:
    """Back and forth; a number is never given out again."""
    await store.service.put("a", on=0, by_id=8)
    (a,) = await store.service.pile()
    await store.service.put("b", on=a.id, by_id=8)
    b = (await store.service.pile())[0]
    await store.service.take([b.id])
    assert await served(store) == ["a"]
    assert await store.service.put("c", on=a.id, by_id=8)
    assert (await store.service.pile())[0].id > b.id
