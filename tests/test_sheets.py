"""The sheets of /review, on SQLite and on PostgreSQL alike: what a sheet showed, and nothing else, is settled."""

import asyncio

from sqlalchemy import update

from bot.store import Kind, Sheet, Store
from bot.store.tables import CorrectionRow
from tests.test_store import ADA, clock, correct, remembered, store, url

__all__ = ["clock", "store", "url"]  # fixtures


async def corrected(store: Store, labels: str) -> list[int]:
    """Let somebody say of a 7 for each character what it is, x for none; the readings' numbers."""
    readings = [await remembered(store, "7") for _ in labels]
    for reading_id, label in zip(readings, labels, strict=True):
        await correct(store, reading_id, label)
    return readings


async def laid(store: Store, *, backwards: bool = False) -> Sheet:
    """All that waits, on a sheet."""
    ids = [each.id for each in await store.corrections.waiting(100)]
    return await store.sheets.lay(ids[::-1] if backwards else ids)


async def approved(store: Store) -> list[int | None]:
    """What counts."""
    return [each.label for each in await store.corrections.approved()]


async def test_a_sheet_shows_corrections_in_the_order_asked_for(store: Store) -> None:
    """And gives them one by one in that order, whatever their numbers are."""
    await corrected(store, "123")
    sheet = await laid(store, backwards=True)
    assert [each.label for each in sheet.corrections] == [3, 2, 1]
    found, place = [], 0
    while (placed := await store.sheets.next_on(sheet.number, after=place)) is not None:
        place = placed.place
        found.append((place, placed.correction.label))
    assert found == [(1, 3), (2, 2), (3, 1)]


async def test_what_no_longer_waits_is_not_put_on_a_sheet(store: Store) -> None:
    """Approved or forgotten since it was chosen: the places close up."""
    await corrected(store, "123")
    first, second, third = (each.id for each in await store.corrections.waiting(10))
    alone = await store.sheets.lay([second])
    await store.sheets.approve(alone.number, by_id=8)
    sheet = await store.sheets.lay([third, second, 999, first])
    assert [each.label for each in sheet.corrections] == [3, 1]
    placed = await store.sheets.next_on(sheet.number, after=1)
    assert placed is not None
    assert (placed.place, placed.correction.label) == (2, 1)


async def test_a_sheet_is_settled_whole_or_by_its_places(store: Store) -> None:
    """Once: what was approved or dropped is not on it any more. Who approved is kept."""
    await corrected(store, "1234")
    sheet = (await laid(store)).number
    assert await store.sheets.approve(sheet, by_id=8, place=2) == 1
    assert await store.sheets.approve(sheet, by_id=9, place=2) == 0
    assert await store.sheets.drop(sheet, place=3) == 1
    assert await store.sheets.approve(sheet, by_id=9) == 2
    assert await store.sheets.drop(sheet) == 0
    counting = await store.corrections.approved()
    assert [(each.label, each.approved_by) for each in counting] == [(1, 9), (2, 8), (4, 9)]


async def test_a_sheet_settles_nothing_that_it_did_not_show(store: Store) -> None:
    """Neither what came later, nor what was said anew of a digit that it showed, nor what was forgotten."""
    readings = await corrected(store, "12")
    sheet = (await laid(store)).number
    await correct(store, readings[0], "9")
    await corrected(store, "3")
    assert await store.sheets.approve(sheet, by_id=8) == 1
    assert await approved(store) == [2]
    other = (await laid(store)).number
    await store.people.forget(ADA)
    assert await store.sheets.approve(other, by_id=8) == 0


async def test_a_newer_sheet_takes_what_it_shows_from_the_older(store: Store) -> None:
    """The older one settles what is left on it."""
    await corrected(store, "123")
    older = (await laid(store)).number
    newest = (await store.corrections.waiting(10))[-1]
    newer = (await store.sheets.lay([newest.id])).number
    assert await store.sheets.drop(older) == 2
    assert await store.sheets.approve(newer, by_id=8) == 1
    assert await approved(store) == [3]


async def test_what_is_set_aside_after_its_approval_is_on_no_old_sheet(store: Store) -> None:
    """A second press on the sheet that showed it, before anybody doubted it, does not let it count again."""
    await corrected(store, "1")
    sheet = (await laid(store)).number
    await store.sheets.approve(sheet, by_id=8)
    async with store._database.transaction() as session:
        await session.execute(update(CorrectionRow).values(is_approved=False, reason="contradicted"))
    assert await store.sheets.approve(sheet, by_id=8) == 0
    again = await laid(store)
    assert [each.reason for each in again.corrections] == ["contradicted"]
    assert await store.sheets.approve(again.number, by_id=8) == 1
    assert [each.reason for each in await store.corrections.approved()] == [
        "contradicted"
    ]  # that it is not doubted again


async def test_each_correction_is_on_one_of_two_sheets_that_are_laid_at_once(store: Store) -> None:
    """Two admins, two processes: what the one approves the other doesn't find any more."""
    await corrected(store, "1234")
    first, second = await asyncio.gather(laid(store), laid(store, backwards=True))
    assert first.number != second.number
    settled = [await store.sheets.approve(sheet.number, by_id=8) for sheet in (first, second)]
    assert sum(settled) == 4


async def test_kinds_are_counted_apart_where_they_count_and_where_they_wait(store: Store) -> None:
    """What was read as a digit and is another, or none, and what was refused."""
    await corrected(store, "11x")
    await correct(store, await remembered(store, "7"), "1", trusted=True)
    await correct(store, await remembered(store, "?7"), "7")
    counting, waiting = await store.corrections.kinds()
    assert counting == {Kind(7, 1): 1}
    assert waiting == {Kind(7, 1): 2, Kind(7, None): 1, Kind(None, 7): 1}
