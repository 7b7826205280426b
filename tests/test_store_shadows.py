"""Candidates and what they read otherwise, on SQLite and on PostgreSQL alike."""

import asyncio

from bot.store import MAX_AGE_S, Misread, Seen, Shadow, Store
from tests.test_store import ADA, BOB, Clock, clock, remembered, store, url

__all__ = ["clock", "store", "url"]  # fixtures

ADMIN = 8


async def begin(store: Store, version: str = "v1", lasts_s: float = 60) -> None:
    """Have a candidate read."""
    await store.shadows.begin(version, served="shipped", lasts_s=lasts_s, by_id=ADMIN)


async def latest(store: Store) -> Shadow:
    """The candidate that reads, or did."""
    shadow = await store.shadows.latest()
    assert shadow is not None
    return shadow


def seen(reading_id: int, *places: int, crops: int = 4, missed: int = 0) -> Seen:
    """Crops of which those at `places` were read otherwise: a seven as no digit."""
    return Seen(crops, missed, [Misread(reading_id, place, 7, None, 0.9) for place in places])


async def test_a_candidate_is_as_it_was_begun(store: Store) -> None:
    """Its times, who asked for it, and nothing read; without one there is none."""
    assert await store.shadows.latest() is None
    await begin(store)
    assert await latest(store) == Shadow("v1", "shipped", 3_600_000, 3_600_060, ADMIN, 0, 0, 0, None, 0, 0, 0)


async def test_a_newer_candidate_takes_the_place_of_the_one_before(store: Store) -> None:
    """One reads at a time; to begin again changes nothing."""
    await begin(store)
    await begin(store, "v2")
    await store.shadows.add("v2", seen(1))
    await begin(store, "v2")
    assert ((await latest(store)).version, (await latest(store)).crops) == ("v2", 4)
    assert not await store.shadows.end("v1", "stopped")
    assert await store.shadows.end("v2", "stopped")
    assert ((await latest(store)).version, (await latest(store)).ended) == ("v2", "stopped")


async def test_what_processes_read_at_once_adds_up(store: Store) -> None:
    """No count is lost, and what is told twice is one difference."""
    await begin(store)
    reading = await remembered(store)
    await asyncio.gather(*(store.shadows.add("v1", seen(reading, 0, 3, missed=1)) for _ in range(5)))
    shadow = await latest(store)
    assert (shadow.crops, shadow.missed, shadow.unjudged) == (20, 5, 2)


async def test_of_all_who_end_it_one_did(store: Store) -> None:
    """So the admins are told once; what is read after that counts no more."""
    await begin(store)
    assert sorted(await asyncio.gather(*(store.shadows.end("v1", "slow") for _ in range(4)))) == [False] * 3 + [True]
    await store.shadows.add("v1", seen(await remembered(store), 0))
    assert ((await latest(store)).crops, (await latest(store)).unjudged) == (0, 0)


async def test_what_differs_has_its_crop(store: Store) -> None:
    """The oldest first; a candidate's own only; those in a span of numbers."""
    await begin(store)
    await store.shadows.add("v1", seen(await remembered(store), 0, 1, 2))
    first, second, third = await store.differences.unjudged("v1", 3)
    assert await store.differences.unjudged("v1", 1) == (first,)
    assert await store.differences.unjudged("v2", 9) == ()
    assert (first.said, first.instead, len(first.bitmap)) == (7, None, 784)
    assert await store.differences.following(first.id, third.id) == second
    assert await store.differences.following(first.id, first.id) is None


async def test_a_judgement_counts_once_and_is_held_back(store: Store) -> None:
    """Of two admins who press at once the first is right; what neither read is forgotten."""
    await begin(store)
    await store.shadows.add("v1", seen(await remembered(store), 0, 1))
    first, second = await store.differences.unjudged("v1", 9)
    judging = (store.differences.judge(first.id, is_better=is_better, by_id=ADMIN) for is_better in (True, False))
    assert sorted(await asyncio.gather(*judging)) == [False, True]
    assert await store.differences.pass_over(second.id)
    assert not await store.differences.pass_over(first.id)
    assert not await store.differences.judge(second.id, is_better=True, by_id=ADMIN)
    (kept,) = await store.corrections.approved()
    assert kept.is_held_back
    assert (kept.giver_id, kept.approved_by) == (ADMIN, ADMIN)
    shadow = await latest(store)
    assert (shadow.better + shadow.worse, shadow.unjudged) == (1, 0)


async def test_what_differs_is_forgotten_with_its_reading(store: Store) -> None:
    """By /forget, judged or not, and what was judged with it; another person's stays."""
    await begin(store)
    theirs, others = await remembered(store), await remembered(store, user_id=BOB)
    await store.shadows.add("v1", seen(theirs, 0, 1))
    await store.shadows.add("v1", seen(others, 0))
    (judged, *_) = await store.differences.unjudged("v1", 9)
    await store.differences.judge(judged.id, is_better=False, by_id=ADMIN)
    await store.people.forget(ADA)
    assert len(await store.differences.unjudged("v1", 9)) == 1
    assert await store.corrections.approved() == ()
    shadow = await latest(store)
    assert (shadow.differed, shadow.worse, shadow.unjudged) == (3, 0, 1)  # how many is nobody's data


async def test_what_differs_is_stored_of_no_reading_that_is_forgotten(store: Store) -> None:
    """/forget comes between the answer and the candidate's turn."""
    await begin(store)
    kept, gone = await remembered(store, user_id=BOB), await remembered(store)
    await store.people.forget(ADA)
    await store.shadows.add("v1", Seen(2, 0, [*seen(gone, 0).differences, *seen(kept, 0).differences]))
    assert len(await store.differences.unjudged("v1", 9)) == 1


async def test_what_differs_is_remembered_for_a_week(store: Store, clock: Clock) -> None:
    """As long as its reading, and no longer."""
    await begin(store)
    await store.shadows.add("v1", seen(await remembered(store), 0))
    clock.now += MAX_AGE_S + 1
    await store.readings.prune()
    assert await store.differences.unjudged("v1", 9) == ()
