"""The language that somebody chose, on SQLite and on PostgreSQL alike."""

from pathlib import Path

from bot.store import Forgotten, Store
from tests.test_store import ADA, BOB, clock, store, url

__all__ = ["clock", "store", "url"]  # fixtures


async def test_a_choice_is_kept_until_another_takes_its_place(store: Store) -> None:
    """Each person has one, or none."""
    assert await store.people.language(ADA) is None
    await store.people.choose(ADA, "de")
    await store.people.choose(BOB, "ar")
    await store.people.choose(ADA, "fr")
    assert (await store.people.language(ADA), await store.people.language(BOB)) == ("fr", "ar")


async def test_a_choice_can_be_taken_back(store: Store) -> None:
    """Nobody else's goes with it, and none is needed."""
    await store.people.choose(BOB, "ar")
    for _ in range(2):
        await store.people.choose(ADA, "de")
        await store.people.forget_language(ADA)
    await store.people.forget_language(ADA)
    assert (await store.people.language(ADA), await store.people.language(BOB)) == (None, "ar")


async def test_forget_takes_a_choice_along_and_says_that_there_was_one(store: Store) -> None:
    """Also where it was all that was kept of somebody."""
    await store.people.choose(ADA, "de")
    await store.people.choose(BOB, "ar")
    assert await store.people.forget(ADA) == Forgotten(0, 0, had_language=True)
    assert await store.people.forget(ADA) == Forgotten(0, 0)
    assert (await store.people.language(ADA), await store.people.language(BOB)) == (None, "ar")


async def test_a_choice_holds_for_every_bot_of_the_database(store: Store, url: str, tmp_path: Path) -> None:
    """The local chat is another bot with each start: it would be forgotten there."""
    await store.people.choose(-100_123, "zh")  # a group, in whose name its admins write
    other = Store(url, tmp_path, bot="c")
    await other.open()
    assert await other.people.language(-100_123) == "zh"
    await other.close()
