"""What promotions may lose in all: against the best that ever served, over a life of promotions, rollbacks and more."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from bot import words
from bot.learning.budget import ALLOWED, lost
from bot.learning.depot import Depot
from bot.learning.models import Models
from bot.learning.promotion import Promotion
from bot.learning.trainer import Trainer
from bot.learning.versions import SHIPPED_NAME, Versions
from bot.pool import ReadingPool
from bot.store import Record, Store
from model import open_version
from tests.fakes import ADMIN, ADMIN_ID, Bot, ScriptedReader
from tests.pressing import buttons, press, shown
from tests.test_store import clock, store, url
from tests.versions import a_measured_version

__all__ = ["clock", "store", "url"]  # fixtures

SHIPPED_READS: Mapping[str, int] = {"validation": 4_983, "photos": 1_120, "readings": 104, "things": 185}


def reads(validation: int = 0, photos: int = 0, readings: int = 0) -> Mapping[str, int]:
    """What a version reads that differs so much from the shipped one."""
    changes = {"validation": validation, "photos": photos, "readings": readings}
    return {name: right + changes.get(name, 0) for name, right in SHIPPED_READS.items()}


class Process(NamedTuple):
    """One process of the bot."""

    models: Models
    promotion: Promotion


def a_process(folder: Path, store: Store, depot: Depot | None = None) -> Process:
    """What a process has of the folder and the store."""
    versions = Versions(folder, lambda path: ScriptedReader(open_version(path)), depot)
    models = Models(versions, store.service, ReadingPool(ScriptedReader(), 1))
    return Process(models, Promotion(models, store.records, store.shadows))


async def used(process: Process) -> int | None:
    """How much of the budget the served version has used."""
    return (await process.promotion.budget()).used


async def best(store: Store) -> dict[str, tuple[int, str]]:
    """The records: how many, and by which version."""
    return {name.partition(" ")[0]: (each.right, each.version) for name, each in (await store.records.best()).items()}


def test_each_set_is_counted_by_itself_and_in_digits() -> None:
    """Three digits, a crop and a whole photo lost are five; what is won elsewhere pays for nothing."""
    records = {f"{name} 1": Record(right, "v", 0) for name, right in SHIPPED_READS.items()}
    figures = {f"{name} 1": right for name, right in reads(validation=-3, photos=-1, readings=-1).items()}
    assert lost(figures, records) == 5
    assert lost(figures | {"photos 1": SHIPPED_READS["photos"] + 40}, records) == 4


def test_what_people_teach_may_look_like_a_letter() -> None:
    """Ten of the things may be told apart less; what is lost beyond counts."""
    records = {"things 1": Record(185, "v", 0)}
    assert [lost({"things 1": 185 - less}, records) for less in (0, 10, 12)] == [0, 0, 2]


def test_figures_of_another_edition_are_compared_with_nothing() -> None:
    """Other pictures are read by another number of versions: neither loss nor gain."""
    assert lost({"photos 2": 3}, {"photos 1": Record(1_120, "v", 0)}) is None


async def test_of_ten_losing_promotions_in_a_row_only_those_within_the_budget_come_in(
    tmp_path: Path, store: Store
) -> None:
    """Each loses three digits to the one before it, which is never significant; together they never lose too much."""
    process = a_process(tmp_path, store)
    outcomes, served, now_reads = [], "", reads()
    for number in range(10):
        loses = {**now_reads, "validation": now_reads["validation"] - 2, "readings": now_reads["readings"] - 1}
        a_measured_version(tmp_path, f"v{number}", loses, now_reads, served)
        judged = await process.promotion.judge(f"v{number}", ADMIN_ID)
        outcomes.append(judged.outcome)
        if judged.outcome == "promoted":
            served, now_reads = f"v{number}", loses
        assert (await used(process) or 0) <= ALLOWED
    assert outcomes == ["promoted"] * (ALLOWED // 3) + ["spent"] * (10 - ALLOWED // 3)
    assert await used(process) == ALLOWED
    assert await best(store) == {name: (right, SHIPPED_NAME) for name, right in SHIPPED_READS.items()}


async def test_ten_promotions_that_win_and_lose_by_turns_all_come_in(tmp_path: Path, store: Store) -> None:
    """The records rise with what is won, and what is lost from them is won back before it adds up."""
    process = a_process(tmp_path, store)
    served, before = "", reads()
    for number, change in zip(range(10), itertools.cycle([4, -3]), strict=False):
        after = {**before, "validation": before["validation"] + change}
        a_measured_version(tmp_path, f"v{number}", after, before, served)
        assert (await process.promotion.judge(f"v{number}", ADMIN_ID)).outcome == "promoted"
        assert await used(process) == max(0, -change)
        served, before = f"v{number}", after
    assert (await best(store))["validation"] == (SHIPPED_READS["validation"] + 8, "v8")


async def test_a_refused_version_raises_the_served_ones_records_and_not_its_own(tmp_path: Path, store: Store) -> None:
    """It never served; but what it was compared with does."""
    process = a_process(tmp_path, store)
    a_measured_version(tmp_path, "v1", reads(validation=-40, photos=30), reads())
    assert (await process.promotion.judge("v1", ADMIN_ID)).outcome == "worse"
    assert await best(store) == {name: (right, SHIPPED_NAME) for name, right in SHIPPED_READS.items()}
    assert await used(process) == 0


async def test_rolling_back_gives_back_what_was_used_and_keeps_the_records(tmp_path: Path, store: Store) -> None:
    """The best that ever served stays the best when it is taken out of service."""
    process = a_process(tmp_path, store)
    a_measured_version(tmp_path, "v1", reads(photos=8, readings=-3), reads())
    assert (await process.promotion.judge("v1", ADMIN_ID)).outcome == "promoted"
    assert await used(process) == 3
    await process.models.go_back()
    assert await used(process) == 8
    assert (await best(store))["photos"] == (SHIPPED_READS["photos"] + 8, "v1")
    a_measured_version(tmp_path, "v2", reads(photos=-5), reads())
    assert await process.promotion.judge("v2", ADMIN_ID) == (open_version(tmp_path / "v2"), "spent", 13)


async def test_an_old_version_served_by_hand_raises_the_records_too(tmp_path: Path, store: Store) -> None:
    """An admin serves what was refused: what it reads best counts from then on, what it loses is used."""
    process = a_process(tmp_path, store)
    a_measured_version(tmp_path, "v1", reads(validation=-40, photos=30), reads())
    await process.promotion.judge("v1", ADMIN_ID)
    await process.models.serve("v1", ADMIN_ID)
    assert await used(process) == 40
    assert (await best(store))["photos"] == (SHIPPED_READS["photos"] + 30, "v1")
    await process.models.serve(SHIPPED_NAME, ADMIN_ID)
    assert await used(process) == 30


async def test_a_version_that_saw_the_validation_digits_sets_no_record(tmp_path: Path, store: Store) -> None:
    """Served by hand, it reads what it has learned: nobody else can come up to that."""
    folder = a_measured_version(tmp_path, "v1", reads(validation=17), reads())
    path = folder / "metrics.json"
    path.write_text(path.read_text().replace('"validation_accuracy": 0', '"validation_accuracy": null, "was": 0'))
    process = a_process(tmp_path, store)
    await process.models.serve("v1", ADMIN_ID)
    assert await best(store) == {}
    assert await used(process) is None


@pytest.mark.usefixtures("fsspec")
async def test_processes_with_a_depot_share_one_budget(tmp_path: Path, store: Store) -> None:
    """What one promotes and another, on an empty disk, judges next, adds up."""
    depot = Depot((tmp_path / "depot").as_uri())
    one, other = a_process(tmp_path / "one", store, depot), a_process(tmp_path / "other", store, depot)
    a_measured_version(tmp_path / "one", "v1", reads(validation=-7), reads())
    assert (await one.promotion.judge("v1", ADMIN_ID)).outcome == "promoted"
    await other.models.restore()
    assert await used(other) == 7
    a_measured_version(tmp_path / "other", "v2", reads(validation=-14), reads(validation=-7), "v1")
    assert (await other.promotion.judge("v2", ADMIN_ID)).outcome == "spent"
    assert other.models.served.name == "v1"


async def test_records_only_rise(store: Store) -> None:
    """As many, or fewer, leave the one who was first; each set has its own."""
    await store.records.raise_to({"photos 1": 10, "validation 1": 20}, "a")
    await store.records.raise_to({"photos 1": 10, "validation 1": 21, "readings 1": 5}, "b")
    await store.records.raise_to({"photos 1": 9}, "c")
    assert await best(store) == {"photos": (10, "a"), "validation": (21, "b"), "readings": (5, "b")}


async def test_who_is_wrong_about_the_top_raises_no_record(store: Store) -> None:
    """A version that does not come in has never served."""
    assert not await store.service.put("a", on=77, by_id=8, figures={"photos 1": 10})
    assert await best(store) == {}


# ── as admins see it


async def test_models_shows_what_is_used_what_is_left_and_the_best(tmp_path: Path) -> None:
    """And of a version beyond it that it may not be promoted; its button warns with the figure first."""
    a_measured_version(tmp_path, "v1", reads(photos=2, readings=-3), reads())
    async with Bot(ScriptedReader(), Trainer(tmp_path)) as bot:
        (text,) = await bot.handle(message=bot.command("/models", ADMIN))
        assert "promotions" not in text  # nothing is known yet
        await bot.promotion.judge("v1", ADMIN_ID)
        a_measured_version(tmp_path, "v2", reads(photos=-9, readings=-5), reads(photos=2, readings=-3), "v1")
        assert (await bot.promotion.judge("v2", ADMIN_ID)).outcome == "spent"
        (text,) = await bot.handle(message=bot.command("/models", ADMIN))
        assert f"of {ALLOWED} digits the served model has lost 3: {ALLOWED - 3} are left" in text
        assert "most validation digits: 4,983 (shipped)" in text
        assert "most photo-like digits: 1,122 (v1)" in text
        assert "loses 16 digits against the best that ever served" in text
        await press(bot, buttons(shown(bot))["Serve v2"], ADMIN)
        assert "reads 16 digits less than the best" in shown(bot).parameters["text"]
        assert bot.pool.reader.version.name == "v1"


def test_the_verdict_on_a_spent_version_says_refused_and_how_much(tmp_path: Path) -> None:
    """The contract's word, the loss, and what may be lost."""
    new = open_version(a_measured_version(tmp_path, "v1", reads(), reads()))
    said = words.verdict.verdict(new, new, "spent", 60, lost=14)
    assert "<b>refused</b>: it reads 14 digits less than the best that ever served" in said
    assert f"{ALLOWED} may be lost in all" in said
    assert "128 whole photos" in said
