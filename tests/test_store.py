"""The store, on SQLite and on PostgreSQL alike."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import numpy as np
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text

from bot.learning.lessons import save
from bot.store import EDITABLE_S, MAX_AGE_S, Claim, Corrected, Forgotten, Store, StoreUnavailable, Tally, tables
from bot.store.tables import SCHEMA, Base
from model import Blames, Reading
from model.blame import WIDTH, blames
from model.decision import Decision
from model.training.examples import read_examples
from tests.databases import migrated_file
from tests.fakes import a_reading

ADA, BOB = 7, 9
HOUR_S = 3600


@dataclass
class Clock:
    """A clock that stands until it is moved; unix seconds."""

    now: float = 1_000 * HOUR_S

    def __call__(self) -> float:
        """What time it is."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The store's clock."""
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield await migrated_file(tmp_path / "bot.db")
        return
    server = request.getfixturevalue("postgres")
    yield server
    connection = await asyncpg.connect(server)
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    await connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")
    await connection.close()


@pytest.fixture
async def store(url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store."""
    opened = Store(url, tmp_path, bot="b", keep_readings=200, now=clock)
    await opened.open()
    yield opened
    await opened.close()


async def remembered(store: Store, read: Reading | str = "4071", user_id: int = ADA) -> int:
    """The number of a reading that was just remembered."""
    read = a_reading(read) if isinstance(read, str) else read
    (reading,) = await store.readings.remember([read], chat_id=1, user_id=user_id)
    return reading.id


async def correct(store: Store, reading_id: int, number: str, giver: int = ADA, *, trusted: bool = False) -> Corrected:
    """Say what a reading should have been."""
    labels = [None if character == "x" else int(character) for character in number]
    outcome = await store.judgements.correct(reading_id, labels, giver_id=giver, is_trusted=trusted)
    assert outcome is not None
    return outcome


async def labels(store: Store) -> list[tuple[int, int | None]]:
    """What was said and what it is, of the corrections that wait."""
    return [(each.said, each.label) for each in await store.corrections.waiting(100)]


# ── readings


async def test_a_remembered_reading_is_recalled_as_it_was_said(store: Store) -> None:
    """Number, chat, person and lines come back; nothing is judged yet."""
    first, second = a_reading("12"), a_reading("345")
    reading_id = await remembered(store, replace(first, lines=(*first.lines, *second.lines)))
    recalled = await store.readings.recall(reading_id)
    assert recalled is not None
    assert (recalled.chat_id, recalled.user_id, recalled.lines, recalled.digits) == (1, ADA, ("12", "345"), "12345")
    assert recalled.is_right is None


async def test_a_reading_is_forgotten_after_a_week(store: Store, clock: Clock) -> None:
    """What is too old can neither be recalled nor, once it is pruned, corrected."""
    reading_id = await remembered(store)
    clock.now += MAX_AGE_S + 1
    assert await store.readings.recall(reading_id) is None
    await store.readings.prune()
    assert await store.judgements.correct(reading_id, [1, 2, 3, 4], giver_id=ADA, is_trusted=True) is None
    assert not await store.judgements.judge(reading_id, is_right=True)


async def test_only_the_latest_readings_are_kept(store: Store) -> None:
    """Of more than the limit the oldest goes, without a prune being asked for."""
    first = await remembered(store, "")
    await store.readings.remember([a_reading("")] * 200, chat_id=1, user_id=ADA)
    assert await store.readings.recall(first) is None
    assert await store.readings.recall(first + 1) is not None


async def test_the_readings_of_an_album_know_each_other(store: Store) -> None:
    """Each one names all of them in order; a reading that came alone names none."""
    album = await store.readings.remember([a_reading("1"), a_reading("")], chat_id=1, user_id=ADA)
    recalled = await store.readings.recall(album[1].id)
    assert recalled is not None
    assert recalled.album == (album[0].id, album[1].id)
    alone = await store.readings.recall(await remembered(store))
    assert alone is not None
    assert alone.album == ()


async def test_what_might_be_digits_of_a_refused_picture_is_kept(store: Store) -> None:
    """Recalled with how many there are; none of them counts as a digit that was read."""
    reading_id = await remembered(store, "?42")
    recalled = await store.readings.recall(reading_id)
    assert recalled is not None
    assert (recalled.digits, recalled.doubtful) == ("", 2)
    await store.judgements.judge(reading_id, is_right=True)
    assert (await store.readings.tally())[1] == Tally(refusals=1, right=1)


async def test_every_digit_of_a_missed_number_is_stored(store: Store) -> None:
    """Also one that the network would have had right; what is none is not, and of another length nothing is."""
    reading_id = await remembered(store, "?42")
    assert await correct(store, reading_id, "402") == Corrected(2, None)
    assert await labels(store) == []
    assert await correct(store, reading_id, "4x") == Corrected(2, 1, doubted=1)
    assert await labels(store) == [(4, 4)]
    assert await correct(store, reading_id, "xx") == Corrected(2, 0)
    assert await labels(store) == []
    assert (await store.readings.tally())[1] == Tally(refusals=1, right=1)


# ── judging and counting


async def test_the_crops_of_readings_are_given_back_in_order(store: Store) -> None:
    """Each with what was said of it and by which model; what was refused is no digit to explain."""
    reads = [a_reading("40", version="v2"), a_reading("?5"), a_reading("7")]
    album = await store.readings.remember(reads, chat_id=1, user_id=ADA)
    crops = await store.readings.crops([reading.id for reading in album])
    first, _, last = (reading.id for reading in album)
    assert [(crop.reading_id, crop.place, crop.digit, crop.version) for crop in crops] == [
        (first, 0, 4, "v2"), (first, 1, 0, "v2"), (last, 0, 7, "v1"),
    ]  # fmt: skip
    assert crops[0].bitmap == bytes(784)
    assert crops[0].confidence == pytest.approx(0.97)
    assert await store.readings.crops([last + 1]) == ()


async def test_a_reading_whose_answer_reached_nobody_is_as_if_it_had_not_been(store: Store) -> None:
    """It is forgotten with its crops and not counted; others stay, and discarding twice changes nothing."""
    kept = await remembered(store, "7")
    gone = [await remembered(store, "42"), await remembered(store, "")]
    for _ in range(2):
        await store.readings.discard(gone)
    assert [await store.readings.recall(reading) for reading in gone] == [None, None]
    assert await store.readings.crops(gone) == ()
    assert await store.readings.recall(kept) is not None
    assert (await store.readings.tally())[1] == Tally(readings=1)


async def test_readings_refusals_and_judgements_are_counted(store: Store) -> None:
    """One right, one wrong in one of four digits, one refusal: the tally says so, and what share was right."""
    await store.judgements.judge(await remembered(store, "12"), is_right=True)
    await correct(store, await remembered(store), "4077")
    await remembered(store, "")
    today, in_all = await store.readings.tally()
    assert today == in_all == Tally(readings=2, refusals=1, right=1, wrong=1, digits_right=5, digits_wrong=1)
    assert in_all.accuracy == 0.5


async def test_yesterdays_counts_are_not_todays(store: Store, clock: Clock) -> None:
    """After a day the 24 hours are empty, while all there was stays."""
    await remembered(store)
    clock.now += 25 * HOUR_S
    today, in_all = await store.readings.tally()
    assert (today, in_all.readings) == (Tally(), 1)
    assert today.accuracy is None


async def test_judging_twice_counts_once(store: Store) -> None:
    """A second press says nothing new."""
    reading_id = await remembered(store, "7")
    for _ in range(2):
        assert await store.judgements.judge(reading_id, is_right=True)
    assert (await store.readings.tally())[1].right == 1


async def test_whoever_judges_again_takes_the_first_judgement_back(store: Store, clock: Clock) -> None:
    """Right, then wrong, then right: counted once, in the hour of the last word, and no correction is left."""
    reading_id = await remembered(store, "7")
    await store.judgements.judge(reading_id, is_right=True)
    clock.now += 25 * HOUR_S
    await store.judgements.judge(reading_id, is_right=False)
    await correct(store, reading_id, "1")
    assert [tally.right for tally in await store.readings.tally()] == [0, 0]
    await store.judgements.judge(reading_id, is_right=True)
    assert await labels(store) == []
    today, in_all = await store.readings.tally()
    assert today == Tally(right=1, digits_right=1)
    assert in_all == Tally(readings=1, right=1, digits_right=1)


# ── corrections


async def test_what_was_doubted_beside_a_number_is_kept_behind_it(store: Store) -> None:
    """It is none of the digits that were read: neither to Why?, nor to whoever corrects one by one, nor in labels."""
    reading_id = await remembered(store, "4?071?3")
    recalled = await store.readings.recall(reading_id)
    assert recalled is not None
    assert (recalled.digits, recalled.doubtful) == ("471", 0)
    assert [crop.digit for crop in await store.readings.crops([reading_id])] == [4, 7, 1]
    assert await store.judgements.labels(reading_id) == (4, 7, 1)
    assert await correct(store, reading_id, "4x1") == Corrected(3, 1, nothing=1)
    assert await correct(store, reading_id, "40713") == Corrected(3, None)
    one = await store.judgements.correct_digit(reading_id, 3, 0, giver_id=ADA, is_trusted=False)
    assert one == Corrected(3, None)


async def test_a_number_of_another_length_says_what_each_crop_is(store: Store) -> None:
    """What was doubted in the place of a digit is one that was not read; its features are kept with it."""
    read = a_reading("4?071")
    known = tuple(replace(digit, features=(1.0, 2.0)) for digit in read.doubtful)
    reading_id = await remembered(store, replace(read, doubtful=known, edition="e"))
    outcome = await store.judgements.correct_number(reading_id, [5, 0, 7, 1, 1], giver_id=ADA, is_trusted=True)
    assert outcome == Corrected(3, 2, doubted=1, missed=1)
    zero, four = sorted(await store.corrections.approved(), key=lambda each: each.said)
    assert (zero.label, zero.was_read, zero.edition) == (0, False, "e")
    assert zero.features == np.array([1, 2], "<f4").tobytes()
    assert (four.said, four.label, four.was_read, four.features) == (4, 5, True, None)
    assert (await store.readings.tally())[1] == Tally(readings=1, wrong=1, digits_right=2, digits_wrong=1)


async def test_only_digits_that_differ_are_stored(store: Store) -> None:
    """4071 corrected to 4977: the 0 and the 1, with their crops, the model and its confidence."""
    read = a_reading("4071")
    read.digits[1].bitmap[3, 4] = 1.0
    reading_id = await remembered(store, read)
    assert await correct(store, reading_id, "4977") == Corrected(found=4, changed=2)
    nine, seven = await store.corrections.waiting(10)
    assert [(each.said, each.label) for each in (nine, seven)] == [(0, 9), (1, 7)]
    assert (nine.version, nine.giver_id) == ("v1", ADA)
    assert nine.confidence == pytest.approx(0.97)
    crop = np.frombuffer(nine.bitmap, np.uint8).reshape(28, 28)
    assert (crop[3, 4], crop.sum()) == (255, 255)


async def test_a_number_of_another_length_stores_nothing(store: Store) -> None:
    """Three digits for four: nothing can be matched, and the reading is as it was."""
    reading_id = await remembered(store)
    assert await correct(store, reading_id, "407") == Corrected(found=4, changed=None)
    assert await store.corrections.count() == (0, 0)


async def test_a_refusal_can_not_be_corrected(store: Store) -> None:
    """Where nothing was found there is no crop to label, not even with an empty answer."""
    assert await correct(store, await remembered(store, ""), "") == Corrected(found=0, changed=None)


async def test_the_second_correction_of_a_digit_replaces_the_first(store: Store) -> None:
    """One row, the last label, under a new number, so that a sheet shown before can't approve it unseen."""
    reading_id = await remembered(store, "7")
    await correct(store, reading_id, "1", trusted=True)
    (before,) = await store.corrections.approved()
    await correct(store, reading_id, "x")
    (after,) = await store.corrections.waiting(10)
    assert (after.label, await store.corrections.count()) == (None, (0, 1))
    assert after.id > before.id


async def test_a_digit_corrected_to_what_was_said_counts_as_right(store: Store) -> None:
    """7 corrected to 1 and then to 7: no correction is left, and the reading was right."""
    reading_id = await remembered(store, "7")
    await correct(store, reading_id, "1")
    assert await correct(store, reading_id, "7") == Corrected(found=1, changed=0)
    assert await store.corrections.count() == (0, 0)
    assert (await store.readings.tally())[1] == Tally(readings=1, right=1, digits_right=1)


async def test_a_digit_corrected_alone_leaves_what_was_said_of_the_others(store: Store) -> None:
    """Also who said it, and that it counts; the digits wrong are counted in all."""
    reading_id = await remembered(store)
    await correct(store, reading_id, "9071", trusted=True)
    one = await store.judgements.correct_digit(reading_id, 3, 7, giver_id=BOB, is_trusted=False)
    assert one == Corrected(found=4, changed=1)
    assert await store.judgements.labels(reading_id) == (9, 0, 7, 7)
    (counts,), (waits,) = await store.corrections.approved(), await store.corrections.waiting(10)
    assert (counts.label, counts.giver_id, waits.label, waits.giver_id) == (9, ADA, 7, BOB)
    assert (await store.readings.tally())[1] == Tally(readings=1, wrong=1, digits_right=2, digits_wrong=2)


async def test_two_digits_corrected_at_once_are_both_kept(store: Store) -> None:
    """In whichever order, by whichever processes."""
    reading_id = await remembered(store)
    await asyncio.gather(
        *(store.judgements.correct_digit(reading_id, at, 9, giver_id=ADA, is_trusted=False) for at in range(4))
    )
    assert await store.judgements.labels(reading_id) == (9, 9, 9, 9)
    assert (await store.readings.tally())[1] == Tally(readings=1, wrong=1, digits_wrong=4)


@pytest.mark.parametrize(("read", "place"), [("4071", 4), ("?42", 0), ("", 0)])
async def test_a_digit_that_was_not_read_can_not_be_corrected(store: Store, read: str, place: int) -> None:
    """Nothing is stored beyond the digits that were said."""
    reading_id = await remembered(store, read)
    outcome = await store.judgements.correct_digit(reading_id, place, 7, giver_id=ADA, is_trusted=False)
    assert outcome is not None
    assert outcome.changed is None
    assert await store.corrections.count() == (0, 0)


async def test_two_corrections_at_once_leave_one_whole_answer(store: Store) -> None:
    """Whichever comes last wins: both digits are of the same answer, and the reading is counted once."""
    reading_id = await remembered(store, "70")
    await asyncio.gather(*(correct(store, reading_id, answer) for answer in ("11", "22", "33", "44")))
    first, second = await labels(store)
    assert first[1] == second[1]
    assert (await store.readings.tally())[1] == Tally(readings=1, wrong=1, digits_wrong=2)


async def test_trusted_corrections_count_at_once_and_others_wait(store: Store) -> None:
    """The oldest that wait are given first, as many as were asked for."""
    for label in "123":
        await correct(store, await remembered(store, "7"), label, trusted=label == "1")
    assert await store.corrections.count() == (1, 2)
    assert [each.label for each in await store.corrections.approved()] == [1]
    assert [each.label for each in await store.corrections.waiting(1)] == [2]


async def test_corrections_outlive_the_reading(store: Store, clock: Clock) -> None:
    """Pruning forgets who asked what where, and keeps what was given to learn from."""
    await correct(store, await remembered(store, "7"), "1", trusted=True)
    clock.now += MAX_AGE_S + 1
    await store.readings.prune()
    assert await store.corrections.count() == (1, 0)


async def test_forget_deletes_all_of_one_person_and_nothing_of_others(store: Store) -> None:
    """Readings, own corrections, and an admin's correction of the person's digit go; counts and others stay."""
    await correct(store, await remembered(store, "7"), "1")
    await correct(store, await remembered(store, "7"), "2", giver=BOB, trusted=True)
    bobs = await remembered(store, "7", user_id=BOB)
    await correct(store, bobs, "3", giver=BOB)
    assert await store.people.forget(ADA) == Forgotten(readings=2, corrections=2)
    assert await labels(store) == [(7, 3)]
    assert await store.readings.recall(bobs) is not None
    assert (await store.readings.tally())[1].readings == 3
    assert await store.people.forget(ADA) == Forgotten(0, 0)
    async with store._database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM crops")) == 1  # Bob's


# ── questions


async def test_a_question_is_found_by_its_message_its_person_or_its_reading(store: Store) -> None:
    """Until it is answered; of several that a person was asked, the last one."""
    first, second = await remembered(store), await remembered(store)
    await store.readings.ask(first, chat_id=1, message_id=50, user_id=ADA)
    await store.readings.ask(second, chat_id=1, message_id=60, user_id=ADA)
    for question, reading_id in (
        (await store.readings.question(1, message_id=50), first),
        (await store.readings.question(1, user_id=ADA), second),
        (await store.readings.question(1, reading_id=first), first),
    ):
        assert question is not None
        assert (question.reading.id, question.user_id) == (reading_id, ADA)
    assert await store.readings.question(2, user_id=ADA) is None
    await correct(store, second, "1234")
    assert await store.readings.question(1, message_id=60) is None


async def test_a_question_is_its_own_bots(store: Store, url: str, clock: Clock, tmp_path: Path) -> None:
    """The local chat numbers its messages anew with each start: a reply to message 50 means the new one."""
    await store.readings.ask(await remembered(store), chat_id=1, message_id=50, user_id=ADA)
    other = Store(url, tmp_path, bot="c", now=clock)
    await other.open()
    assert await other.readings.question(1, message_id=50) is None
    await other.close()


async def test_a_question_of_hours_ago_is_found_by_its_message_only(store: Store, clock: Clock) -> None:
    """A number said out of the blue is no answer to it; a reply is. Asked again, it is fresh."""
    reading_id = await remembered(store)
    await store.readings.ask(reading_id, chat_id=1, message_id=50, user_id=ADA)
    clock.now += 2 * HOUR_S
    assert await store.readings.question(1, user_id=ADA) is None
    assert await store.readings.question(1, message_id=50) is not None
    await store.readings.ask(reading_id, chat_id=1, message_id=50, user_id=ADA)
    assert await store.readings.question(1, user_id=ADA) is not None


async def test_a_question_to_a_forgotten_reading_is_forgotten(store: Store) -> None:
    """/forget leaves no question open, and none is opened after it."""
    reading_id = await remembered(store)
    await store.readings.ask(reading_id, chat_id=1, message_id=50, user_id=BOB)
    await store.people.forget(ADA)
    await store.readings.ask(reading_id, chat_id=1, message_id=51, user_id=BOB)
    assert await store.readings.question(1, user_id=BOB) is None


# ── updates


async def test_an_update_is_handled_once(store: Store, clock: Clock) -> None:
    """Whoever claims it first handles it; while it is leased others wait; when it is done they skip it."""
    claims = await asyncio.gather(*(store.updates.claim(5) for _ in range(4)))
    assert sorted(claim.name for claim in claims) == ["HANDLE", "WAIT", "WAIT", "WAIT"]
    await store.updates.finish(5)
    clock.now += HOUR_S
    assert await store.updates.claim(5) is Claim.SKIP


async def test_an_update_whose_lease_has_run_out_is_handled_again(store: Store, clock: Clock) -> None:
    """Whoever held it is dead; the next one gets a lease of its own."""
    await store.updates.claim(5)
    clock.now += HOUR_S
    assert await store.updates.claim(5) is Claim.HANDLE
    assert await store.updates.claim(5) is Claim.WAIT


async def test_a_released_update_is_handled_again_at_once_and_a_done_one_is_not(store: Store) -> None:
    """A bot that starts as the only one frees what its last run left unfinished."""
    await store.updates.claim(5)
    await store.updates.claim(6)
    await store.updates.finish(6)
    await store.updates.release()
    assert await store.updates.claim(5) is Claim.HANDLE
    assert await store.updates.claim(6) is Claim.SKIP


async def test_an_update_that_waits_while_the_clock_is_set_back(store: Store, clock: Clock) -> None:
    """Nobody is at it: it is handled, and so is one that was given back."""
    await store.updates.note({5: "a photo"})
    clock.now -= HOUR_S
    assert await store.updates.claim(5) is Claim.HANDLE
    await store.updates.release(5)
    clock.now -= HOUR_S
    assert await store.updates.claim(5) is Claim.HANDLE


async def test_an_update_that_waits_is_not_thrown_away(store: Store, clock: Clock) -> None:
    """However long it does; a handled one is, once Telegram can't offer it again."""
    await store.updates.note({5: "a photo", 6: "a photo"})
    await store.updates.claim(6)
    await store.updates.finish(6)
    clock.now += 72 * HOUR_S
    await store.updates.prune()
    assert await store.updates.unfinished() == ["a photo"]
    assert await store.updates.note({5: "a photo", 6: "a photo"}) == {6}


async def test_an_update_that_is_given_up_while_nobody_is_at_it_is_kept_as_handled(store: Store) -> None:
    """Offered again it is skipped, as any other that is over."""
    await store.updates.note({5: "a photo"})
    await store.updates.claim(5)
    await store.updates.release(5)
    await store.updates.finish(5)
    await store.updates.prune()
    assert await store.updates.claim(5) is Claim.SKIP


async def test_what_an_update_says_is_kept_until_it_is_handled(store: Store, clock: Clock) -> None:
    """It is noted once, found again in order while it waits or its handler is dead, and forgotten with its answer."""
    assert await store.updates.note({6: "update 6"}) == {6}
    assert await store.updates.note({6: "update 6", 5: "update 5"}) == {5}
    await store.updates.claim(6)
    assert await store.updates.unfinished() == ["update 5"]
    clock.now += 121
    assert await store.updates.unfinished() == ["update 5", "update 6"]
    await store.updates.finish(5)
    assert await store.updates.unfinished() == ["update 6"]
    assert await store.updates.note({5: "update 5"}) == set()


async def test_an_update_that_kills_whoever_handles_it_is_given_up(store: Store, clock: Clock) -> None:
    """A bot that died with it three times handles it alone, and goes on without it once that was its end four times."""
    await store.updates.note({5: "a bomb"})
    claims = []
    for _ in range(8):
        claims.append((await store.updates.claim(5)).name)
        await store.updates.release()
        clock.now += 1
    assert claims == ["HANDLE"] * 3 + ["ALONE"] * 4 + ["GIVE_UP"]


async def test_an_update_that_is_given_back_in_good_order_is_not_given_up(store: Store) -> None:
    """However often a bot is stopped with it in hand."""
    await store.updates.note({5: "a photo"})
    for _ in range(6):
        assert await store.updates.claim(5) is Claim.HANDLE
        await store.updates.release(5)


async def test_what_waits_for_long_is_not_pruned_before_its_time(store: Store, clock: Clock) -> None:
    """An update that came a day ago, to a bot that has been down since, is still there."""
    await store.updates.note({5: "a photo"})
    await store.updates.release()
    clock.now += 24 * HOUR_S
    await store.updates.prune()
    assert await store.updates.unfinished() == ["a photo"]


async def test_update_ids_are_each_bots_own(store: Store, url: str, clock: Clock, tmp_path: Path) -> None:
    """The local chat counts anew with each start: its update 5 is not the one before."""
    await store.updates.claim(5)
    await store.updates.finish(5)
    other = Store(url, tmp_path, bot="c", now=clock)
    await other.open()
    assert await other.updates.claim(5) is Claim.HANDLE
    await other.close()


async def test_old_updates_are_pruned(store: Store, clock: Clock) -> None:
    """After days nobody offers an update again: its row is thrown away."""
    await store.updates.claim(5)
    await store.updates.finish(5)
    clock.now += 72 * HOUR_S
    await store.updates.prune()
    assert await store.updates.claim(5) is Claim.HANDLE


# ── answered messages


async def note(store: Store, file: str, update_id: int, message_id: int = 50) -> bool:
    """Note that an update brings a picture in a message of chat 1."""
    return await store.answered.note(1, message_id, file, update_id=update_id, user_id=ADA)


async def test_a_picture_is_new_in_its_message_until_it_is_noted(store: Store) -> None:
    """Not in another update; again when another one was there meanwhile; in each message by itself."""
    assert [await note(store, "a", 1), await note(store, "a", 2)] == [True, False]
    assert [await note(store, "b", 3), await note(store, "b", 4), await note(store, "a", 5)] == [True, False, True]
    assert await note(store, "a", 6, message_id=51)


async def test_a_picture_is_new_for_as_long_as_its_update_comes_again(store: Store) -> None:
    """Whoever took the update on has died or could not reach Telegram; an edit that brings nothing takes none over."""
    assert [await note(store, "a", 1), await note(store, "a", 2)] == [True, False]
    assert [await note(store, "a", 1), await note(store, "a", 2)] == [True, False]


async def test_of_two_updates_at_once_one_brings_the_picture(store: Store) -> None:
    """The question and the note are one statement: two processes never both find it new."""
    assert sorted(await asyncio.gather(*(note(store, "a", update_id) for update_id in range(8)))) == [False] * 7 + [
        True
    ]


async def test_message_ids_are_each_bots_own(store: Store, url: str, clock: Clock, tmp_path: Path) -> None:
    """Two bots that share a database answer a message of the same number each."""
    await note(store, "a", 1)
    other = Store(url, tmp_path, bot="c", now=clock)
    await other.open()
    assert await note(other, "a", 2)
    await other.close()


async def test_what_a_message_held_is_forgotten_when_nobody_can_edit_it(store: Store, clock: Clock) -> None:
    """No sooner; also when whoever sent it asks for it."""
    await note(store, "a", 1)
    clock.now += EDITABLE_S
    await store.answered.prune()
    assert not await note(store, "a", 2)
    clock.now += 24 * HOUR_S + 1
    await store.answered.prune()
    assert await note(store, "a", 3)
    await store.people.forget(BOB)
    assert not await note(store, "a", 4)
    await store.people.forget(ADA)
    assert await note(store, "a", 5)


# ── opening


async def test_what_was_kept_is_there_after_opening_again(store: Store, url: str, tmp_path: Path) -> None:
    """A second store on the same database sees the first one's rows."""
    await correct(store, await remembered(store, "7"), "1", trusted=True)
    again = Store(url, tmp_path, bot="b")
    await again.open()
    assert await again.corrections.count() == (1, 0)
    await again.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'fresh.db'}"
        return
    server = await asyncpg.connect(request.getfixturevalue("postgres"))
    await server.execute("CREATE DATABASE fresh")
    yield request.getfixturevalue("postgres").removesuffix("postgres") + "fresh"
    await server.execute("DROP DATABASE fresh")
    await server.close()


async def test_two_bots_that_start_at_once_on_an_empty_database_both_get_it(fresh_url: str, tmp_path: Path) -> None:
    """One migrates, the other waits for it."""
    stores = [Store(fresh_url, tmp_path, bot=name) for name in "ab"]
    await asyncio.gather(*(store.open() for store in stores))
    assert [await store.corrections.count() for store in stores] == [(0, 0), (0, 0)]
    for store in stores:
        await store.close()


def migrated(connection: Connection, version: str) -> None:
    """Bring an empty database to a schema by its migrations, one after the other."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(tables.__file__).parent / "migrations"))
    command.upgrade(config, version)


def described(connection: Connection) -> dict[str, object]:
    """All that a database says of its tables."""
    found = inspect(connection)
    return {
        name: (
            sorted(({**column, "type": str(column["type"])} for column in found.get_columns(name)), key=repr),
            found.get_pk_constraint(name),
            found.get_table_options(name),
            *(
                sorted(each, key=repr)
                for each in (
                    found.get_indexes(name),
                    found.get_foreign_keys(name),
                    found.get_unique_constraints(name),
                    found.get_check_constraints(name),
                )
            ),
        )
        for name in found.get_table_names()
    }


async def test_an_empty_database_gets_at_once_what_the_migrations_come_to(fresh_url: str, tmp_path: Path) -> None:
    """A new database and one that went through every migration have the same tables, to the last index and default.

    Columns that came later stand last in the second one. Neither differs from the declarations by Alembic's comparison.
    """

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    def dropped(connection: Connection) -> None:
        everything = MetaData()
        everything.reflect(connection)
        everything.drop_all(connection)

    store = Store(fresh_url, tmp_path, bot="b")
    await store.open()
    async with store._database._engine.begin() as connection:
        at_once = await connection.run_sync(described)
        assert await connection.run_sync(differences) == []
        await connection.run_sync(dropped)
        await connection.run_sync(migrated, "head")
        step_by_step = await connection.run_sync(described)
        assert await connection.run_sync(differences) == []
    await store.close()
    assert at_once == step_by_step
    assert "alembic_version" in at_once


_BEFORE = """
INSERT INTO served (version, since, by_id, below) VALUES ('a', 3600000, 8, 0);
INSERT INTO readings (id, chat_id, user_id, version, text, confidence, made_at) VALUES
    (1, 1, 7, 'v1', '47', 0.9, 3600000), (2, 1, 7, 'v1', '', 0, 3600000);
INSERT INTO crops (reading_id, place, digit, confidence, bitmap) VALUES
    (1, 0, 4, 0.9, :crop), (1, 1, 7, 0.9, :crop), (2, 0, 3, 0.4, :crop), (2, 1, 5, 0.4, :crop);
INSERT INTO corrections (reading_id, place, label, said, confidence, version, bitmap, giver_id, owner_id, given_at,
    is_approved) VALUES
    (90, 0, 1, 7, 0.9, 'v1', :crop, 7, 7, 3600000, true), (91, 0, NULL, 6, 0.9, 'v1', :crop, 7, 7, 3600000, true),
    (92, 0, 8, 8, 0.4, 'v1', :crop, 7, 7, 3600000, true), (93, 0, 2, 9, 0.9, 'v1', :crop, 7, 7, 3600000, false)
"""


async def test_a_store_of_a_version_before_teaches_as_it_did_and_more(
    fresh_url: str, clock: Clock, tmp_path: Path
) -> None:
    """Its corrections count: digits for the classifier, what is none and what was missed for the judge, by their crops.

    Its readings can be corrected still, one that was refused too; what is served stays, and languages can be chosen.
    """
    before = Store(fresh_url, tmp_path, bot="b", now=clock)
    crop = np.arange(784).astype(np.uint8).tobytes()
    async with before._database._engine.begin() as connection:
        await connection.run_sync(migrated, "0006")  # no language was chosen, no features were kept
        for statement in _BEFORE.split(";"):
            await connection.execute(text(statement), {"crop": crop} if ":crop" in statement else {})
    await before.close()
    store = Store(fresh_url, tmp_path, bot="b", now=clock)
    await store.open()
    counting = await store.corrections.approved()
    said = [(each.label, each.said, each.was_read) for each in counting]
    assert said == [(1, 7, True), (None, 6, True), (8, 8, False)]
    assert {(each.bitmap, each.features, each.edition, each.is_held_back) for each in counting} == {
        (crop, None, None, False)
    }
    assert await store.corrections.count() == (3, 1)
    save(counting, tmp_path / "corrections.npz")
    examples, left_out = read_examples(tmp_path / "corrections.npz", "an edition", WIDTH)
    assert (len(examples.digits.y), left_out) == (2, 0)
    assert blames(examples.said, examples.y, examples.features, Decision()) == Blames(classifier=1, judge=2)
    outcome = await store.judgements.correct_number(1, [4, 1], giver_id=ADA, is_trusted=True)
    assert outcome == Corrected(2, 1)
    outcome = await store.judgements.correct_number(2, [3, 5], giver_id=ADA, is_trusted=True)
    assert outcome == Corrected(2, 2, doubted=2)
    assert await store.judgements.labels(1) == (4, 1)
    assert [served.version for served in await store.service.pile()] == ["a"]
    await store.people.choose(ADA, "de")
    assert await store.people.language(ADA) == "de"
    await store.close()


async def refusal(url: str, data_dir: Path) -> str:
    """Why a store can't be opened, in its one line."""
    with pytest.raises(StoreUnavailable) as refused:
        await Store(url, data_dir, bot="b", patience_s=0.2).open()
    assert "\n" not in str(refused.value)
    return str(refused.value)


async def test_a_database_of_a_newer_version_is_left_alone(url: str, store: Store, tmp_path: Path) -> None:
    """A schema that is not known here: the line says to update the bot."""
    await set_schema(store, "9999")
    assert "newer version" in await refusal(url, tmp_path)
    await set_schema(store, SCHEMA)


async def set_schema(store: Store, version: str) -> None:
    """Note that the database is at a migration."""
    async with store._database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """The line says which file it is."""
    (tmp_path / "bot.db").write_text("not a database " * 100)
    line = await refusal("", tmp_path)
    assert str(tmp_path / "bot.db") in line
    assert "not a database" in line


async def test_a_read_only_database_is_refused_at_the_start(tmp_path: Path) -> None:
    """Not at the first correction."""
    made = Store("", tmp_path, bot="b")
    await made.open()
    await made.close()
    assert "readonly" in await refusal(f"sqlite:///file:{tmp_path}/bot.db?mode=ro&uri=true", tmp_path)


async def test_a_locked_database_is_refused_after_a_while(tmp_path: Path) -> None:
    """Another program that holds the database's lock is named as the reason."""
    made = Store("", tmp_path, bot="b")
    await made.open()
    await made.close()
    other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert "locked" in await refusal("", tmp_path)
    other.close()


async def test_a_data_dir_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "data").write_text("")
    assert (await refusal("", tmp_path / "data" / "deeper")).startswith("DATA_DIR: ")


@pytest.mark.parametrize("given", ["postgresql://ada:hunter2@127.0.0.1:9/x", "postgres://ada:hunter2@127.0.0.1:9/x"])
async def test_a_postgresql_out_of_reach_is_named_without_its_password(given: str, tmp_path: Path) -> None:
    """Host, port and reason; neither user nor password."""
    line = await refusal(given, tmp_path)
    assert "x at 127.0.0.1:9" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("given", ["mysql://ada:hunter2@h/x", "hunter2", "postgresql://ada:hunter2@[::bad/x"])
async def test_a_url_of_something_else_is_refused_without_being_shown(given: str, tmp_path: Path) -> None:
    """The line names the setting."""
    line = await refusal(given, tmp_path)
    assert line.startswith("DATABASE_URL is wrong")
    assert "hunter2" not in line
